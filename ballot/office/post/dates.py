"""The dates of one CCG's ballot as a calendar file: attached to messages, and on the public board, the same bytes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from ballot.db.ballots import list_ballots_of
from ballot.db.events import event_lines
from ballot.db.programmes import ProgrammeRow
from ballot.mail.calendar import BallotDates, calendar_file
from ballot.office.errors import Refusal, Refused
from ballot.office.sealed import read_programme
from ballot.record.keys import Role
from ballot.record.moves import Move
from ballot.record.programme_events import ProgrammeEvent, parse_programme_event

_MOVED = (Move.OPENED, Move.EXTENDED, Move.CLOSED, Move.ABANDONED)
"""What moves a window, if people do it. The board opens and closes at the times that stand."""
_FIXED = (Move.PREPARED, Move.SEALED)


def _types(moves: Iterable[Move]) -> tuple[bytes, ...]:
    return tuple(f'"type":"{move.value}"'.encode() for move in moves)


_MOVED_TYPES, _FIXED_TYPES = _types(_MOVED), _types(_FIXED)


def dates_name(ccg: str) -> str:
    """What the file is called."""
    return f"voting-dates-{ccg}.ics"


def dates_file(session: Session, programme: ProgrammeRow, ccg: str) -> bytes:
    """The calendar file of a CCG's ballot as its window is now. Raises Refused if there is no such ballot."""
    ballots, rules = list_ballots_of(session, programme.id, ccg), read_programme(programme.toml)
    if not ballots:
        raise Refused(Refusal.NO_SUCH_BALLOT, f"{ccg} is not one of the {rules.words.body.many} of {programme.id}.")
    first = ballots[0]  # all ballots of a CCG have one window
    moved: list[ProgrammeEvent] = []
    changed_at = first.opens_at
    own = f'"ccg":"{ccg}"'.encode()
    for line in event_lines(session, programme.id):
        types = _MOVED_TYPES if own in line else _FIXED_TYPES
        if not any(word in line for word in types):
            continue  # there may be thousands of others, and a file is made for each message
        event = parse_programme_event(line)
        if event.move in _FIXED:
            changed_at = event.time
        elif event.move in _MOVED and event.election_name == first.election_name and set(event.signers) != {Role.BOARD}:
            moved.append(event)
            changed_at = event.time
    name = next(each.name for each in rules.ccgs if each.ods == ccg)
    host = programme.board.partition(":")[0]
    return calendar_file(
        BallotDates(
            f"{programme.id}.{ccg}@{host}",
            f"{'[Rehearsal] ' if rules.rehearsal else ''}{rules.name}, {name}",
            f"https://{programme.board}/board/{programme.id}/{ccg}",
            rules.words.member.one,
            rules.window.zone,
            first.opens_at,
            first.closes_at,
            len(moved),
            changed_at,
            is_over=any(event.move in (Move.CLOSED, Move.ABANDONED) for event in moved),
            is_abandoned=any(event.move is Move.ABANDONED for event in moved),
        )
    )
