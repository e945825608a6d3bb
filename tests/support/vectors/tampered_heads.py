"""Records whose events carry heads of another moment: named too old, or dated back; and good ones beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ballot.protocol.group import element_text
from ballot.protocol.hashing import Hash
from ballot.record.moves import SIGNERS, ReasonCode
from ballot.record.programme_events import TWO_PEOPLE, Head, Move, ProgrammeEvent
from ballot.record.public_roll import write_returned
from ballot.record.times import time_text
from ballot.record.tokens import TokenAction, TokenLine
from tests.support.record_simulator import CLOSES, OPENS, RecordSimulator
from tests.support.simulator import FOR
from tests.support.vectors.tampered_localities import VOTES as OF_LOCALITIES
from tests.support.vectors.tampered_localities import ByLocality
from tests.support.vectors.tampered_records import packed
from tests.support.vectors.tampering import Vector

A_DAY = timedelta(days=1)
EARLY = CLOSES - A_DAY
LATER = time_text(CLOSES + A_DAY)


class Eventful(RecordSimulator):
    """After the votes and while voting goes on, each of `moves` is made of 00B, at one time.

    With `opened_late` the openings are written then; with `ends_early` two people close all a day before the time.
    """

    moves: tuple[Move, ...] = ()
    opened_late: bool = False
    at: datetime = OPENS + A_DAY
    ends_early: bool = False

    def _vote(self) -> None:
        self.postponed: list[tuple[Any, ...]] = []
        super()._vote()
        for move, data, election in self.postponed:
            super().event(move, self.at, data, election)
        for move in self.moves:
            self._move(move)

    def event(self, move: Move, time: datetime, data: dict[str, Any], election: str | None = None, **more: Any) -> None:
        if move is Move.OPENED and self.opened_late:
            self.postponed.append((move, data, election))
            return
        if move is Move.CLOSED and self.ends_early:
            time, data = EARLY, {"closes": time_text(EARLY)}
            more = {"signers": TWO_PEOPLE, "reason": ReasonCode.ALL_RETURNED}
        super().event(move, time, data, election, **more)

    def _checkpoint(self, ccg: str, events: int, time: datetime) -> None:
        super()._checkpoint(ccg, events, EARLY if self.ends_early and time == CLOSES else time)

    def _move(self, move: Move) -> None:
        election, ccg = "00B", "00B"
        old = [line.token for line in self.tokens if line.ccg == ccg]
        new, why = Hash("cd" * 32), ReasonCode.MAIL_LOST
        data: dict[str, Any] = {
            Move.REISSUED: {"token": new, "replaces": old[0]},
            Move.CONTACT_CHANGED: {"token": new, "replaces": old[0]},
            Move.REVOKED: {"token": old[1]},
            Move.STRUCK: {"credential": element_text(self.elections[election].public_of(2)), "token": old[2]},
            Move.EXTENDED: {"closes": LATER},
            Move.ABANDONED: {},
        }[move]
        if "replaces" in data:
            self.tokens.append(TokenLine(ccg, TokenAction.REISSUED, new, old[0]))
        elif data.get("token"):
            self.tokens.append(TokenLine(ccg, TokenAction.REVOKED, data["token"]))
        self.event(move, self.at, data, election, reason=why, signers=SIGNERS[move][0])


def eventful(*moves: Move, make: type[RecordSimulator] = Eventful, **more: Any) -> type[RecordSimulator]:
    return type("These", (make,), {"moves": moves, **more})


class Heads(Eventful):
    """One event carries, of one election, the head that it had so many events before."""

    of: str = "00B"
    carries: Move = Move.CLOSED
    back: int = 1

    def event(self, move: Move, time: datetime, data: dict[str, Any], election: str | None = None, **more: Any) -> None:
        if move is self.carries:
            self.hooks = {**self.hooks, f"event {move.value}": self._older}
        super().event(move, time, data, election, **more)

    def _older(self, event: ProgrammeEvent) -> ProgrammeEvent:
        if event.election_name not in (None, self.of):
            return event
        hashes = self.elections[self.of].hashes
        at = len(hashes) - 1 - self.back
        return replace(event, heads={**event.heads, self.of: Head(hashes[at], at)})


class HeadsOfLocalities(Heads, ByLocality):
    """The same in one locality of a CCG."""

    of = "00A.U11"


def older(move: Move, back: int = 1, make: type[RecordSimulator] = Heads, **more: Any) -> type[RecordSimulator]:
    return type("Older", (make,), {"carries": move, "back": back, **more})


def _heads(fault: str, make: type[RecordSimulator], *also: str, **more: Any) -> Vector:
    return Vector(f"events.heads--{fault}.zip", packed(make, **more), ("events.heads", *also), 1, more.get("stage"))


class CastAfterAbandoning(Eventful):
    """00B is abandoned with the head it has then, and another ballot comes a day later."""

    def _vote(self) -> None:
        super()._vote()
        self.elections["00B"].vote(2, FOR)
        self._checkpoint("00B", 1, self.at + A_DAY)


class ClosedAndNotTold(Eventful):
    """00B is closed in its archive, which no event tells, and abandoned afterwards."""

    def _vote(self) -> None:
        super()._vote()
        self.elections["00B"].close()
        self._checkpoint("00B", 2, self.at)
        self._move(Move.ABANDONED)
        voted = [self.members["00B"][voter] for voter, _ in self.votes["00B"]]
        self.files["returned.csv"] = write_returned((one.ccg, one.practice, one.name) for one in voted)


VOTING: dict[str, Any] = {"stage": "voting"}
MOVES = (Move.EXTENDED, Move.STRUCK, Move.REISSUED, Move.REVOKED, Move.CONTACT_CHANGED)

HEADS = [
    Vector(
        "good--record-moves-while-voting.zip",
        packed(eventful(Move.REISSUED, Move.REVOKED, Move.STRUCK, Move.EXTENDED), stage="voting"),
        exit=0,
        stage="voting",
    ),
    Vector("good--record-opened-late.zip", packed(eventful(opened_late=True), stage="voting"), exit=0, stage="voting"),
    Vector("good--record-closed-early.zip", packed(eventful(ends_early=True)), exit=0),
    Vector("good--record-abandoned.zip", packed(eventful(Move.ABANDONED), stage="voting"), exit=0, stage="voting"),
    _heads("closed-names-an-old-head", older(Move.CLOSED, 3, of="00A"), stage="closed"),
    _heads("closed-before-its-tally", older(Move.CLOSED, 1), stage="closed"),
    _heads("closed-early-names-an-old-head", older(Move.CLOSED, 3, of="00A", ends_early=True)),
    _heads("tallied-before-result", older(Move.TALLIED, 1)),
    _heads("tallied-names-an-old-head", older(Move.TALLIED, 4)),
    *(
        _heads(f"{move.value}-names-an-old-head", older(move, moves=(move,)), **VOTING)
        for move in (*MOVES, Move.ABANDONED)
    ),
    _heads("opened-late-names-an-old-head", older(Move.OPENED, of="00A", opened_late=True), **VOTING),
    _heads("extended-and-dated-back", eventful(Move.EXTENDED, at=OPENS + timedelta(minutes=30)), **VOTING),
    _heads("struck-and-dated-back", eventful(Move.STRUCK, at=OPENS + timedelta(minutes=30)), **VOTING),
    _heads("abandoned-and-a-ballot-after", eventful(Move.ABANDONED, make=CastAfterAbandoning), **VOTING),
    Vector(
        "events.order--closed-and-not-told.zip",
        packed(ClosedAndNotTold, stage="voting"),
        ("events.order", "checkpoints.window"),
        1,
        "voting",
    ),
    _heads(
        "locality-closed-names-an-old-head",
        older(Move.CLOSED, 3, make=HeadsOfLocalities),
        stage="closed",
        votes=OF_LOCALITIES,
    ),
    _heads("locality-tallied-before-result", older(Move.TALLIED, 1, make=HeadsOfLocalities), votes=OF_LOCALITIES),
]
