"""The outcome rule as a form: for one new body of all CCGs, or for several bodies, each of some CCGs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import Field
from wtforms.validators import InputRequired, Length, NumberRange

from ballot.constitution.outcome_rule import Otherwise
from ballot.web import forms
from ballot.web.forms import choice
from ballot.web.office.setting_up.forms import ProgrammePart, Values, table_of, tables_of

Known = Mapping[str, Any]
_LINE = Length(max=500, message="This must be 500 characters or fewer")
ONE, GROUPS = "one", "groups"


class OptionOf(forms.FormEntry):
    """The option of a question on which CCGs must agree."""

    question = forms.HiddenField()
    option = forms.SelectField("Option that they must agree on", default="")


class Requirement(forms.FormEntry):
    """How many must carry, and what happens if not all do."""

    require = forms.RadioField(
        "How many {bodies} must carry",
        choices=[choice("all", "Every one of them"), choice("some", "At least a certain number of them")],
        validate_choice=False,
    )
    at_least = forms.IntegerField(
        "At least",
        [
            forms.NeededIf(lambda form: form.is_asked and form.require.data == "some", "Enter how many must carry"),
            NumberRange(1, 500, "Enter a number from 1 to 500"),
        ],
    )
    all_of = forms.SelectMultipleField("Among them must be (optional)")
    otherwise = forms.RadioField(
        "If enough {bodies} carry, but some do not",
        choices=[
            choice(Otherwise.STOP.value, "Nothing proceeds"),
            choice(Otherwise.PROCEED.value, "It proceeds with those that carried"),
        ],
        validate_choice=False,
    )
    options = forms.FieldList(forms.FormField(OptionOf))

    @property
    def is_asked(self) -> bool:
        """Whether these fields are used."""
        return True

    def validate_require(self, field: forms.RadioField) -> None:
        """One of the two must be chosen."""
        if self.is_asked and field.data not in ("all", "some"):
            raise forms.ValidationError("Choose how many must carry")

    def validate_otherwise(self, field: forms.RadioField) -> None:
        """What happens if some do not carry must be chosen."""
        if self.is_asked and self.require.data == "some" and not field.data:
            raise forms.ValidationError("Choose what happens if some do not carry")

    def offer_to(self, known: Known) -> None:
        """Set the CCGs and the options of each question."""
        self.all_of.choices = ccgs_of(known)
        offered = {id: options for id, _, options in questions_of(known)}
        entries: list[Any] = list(self.options.entries)
        for entry in entries:
            named = [choice(id, text) for id, text in offered.get(str(entry.form.question.data), {}).items()]
            entry.form.option.choices = [choice("", "Any option, if they all carry the same one"), *named]

    def required(self) -> Values:
        """The requirement as the file has it."""
        require: object = "all"
        if self.require.data == "some":
            among = {"all_of": list(self.all_of.data)} if self.all_of.data else {}
            require = {**among, "at_least": self.at_least.data or 0}
        otherwise = {"otherwise": self.otherwise.data} if self.otherwise.data else {}
        return {"require": require, **otherwise}

    def option(self, questions: list[str]) -> Values:
        """The chosen options, for those of these questions that have any."""
        entries: list[Any] = list(self.options.entries)
        chosen = {
            str(entry.form.question.data): str(entry.form.option.data)
            for entry in entries
            if entry.form.option.data and entry.form.question.data in questions
        }
        if not chosen:
            return {}
        return {"option": chosen[questions[0]] if len(questions) == 1 else chosen}

    @staticmethod
    def read(table: Known, known: Known) -> Values:
        """The fields' values from the file."""
        require, option = table.get("require"), table.get("option") or {}
        some = require if isinstance(require, dict) else {}
        asked = table.get("questions") or [id for id, _, _ in questions_of(known)]
        if isinstance(option, str):
            option = {asked[0]: option}
        return {
            "require": "some" if some else require,
            "at_least": some.get("at_least"),
            "all_of": some.get("all_of") or [],
            "otherwise": table.get("otherwise"),
            "options": [
                {"question": id, "option": option.get(id, "")} for id, _, options in questions_of(known) if options
            ],
        }


