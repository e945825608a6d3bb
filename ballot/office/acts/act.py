"""What an act is: its words, the values it asks for, the facts it depends on, and what it changes. All else reads this.

    class Extend(OfCcg):
        move, name, title = Move.EXTENDED, "extend", "Keep voting open for longer"
        closes: datetime = field(metadata=CLOSES)

        def facts(self, situation): ...              # raises unless possible, and yields what both people read
        def apply(self, chronicle, ballot, using): ...   # changes rows, and returns the event's data

`office.perform` opens the transaction, checks the signers and the reason, and writes the event and the log entry.
Commands and forms ask for the fields. The proposal's text is the title and the facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import Enum, auto
from typing import Any, ClassVar, Generic, TypeVar

from ballot.db.ballots import BallotRow
from ballot.office.activity import Activity
from ballot.office.chronicle import Chronicle
from ballot.office.desk import Desk, Why
from ballot.office.lifecycle import can_move, next_state
from ballot.office.situation import Situation
from ballot.protocol.canonical import Json
from ballot.record.keys import Role, SigningKey
from ballot.record.moves import TWO_PEOPLE, Move, ReasonCode
from ballot.record.times import utc_time, wall_time

Answer = TypeVar("Answer")


class Asks(Enum):
    """The kind of value that a field takes."""

    CCG = auto()
    CCGS = auto()
    LINE = auto()
    MOMENT = auto()
    CHOICE = auto()
    """One of a few values, which `Act.choices` lists for pages. Commands take the value itself."""


@dataclass(frozen=True, slots=True)
class FieldPrompt:
    """How to ask for a field: its label and hint on a page, its argument in a command. They may have slots for nouns.

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


CCG = ask(Asks.CCG, "{Body}", "Choose {a body}", metavar="CCG")
PRACTICE = ask(
    Asks.LINE,
    "{Member}",
    "Enter the {member}'s code",
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
    """Title, hint and facts may have slots for the programme's nouns, such as `{member}`."""
    hint: ClassVar[str | None] = None
    people: ClassVar[frozenset[Role]] = TWO_PEOPLE
    """The roles that sign it."""
    needs_reason: ClassVar[bool] = True
    reasons: ClassVar[tuple[ReasonCode, ...]] = tuple(ReasonCode)
    """The reasons that fit it. A form offers no other."""
    needs_registrar: ClassVar[bool] = False
    """Whether it needs the registrar's key in addition to the signers' keys."""

    @classmethod
    def fitting(cls, situation: Situation) -> list[str]:
        """The CCGs for whose ballots it fits this moment; none if it fits none. Pages offer no other."""
        return ccgs_that_can(cls.move, situation)

    @classmethod
    def choices(cls, situation: Situation) -> Mapping[str, Mapping[str, str]]:
        """For each field that is a choice: the values that fit this moment, with their words."""
        return {}

    def ballots(self, situation: Situation) -> list[BallotRow]:
        """The ballots that it moves. Raises Refused if it names one that does not exist."""
        return situation.ballots

    def before(self, desk: Desk, programme_id: str) -> Any:
        """Do slow work that needs no lock. `apply` gets the result as `using.ready`."""
        return None

    def facts(self, situation: Situation) -> Iterator[str]:
        """What it depends on and what it changes: a `fact` each, from stored data and never from the clock.

        Raises: Refused, if a precondition fails. `check` asks for the state of every ballot besides.
        """
        yield from ()

    def check_reason(self, situation: Situation, why: Why | None) -> None:
        """Raise Refused if what it does needs another reason than this one."""

    def check(self, situation: Situation, why: Why | None) -> tuple[str, ...]:
        """Everything that can refuse it, at proposing and at doing alike. Returns its facts. Raises Refused."""
        facts = tuple(self.facts(situation))
        self.check_reason(situation, why)
        if self.move is not None:
            for ballot in self.ballots(situation):
                next_state(situation.state(ballot), self.move)
        return facts

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


def practice_of(act: Act[Any]) -> str | None:
    """The practice of an act on one practice. None for any other act."""
    return getattr(act, "practice", None)


def ccgs_that_can(move: Move | None, situation: Situation) -> list[str]:
    """The CCGs all of whose ballots can make this move at this moment."""
    ccgs = dict.fromkeys(ballot.ccg for ballot in situation.ballots)
    return [ccg for ccg in ccgs if all(can_move(situation.state(ballot), move) for ballot in situation.ballots_of(ccg))]


def fact(label: str, *said: str) -> str:
    """One fact for both people to read: `Label: what is said`, or below the label a line for each thing said.

    A line of a statement that is not indented begins a fact, so what is said is one line, whatever it quotes.
    """
    label, lines = " ".join(label.replace(":", " ").split()), [" ".join(line.split()) for line in said]
    return f"{label}: {lines[0]}" if len(lines) == 1 else "\n    ".join([f"{label}:", *lines])


def named(ballots: list[BallotRow]) -> Iterator[str]:
    """A fact for each ballot."""
    yield from (fact("Ballot", f"{ballot.name} ({ballot.election_name})") for ballot in ballots)


def window(ballot: BallotRow) -> Iterator[str]:
    """When a ballot opens and closes."""
    yield fact("Opens", exactly(ballot.opens_at))
    yield fact("Closes", exactly(ballot.closes_at))


def exactly(moment: datetime) -> str:
    """A moment as British clocks show it, and in UTC."""
    return f"{wall_time(moment)}; that is {utc_time(moment)}"
