"""The forms of proposing and approving: one for each act, in the words of the office."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wtforms import Field, HiddenField
from wtforms.validators import InputRequired, Length, Optional

from ballot.office.proposals.acts import (
    Abandon,
    Act,
    CallReballot,
    ChangeContact,
    CloseEarly,
    Declare,
    Extend,
    OpenEarly,
    Seal,
    Strike,
)
from ballot.office.proposals.propose import LONGEST_NOTE
from ballot.office.proposals.words import TITLES
from ballot.record.moves import ReasonCode
from ballot.web.board.words import REASONS
from ballot.web.forms import (
    Form,
    MomentField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    choice,
)

_SHORT = Length(max=320, message="This is longer than it can be")
_PASSPHRASE = [
    InputRequired("Enter the passphrase"),
    Length(max=1000, message="The passphrase is longer than it can be"),
]
_OWN = "It opens your own key, which signs; nobody else's signature can stand for yours"


class Proposing(Form):
    """What every proposal asks for; the fields of an act come before these."""

    reason = SelectField("Reason, which is published", validators=[InputRequired("Choose a reason")])
    note = StringField(
        "Note (optional)",
        [Optional(), Length(max=LONGEST_NOTE, message=f"The note must be {LONGEST_NOTE} characters or fewer")],
        description="Kept in the private log; one line. The other officer reads it too",
    )
    passphrase = PasswordField("Passphrase of your signing key", _PASSPHRASE, description=_OWN)
    send = SubmitField("Propose")

    def __init__(self, ccgs: Mapping[str, str], **given: Any) -> None:
        super().__init__(**given)
        self.reason.choices = [choice("", "Choose a reason"), *(choice(c.value, REASONS[c]) for c in ReasonCode)]
        for name in ("ccg", "ccgs"):
            if name in self:
                first = [choice("", "Choose a CCG")] if name == "ccg" else []
                self[name].choices = first + [choice(ods, f"{title} ({ods})") for ods, title in ccgs.items()]

    @property
    def own(self) -> list[Field]:
        """The fields of the act itself, in order."""
        return [field for field in self if field.name in type(self).fields_of_act()]

    @classmethod
    def fields_of_act(cls) -> tuple[str, ...]:
        """Their names."""
        return ()


def _ccg() -> SelectField:
    return SelectField("CCG", validators=[InputRequired("Choose a CCG")])


def _practice() -> StringField:
    return StringField(
        "Practice", [InputRequired("Enter the practice's code"), _SHORT], description="Its ODS code, such as P81002"
    )


class OfCcg(Proposing):
    """An act on the ballot of one CCG."""

    ccg = _ccg()

    @classmethod
    def fields_of_act(cls) -> tuple[str, ...]:
        return ("ccg",)


class OfExtension(OfCcg):
    """A later closing time."""

    closes = MomentField(
        "New closing time",
        [InputRequired("Enter the new closing time")],
        description="As the clocks in England show it, for example 5 June 2020, 17:00",
    )

    @classmethod
    def fields_of_act(cls) -> tuple[str, ...]:
        return ("ccg", "closes")


class OfPractice(OfCcg):
    """An act on one practice."""

    practice = _practice()

    @classmethod
    def fields_of_act(cls) -> tuple[str, ...]:
        return ("ccg", "practice")


class OfContact(OfPractice):
    """Another contact."""

    representative = StringField("Representative (optional)", [Optional(), _SHORT])
    email = StringField("E-mail address", [InputRequired("Enter the e-mail address"), _SHORT])

    @classmethod
    def fields_of_act(cls) -> tuple[str, ...]:
        return ("ccg", "practice", "representative", "email")


class OfReballot(Proposing):
    """Several CCGs, and the programme in which they will vote."""

    ccgs = SelectMultipleField("CCGs that vote again", validators=[InputRequired("Choose at least one CCG")])
    answered_by = StringField(
        "Id of the programme in which they vote again",
        [InputRequired("Enter the id of the programme"), _SHORT],
        description="You choose it now and set that programme up afterwards. No other programme can answer this call",
    )

    @classmethod
    def fields_of_act(cls) -> tuple[str, ...]:
        return ("ccgs", "answered_by")


@dataclass(frozen=True, slots=True)
class Kind:
    """An act as it is proposed on a page."""

    slug: str
    title: str
    form: type[Proposing]
    read: Callable[[Any], Act]
    hint: str | None = None


def _kind(
    slug: str, act: type[Act], form: type[Proposing], read: Callable[[Any], Act], hint: str | None = None
) -> Kind:
    return Kind(slug, TITLES[act], form, read, hint)


KINDS = (
    _kind("seal", Seal, Proposing, lambda f: Seal()),
    _kind("open", OpenEarly, OfCcg, lambda f: OpenEarly(f.ccg.data)),
    _kind("close", CloseEarly, OfCcg, lambda f: CloseEarly(f.ccg.data)),
    _kind("extend", Extend, OfExtension, lambda f: Extend(f.ccg.data, f.closes.data), "Only while voting is open"),
    _kind(
        "strike",
        Strike,
        OfPractice,
        lambda f: Strike(f.ccg.data, f.practice.data.strip()),
        "Only a practice that has not voted; a practice that has voted stays",
    ),
    _kind(
        "change-contact",
        ChangeContact,
        OfContact,
        lambda f: ChangeContact(
            f.ccg.data, f.practice.data.strip(), (f.representative.data or "").strip() or None, f.email.data.strip()
        ),
        "The voting link is replaced, and the old and the new address are told; approving it needs the registrar's key",
    ),
    _kind("reballot", CallReballot, OfReballot, lambda f: CallReballot(tuple(f.ccgs.data), f.answered_by.data.strip())),
    _kind("abandon", Abandon, OfCcg, lambda f: Abandon(f.ccg.data)),
    _kind("declare", Declare, Proposing, lambda f: Declare()),
)
BY_SLUG = {kind.slug: kind for kind in KINDS}


class Approving(Form):
    """What approving takes: the hash of what was shown, and the keys."""

    shown = HiddenField()
    passphrase = PasswordField("Passphrase of your signing key", _PASSPHRASE, description=_OWN)
    registrar = PasswordField(
        "Passphrase of the registrar's key",
        [Optional(), Length(max=1000, message="The passphrase is longer than it can be")],
        description="The new token is the registrar's; ask them to type it",
    )
    send = SubmitField("Approve exactly this, and do it")
