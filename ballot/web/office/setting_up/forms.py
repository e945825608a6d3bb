"""A form for each part of programme.toml: its fields, and how they are read from the file and written to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wtforms import Field
from wtforms.validators import InputRequired, Length, NumberRange

from ballot.constitution.codes import PERSONS, CodeKind, code_fault
from ballot.constitution.programme import CountOrder, Policy, Returned
from ballot.constitution.words import DEFAULT_WORDS, KEYS
from ballot.record.times import LONDON
from ballot.web import forms
from ballot.web.forms import choice

Values = dict[str, object]
_LINE = Length(max=500, message="This must be 500 characters or fewer")
_CALLED = "One and several, with a comma between them"


def tables_of(known: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The [[tables]] with this name, ignoring anything else, of a file in any state."""
    listed = known.get(key)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def table_of(known: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The [table] with this name; empty if there is none."""
    table = known.get(key)
    return table if isinstance(table, dict) else {}


class ProgrammePart(forms.Form):
    """A part of the file. `known` is the content of the whole file so far."""

    def offer(self, known: Mapping[str, Any]) -> None:
        """Set the choices that depend on other parts of the file."""

    def load(self, known: Mapping[str, Any]) -> None:
        """Fill in the fields from the file."""
        raise NotImplementedError

    def values(self, known: Mapping[str, Any]) -> Values:
        """The values for the file."""
        raise NotImplementedError

    def field_at(self, path: tuple[str | int, ...]) -> Field | None:
        """The field that is written to this path of the file; None if it is not one field."""
        return None


class About(ProgrammePart):
    """The ballot's name, and its general settings."""

    name = forms.StringField("Name of the ballot", [InputRequired("Enter a name"), _LINE])
    policy = forms.RadioField(
        "If {a member} votes a second time",
        [InputRequired("Choose what a second vote does")],
        choices=[choice(Policy.FINAL.value, "It is refused"), choice(Policy.LAST_COUNTS.value, "The last vote counts")],
    )
    returned = forms.RadioField(
        "The list of {members} that voted",
        [InputRequired("Choose whether it is published")],
        choices=[
            choice(Returned.AFTER_CLOSING.value, "Is published after closing"),
            choice(Returned.NEVER.value, "Is never published"),
        ],
    )
    count = forms.RadioField(
        "When totals are decrypted",
        [InputRequired("Choose when totals are decrypted")],
        choices=[
            choice(CountOrder.TOGETHER.value, "When every ballot has closed, so that no result is known before"),
            choice(CountOrder.EACH.value, "Each when it has closed, although others may still be voting"),
        ],
    )
    members = forms.RadioField(
        "The members are",
        validate_choice=False,  # A form without it leaves this as it is; `validate_members` checks what was chosen
        choices=[
            choice(CodeKind.GP_PRACTICE.value, "GP practices, each with its NHS code such as P81002"),
            choice(CodeKind.ODS.value, "Organisations, each with its NHS code of 3 to 6 characters"),
            choice(CodeKind.OWN.value, "Organisations, each with a code of your own such as SURGERY-7"),
            choice(CodeKind.DRAWN.value, "Persons. Each gets a code drawn at random, and no name is published"),
        ],
    )
    ask = forms.RadioField(
        "Whoever casts a vote",
        validate_choice=False,  # A form without it leaves this as it is
        choices=[
            choice("yes", "Gives their name and capacity, and confirms that they are authorised"),
            choice("no", "Is not asked"),
        ],
    )
    statement = forms.StringField(
        "What they confirm",
        [_LINE],
        description="One sentence. Leave this empty for: I am authorised to cast this {member}'s vote",
    )
    rehearsal = forms.BooleanField("This is a rehearsal. It is marked as one for ever, and decides nothing")
    called_body = forms.StringField("What do you call the bodies that decide?", [_LINE], description=_CALLED)
    called_member = forms.StringField("What do you call their members, who vote?", [_LINE], description=_CALLED)
    called_weight = forms.StringField("What do you call a vote that counts by weight?", [_LINE], description=_CALLED)
    called_subject = forms.StringField("What is it that goes ahead, or not?", [_LINE], description=_CALLED)
    send = forms.SubmitField("Save")

    def validate_members(self, field: forms.RadioField) -> None:
        """One of the kinds, if anything is chosen."""
        if field.data is not None and field.data not in [kind.value for kind in CodeKind]:
            raise forms.ValidationError("Choose what the members are")

    def validate_returned(self, field: forms.RadioField) -> None:
        """Which persons voted is never published."""
        if self.members.data == CodeKind.DRAWN.value and field.data != Returned.NEVER.value:
            raise forms.ValidationError("Choose that it is never published: the members are persons")

    def load(self, known: Mapping[str, Any]) -> None:
        self.members.data = _members(known)
        self.name.data = known.get("name")
        self.policy.data = known.get("policy", Policy.FINAL.value)
        self.returned.data = known.get("returned", Returned.AFTER_CLOSING.value)
        self.count.data = known.get("count", CountOrder.TOGETHER.value)
        authority = table_of(known, "authority")
        self.ask.data = _asks(known)
        self.statement.data = str(authority.get("statement", ""))
        self.rehearsal.data = known.get("rehearsal") is True
        for key, texts in _words(known).items():
            self[f"called_{key}"].data = ", ".join(texts)

    def field_at(self, path: tuple[str | int, ...]) -> Field | None:
        """The field of a noun."""
        return self[f"called_{path[1]}"] if path[:1] == ("words",) and path[1:] and path[1] in KEYS else None

    def values(self, known: Mapping[str, Any]) -> Values:
        kind = self.members.data or _members(known)
        persons, usual = kind == CodeKind.DRAWN.value, kind == CodeKind.GP_PRACTICE.value
        said = (self.statement.data or "").strip()
        return {
            "members": {"kind": PERSONS} if persons else None,
            "codes": _codes(known, "member", None if persons or usual else kind),
            "name": self.name.data,
            "policy": self.policy.data,
            "returned": self.returned.data,
            "count": self.count.data,
            "rehearsal": bool(self.rehearsal.data),
            "words": self._words(known),
            "authority": {"ask": (self.ask.data or _asks(known)) != "no", **({"statement": said} if said else {})},
        }

    def _words(self, known: Mapping[str, Any]) -> Values | None:
        """[words] with the nouns that are not the usual ones. A form without these fields leaves it as it is."""
        usual, found = DEFAULT_WORDS.values, _words(known)
        for key in KEYS:
            if (typed := self[f"called_{key}"].data) is not None:
                found[key] = [text.strip() for text in typed.split(",") if text.strip()] or usual[key]
        return {key: texts for key, texts in found.items() if texts != usual[key]} or None


def _words(known: Mapping[str, Any]) -> dict[str, list[str]]:
    """Every noun as the file has it, or as it is without one."""
    written = table_of(known, "words")
    return {
        key: [str(text) for text in written[key]] if isinstance(written.get(key), list) else usual
        for key, usual in DEFAULT_WORDS.values.items()
    }


def _asks(known: Mapping[str, Any]) -> str:
    """Whether voters say who they are, as the file has it: `yes` or `no`."""
    persons = _members(known) == CodeKind.DRAWN.value
    return "yes" if table_of(known, "authority").get("ask", not persons) is not False else "no"


def _members(known: Mapping[str, Any]) -> str:
    """The kind of the members' codes, as the file has it."""
    if table_of(known, "members").get("kind") == PERSONS:
        return CodeKind.DRAWN.value
    return str(table_of(known, "codes").get("member", CodeKind.GP_PRACTICE.value))


def _codes(known: Mapping[str, Any], key: str, kind: str | None) -> Values | None:
    """[codes] with this kind for `body` or `member`, None being the default; None if nothing is left in it."""
    codes = {**table_of(known, "codes"), key: kind}
    return {name: value for name, value in codes.items() if value is not None} or None


class Ccgs(ProgrammePart):
    """The CCGs, one on each line."""

    listed = forms.TextAreaField(
        "The {bodies} that vote",
        [InputRequired("Enter the {bodies}")],
        description="One {body} on each line: its code, then its name",
    )
    own = forms.BooleanField("These are codes of our own, such as LMC-NORTH, and not those of the NHS")
    send = forms.SubmitField("Save")

    def validate_listed(self, field: forms.TextAreaField) -> None:
        """Each line needs a code and a name, and no code is there twice."""
        seen: set[str] = set()
        for number, words in enumerate(map(str.split, (field.data or "").splitlines()), start=1):
            code = words[0].upper() if words else ""
            if words and (fault := code_fault(code, self._kind)) is not None:
                raise forms.ValidationError(f"Line {number}: {code[:60]} {fault}")
            if len(words) == 1:
                raise forms.ValidationError(f"Line {number}: enter the name of {code} after its code")
            if code in seen:
                raise forms.ValidationError(f"Line {number}: {code} is listed twice")
            seen |= {code} - {""}

    @property
    def _kind(self) -> CodeKind:
        return CodeKind.OWN if self.own.data else CodeKind.ODS

    def load(self, known: Mapping[str, Any]) -> None:
        self.own.data = table_of(known, "codes").get("body") == CodeKind.OWN.value
        self.listed.data = "\n".join(f"{ccg.get('ods')} {ccg.get('name')}" for ccg in tables_of(known, "ccg"))

    def values(self, known: Mapping[str, Any]) -> Values:
        lines = [line.split(maxsplit=1) for line in (self.listed.data or "").splitlines() if line.strip()]
        return {
            "codes": _codes(known, "body", self._kind.value if self.own.data else None),
            "ccg": [{"ods": words[0].upper(), "name": " ".join(words[1:])} for words in lines],
        }

    def field_at(self, path: tuple[str | int, ...]) -> Field | None:
        return self.listed


class WindowForm(ProgrammePart):
    """Wall times in London."""

    opens = forms.MomentField("Opens", [InputRequired("Enter when it opens")], description="British time")
    closes = forms.MomentField("Closes", [InputRequired("Enter when it closes")], description="British time")
    send = forms.SubmitField("Save")

    def validate_closes(self, field: forms.MomentField) -> None:
        """The ballot closes after it opens."""
        if field.data and self.opens.data and field.data <= self.opens.data:
            raise forms.ValidationError("The ballot must close after it opens. Enter a later time")

    def load(self, known: Mapping[str, Any]) -> None:
        window = table_of(known, "window")
        for field, wall in ((self.opens, window.get("opens")), (self.closes, window.get("closes"))):
            if isinstance(wall, datetime):
                field.process_data(wall.replace(tzinfo=LONDON).astimezone(UTC))

    def values(self, known: Mapping[str, Any]) -> Values:
        opens, closes = (field.data.astimezone(LONDON).replace(tzinfo=None) for field in (self.opens, self.closes))
        return {"window": {"opens": opens, "closes": closes, "zone": LONDON.key}}

    def field_at(self, path: tuple[str | int, ...]) -> Field | None:
        return self.opens if path[-1:] == ("opens",) else self.closes


class TrusteesForm(ProgrammePart):
    """The trustees' names; their key comes as a file."""

    names = forms.TextAreaField(
        "The trustees",
        [InputRequired("Enter the trustees")],
        description="One name on each line, in the order of the ceremony",
    )
    threshold = forms.IntegerField(
        "How many of them must decrypt together",
        [InputRequired("Enter how many must decrypt together"), NumberRange(1, 100)],
    )

    accounts = forms.TextAreaField(
        "The e-mail addresses of their accounts here (optional)",
        description="One address on each line, in the same order. An empty line is a trustee without an account. "
        "The other officer confirms them",
    )

    def validate_accounts(self, field: forms.TextAreaField) -> None:
        """No more than there are trustees, and none twice."""
        given = [login.lower() for login in self.logins if login]
        if len(self.logins) > len(self._names()):
            raise forms.ValidationError("Enter no more addresses than trustees")
        if len(set(given)) < len(given):
            raise forms.ValidationError("Give each trustee a different address")

    @property
    def logins(self) -> list[str]:
        """The address of each trustee's account, in their order; empty for one without."""
        return [line.strip() for line in (self.accounts.data or "").rstrip().splitlines()]

    def validate_names(self, field: forms.TextAreaField) -> None:
        """At least two people with different names."""
        names = self._names()
        if len(names) < 2:
            raise forms.ValidationError("Enter at least two trustees: one alone could read every vote")
        if len(set(names)) < len(names):
            raise forms.ValidationError("Give each trustee a different name")

    def validate_threshold(self, field: forms.IntegerField) -> None:
        """Not more than there are."""
        if field.data and field.data > len(names := self._names()):
            raise forms.ValidationError(f"Enter a number from 1 to {len(names)}, the number of trustees")

    scrutineer = forms.StringField(
        "Name of the scrutineer, if there is one",
        [_LINE],
        description="Someone who belongs to none of the {bodies}. They watch the ballot and sign a report on it",
    )
    key = forms.FileField(
        "The trustees' key", description="Only if they made it with files alone: the file parameters.json"
    )
    send = forms.SubmitField("Save")

    def load(self, known: Mapping[str, Any]) -> None:
        trustees = table_of(known, "trustees")
        names = trustees.get("names")
        self.names.data = "\n".join(map(str, names)) if isinstance(names, list) else None
        self.threshold.data = trustees.get("threshold")
        self.scrutineer.data = table_of(known, "scrutineer").get("name")

    def values(self, known: Mapping[str, Any]) -> Values:
        name = (self.scrutineer.data or "").strip()
        trustees = {"threshold": self.threshold.data, "names": self._names()}
        return {"trustees": trustees, "scrutineer": {"name": name} if name else None}

    def field_at(self, path: tuple[str | int, ...]) -> Field | None:
        return self.threshold if path[-1:] == ("threshold",) else self.names

    def _names(self) -> list[str]:
        return [line.strip() for line in (self.names.data or "").splitlines() if line.strip()]


class Pack(forms.Form):
    """A document and its name."""

    name = forms.StringField("Name that {members} see", [InputRequired("Enter a name"), _LINE])
    file = forms.FileField(
        "The document",
        description="A PDF, .docx, .odt or .txt file of up to 4 MB. It is downloaded from the voting page",
    )
    send = forms.SubmitField("Add")


class NewBallot(forms.Form):
    """Begin a ballot in a folder of its own."""

    id = forms.StringField("Id", [InputRequired("Enter an id"), _LINE], description="Such as north-lancashire-2020")
    name = forms.StringField("Name of the ballot", [InputRequired("Enter a name"), _LINE])
    send = forms.SubmitField("Set up the ballot")


class RollUpload(forms.Form):
    """Upload a roll as the NHS publishes it."""

    roll = forms.FileField(
        "The {full_members}",
        description="A simple CSV file with a header, or epraccur.csv. It can be compressed as .gz or .zip",
    )
    lists = forms.FileField("List sizes, if the file above has none", description="gp-reg-pat-prac-all, .zip or .csv")
    partners = forms.FileField(
        "PCN core partners, if PCNs vote or are the localities of a vote",
        description="epcncorepartnerdetails.csv, together with epraccur.csv as the file of {full_members}",
    )
    send = forms.SubmitField("Upload and check")


class MailTest(forms.Form):
    """Send a test e-mail as for one practice."""

    practice = forms.StringField(
        "{Member}", [InputRequired("Enter {a member}'s code"), _LINE], description="Its ODS code"
    )
    send = forms.SubmitField("Send it to me")
