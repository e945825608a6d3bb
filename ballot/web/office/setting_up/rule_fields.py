"""What decides, as form fields: tests, tests of localities, quorums, a casting vote; for the whole or for one question.

Each part goes into the words of a rule file (`written`) and comes out of them (`read`), as `ballot.constitution.write`
has them; nothing is judged here that the reader of rule files judges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from wtforms import Field
from wtforms.validators import NumberRange

from ballot.constitution.rule import QuorumCounting, Unit
from ballot.constitution.threshold import MINIMA, Comparison
from ballot.web import forms
from ballot.web.entries import MOST_ENTRIES
from ballot.web.forms import choice
from ballot.web.office.setting_up.condition_fields import (
    LINE,
    LocalityEntry,
    LocalityQuorumEntry,
    QuorumEntry,
    Table,
    TestEntry,
    measures,
    of_enum,
    share_or_number,
    subjects,
    threshold_in,
    value_of,
)


class Deciding(forms.FormEntry):
    """What decides: tests, how many of them, tests of localities, quorums, a casting vote."""

    is_own = False
    """Whether it is one question's own, which inherits what it leaves out."""
    tests = forms.FieldList(forms.FormField(TestEntry), "Tests")
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
    quorum_measure = forms.SelectField("Quorum: what is counted", choices=measures(), default=Unit.PRACTICES.value)
    counting = forms.SelectField(
        "Quorum: counting", choices=of_enum(QuorumCounting), default=QuorumCounting.RETURNED.value
    )
    quorum_how = forms.SelectField("Quorum: how much", choices=of_enum(MINIMA), default=Comparison.AT_LEAST.value)
    needed = forms.StringField("Quorum: share or number", [LINE], description="Such as 2/3, or 12")
    more_quorums = forms.ListIf(
        forms.FormField(QuorumEntry), "Further quorums", used=lambda form: form.quorum.data == "own"
    )
    combine_quorums = forms.SelectField(
        "If there are several quorums",
        choices=[choice("all", "All must be met"), choice("any", "One of them is enough")],
        default="all",
    )
    locality_quorums = forms.FieldList(forms.FormField(LocalityQuorumEntry), "Quorums of localities")
    casting_vote = forms.StringField(
        "Who has the casting vote in a tie (optional)", [LINE], description="Leave it empty if a tie is not carried"
    )

    def validate_tests(self, field: forms.FieldList[Any]) -> None:
        """Not more than the page can show."""
        for several in (field, self.localities):
            if len(several.entries) > MOST_ENTRIES:
                raise forms.ValidationError(f"There can be at most {MOST_ENTRIES} tests")

    def validate_needed(self, field: forms.StringField) -> None:
        """Needed only with a quorum."""
        if self.quorum.data != "own":
            return
        share_or_number(field.data, "Enter the share or the number")

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
            case ["locality_quorum" | "quorum" as kind, int(index), *rest] if kind != "quorum" or index > 0:
                found = (
                    self.more_quorums.entries[index - 1 :]
                    if kind == "quorum"
                    else self.locality_quorums.entries[index:]
                )
                if not found:
                    return None
                one: Any = found[0].form
                key = next((key for key in reversed(rest) if key in one), "needed")
                return cast(Field, one[key])
            case ["tie", *_]:
                return cast(Field, self.casting_vote)
            case ["combine_quorums"]:
                return cast(Field, self.combine_quorums)
            case ["quorum", *rest]:
                return {"measure": self.quorum_measure, "counting": self.counting}.get(
                    str(rest[-1:][0]) if rest else "", self.needed
                )
            case ["combine", *rest]:
                return cast(Field, self.combine_at_least if rest else self.combine)
            case _:
                return None

    def offer(self, options: Mapping[str, str], unit: str) -> None:
        """Set the options that a test can be about, and what a weighted vote is called; empty for the usual name."""
        tests: list[Any] = [*self.tests.entries, *self.localities.entries]
        for entry in tests:
            entry.form.subject.choices = subjects(options)
        counted = [entry.form.measure for entry in (*tests, *self.more_quorums.entries, *self.locality_quorums.entries)]
        for measure in (self.quorum_measure, *counted):
            measure.choices = measures(unit) if unit else measures()

    def written(self) -> Table:
        values: Table = {}
        if self.combine.data in ("all", "any"):
            values["combine"] = self.combine.data
        elif self.combine.data == "some":
            values["combine"] = {"at_least": self.combine_at_least.data or 0}
        if self.quorum.data == "own":
            first: Table = {
                "measure": self.quorum_measure.data,
                "counting": self.counting.data,
                str(self.quorum_how.data): value_of(self.needed.data),
            }
            more = [entry.form.written() for entry in self.more_quorums.entries]
            values["quorum"] = [first, *more] if more else first
        if self.combine_quorums.data == "any" or (self.combine_quorums.data == "all" and self.is_own):
            values["combine_quorums"] = self.combine_quorums.data
        if self.locality_quorums.entries:
            values["locality_quorum"] = [entry.form.written() for entry in self.locality_quorums.entries]
        if (self.casting_vote.data or "").strip():
            values["tie"] = {"casting_vote": self.casting_vote.data}
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
            "tests": [TestEntry.read(test) for test in tables_in(table.get("test", ()))],
            "localities": [LocalityEntry.read(test) for test in tables_in(table.get("locality_test", ()))],
            "combine": said,
            **numbered,
        }
        values["casting_vote"] = "" if table.get("tie") in (None, "none") else table["tie"]["casting_vote"]
        values["combine_quorums"] = table.get("combine_quorums", "" if combine == "" else "all")
        values["locality_quorums"] = [
            LocalityQuorumEntry.read(one) for one in tables_in(table.get("locality_quorum", ()))
        ]
        values["without"] = [key for key in WITHOUT if table.get(key) == "none"]
        several = tables_in([quorum] if isinstance(quorum := table.get("quorum", ()), dict) else quorum)
        values["more_quorums"] = [QuorumEntry.read(one) for one in several[1:]]
        for quorum in several[:1]:
            how, needed = threshold_in(quorum)
            values |= {"quorum": "own", "quorum_measure": quorum["measure"], "counting": quorum["counting"]}
            values |= {"quorum_how": how, "needed": needed}
        return values


WITHOUT = {
    "test": "Tests of the whole {body}: the localities alone decide",
    "locality_test": "Tests of localities",
    "quorum": "Quorums",
    "locality_quorum": "Quorums of localities",
    "tie": "A casting vote",
}
"""What a question can be without although the other questions have it."""


def tables_in(value: object) -> list[Table]:
    """The tables of a list; none where the file says "none"."""
    return [dict(table) for table in value] if isinstance(value, (list, tuple)) else []


class QuestionRuleEntry(Deciding):
    """What one question has of its own; the rest is as for the others."""

    is_own = True
    without = forms.SelectMultipleField(
        "What this question does not have, although the others do",
        choices=[choice(key, text) for key, text in WITHOUT.items()],
    )
    combine_quorums = forms.SelectField(
        "If there are several quorums",
        choices=[
            choice("", "As for the other questions"),
            choice("all", "All must be met"),
            choice("any", "One of them is enough"),
        ],
        default="",
    )

    def written(self) -> Table:
        return {**super().written(), **dict.fromkeys(self.without.data or (), "none")}

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
