"""The steps of a constitution's form, the fields of the first, and what the programme asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wtforms.validators import InputRequired, Length

from ballot.constitution.rule import Constitution
from ballot.web import forms
from ballot.web.office.setting_up.condition_fields import LINE

CHECK = "check"
STEPS: Mapping[str, str] = {
    "clause": "The clause",
    "votes": "What a vote counts for",
    "tests": "What must be met",
    "localities": "Tests in localities",
    "quorum": "The quorum",
    "questions": "A different rule for one question",
    "again": "Voting again",
    CHECK: "Check the rule",
}
"""The steps of the form, each a page of its own. The last has no field: it reads out the rule."""
_STEP_OF = {
    **dict.fromkeys(("document", "clause", "wording", "approved_by"), "clause"),
    **dict.fromkeys(("weighs", "per", "rounding", "minimum", "maximum", "snapshot", "missing", "bands"), "votes"),
    **dict.fromkeys(("column", "counts", "unit"), "votes"),
    "rule-localities": "localities",
    **dict.fromkeys(
        (
            *("rule-quorum", "rule-quorum_measure", "rule-counting", "rule-quorum_how", "rule-needed"),
            *("rule-more_quorums", "rule-combine_quorums", "rule-locality_quorums"),
        ),
        "quorum",
    ),
    "rule": "tests",
    "questions": "questions",
    "reballot": "again",
}


def step_of(name: str) -> str | None:
    """The step that has the field with this name; None for a field of no step, such as the button."""
    parts = name.split("-")
    return _STEP_OF.get("-".join(parts[:2])) or _STEP_OF.get(parts[0])


@dataclass(frozen=True, slots=True)
class QuestionsAsked:
    """What the programme asks, as far as it is known: questions with their texts, and the options of each."""

    questions: Mapping[str, str] = field(default_factory=dict)
    options_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """For each question of the programme, its options; empty for one that is answered for or against."""
    named: Mapping[str, str] = field(default_factory=dict)
    """Options that a rule names and the programme does not have."""

    @property
    def options(self) -> Mapping[str, str]:
        """Every option."""
        asked = {id: text for options in self.options_of.values() for id, text in options.items()}
        return {**self.named, **asked}

    def kinds(self, questions: Iterable[str]) -> set[bool]:
        """Whether these questions have options: both, if some have and others do not."""
        return {bool(self.options_of[question]) for question in questions if question in self.options_of}

    def with_rule(self, rule: Constitution | None) -> QuestionsAsked:
        """Add what a rule names, so that the form can show it."""
        if rule is None:
            return self
        named = [
            *rule.rule_for().options,
            *(id for part in rule.questions for id in rule.rule_for(part.question).options),
        ]
        own = [part.question for part in rule.questions]
        return QuestionsAsked(
            {**self.questions, **{id: id for id in own if id not in self.questions}},
            self.options_of,
            {id: id for id in named if id not in self.options},
        )


class SourceForm(forms.Form):
    """The document and the clause that a rule comes from."""

    document = forms.StringField(
        "Document", [InputRequired("Enter the document"), LINE], description="Its name and version"
    )
    clause = forms.StringField("Clause", [InputRequired("Enter the clause's number"), LINE])
    wording = forms.TextAreaField(
        "Wording of the clause",
        [InputRequired("Enter the wording"), Length(max=20_000, message="This must be 20,000 characters or fewer")],
        description="Word for word",
    )
    approved_by = forms.StringField(
        "Who approves that this form says the same as the clause", [InputRequired("Enter who approves it"), LINE]
    )


def day_of(written: str | None) -> dt.date | str:
    """The day that was typed, or what was typed instead."""
    try:
        return dt.date.fromisoformat((written or "").strip())
    except ValueError:
        return (written or "").strip()
