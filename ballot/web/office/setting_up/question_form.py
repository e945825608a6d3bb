"""The questions as a form: answered for or against, or with options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from wtforms import Field
from wtforms.validators import InputRequired, Length

from ballot.constitution.counts_file import MOST_OPTIONS
from ballot.web import forms
from ballot.web.forms import choice
from ballot.web.office.setting_up.forms import ProgrammePart, Values, tables_of

_LINE = Length(max=500, message="This must be 500 characters or fewer")
_ANSWERS = ("For", "Against", "Abstain")
_ID = "A short word that the rules use. {Members} do not see it"


class OptionEntry(forms.FormEntry):
    """One option."""

    id = forms.StringField("Id", [InputRequired("Enter an id"), _LINE], description="Such as one-ccg")
    text = forms.StringField(
        "The option", [InputRequired("Enter the option"), _LINE], description="As {members} read it"
    )


class QuestionEntry(forms.FormEntry):
    """One question with its answers."""

    id = forms.StringField("Id", [InputRequired("Enter an id"), _LINE], description=_ID)
    text = forms.TextAreaField(
        "The question", [InputRequired("Enter the question")], description="As {members} read it"
    )
    kind = forms.RadioField(
        "How is it answered?",
        choices=[choice("answers", "For or against"), choice("options", "By choosing one of several options")],
        default="answers",
    )
    agree = forms.StringField("Answer in favour", [_LINE], default=_ANSWERS[0])
    disagree = forms.StringField("Answer against", [_LINE], default=_ANSWERS[1])
    options = forms.ListIf(forms.FormField(OptionEntry), used=lambda form: form.kind.data == "options")
    abstain = forms.StringField(
        "Answer to abstain", [InputRequired("Enter the answer to abstain"), _LINE], default=_ANSWERS[2]
    )

    def validate_agree(self, field: forms.StringField) -> None:
        """Required without options."""
        if self.kind.data != "options" and not (field.data or "").strip():
            raise forms.ValidationError("Enter the answer in favour")

    def validate_disagree(self, field: forms.StringField) -> None:
        """Required without options."""
        if self.kind.data != "options" and not (field.data or "").strip():
            raise forms.ValidationError("Enter the answer against")
        if self.kind.data != "options" and field.data == self.agree.data:
            raise forms.ValidationError("Enter an answer against that differs from the answer in favour")

    def validate_abstain(self, field: forms.StringField) -> None:
        """Differs from the others."""
        if self.kind.data != "options" and field.data in (self.agree.data, self.disagree.data):
            raise forms.ValidationError("Enter an answer to abstain that differs from the two others")

    def validate_kind(self, field: forms.RadioField) -> None:
        """Needs a possible number of options, if any. Options of a question without them stay on the page only."""
        if field.data == "options" and not 2 <= len(self.options.entries) <= MOST_OPTIONS:
            raise forms.ValidationError(f"Add 2 to {MOST_OPTIONS} options")

    def written(self, before: Mapping[str, Any]) -> Values:
        """The question as the file has it. Its line breaks stay as in `before`, if only they differ."""
        typed = " ".join((self.text.data or "").split())
        kept = before.get("text")
        text = kept if isinstance(kept, str) and " ".join(kept.split()) == typed else typed
        first: Values = {"id": (self.id.data or "").strip(), "text": text}
        if self.kind.data == "options":
            options = [
                {"id": (entry.form.id.data or "").strip(), "text": entry.form.text.data}
                for entry in self.options.entries
            ]
            return {**first, "abstain": self.abstain.data, "option": options}
        return {**first, "answers": [self.agree.data, self.disagree.data, self.abstain.data]}

    @staticmethod
    def read(table: Mapping[str, Any]) -> Values:
        """The fields' values from the file, in whatever state it is."""
        values: Values = {"id": table.get("id"), "text": table.get("text"), "options": [{}, {}]}
        if "option" in table:
            options = [{"id": one.get("id"), "text": one.get("text")} for one in tables_of(table, "option")]
            return {**values, "kind": "options", "options": options, "abstain": table.get("abstain", _ANSWERS[2])}
        said = table.get("answers")
        answers = [*(said if isinstance(said, list) else _ANSWERS), "", "", ""]
        return {**values, "agree": answers[0], "disagree": answers[1], "abstain": answers[2]}


class Questions(ProgrammePart):
    """One question, or several that are decided separately."""

    questions = forms.FieldList(forms.FormField(QuestionEntry), min_entries=1)
    send = forms.SubmitField("Save")

    def load(self, known: Mapping[str, Any]) -> None:
        listed = tables_of(known, "question") or [{"id": "merge"}]
        self.process(None, data={"questions": [QuestionEntry.read(one) for one in listed]})

    def field_at(self, path: tuple[str | int, ...]) -> Field | None:
        match path:
            case ("question", int(index), *rest) if index < len(self.questions.entries):
                form: Any = self.questions.entries[index].form
            case _:
                return None
        match rest:
            case ["option", int(index), ("id" | "text") as key] if index < len(form.options.entries):
                found = form.options.entries[index].form[key]
            case ["id" | "text" | "abstain" as key]:
                found = form[key]
            case _:
                found = form.kind
        return cast(Field, found)

    def values(self, known: Mapping[str, Any]) -> Values:
        before = {one.get("id"): one for one in tables_of(known, "question")}
        entries: list[Any] = list(self.questions.entries)
        return {
            "question": [entry.form.written(before.get((entry.form.id.data or "").strip(), {})) for entry in entries]
        }
