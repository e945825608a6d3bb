"""Find a ballot on the board by its tracking number, as people type it. Reads only."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ballot.db.accepted import find_accepted, last_height
from ballot.db.ballots import BallotRow, list_ballots
from ballot.office.board.election_status import ListedBallot
from ballot.protocol.hashing import base64_of_hex

LONGEST = 200
_LENGTH = 43


@dataclass(frozen=True, slots=True)
class FoundBallot:
    """A ballot on the board, and the election it is in. `payload` is the ballot's SHA-256, the key of its receipt."""

    ballot: BallotRow
    listed: ListedBallot
    payload: str


class NoTrackingNumber(Exception):
    """The typed text cannot be a tracking number. The message says why."""


def find_by_tracking_number(session: Session, programme_id: str, typed: str) -> FoundBallot | None:
    """The accepted ballot with this tracking number, in any election of the programme, or None.

    Raises: NoTrackingNumber.
    """
    payload = parse_tracking_number(typed)
    for ballot in list_ballots(session, programme_id):
        accepted = find_accepted(session, ballot.id, payload)
        if accepted is not None:
            newest = last_height(session, ballot.id, accepted.credential)
            superseded_at = None if newest == accepted.height else newest
            number = base64_of_hex(payload)
            listed = ListedBallot(accepted.height, number, accepted.credential, accepted.time, superseded_at)
            return FoundBallot(ballot, listed, payload)
    return None


def parse_tracking_number(typed: str) -> str:
    """Read the SHA-256 in a tracking number, as hexadecimal. White space, quotation marks and `=` are ignored.

    A space becomes a `+` again if that makes the length right: URLs turn `+` into a space. Raises: NoTrackingNumber.
    """
    if len(typed) > LONGEST:
        raise NoTrackingNumber(f"A tracking number has {_LENGTH} characters. You entered far more.")
    stripped = typed.strip("\t\r\n\f\v\u00a0'\"`\u2018\u2019\u201c\u201d").rstrip("=")
    without = "".join(stripped.split()).strip("'\"`\u2018\u2019\u201c\u201d").rstrip("=")
    written = stripped.replace(" ", "+") if len(without) < _LENGTH == len(stripped) else without
    if len(written) != _LENGTH:
        raise NoTrackingNumber(f"A tracking number has {_LENGTH} characters. You entered {len(written)}.")
    try:
        raw = base64.b64decode(written + "=", validate=True)
    except (binascii.Error, ValueError):
        raise NoTrackingNumber("A tracking number has only the letters a to z and A to Z, digits, + and /.") from None
    if base64_of_hex(raw.hex()) != written:
        raise NoTrackingNumber("This is not a tracking number: its last character is wrong. Copy it again.")
    return raw.hex()
