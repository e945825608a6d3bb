"""The lifecycle as the auditor understands it, followed event by event.

It is independent of the office's own table on purpose: two descriptions of one rule must agree.
draft -> sealed -> open -> closed -> tallied -> decided -> declared; abandoned from anywhere before decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from ballot.protocol.errors import InvalidMessage
from ballot.record.keys import Role
from ballot.record.programme_events import Move, ProgrammeEvent
from ballot.record.times import parse_time

BEFORE: dict[Move, frozenset[Move]] = {
    Move.OPENED: frozenset({Move.SEALED}),
    Move.EXTENDED: frozenset({Move.OPENED}),
    Move.CLOSED: frozenset({Move.OPENED}),
    Move.TALLIED: frozenset({Move.CLOSED}),
    Move.CASTING_VOTE: frozenset({Move.TALLIED}),
    Move.STRUCK: frozenset({Move.SEALED, Move.OPENED}),
    Move.CONTACT_CHANGED: frozenset({Move.SEALED, Move.OPENED}),
    Move.REISSUED: frozenset({Move.ISSUED, Move.SEALED, Move.OPENED}),
    Move.REVOKED: frozenset({Move.ISSUED, Move.SEALED, Move.OPENED}),
    Move.ABANDONED: frozenset({Move.SEALED, Move.OPENED, Move.CLOSED, Move.TALLIED}),
}
"""The last step that one election must have made before each move on it."""

STEPS = frozenset({Move.OPENED, Move.CLOSED, Move.TALLIED, Move.ABANDONED})
"""Moves that advance an election; the others do not."""

VOTING = frozenset({Move.SEALED, Move.OPENED})
"""Last steps after which an election can still take votes."""

WHOLE = (Move.PREPARED, Move.ISSUED, Move.SEALED, Move.DECIDED, Move.DECLARED)
"""Moves of the whole programme, each once, in this order."""


class Lifecycle:
    """The step of each election by its name, and its window with the officers' changes."""

    def __init__(self, names: list[str], opens: datetime, closes: datetime, *, together: bool = False) -> None:
        """`together`: no election is tallied before every other one has closed."""
        self.opens = dict.fromkeys(names, opens)
        self.closes = dict.fromkeys(names, closes)
        self.abandoned: set[str] = set()
        self._together = together
        self._whole: list[Move] = []
        self._called = False
        self._step: dict[str, Move] = {}
        self._made: set[tuple[str, Move]] = set()

    def has_made(self, name: str, move: Move) -> bool:
        return (name, move) in self._made

    def follow(self, event: ProgrammeEvent) -> Iterator[str]:
        """Yield the faults of this move at this point, then apply it even if it is wrong."""
        if event.move in WHOLE or event.move is Move.REBALLOT:
            yield from self._follow_whole(event)
        elif (name := event.election_name) not in self.opens or name is None:
            yield "it names no election of the programme"
        else:
            yield from self._follow_election(event, name)

    def _follow_whole(self, event: ProgrammeEvent) -> Iterator[str]:
        if event.ccg is not None:
            yield "a move of the whole programme names a CCG"
        if event.move is Move.REBALLOT:
            yield from self._follow_call()
            return
        if len(self._whole) >= len(WHOLE) or event.move is not WHOLE[len(self._whole)]:
            yield "out of order"
        if event.move is Move.DECIDED and any(
            step not in (Move.TALLIED, Move.ABANDONED) for step in self._step.values()
        ):
            yield "an election is not tallied yet"
        self._whole.append(event.move)
        if event.move in (Move.ISSUED, Move.SEALED):
            self._step = dict.fromkeys(self.opens, event.move)

    def _follow_call(self) -> Iterator[str]:
        """A re-ballot is called once, after the decision. The re-ballot's own record shows whether it is allowed."""
        if Move.DECIDED not in self._whole:
            yield "called before anything is decided"
        if self._called:
            yield "a re-ballot is called twice"
        self._called = True

    def _follow_election(self, event: ProgrammeEvent, name: str) -> Iterator[str]:
        step = self._step.get(name)
        if step not in BEFORE[event.move] or Move.DECIDED in self._whole:
            yield f"the last step of {name} is {step.value if step else 'none'}"
        if event.move is Move.TALLIED and self._together and any(self._step.get(each) in VOTING for each in self.opens):
            yield f"{name} was tallied before every ballot had closed"
        try:
            yield from self._follow_window(event, name)
        except InvalidMessage as fault:
            yield str(fault)
        if event.move in STEPS:
            self._step[name] = event.move
            self._made.add((name, event.move))
        if event.move is Move.ABANDONED:
            self.abandoned.add(name)

    def _follow_window(self, event: ProgrammeEvent, name: str) -> Iterator[str]:
        by_board = set(event.signers) == {Role.BOARD}
        if event.move is Move.OPENED:
            opens = parse_time(event.data["opens"])
            if by_board and (opens != self.opens[name] or event.time < opens):
                yield "opened by the board at another time than the terms say"
            if not by_board and (opens > self.opens[name] or opens != event.time):
                yield "opened by officers later than the terms say, or not at the event's time"
            self.opens[name] = opens
        elif event.move in (Move.EXTENDED, Move.CLOSED):
            closes, before = parse_time(event.data["closes"]), self.closes[name]
            if event.move is Move.EXTENDED and not event.time < before < closes:
                yield "extended to an earlier time, or after closing"
            if event.move is Move.CLOSED and by_board and (closes != before or event.time < closes):
                yield "closed by the board at another time than the closing time"
            if event.move is Move.CLOSED and not by_board and (closes > before or closes != event.time):
                yield "closed by officers after the closing time, or not at the event's time"
            self.closes[name] = closes

    def differing(self, names: Iterable[str]) -> bool:
        """Whether elections that must move together, the localities of a CCG, differ in window or abandonment."""
        return len({(self.opens[name], self.closes[name], name in self.abandoned) for name in names}) > 1