class GroupEntry(Requirement):
    """A new body, and its CCGs."""

    name = forms.StringField("Name of the new body", [InputRequired("Enter its name"), _LINE])
    members = forms.SelectMultipleField("{Bodies} that would become part of it", [InputRequired("Choose its {bodies}")])


class OutcomeForm(ProgrammePart, Requirement):  # type: ignore[misc]  # both are forms of WTForms
    """The programme's own rule."""

    questions = forms.SelectMultipleField("{A body} must carry all of these questions")
    several = forms.RadioField(
        "Possible outcome",
        choices=[choice(ONE, "One new body"), choice(GROUPS, "One or more of several new bodies")],
        default=ONE,
    )
    groups = forms.ListIf(forms.FormField(GroupEntry), used=lambda form: form.several.data == GROUPS)
    send = forms.SubmitField("Save")

    @property
    def is_asked(self) -> bool:
        return bool(self.several.data != GROUPS)

    def validate_several(self, field: forms.RadioField) -> None:
        """Needs new bodies, if there are to be several. Those of an outcome with one stay on the page only."""
        if field.data == GROUPS and not self.groups.entries:
            raise forms.ValidationError("Add the new bodies below")

    def offer(self, known: Known) -> None:
        """Set the choices from other parts of the file."""
        self.questions.choices = [choice(id, text) for id, text, _ in questions_of(known)]
        self.offer_to(known)
        entries: list[Any] = list(self.groups.entries)
        for entry in entries:
            if not entry.form.options.entries:  # An entry that was just added
                for id, _, options in questions_of(known):
                    if options:
                        entry.form.options.append_entry({"question": id})
            entry.form.members.choices = ccgs_of(known)
            entry.form.offer_to(known)

    def load(self, known: Known) -> None:
        outcome = table_of(known, "outcome")
        listed = tables_of(outcome, "group")
        asked = outcome.get("questions") or [id for id, _, _ in questions_of(known)]
        about = {"questions": asked}
        groups = [
            {"name": one.get("name"), "members": one.get("members"), **Requirement.read({**one, **about}, known)}
            for one in listed
        ]
        first = Requirement.read({"require": "all", "otherwise": Otherwise.STOP.value, **outcome, **about}, known)
        said = {"questions": asked, "several": GROUPS if listed else ONE, "groups": groups}
        self.process(None, data={**first, **said})

    def field_at(self, path: tuple[str | int, ...]) -> Field | None:
        match path:
            case ("outcome", "group", int(index), *rest) if index < len(self.groups.entries):
                form: Any = self.groups.entries[index].form
                names = {"name": form.name, "members": form.members}
            case ("outcome", *rest):
                form, names = self, {"questions": self.questions, "group": self.several}
            case _:
                return None
        names |= {"at_least": form.at_least, "all_of": form.all_of, "require": form.require}
        names |= {"otherwise": form.otherwise}
        return next((names[key] for key in reversed(rest) if key in names), None)

    def values(self, known: Known) -> Values:
        every = [id for id, _, _ in questions_of(known)]
        chosen = [id for id in every if id in (self.questions.data or [])] or every
        common: Values = {"questions": chosen, **self.option(chosen)}
        if self.is_asked:
            return {"outcome": {**common, **self.required()}}
        entries: list[Any] = list(self.groups.entries)
        groups = [
            {
                "name": entry.form.name.data,
                "members": list(entry.form.members.data),
                **entry.form.option(chosen),
                **entry.form.required(),
            }
            for entry in entries
        ]
        return {"outcome": {**common, "group": groups}}


def ccgs_of(known: Known) -> list[Any]:
    """The CCGs as choices."""
    listed = tables_of(known, "ccg")
    return [choice(str(ccg.get("ods")), f"{ccg.get('ods')} {ccg.get('name')}") for ccg in listed]


def questions_of(known: Known) -> list[tuple[str, str, dict[str, str]]]:
    """Id, text and options of every question."""
    return [
        (
            str(one.get("id")),
            str(one.get("text")),
            {str(option.get("id")): str(option.get("text")) for option in tables_of(one, "option")},
        )
        for one in tables_of(known, "question")
    ]
