"""What the board's pages show, read from the tables and from published bytes. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ballot.constitution.findings import CountedShare
from ballot.constitution.phrases import capitalised, unit_noun
from ballot.constitution.programme import Programme
from ballot.constitution.question import Question
from ballot.constitution.reading import read_constitution_aloud
from ballot.constitution.words import Words
from ballot.db.ballots import BallotRow, list_ballots, list_ballots_of
from ballot.db.events import event_lines
from ballot.db.programmes import ProgrammeRow
from ballot.declaration.support import read_counts, tell_counts
from ballot.office.board.election_status import ElectionStatus, election_statuses
from ballot.office.count import COUNTED, decision_so_far
from ballot.office.lifecycle import State
from ballot.office.sealed import read_constitution, read_programme, words_of
from ballot.record.counting import CountKind
from ballot.record.programme_events import ProgrammeEvent, parse_programme_event
from ballot.web.board.words import OUTCOMES, STATES, TEST_FAILS, TEST_HOLDS, Label, label_of
from ballot.web.nouns import said


@dataclass(frozen=True, slots=True)
class ShownElection:
    """One election and its state. `address` is its name in addresses."""

    standing: ElectionStatus
    address: str
    state: Label

    @property
    def turnout(self) -> str:
        """`2/4 (50%)` of the practices."""
        if not self.standing.eligible:
            return said("no eligible {member}")
        return CountedShare(self.standing.returned, self.standing.eligible).with_percentage()

    @property
    def is_sealed(self) -> bool:
        """Whether there is an archive."""
        return self.standing.height is not None


@dataclass(frozen=True, slots=True)
class ShownProgramme:
    """A programme, its elections, and the decision: the published one, or one from the results so far."""

    id: str
    read: Programme
    fingerprint: str | None
    elections: tuple[ShownElection, ...]
    decision: Mapping[str, Any] | None
    words: Mapping[str, Words]
    """What each CCG calls practices and weighted votes."""
    is_decided: bool = False
    """Whether `decision` is decision.json; before that it comes from the totals opened so far."""

    @property
    def is_declared(self) -> bool:
        """Whether two people have declared it."""
        return any(shown.standing.state is State.DECLARED for shown in self.elections)

    @property
    def is_whole(self) -> bool:
        """Whether everything is counted."""
        return all(shown.standing.state in (*COUNTED, State.ABANDONED) for shown in self.elections)

    @property
    def outcome(self) -> Mapping[str, Any] | None:
        """What the programme's rule makes of the decisions; None before the last one, or if a ballot was abandoned."""
        return None if self.decision is None else self.decision["outcome"]

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """Opening and closing, if they are the same everywhere."""
        windows = {(shown.standing.opens_at, shown.standing.closes_at) for shown in self.elections}
        return windows.pop() if len(windows) == 1 else None

    def elections_of(self, ccg: str) -> tuple[ShownElection, ...]:
        """The elections of one CCG."""
        return tuple(shown for shown in self.elections if shown.standing.ccg == ccg)

    def outcomes_of(self, ccg: str) -> tuple[Label, ...]:
        """The decisions of one CCG by question; empty before there are any."""
        answers = {} if self.decision is None else self.decision["ccgs"].get(ccg, {})
        return tuple(label_of(OUTCOMES, decided["outcome"]) for decided in answers.values())

    def tests_in(self, election: ShownElection) -> tuple[Label, ...]:
        """How the locality test of each question went in a locality: a locality has no verdict of its own."""
        answers = {} if self.decision is None else self.decision["ccgs"].get(election.standing.ccg, {})
        found = [
            all(test["localities"][election.standing.locality]["holds"] for test in decided["locality_tests"])
            for decided in answers.values()
            if decided.get("locality_tests")
        ]
        return tuple(TEST_HOLDS if holds else TEST_FAILS for holds in found)


@dataclass(frozen=True, slots=True)
class ShownCounts:
    """The counts of one question as a table: columns, and rows of a label and numbers (None: not counted)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """The decision on one question in one CCG."""

    question: Question
    outcome: Label
    option: str | None
    """The label of the carried option, if the question has options."""
    counts: ShownCounts
    localities: tuple[tuple[str, ShownCounts], ...]
    sentences: tuple[str, ...]


def show_programme(session: Session, row: ProgrammeRow, now: datetime) -> ShownProgramme:
    """Read a programme as it is now."""
    return ShownProgramme(
        row.id,
        read_programme(row.toml),
        row.fingerprint,
        tuple(show_election(standing) for standing in election_statuses(session, row.id, now)),
        decision_so_far(session, row),
        words_of(list_ballots(session, row.id)),
        row.decision is not None,
    )


def show_election(standing: ElectionStatus) -> ShownElection:
    """Read one election; only this function knows how its address is made."""
    return ShownElection(standing, standing.election_name, label_of(STATES, standing.state))


def are_weighted(ballots: Sequence[BallotRow]) -> bool:
    """Whether the ballots carry weights, which may show that a practice has voted."""
    return any(CountKind(ballot.count) is not CountKind.HEADS for ballot in ballots)


def rule_sentences(session: Session, programme_id: str, ccg: str) -> tuple[str, ...]:
    """The rule of a CCG in the sentences of `ballot lint`; empty if it has no ballot."""
    rows = list_ballots_of(session, programme_id, ccg)
    return tuple(read_constitution_aloud(read_constitution(rows[0]))) if rows else ()


def show_decisions(programme: ShownProgramme, ccg: str) -> tuple[ShownQuestion, ...]:
    """Every question of one CCG, with the counts and sentences of decision.json; empty before it is counted."""
    decision = programme.decision
    return () if decision is None else show_answers(programme.read, decision, ccg, programme.words[ccg])


def show_answers(
    programme: Programme, decision: Mapping[str, Any], ccg: str, words: Words
) -> tuple[ShownQuestion, ...]:
    """Every question of one CCG in any decision; empty if it has no answer. `words` are its own."""
    answers = decision.get("ccgs", {}).get(ccg, {})
    asked = (question for question in programme.questions if question.id in answers)
    return tuple(_show_decision(question, answers[question.id], words) for question in asked)


def _show_decision(question: Question, decided: Mapping[str, Any], words: Words) -> ShownQuestion:
    labels = dict(zip(question.groups, question.answers, strict=True))
    counts = decided["counts"]
    return ShownQuestion(
        question,
        label_of(OUTCOMES, decided["outcome"]),
        labels.get(decided.get("option") or ""),
        show_counts(counts, question, words),
        tuple((name, show_counts(part, question, words)) for name, part in counts.get("localities", {}).items()),
        tuple(decided["explanation"]),
    )


def show_counts(counts: Mapping[str, Any], question: Question, words: Words) -> ShownCounts:
    """The declaration's table of these counts, without what was not returned or not counted."""
    table = tell_counts(question, read_counts(counts, question))
    shown = {"eligible", *question.groups, *({"returned"} & counts.keys())}
    counted = (row for row in table.rows if row.group in shown and any(n is not None for n in row.numbers))
    columns = tuple(capitalised(unit_noun(unit, 2, words)) for unit in table.units)
    return ShownCounts(columns, tuple((row.label, row.numbers) for row in counted))


def tell_events(session: Session, programme_id: str) -> tuple[ProgrammeEvent, ...]:
    """The programme's own events, the newest last."""
    return tuple(parse_programme_event(line) for line in event_lines(session, programme_id))
