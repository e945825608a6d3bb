"""The lifecycle as the auditor understands it, followed event by event.

Written apart from the office's own table on purpose: two descriptions of one rule that must agree.
draft -> sealed -> open -> closed -> tallied -> decided -> declared; abandoned from anywhere before decided.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    Move.STRUCK: frozenset({Move.SEALED, Move.OPENED}),
    Move.REISSUED: frozenset({Move.ISSUED, Move.SEALED, Move.OPENED}),
    Move.REVOKED: frozenset({Move.ISSUED, Move.SEALED, Move.OPENED}),
    Move.ABANDONED: frozenset({Move.SEALED, Move.OPENED, Move.CLOSED, Move.TALLIED}),
}
"""The last step that one CCG's ballot must have made before each move on it."""

STEPS = frozenset({Move.OPENED, Move.CLOSED, Move.TALLIED, Move.ABANDONED})
"""Moves that bring a CCG's ballot a step on; the others leave it where it is."""

WHOLE = (Move.PREPARED, Move.ISSUED, Move.SEALED, Move.DECIDED, Move.DECLARED)
"""Moves of the whole programme, each once, in this order."""


class Lifecycle:
    """Where each CCG's ballot stands, and its window as officers have changed it."""

    def __init__(self, ccgs: list[str], opens: datetime, closes: datetime) -> None:
        self.opens = dict.fromkeys(ccgs, opens)
        self.closes = dict.fromkeys(ccgs, closes)
        self.abandoned: set[str] = set()
        self._whole: list[Move] = []
        self._step: dict[str, Move] = {}
        self._made: set[tuple[str, Move]] = set()

    def has_made(self, ccg: str, move: Move) -> bool:
        return (ccg, move) in self._made

    def follow(self, event: ProgrammeEvent) -> Iterator[str]:
        """What is wrong with this move here; afterwards it has been made all the same."""
        if event.move in WHOLE:
            yield from self._follow_whole(event)
        elif event.ccg not in self.opens:
            yield "no CCG of the programme is named"
        else:
            yield from self._follow_ccg(event, event.ccg)

    def _follow_whole(self, event: ProgrammeEvent) -> Iterator[str]:
        if event.ccg is not None:
            yield "a move of the whole programme names a CCG"
        if len(self._whole) >= len(WHOLE) or event.move is not WHOLE[len(self._whole)]:
            yield "out of order"
        if event.move is Move.DECIDED and any(
            step not in (Move.TALLIED, Move.ABANDONED) for step in self._step.values()
        ):
            yield "a CCG is not tallied yet"
        self._whole.append(event.move)
        if event.move in (Move.ISSUED, Move.SEALED):
            self._step = dict.fromkeys(self.opens, event.move)

    def _follow_ccg(self, event: ProgrammeEvent, ccg: str) -> Iterator[str]:
        step = self._step.get(ccg)
        if step not in BEFORE[event.move] or Move.DECIDED in self._whole:
            yield f"{ccg} stands at {step.value if step else 'nothing'}"
        try:
            yield from self._follow_window(event, ccg)
        except InvalidMessage as fault:
            yield str(fault)
        if event.move in STEPS:
            self._step[ccg] = event.move
            self._made.add((ccg, event.move))
        if event.move is Move.ABANDONED:
            self.abandoned.add(ccg)

    def _follow_window(self, event: ProgrammeEvent, ccg: str) -> Iterator[str]:
        by_board = {signature.role for signature in event.signatures} == {Role.BOARD}
        if event.move is Move.OPENED:
            opens = parse_time(event.data["opens"])
            if by_board and (opens != self.opens[ccg] or event.time < opens):
                yield "opened by the board at another time than the terms say"
            if not by_board and (opens > self.opens[ccg] or opens != event.time):
                yield "opened by officers later than the terms say, or at another time than now"
            self.opens[ccg] = opens
        elif event.move in (Move.EXTENDED, Move.CLOSED):
            closes, before = parse_time(event.data["closes"]), self.closes[ccg]
            if event.move is Move.EXTENDED and not event.time < before < closes:
                yield "extended to an earlier time, or after closing"
            if event.move is Move.CLOSED and by_board and (closes != before or event.time < closes):
                yield "closed by the board at another time than it should"
            if event.move is Move.CLOSED and not by_board and (closes > before or closes != event.time):
                yield "closed by officers later than it should, or at another time than now"
            self.closes[ccg] = closes
