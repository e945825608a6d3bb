"""The conditions of a constitution as form fields: a test, a quorum, either in localities; a band of weights.

Each part goes into the words of a rule file (`written`) and comes out of them (`read`), as `ballot.constitution.write`
has them; nothing is judged here that the reader of rule files judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ballot.constitution.rule import Denominator, QuorumCounting, Unit
from ballot.constitution.threshold import LIMITS, MINIMA, Comparison
from ballot.strict.fraction import parse_fraction
from ballot.web import forms
from ballot.web.forms import choice

Table = dict[str, Any]
NUMBER = NumberRange(1, 10**9, "Enter a whole number of at least 1")
LINE = Length(max=500, message="This must be 500 characters or fewer")
WORDS: Mapping[Enum, str] = {
    Unit.PRACTICES: "{Members}",
    Unit.WEIGHT: "{Weights}",
    Denominator.FOR_AND_AGAINST: "of those for and against",
    Denominator.CAST: "of all votes cast, abstentions too",
    Denominator.ELIGIBLE: "of all who may vote",
    Denominator.ELIGIBLE_LESS_ABSTENTIONS: "of all who may vote, without abstentions",
    Comparison.MORE_THAN: "More than",
    Comparison.AT_LEAST: "At least",
    Comparison.ALL_BUT: "All but",
    Comparison.AT_MOST: "At most",
    Comparison.FEWER_THAN: "Fewer than",
    QuorumCounting.RETURNED: "every vote that was returned",
    QuorumCounting.FOR_AND_AGAINST: "votes for and against only",
}
FOR, AGAINST, MOST_VOTES = "", "against", "most-votes"
"""The subjects of a test other than an option's id."""
OPTION = "option:"
"""What the subject of a test of one option begins with."""


def measures(unit: str = WORDS[Unit.WEIGHT]) -> list[Any]:
    """What a condition can count, with the name of a weighted vote."""
    return [choice(Unit.PRACTICES.value, WORDS[Unit.PRACTICES]), choice(Unit.WEIGHT.value, unit)]


def of_enum(words: Iterable[Enum]) -> list[Any]:
    """Choices with the words of a rule file."""
    return [choice(str(word.value), WORDS[word]) for word in words]


def subjects(options: Mapping[str, str]) -> list[Any]:
    """The possible subjects of a test: votes for; or with options, the one with most votes, or each of them."""
    named = [choice(f"{OPTION}{id}", f"Votes for: {text} ({id})") for id, text in options.items()]
    first = [choice(FOR, "Votes for, which are needed"), choice(AGAINST, "Votes against, which are limited")]
    return [*first, choice(MOST_VOTES, "The option with most votes, on a question with options"), *named]


def share_or_number(written: str | None, missing: str) -> None:
    """Check what was typed, exactly as the file would be. Raises: ValidationError."""
    text = (written or "").strip()
    if not text:
        raise forms.ValidationError(missing)
    try:
        if not is_number(text):
            parse_fraction(text)
    except ValueError as reason:
        raise forms.ValidationError(f'"{text}" {reason}') from None


def value_of(written: str | None) -> object:
    """A share as text, or a number."""
    text = (written or "").strip()
    return int(text) if is_number(text) else text


class TestEntry(forms.FormEntry):
    """One condition."""

    __test__ = False  # Stops pytest from collecting this class

    subject = forms.SelectField("What is tested", default=FOR)
    measure = forms.SelectField("What is counted", choices=measures(), default=Unit.PRACTICES.value)
    of = forms.SelectField("Measured against", choices=of_enum(Denominator), default=Denominator.CAST.value)
    how = forms.SelectField(
        "How much",
        choices=of_enum(sorted(Comparison, key=lambda how: how is not Comparison.MORE_THAN)),
        default=Comparison.MORE_THAN.value,
    )
    share = forms.StringField(
        "Share or number",
        [InputRequired("Enter a share or a number"), LINE],
        description="Such as 1/2, 75% or 66.67%; or a number of votes, such as 7",
    )

    def validate_share(self, field: forms.StringField) -> None:
        """Read exactly as the file would be; "all but" takes a number."""
        share_or_number(field.data, "Enter a share or a number")
        if self.how.data == Comparison.ALL_BUT.value and not is_number((field.data or "").strip()):
            raise forms.ValidationError("Enter a whole number, such as 1 for all but one")

    def validate_how(self, field: forms.SelectField) -> None:
        """Votes for are needed, and votes against limited."""
        is_limit = field.data in [comparison.value for comparison in LIMITS]
        if is_limit and self.subject.data != AGAINST:
            raise forms.ValidationError("Choose at least, more than or all but: votes for are needed")
        if not is_limit and self.subject.data == AGAINST:
            raise forms.ValidationError("Choose at most or fewer than: votes against are limited")

    def written(self) -> Table:
        subject = self.subject.data or FOR
        about: Table = {"most_votes": True} if subject == MOST_VOTES else {}
        if subject.startswith(OPTION):
            about["option"] = subject.removeprefix(OPTION)
        if subject == AGAINST:
            about["votes"] = "against"
        share, how = value_of(self.share.data), str(self.how.data)
        of = {"of": self.of.data} if isinstance(share, str) or how == Comparison.ALL_BUT.value else {}
        return {**about, "measure": self.measure.data, **of, how: share}

    @staticmethod
    def read(table: Table) -> Table:
        subject = MOST_VOTES if table.get("most_votes") else AGAINST if table.get("votes") == "against" else FOR
        if "option" in table:
            subject = f"{OPTION}{table['option']}"
        how, share = threshold_in(table)
        of = table.get("of", Denominator.ELIGIBLE.value)
        return {"subject": subject, "measure": table["measure"], "of": of, "how": how, "share": share}


