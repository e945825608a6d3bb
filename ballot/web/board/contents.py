"""What the board's pages show, read from the tables and from published bytes. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ballot.constitution.findings import CountedShare
from ballot.constitution.programme import Programme
from ballot.constitution.question import Question
from ballot.constitution.reading import read_constitution_aloud
from ballot.db.ballots import BallotRow, list_ballots_of
from ballot.db.events import event_lines
from ballot.db.programmes import ProgrammeRow
from ballot.office.board.standing import ElectionStanding, standings
from ballot.office.count import COUNTED, decision_so_far
from ballot.office.lifecycle import State
from ballot.office.sealed import read_constitution, read_programme
from ballot.record.counting import CountKind
from ballot.record.programme_events import ProgrammeEvent, parse_programme_event
from ballot.web.board.words import OUTCOMES, STATES, UNITS, Label, label_of


@dataclass(frozen=True, slots=True)
class ElectionTold:
    """One election and its state. `address` is its name in addresses."""

    standing: ElectionStanding
    address: str
    state: Label

    @property
    def turnout(self) -> str:
        """`2/4 (50%)` of the practices."""
        if not self.standing.eligible:
            return "no eligible practice"
        return CountedShare(self.standing.returned, self.standing.eligible).with_percentage()

    @property
    def is_sealed(self) -> bool:
        """Whether there is an archive."""
        return self.standing.height is not None


@dataclass(frozen=True, slots=True)
class ProgrammeTold:
    """A programme, its elections, and the decision: the published one, or one from the results so far."""

    id: str
    read: Programme
    fingerprint: str | None
    elections: tuple[ElectionTold, ...]
    decision: Mapping[str, Any] | None
    is_decided: bool = False
    """Whether `decision` is decision.json; before that it comes from the totals opened so far."""

    @property
    def is_declared(self) -> bool:
        """Whether two people have declared it."""
        return any(told.standing.state is State.DECLARED for told in self.elections)

    @property
    def is_whole(self) -> bool:
        """Whether everything is counted."""
        return all(told.standing.state in (*COUNTED, State.ABANDONED) for told in self.elections)

    @property
    def outcome(self) -> Mapping[str, Any] | None:
        """What the programme's rule makes of the decisions; None before the last one, or if a ballot was abandoned."""
        return None if self.decision is None else self.decision["outcome"]

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """Opening and closing, if they are the same everywhere."""
        windows = {(told.standing.opens_at, told.standing.closes_at) for told in self.elections}
        return windows.pop() if len(windows) == 1 else None

    def elections_of(self, ccg: str) -> tuple[ElectionTold, ...]:
        """The elections of one CCG."""
        return tuple(told for told in self.elections if told.standing.ccg == ccg)

    def outcomes_of(self, ccg: str) -> tuple[Label, ...]:
        """The decisions of one CCG by question; empty before there are any."""
        answers = {} if self.decision is None else self.decision["ccgs"].get(ccg, {})
        return tuple(label_of(OUTCOMES, decided["outcome"]) for decided in answers.values())


@dataclass(frozen=True, slots=True)
class CountsTold:
    """The counts of one question as a table: columns, and rows of a label and numbers (None: not counted)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class QuestionTold:
    """The decision on one question in one CCG."""

    question: Question
    outcome: Label
    option: str | None
    """The label of the carried option, if the question has options."""
    counts: CountsTold
    localities: tuple[tuple[str, CountsTold], ...]
    sentences: tuple[str, ...]


def tell_programme(session: Session, row: ProgrammeRow, now: datetime) -> ProgrammeTold:
    """Read a programme as it is now."""
    return ProgrammeTold(
        row.id,
        read_programme(row.toml),
        row.fingerprint,
        tuple(tell_election(standing) for standing in standings(session, row.id, now)),
        decision_so_far(session, row),
        row.decision is not None,
    )


def tell_election(standing: ElectionStanding) -> ElectionTold:
    """Read one election; only this function knows how its address is made."""
    return ElectionTold(standing, standing.election_name, label_of(STATES, standing.state))


def are_weighted(ballots: Sequence[BallotRow]) -> bool:
    """Whether the ballots carry weights, which may show that a practice has voted."""
    return any(CountKind(ballot.count) is not CountKind.HEADS for ballot in ballots)


def tell_rule(session: Session, programme_id: str, ccg: str) -> tuple[str, ...]:
    """The rule of a CCG in the sentences of `ballot lint`; empty if it has no ballot."""
    rows = list_ballots_of(session, programme_id, ccg)
    return tuple(read_constitution_aloud(read_constitution(rows[0]))) if rows else ()


def tell_decisions(programme: ProgrammeTold, ccg: str) -> tuple[QuestionTold, ...]:
    """Every question of one CCG, with the counts and sentences of decision.json; empty before it is counted."""
    return () if programme.decision is None else tell_answers(programme.read, programme.decision, ccg)


def tell_answers(programme: Programme, decision: Mapping[str, Any], ccg: str) -> tuple[QuestionTold, ...]:
    """Every question of one CCG in any decision; empty if it has no answer."""
    answers = decision.get("ccgs", {}).get(ccg, {})
    return tuple(
        _tell_decision(question, answers[question.id]) for question in programme.questions if question.id in answers
    )


def _tell_decision(question: Question, decided: Mapping[str, Any]) -> QuestionTold:
    labels = dict(zip(question.groups, question.answers, strict=True))
    counts = decided["counts"]
    return QuestionTold(
        question,
        label_of(OUTCOMES, decided["outcome"]),
        labels.get(decided.get("option") or ""),
        tell_counts(counts, labels),
        tuple((name, tell_counts(part, labels)) for name, part in counts.get("localities", {}).items()),
        tuple(decided["explanation"]),
    )


def tell_counts(counts: Mapping[str, Any], labels: Mapping[str, str]) -> CountsTold:
    """The counts of decision.json as a table: the eligible, each answer by its label, the returned."""
    groups = {**counts, **counts.get("options", {})}
    named = {"eligible": "Eligible", **labels, "returned": "Returned"}
    units = [unit for unit in UNITS if any(unit.value in groups.get(name, {}) for name in named)]
    rows = tuple(
        (label, tuple(groups[name].get(unit.value) for unit in units))
        for name, label in named.items()
        if groups.get(name)
    )
    return CountsTold(tuple(UNITS[unit] for unit in units), rows)


def tell_events(session: Session, programme_id: str) -> tuple[ProgrammeEvent, ...]:
    """The programme's own events, the newest last."""
    return tuple(parse_programme_event(line) for line in event_lines(session, programme_id))
