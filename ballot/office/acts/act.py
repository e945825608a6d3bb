"""What an act is: its words, what it asks for, the facts it rests on, and what it changes. Everything else reads this.

    class Extend(OfCcg):
        move, name, title = Move.EXTENDED, "extend", "Keep voting open for longer"
        closes: datetime = field(metadata=CLOSES)

        def facts(self, situation): ...              # preconditions, raised, and the words that both people read
        def apply(self, chronicle, ballot, using): ...   # changes rows, and answers what the event says

`office.perform` opens the transaction, checks who signs and why, and writes the event and the log entry. Commands and
forms ask for the fields; the proposal's text is the title and the facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum, auto
from typing import Any, ClassVar, Generic, TypeVar

from ballot.db.ballots import BallotRow
from ballot.office.activity import Activity
from ballot.office.chronicle import Chronicle
from ballot.office.desk import Desk, Why
from ballot.office.situation import Situation
from ballot.protocol.canonical import Json
from ballot.record.keys import Role, SigningKey
from ballot.record.moves import TWO_PEOPLE, Move
from ballot.record.times import utc_time, wall_time

Answer = TypeVar("Answer")


class Asks(Enum):
    """What kind of value a field takes."""

    CCG = auto()
    CCGS = auto()
    LINE = auto()
    MOMENT = auto()


@dataclass(frozen=True, slots=True)
class FieldPrompt:
    """How a field is asked for: its label and hint on a page, its argument in a command.

    `missing` is the error where it is left empty; a field without it may be left empty.
    """

    asks: Asks
    label: str
    missing: str | None
    hint: str = ""
    argument: str | None = None
    metavar: str = ""
    help: str = ""


def ask(*given: Any, **more: Any) -> Mapping[str, FieldPrompt]:
    """The metadata of a field that is asked for."""
    return {"asked": FieldPrompt(*given, **more)}


def asked_of(act: type[Act[Any]]) -> dict[str, FieldPrompt]:
    """The fields that the act asks for, in order."""
    return {each.name: each.metadata["asked"] for each in fields(act) if "asked" in each.metadata}


CCG = ask(Asks.CCG, "CCG", "Choose a CCG", metavar="CCG")
PRACTICE = ask(
    Asks.LINE,
    "Practice",
    "Enter the practice's code",
    "Its ODS code, such as P81002",
    metavar="PRACTICE",
    help="its ODS code",
)


@dataclass(frozen=True, slots=True)
class Using:
    """What `apply` is handed beside the programme: what `before` made, the reason, and the registrar's key."""

    ready: Any
    why: Why | None
    registrar: SigningKey | None


@dataclass(frozen=True, slots=True)
class Done(Generic[Answer]):
    """What an act did: what its event says, what its caller is told, and the log entry of an act without an event."""

    data: Mapping[str, Json]
    answer: Answer
    entry: Activity | None = None


@dataclass(frozen=True, slots=True)
class Act(Generic[Answer]):
    """An act on a programme. `move` is its event; an act without one answers its own log entry."""

    move: ClassVar[Move | None]
    name: ClassVar[str]
    """As in commands and in the addresses of pages."""
    title: ClassVar[str]
    hint: ClassVar[str | None] = None
    people: ClassVar[frozenset[Role]] = TWO_PEOPLE
    """Who signs it."""
    needs_reason: ClassVar[bool] = True
    needs_registrar: ClassVar[bool] = False
    """Whether it takes the registrar's key beside those who sign."""

    def ballots(self, situation: Situation) -> list[BallotRow]:
        """The ballots that it moves; raises Refused where it names one that is not there."""
        return situation.ballots

    def before(self, desk: Desk, programme_id: str) -> Any:
        """What takes its time and needs no lock; `apply` gets it as `using.ready`."""
        return None

    def facts(self, situation: Situation) -> Iterator[str]:
        """What it rests on, line by line, in words that depend on what is stored and never on the clock.

        Raises: Refused, where a precondition does not hold. Whether a ballot is in the right state is `perform`'s
        question, and the answer in `office.lifecycle`.
        """
        yield from ()

    def arguments(self, situation: Situation, ready: Any) -> dict[str, Json]:
        """What a proposal fixes of the event's data: `record.moves.ARGUMENTS`."""
        return {}

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[Answer]:
        """Change the rows; once for each ballot of a CCG, once without a ballot for a whole programme."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class OfCcg(Act[None]):
    """An act on the ballot of one CCG, in all its localities: one event for each."""

    ccg: str = field(metadata=CCG)

    def ballots(self, situation: Situation) -> list[BallotRow]:
        """Every locality's."""
        return situation.ballots_of(self.ccg)


@dataclass(frozen=True, slots=True)
class OfPractice(OfCcg):
    """An act on one practice: one event, of the ballot that it is a member of."""

    practice: str = field(metadata=PRACTICE)

    def ballots(self, situation: Situation) -> list[BallotRow]:
        """The practice's own."""
        return [situation.member(self.ccg, self.practice)[0]]


def ccg_of(act: Act[Any]) -> str | None:
    """The CCG that an act is on; None for one of the whole programme."""
    return getattr(act, "ccg", None)


def named(ballots: list[BallotRow]) -> Iterator[str]:
    """Each ballot, as both people read it."""
    yield from (f"Ballot: {ballot.name} ({ballot.election_name})" for ballot in ballots)


def window(ballot: BallotRow) -> Iterator[str]:
    """When a ballot opens and closes, as both people read it."""
    yield f"Opens: {wall_time(ballot.opens_at)}; that is {utc_time(ballot.opens_at)}"
    yield f"Closes: {wall_time(ballot.closes_at)}; that is {utc_time(ballot.closes_at)}"
