"""What an act is: its words, the values it asks for, the facts it depends on, and what it changes. All else reads this.

    class Extend(OfCcg):
        move, name, title = Move.EXTENDED, "extend", "Keep voting open for longer"
        closes: datetime = field(metadata=CLOSES)

        def facts(self, situation): ...              # raises unless possible, and makes the words that both people read
        def apply(self, chronicle, ballot, using): ...   # changes rows, and returns the event's data

`office.perform` opens the transaction, checks the signers and the reason, and writes the event and the log entry.
Commands and forms ask for the fields. The proposal's text is the title and the facts.
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
    """The kind of value that a field takes."""

    CCG = auto()
    CCGS = auto()
    LINE = auto()
    MOMENT = auto()


@dataclass(frozen=True, slots=True)
class FieldPrompt:
    """How to ask for a field: its label and hint on a page, its argument in a command.

    `missing` is the error for an empty field. A field without it may be empty.
    """

    asks: Asks
    label: str
    missing: str | None
    hint: str = ""
    argument: str | None = None
    metavar: str = ""
    help: str = ""


def ask(*given: Any, **more: Any) -> Mapping[str, FieldPrompt]:
    """The metadata of a field with this prompt."""
    return {"asked": FieldPrompt(*given, **more)}


def asked_of(act: type[Act[Any]]) -> dict[str, FieldPrompt]:
    """The fields that the act asks for, in order, with their prompts."""
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
    """What `apply` is given besides the programme: the result of `before`, the reason, and the registrar's key."""

    ready: Any
    why: Why | None
    registrar: SigningKey | None


@dataclass(frozen=True, slots=True)
class Done(Generic[Answer]):
    """What an act did: its event's data, the answer for the caller, and the log entry of an act without an event."""

    data: Mapping[str, Json]
    answer: Answer
    entry: Activity | None = None


@dataclass(frozen=True, slots=True)
class Act(Generic[Answer]):
    """An act on a programme. `move` is its event. An act without an event returns its own log entry."""

    move: ClassVar[Move | None]
    name: ClassVar[str]
    """Its name in commands and in the addresses of pages."""
    title: ClassVar[str]
    hint: ClassVar[str | None] = None
    people: ClassVar[frozenset[Role]] = TWO_PEOPLE
    """The roles that sign it."""
    needs_reason: ClassVar[bool] = True
    needs_registrar: ClassVar[bool] = False
    """Whether it needs the registrar's key in addition to the signers' keys."""

    def ballots(self, situation: Situation) -> list[BallotRow]:
        """The ballots that it moves. Raises Refused if it names one that does not exist."""
        return situation.ballots

    def before(self, desk: Desk, programme_id: str) -> Any:
        """Do slow work that needs no lock. `apply` gets the result as `using.ready`."""
        return None

    def facts(self, situation: Situation) -> Iterator[str]:
        """The facts it depends on, line by line, in words that follow from stored data and never from the clock.

        Raises: Refused, if a precondition fails. `perform` checks the ballot's state, with `office.lifecycle`.
        """
        yield from ()

    def arguments(self, situation: Situation, ready: Any) -> dict[str, Json]:
        """The event's data that a proposal fixes in advance: `record.moves.ARGUMENTS`."""
        return {}

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[Answer]:
        """Change the rows. Called once for each ballot of a CCG, or once with None for a whole programme."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class OfCcg(Act[None]):
    """An act on the ballot of one CCG, with one event for each of its localities."""

    ccg: str = field(metadata=CCG)

    def ballots(self, situation: Situation) -> list[BallotRow]:
        """The ballots of all the CCG's localities."""
        return situation.ballots_of(self.ccg)


@dataclass(frozen=True, slots=True)
class OfPractice(OfCcg):
    """An act on one practice, with one event, of the practice's ballot."""

    practice: str = field(metadata=PRACTICE)

    def ballots(self, situation: Situation) -> list[BallotRow]:
        """The practice's own ballot."""
        return [situation.member(self.ccg, self.practice)[0]]


def ccg_of(act: Act[Any]) -> str | None:
    """The CCG of an act. None for an act on the whole programme."""
    return getattr(act, "ccg", None)


def named(ballots: list[BallotRow]) -> Iterator[str]:
    """A line for each ballot, for both people to read."""
    yield from (f"Ballot: {ballot.name} ({ballot.election_name})" for ballot in ballots)


def window(ballot: BallotRow) -> Iterator[str]:
    """A line that says when a ballot opens and closes, for both people to read."""
    yield f"Opens: {wall_time(ballot.opens_at)}; that is {utc_time(ballot.opens_at)}"
    yield f"Closes: {wall_time(ballot.closes_at)}; that is {utc_time(ballot.closes_at)}"
