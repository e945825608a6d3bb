"""A constitution as a form: what most of them say. What it cannot say is written as a file, and uploaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum
from typing import Any

from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ballot.constitution.rule import Base, Combine, Comparison, Constitution, Counting, Outcome, Unit
from ballot.constitution.weight import Missing, Rounding
from ballot.web import forms
from ballot.web.forms import choice

_LINE = Length(max=500, message="This is longer than 500 characters")
_WORDS = {
    Unit.PRACTICES: "Practices",
    Unit.WEIGHT: "Weighted votes",
    Base.FOR_AND_AGAINST: "of those for and against",
    Base.CAST: "of all votes cast, abstentions too",
    Base.ELIGIBLE: "of all who may vote",
    Base.ELIGIBLE_LESS_ABSTENTIONS: "of all who may vote, without abstentions",
    Comparison.MORE_THAN: "More than",
    Comparison.AT_LEAST: "At least",
    Counting.RETURNED: "every vote that was returned",
    Counting.FOR_AND_AGAINST: "votes for and against only",
    Rounding.FLOOR: "down: a part of a band counts nothing",
    Rounding.CEILING: "up: a part of a band counts as a whole one",
    Rounding.NEAREST: "to the nearer",
    Missing.REFUSE: "is an error",
    Missing.ZERO: "has no weighted votes",
}
_NONE = choice("", "-")


def _of(words: Iterable[Enum], none: bool = False) -> list[Any]:
    return [*([_NONE] if none else []), *(choice(word.value, _WORDS[word]) for word in words)]


class ConstitutionForm(forms.Form):
    """One test, or two; a quorum; weights."""

    document = forms.StringField(
        "Document", [InputRequired("Enter the document"), _LINE], description="With its version"
    )
    clause = forms.StringField("Clause", [InputRequired("Enter the clause's number"), _LINE])
    wording = forms.TextAreaField("Wording of the clause", [InputRequired("Enter its words")], description="Exactly")
    approved_by = forms.StringField(
        "Who approves that this form says the same", [InputRequired("Enter who approves it"), _LINE]
    )
    measure = forms.SelectField("What is counted", choices=_of(Unit))
    of = forms.SelectField("Measured against", choices=_of(Base))
    how = forms.SelectField("How much", choices=_of(Comparison))
    share = forms.StringField(
        "Share", [InputRequired("Enter a share"), _LINE], description="Such as 1/2, 75% or 66.67%"
    )
    measure2 = forms.SelectField("Second test: what is counted", choices=_of(Unit, none=True))
    of2 = forms.SelectField("Second test: measured against", choices=_of(Base))
    how2 = forms.SelectField("Second test: how much", choices=_of(Comparison))
    share2 = forms.StringField("Second test: share", [_LINE])
    combine = forms.SelectField(
        "If there are two tests", choices=[choice("all", "Both must hold"), choice("any", "One of them is enough")]
    )
    quorum = forms.SelectField("Quorum: what is counted", choices=_of(Unit, none=True))
    counting = forms.SelectField("Quorum: counting", choices=_of(Counting))
    quorum_how = forms.SelectField("Quorum: how much", choices=_of(Comparison))
    needed = forms.StringField("Quorum: share or number", [_LINE], description="Such as 2/3, or 12")
    per = forms.IntegerField(
        "Weights: one vote for each so many patients",
        [Optional(), NumberRange(1, 10**6)],
        description="Empty: no weights",
    )
    rounding = forms.SelectField("Weights: round", choices=_of(Rounding, none=True))
    snapshot = forms.StringField("Weights: day of the list sizes", [_LINE], description="Such as 2020-04-01")
    missing = forms.SelectField("Weights: a practice without a list", choices=_of(Missing))
    send = forms.SubmitField("Save")

    def fields_of(self, ccg: str, name: str, encoded_by: str) -> dict[str, object]:
        """In the words of a rule file."""
        fields: dict[str, object] = {"ccg": ccg, "name": name}
        tests = [_test(self.measure, self.of, self.how, self.share)]
        if self.measure2.data:
            tests.append(_test(self.measure2, self.of2, self.how2, self.share2))
            fields["combine"] = self.combine.data
        fields["source"] = {
            "document": self.document.data,
            "clause": self.clause.data,
            "wording": (self.wording.data or "").replace("\r\n", "\n"),
            "encoded_by": encoded_by,
            "approved_by": self.approved_by.data,
        }
        if self.per.data:
            fields["weight"] = self._weight()
        if self.quorum.data:
            needed = (self.needed.data or "").strip()
            value: object = int(needed) if needed.isascii() and needed.isdigit() and len(needed) < 10 else needed
            fields["quorum"] = {
                "measure": self.quorum.data,
                "counting": self.counting.data,
                str(self.quorum_how.data): value,
            }
        return {**fields, "test": tests}

    def _weight(self) -> dict[str, object]:
        weight: dict[str, object] = {"per": self.per.data, "missing": self.missing.data}
        if self.rounding.data:
            weight["rounding"] = self.rounding.data
        try:
            weight["snapshot"] = dt.date.fromisoformat((self.snapshot.data or "").strip())
        except ValueError:
            weight["snapshot"] = (self.snapshot.data or "").strip()  # the reader says what is wrong with it
        return weight

    def load(self, rule: Constitution) -> None:
        """Fill the fields from a file that says no more than they can; see `can_say`."""
        source = rule.source
        self.document.data, self.clause.data, self.wording.data = source.document, source.clause, source.wording
        self.approved_by.data = source.approved_by
        places = ((self.measure, self.of, self.how, self.share), (self.measure2, self.of2, self.how2, self.share2))
        for test, (measure, of, how, share) in zip(rule.tests, places, strict=False):
            measure.data, of.data = test.unit.value, test.base.value
            how.data, share.data = test.threshold.comparison.value, test.threshold.written
        self.combine.data = rule.combine.value if isinstance(rule.combine, Combine) else "all"
        if rule.quorum is not None:
            self.quorum.data, self.counting.data = rule.quorum.unit.value, rule.quorum.counting.value
            self.quorum_how.data = rule.quorum.threshold.comparison.value
            self.needed.data = rule.quorum.threshold.written
        if rule.weight is not None:
            self.per.data, self.missing.data = rule.weight.per, rule.weight.missing.value
            self.rounding.data = rule.weight.rounding.value if rule.weight.rounding else ""
            self.snapshot.data = rule.weight.snapshot.isoformat()


class RuleUpload(forms.Form):
    """The file itself."""

    file = forms.FileField("The rule file", description="TOML; for options, localities, or questions that differ")
    upload = forms.SubmitField("Upload")


def _test(
    measure: forms.SelectField, of: forms.SelectField, how: forms.SelectField, share: forms.StringField
) -> dict[str, object]:
    return {"measure": measure.data, "of": of.data, str(how.data): (share.data or "").strip()}


def can_say(rule: Constitution) -> bool:
    """Whether the form can say all that this file does; if not, saving the form would lose some of it."""
    weight = rule.weight
    return (
        len(rule.tests) <= 2
        and not any(test.is_about_options for test in rule.tests)
        and isinstance(rule.combine, Combine)
        and not rule.questions
        and not rule.locality_tests
        and rule.reballot == frozenset({Outcome.INQUORATE})
        and (weight is None or (weight.minimum is None and weight.maximum is None))
    )
