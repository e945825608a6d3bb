"""The parts of a constitution as form fields: tests, tests of localities, a quorum; for the whole or for one question.

Each part goes into the words of a rule file (`written`) and comes out of them (`read`), as `ballot.constitution.write`
has them; nothing is judged here that the reader of rule files judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, cast

from wtforms import Field
from wtforms.validators import InputRequired, Length, NumberRange

from ballot.constitution.rule import MINIMA, Comparison, Denominator, QuorumCounting, Unit
from ballot.strict.fraction import parse_fraction
from ballot.web import forms
from ballot.web.entries import MOST_ENTRIES
from ballot.web.forms import choice

Table = dict[str, Any]
LINE = Length(max=500, message="This must be 500 characters or fewer")
WORDS: Mapping[Enum, str] = {
    Unit.PRACTICES: "Practices",
    Unit.WEIGHT: "Weighted votes",
    Denominator.FOR_AND_AGAINST: "of those for and against",
    Denominator.CAST: "of all votes cast, abstentions too",
    Denominator.ELIGIBLE: "of all who may vote",
    Denominator.ELIGIBLE_LESS_ABSTENTIONS: "of all who may vote, without abstentions",
    Comparison.MORE_THAN: "More than",
    Comparison.AT_LEAST: "At least",
    QuorumCounting.RETURNED: "every vote that was returned",
    QuorumCounting.FOR_AND_AGAINST: "votes for and against only",
}
FOR, MOST_VOTES = "", "most-votes"
"""The subjects of a test other than an option's id."""
OPTION = "option:"
"""What the subject of a test of one option begins with."""


def of_enum(words: Iterable[Enum]) -> list[Any]:
    """Choices with the words of a rule file."""
    return [choice(str(word.value), WORDS[word]) for word in words]


def subjects(options: Mapping[str, str]) -> list[Any]:
    """The possible subjects of a test: votes for; or with options, the one with most votes, or each of them."""
    named = [choice(f"{OPTION}{id}", f"Votes for: {text} ({id})") for id, text in options.items()]
    first = [choice(FOR, "Votes for (a question without options)"), choice(MOST_VOTES, "The option with most votes")]
    return [*first, *named]


class TestEntry(forms.FormEntry):
    """One condition."""

    __test__ = False  # Stops pytest from collecting this class

    subject = forms.SelectField("What is tested", default=FOR)
    measure = forms.SelectField("What is counted", choices=of_enum(Unit), default=Unit.PRACTICES.value)
    of = forms.SelectField("Measured against", choices=of_enum(Denominator), default=Denominator.CAST.value)
    how = forms.SelectField("How much", choices=of_enum(MINIMA), default=Comparison.MORE_THAN.value)
    share = forms.StringField("Share", [InputRequired("Enter a share"), LINE], description="Such as 1/2, 75% or 66.67%")

    def validate_share(self, field: forms.StringField) -> None:
        """Read exactly as the file would be."""
        try:
            parse_fraction((field.data or "").strip())
        except ValueError as reason:
            raise forms.ValidationError(f'"{field.data}" {reason}') from None

    def written(self) -> Table:
        subject = self.subject.data or FOR
        about: Table = {"most_votes": True} if subject == MOST_VOTES else {}
        if subject.startswith(OPTION):
            about["option"] = subject.removeprefix(OPTION)
        share = (self.share.data or "").strip()
        return {**about, "measure": self.measure.data, "of": self.of.data, str(self.how.data): share}

    @staticmethod
    def read(table: Table) -> Table:
        subject = MOST_VOTES if table.get("most_votes") else FOR
        if "option" in table:
            subject = f"{OPTION}{table['option']}"
        how, share = _threshold(table)
        return {"subject": subject, "measure": table["measure"], "of": table.get("of"), "how": how, "share": share}


class LocalityEntry(TestEntry):
    """A condition that each locality must meet."""

    column = forms.StringField(
        "Column of the roll with the locality",
        [InputRequired("Enter the name of the column"), LINE],
        description="Such as pcn_code or locality",
    )
    require = forms.SelectField(
        "Where it must hold",
        choices=[choice("all", "In every locality"), choice("some", "In at least a certain number")],
    )
    at_least = forms.IntegerField(
        "At least how many localities",
        [
            forms.NeededIf(lambda form: form.require.data == "some", "Enter in how many localities it must hold"),
            NumberRange(1, 10**6, "Enter a whole number of at least 1"),
        ],
    )

    def written(self) -> Table:
        require: object = {"at_least": self.at_least.data or 0} if self.require.data == "some" else "all"
        return {"column": (self.column.data or "").strip(), "require": require, **super().written()}

    @staticmethod
    def read(table: Table) -> Table:
        require = table["require"]
        some = {} if require == "all" else {"require": "some", "at_least": require["at_least"]}
        return {"column": table["column"], "require": "all", **some, **TestEntry.read(table)}


