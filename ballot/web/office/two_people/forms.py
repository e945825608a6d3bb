"""The forms of proposing and approving: one for each act, made from the fields that the act asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from wtforms import Field, HiddenField
from wtforms.validators import InputRequired, Length, Optional

from ballot.office.acts.act import Act, Asks, FieldPrompt, asked_of
from ballot.office.acts.proposable import PROPOSABLE
from ballot.office.desk import LONGEST_NOTE
from ballot.record.moves import ReasonCode
from ballot.web.board.words import REASONS
from ballot.web.forms import (
    Form,
    MomentField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    choice,
)

_SHORT = Length(max=320, message="This is too long: enter 320 characters or fewer")
_PASSPHRASE = [
    InputRequired("Enter the passphrase"),
    Length(max=1000, message="The passphrase must be 1,000 characters or fewer"),
]
_OWN = "It opens your own key, which signs. No one else can sign for you"


class Proposing(Form):
    """What every proposal asks for; the fields of an act come before these."""

    act: ClassVar[type[Act[Any]]]
    reason = SelectField("Reason, which is published", validators=[InputRequired("Choose a reason")])
    note = StringField(
        "Note (optional)",
        [Optional(), Length(max=LONGEST_NOTE, message=f"The note must be {LONGEST_NOTE} characters or fewer")],
        description="One line, kept in the private activity log. The other officer reads it too",
    )
    passphrase = PasswordField("Passphrase of your signing key", _PASSPHRASE, description=_OWN)
    send = SubmitField("Propose")
    own = SubmitField("Continue, and sign with my own key file")

    def __init__(
        self,
        ccgs: Mapping[str, str],
        choices: Mapping[str, Mapping[str, str]],
        *,
        rehearsal: bool,
        held: bool,
        **given: Any,
    ) -> None:
        """`ccgs` are those that the act fits at this moment, with their names. `held`: the server holds the key.

        `choices` has the values of other fields with their words. A field with only one value has it already.
        """
        super().__init__(**given)
        self.signs_apart = not held or bool(self.own.data)
        if self.signs_apart:
            self.passphrase.validators = []
        fit = [code for code in self.act.reasons if rehearsal or code is not ReasonCode.REHEARSAL]
        self.reason.choices = [choice("", "Choose a reason"), *(choice(code.value, REASONS[code]) for code in fit)]
        if ReasonCode.AS_PLANNED in self.act.reasons and not self.is_submitted():
            self.reason.data = ReasonCode.AS_PLANNED.value
        for name, values in choices.items():
            self[name].choices = [choice(value, words) for value, words in values.items()]
            if len(values) == 1 and not self.is_submitted():
                self[name].data = next(iter(values))
        for name in ("ccg", "ccgs"):
            if name in self:
                first = [choice("", "Choose {a body}")] if name == "ccg" else []
                self[name].choices = first + [choice(ods, f"{title} ({ods})") for ods, title in ccgs.items()]

    @property
    def fields_of_act(self) -> list[Field]:
        """The fields of the act itself, in order."""
        return [self[name] for name in asked_of(self.act)]

    def read(self) -> Act[Any]:
        """The act that was filled in."""
        values: dict[str, Any] = {}
        for name, asked in asked_of(self.act).items():
            value = self[name].data
            if asked.asks is Asks.LINE:
                value = (value or "").strip() or (None if asked.missing is None else "")
            values[name] = tuple(value) if asked.asks is Asks.CCGS else value
        return self.act(**values)


def _field(asked: FieldPrompt) -> Any:
    """The field of a form that asks for it."""
    required = [Optional()] if asked.missing is None else [InputRequired(asked.missing)]
    match asked.asks:
        case Asks.CCG:
            return SelectField(asked.label, validators=required)
        case Asks.CCGS:
            return SelectMultipleField(asked.label, validators=required)
        case Asks.MOMENT:
            return MomentField(asked.label, required, description=asked.hint)
        case Asks.LINE:
            return StringField(asked.label, [*required, _SHORT], description=asked.hint)
        case Asks.CHOICE:
            return RadioField(asked.label, required, description=asked.hint)


def _form(act: type[Act[Any]]) -> type[Proposing]:
    fields = {name: _field(asked) for name, asked in asked_of(act).items()}
    return type(f"Proposing{act.__name__}", (Proposing,), {"act": act, **fields})


FORMS = {act.name: _form(act) for act in PROPOSABLE}
"""By the name of the act, which is part of the page's address."""


class Approving(Form):
    """What approving takes: the hash of what was shown, and a key, or a signature made in the officer's browser."""

    shown = HiddenField()
    signature = HiddenField()
    passphrase = PasswordField("Passphrase of your signing key", _PASSPHRASE, description=_OWN)
    send = SubmitField("Approve exactly this and carry it out")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        if self.signature.data:
            self.passphrase.validators = []


class Completing(Form):
    """What the registrar gives for an act that both officers have approved."""

    passphrase = PasswordField(
        "Passphrase of the registrar's key", _PASSPHRASE, description="It signs the new voting link"
    )
    send = SubmitField("Carry it out")
