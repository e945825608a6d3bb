"""What a declaration says: one object for page, PDF and data. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ballot.constitution.combine import ProgrammeOutcome
from ballot.constitution.counts import Counts
from ballot.constitution.phrases import bodies
from ballot.constitution.programme import Programme
from ballot.constitution.question import Question
from ballot.constitution.rule import Constitution, Outcome
from ballot.constitution.words import Words
from ballot.declaration.bars import Bar
from ballot.declaration.support import CountsTable, Support, TotalSupport
from ballot.protocol.hashing import Hash
from ballot.record.commitments import OFFICES_WORD
from ballot.record.keys import PublicKey, Role
from ballot.record.moves import ReasonCode
from ballot.record.programme_events import Head
from ballot.record.terms import sentences_of_keys

OUTCOMES = {
    Outcome.CARRIED: "Carried",
    Outcome.NOT_CARRIED: "Not carried",
    Outcome.INQUORATE: "Inquorate",
    Outcome.TIED: "Tied",
}


def headline_of(outcome: ProgrammeOutcome | None, words: Words) -> str:
    """The outcome of a decided programme in one sentence."""
    if outcome is None:
        return f"The ballot of {words.body.a} was abandoned, so the programme's rule gives no outcome."
    return outcome.explanation[-1]


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """The result of one question in one CCG, with the rule, the counts, the working and the pictures."""

    question: Question
    outcome: Outcome
    option: str | None
    """The label of the carried option, if the question has options."""
    counts: Counts
    table: CountsTable
    localities: tuple[tuple[str, CountsTable], ...]
    turnout: Bar
    tests: tuple[Bar, ...]
    rule: tuple[str, ...]
    """In sentences."""
    working: tuple[str, ...]
    margin: tuple[str, ...]
    """The sentences in decision.json, after the working, about what would have changed it."""
    support: tuple[Support, ...]

    @property
    def verdict(self) -> str:
        """`Carried: One CCG with all functions`, `Inquorate`."""
        word = OUTCOMES[self.outcome]
        return word if self.option is None else f"{word}: {self.option}"


@dataclass(frozen=True, slots=True)
class Abandonment:
    """A ballot that two people ended: when, and the code of their reason."""

    time: datetime
    reason: ReasonCode | None


@dataclass(frozen=True, slots=True)
class CcgResult:
    """One CCG: its constitution and a result for each question; no results if its ballot was abandoned."""

    ods: str
    name: str
    constitution: Constitution
    results: tuple[QuestionResult, ...]
    abandoned: Abandonment | None
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class Signer:
    """A person who declared the result. One signs the proposal and the other approves it, or both sign the event."""

    role: Role
    key: Hash
    signature: bytes
    signed: str
    """`proposal`, `approval` or `event`."""
    time: datetime


@dataclass(frozen=True, slots=True)
class RecordReference:
    """The values that link a declaration to its record."""

    manifest: Hash
    """The SHA-256 of manifest.json, which lists the SHA-256 of every other file."""
    fingerprint: Hash
    decision: Hash
    head: Head
    """Of events.jsonl."""
    checkpoint: str
    """The board's last signed checkpoint, a note in C2SP form."""
    archives: Mapping[str, Head]
    """The last event in every election's archive."""
    board: PublicKey


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declared programme. `outcome` is None if a CCG's ballot was abandoned, since nothing follows then."""

    programme: Programme
    opened: datetime
    decided: datetime
    declared: datetime
    outcome: ProgrammeOutcome | None
    ccgs: tuple[CcgResult, ...]
    support: tuple[tuple[Question, tuple[TotalSupport, ...]], ...]
    """Over all CCGs, by question."""
    signers: tuple[Signer, ...]
    keys_held: frozenset[Role]
    """The people whose private keys the server held."""
    proof: RecordReference

    @property
    def headline(self) -> str:
        """The outcome in one sentence."""
        return headline_of(self.outcome, self.programme.words)

    @property
    def limits(self) -> tuple[str, ...]:
        """The limits that must be stated next to every result."""
        said = ["This was a rehearsal: no decision follows from it."] if self.programme.rehearsal else []
        said += [OFFICES_WORD] if self.programme.codes.persons else []
        return (*said, *sentences_of_keys(self.keys_held, self.programme.words))

    def sentences_of(self, total: TotalSupport) -> tuple[str, ...]:
        """A sum in words: its figures, the CCGs that are in it, and those that do not count this, or otherwise."""

        def named(before: str, ccgs: tuple[str, ...]) -> tuple[str, ...]:
            names = [ccg.name for ccg in self.ccgs if ccg.ods in ccgs]
            return (f"{before} {bodies(names, self.programme.words)}.",) if names else ()

        left_out = named("Left out, because not counted in the same way:", total.missing)
        return (total.support.sentence, *named("The sum is over", total.ccgs), *left_out)