class Deciding(forms.FormEntry):
    """What decides: tests, how many of them, tests of localities, a quorum."""

    tests = forms.FieldList(forms.FormField(TestEntry), "Tests", min_entries=1)
    combine = forms.RadioField(
        "If there are several tests",
        choices=[
            choice("all", "All must hold"),
            choice("any", "One of them is enough"),
            choice("some", "At least a certain number"),
        ],
        default="all",
    )
    combine_at_least = forms.IntegerField(
        "How many must hold",
        [
            forms.NeededIf(lambda form: form.combine.data == "some", "Enter how many must hold"),
            NumberRange(1, 10**6, "Enter a whole number of at least 1"),
        ],
    )
    localities = forms.FieldList(forms.FormField(LocalityEntry), "Tests of localities")
    quorum = forms.RadioField(
        "Is there a quorum?", choices=[choice("none", "No"), choice("own", "Yes")], default="none"
    )
    quorum_measure = forms.SelectField("Quorum: what is counted", choices=of_enum(Unit), default=Unit.PRACTICES.value)
    counting = forms.SelectField(
        "Quorum: counting", choices=of_enum(QuorumCounting), default=QuorumCounting.RETURNED.value
    )
    quorum_how = forms.SelectField("Quorum: how much", choices=of_enum(MINIMA), default=Comparison.AT_LEAST.value)
    needed = forms.StringField("Quorum: share or number", [LINE], description="Such as 2/3, or 12")

    def validate_tests(self, field: forms.FieldList[Any]) -> None:
        """Not more than the page can show."""
        for several in (field, self.localities):
            if len(several.entries) > MOST_ENTRIES:
                raise forms.ValidationError(f"There can be at most {MOST_ENTRIES} tests")

    def validate_needed(self, field: forms.StringField) -> None:
        """Needed only with a quorum."""
        if self.quorum.data != "own":
            return
        needed = (field.data or "").strip()
        if not needed:
            raise forms.ValidationError("Enter the share or the number")
        try:
            if not _is_number(needed):
                parse_fraction(needed)
        except ValueError as reason:
            raise forms.ValidationError(f'"{needed}" {reason}') from None

    @property
    def has_tests(self) -> bool:
        """Whether it has any tests of the whole CCG."""
        return bool(self.tests.entries)

    def field_at(self, path: Sequence[str | int]) -> Field | None:
        """The field that is written to this path of the rule, or of one question's rule."""
        match path:
            case ["test" | "locality_test" as kind, int(index), *rest]:
                entries = self.tests.entries if kind == "test" else self.localities.entries
                form: Any = entries[index].form if index < len(entries) else None
                if form is None:
                    return None
                keys = {"option": form.subject, "most_votes": form.subject, "measure": form.measure, "of": form.of}
                local = {key: form[key] for key in ("column", "require", "at_least") if kind != "test"}
                named = local if "require" in rest or "column" in rest else keys
                return next((named[key] for key in reversed(rest) if key in named), cast(Field, form.share))
            case ["quorum", *rest]:
                return {"measure": self.quorum_measure, "counting": self.counting}.get(
                    str(rest[-1:][0]) if rest else "", self.needed
                )
            case ["combine", *rest]:
                return cast(Field, self.combine_at_least if rest else self.combine)
            case _:
                return None

    def offer(self, options: Mapping[str, str]) -> None:
        """Set the options that a test can be about."""
        entries: list[Any] = [*self.tests.entries, *self.localities.entries]
        for entry in entries:
            entry.form.subject.choices = subjects(options)

    def written(self) -> Table:
        values: Table = {}
        if self.combine.data in ("all", "any"):
            values["combine"] = self.combine.data
        elif self.combine.data == "some":
            values["combine"] = {"at_least": self.combine_at_least.data or 0}
        if self.quorum.data == "own":
            needed = (self.needed.data or "").strip()
            number = _is_number(needed)
            values["quorum"] = {
                "measure": self.quorum_measure.data,
                "counting": self.counting.data,
                str(self.quorum_how.data): int(needed) if number else needed,
            }
        if self.tests.entries:
            values["test"] = [entry.form.written() for entry in self.tests.entries]
        if self.localities.entries:
            values["locality_test"] = [entry.form.written() for entry in self.localities.entries]
        return values

    @staticmethod
    def read(table: Table, combine: str = "all") -> Table:
        """The fields' values from the file; `combine` applies if the table has none."""
        said = table.get("combine", combine)
        numbered = {"combine": "some", "combine_at_least": said["at_least"]} if isinstance(said, dict) else {}
        values: Table = {
            "tests": [TestEntry.read(test) for test in table.get("test", ())],
            "localities": [LocalityEntry.read(test) for test in table.get("locality_test", ())],
            "combine": said,
            **numbered,
        }
        if quorum := table.get("quorum"):
            how, needed = _threshold(quorum)
            values |= {"quorum": "own", "quorum_measure": quorum["measure"], "counting": quorum["counting"]}
            values |= {"quorum_how": how, "needed": needed}
        return values


class QuestionRuleEntry(Deciding):
    """What one question has of its own; the rest is as for the others."""

    question = forms.HiddenField()
    tests = forms.FieldList(forms.FormField(TestEntry), "Tests of its own")
    combine = forms.RadioField(
        "If there are several tests",
        choices=[
            choice("", "As for the other questions"),
            choice("all", "All must hold"),
            choice("any", "One of them is enough"),
            choice("some", "At least a certain number"),
        ],
        default="",
    )
    quorum = forms.RadioField(
        "Is there a quorum of its own?",
        choices=[choice("none", "No, as for the other questions"), choice("own", "Yes")],
        default="none",
    )


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) <= 18


def _threshold(table: Table) -> tuple[str, str]:
    """The comparison, and the value."""
    return next((word.value, str(table[word.value])) for word in Comparison if word.value in table)