class WhereEntry(forms.FormEntry):
    """In how many localities something must hold."""

    column = forms.StringField(
        "Column of the roll with the locality",
        [InputRequired("Enter the name of the column"), LINE],
        description="Such as pcn_code or locality",
    )
    require = forms.SelectField(
        "Where it must hold",
        choices=[
            choice("all", "In every locality"),
            choice("some", "In at least a certain number or share of them"),
            choice("more", "In more than a certain share of them"),
        ],
    )
    at_least = forms.StringField(
        "How many localities, or what share of them",
        [forms.NeededIf(lambda form: form.require.data != "all", "Enter in how many localities it must hold"), LINE],
        description="Such as 3 or 1/2",
    )

    def validate_at_least(self, field: forms.StringField) -> None:
        """A number or a share, unless it must hold everywhere."""
        if self.require.data != "all":
            share_or_number(field.data, "Enter in how many localities it must hold")

    def where(self) -> Table:
        """The column, and in how many localities."""
        how = {"some": Comparison.AT_LEAST.value, "more": Comparison.MORE_THAN.value}.get(str(self.require.data))
        require: object = "all" if how is None else {how: value_of(self.at_least.data)}
        return {"column": (self.column.data or "").strip(), "require": require}

    @staticmethod
    def read_where(table: Table) -> Table:
        """The fields' values from the file."""
        require = table["require"]
        if require == "all":
            return {"column": table["column"], "require": "all"}
        how, value = threshold_in(require)
        return {
            "column": table["column"],
            "require": "some" if how == Comparison.AT_LEAST.value else "more",
            "at_least": value,
        }


class LocalityEntry(WhereEntry, TestEntry):
    """A condition that each locality must meet."""

    def written(self) -> Table:
        return {**self.where(), **TestEntry.written(self)}

    @staticmethod
    def read(table: Table) -> Table:
        return {**WhereEntry.read_where(table), **TestEntry.read(table)}


class QuorumEntry(forms.FormEntry):
    """One more quorum."""

    measure = forms.SelectField("What is counted", choices=measures(), default=Unit.PRACTICES.value)
    counting = forms.SelectField("Counting", choices=of_enum(QuorumCounting), default=QuorumCounting.RETURNED.value)
    how = forms.SelectField("How much", choices=of_enum(MINIMA), default=Comparison.AT_LEAST.value)
    needed = forms.StringField("Share or number", [InputRequired("Enter the share or the number"), LINE])

    def validate_needed(self, field: forms.StringField) -> None:
        """Read exactly as the file would be."""
        share_or_number(field.data, "Enter the share or the number")

    def written(self) -> Table:
        needed = value_of(self.needed.data)
        return {"measure": self.measure.data, "counting": self.counting.data, str(self.how.data): needed}

    @staticmethod
    def read(table: Table) -> Table:
        how, needed = threshold_in(table)
        return {"measure": table["measure"], "counting": table["counting"], "how": how, "needed": needed}


class LocalityQuorumEntry(WhereEntry, QuorumEntry):
    """A quorum that each locality must reach."""

    def written(self) -> Table:
        return {**self.where(), **QuorumEntry.written(self)}

    @staticmethod
    def read(table: Table) -> Table:
        return {**WhereEntry.read_where(table), **QuorumEntry.read(table)}


class BandEntry(forms.FormEntry):
    """An irregular band of list sizes, or of what else counts."""

    up_to = forms.IntegerField("Up to how many", [Optional(), NUMBER], description="Empty: any number")
    votes = forms.IntegerField(
        "Votes", [InputRequired("Enter the votes"), NumberRange(0, 10**9, "Enter a whole number")]
    )

    def written(self) -> Table:
        return {key: value for key in ("up_to", "votes") if (value := self[key].data) is not None}


def is_number(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) <= 18


def threshold_in(table: Table) -> tuple[str, str]:
    """The comparison, and the value."""
    return next((word.value, str(table[word.value])) for word in Comparison if word.value in table)
