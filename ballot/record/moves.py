"""The moves of a programme: their names, who must sign them, and the data of their events.

`ARGUMENTS` are the data that two people agree on before the event is written; the event's data contains them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from ballot.record.keys import Role


class Move(Enum):
    """What happened in a programme."""

    PREPARED = "prepared"
    ISSUED = "issued"
    SEALED = "sealed"
    OPENED = "opened"
    REISSUED = "reissued"
    REVOKED = "revoked"
    STRUCK = "struck"
    CONTACT_CHANGED = "contact-changed"
    EXTENDED = "extended"
    CLOSED = "closed"
    TALLIED = "tallied"
    CASTING_VOTE = "casting-vote"
    DECIDED = "decided"
    DECLARED = "declared"
    REBALLOT = "reballot"
    ABANDONED = "abandoned"


class ReasonCode(Enum):
    """Why two people made an optional move. The record publishes only this word."""

    AS_PLANNED = "as-planned"
    ALL_RETURNED = "all-returned"
    AGREED_BY_MEMBERS = "agreed-by-members"
    TECHNICAL_FAILURE = "technical-failure"
    PRACTICE_CLOSED = "practice-closed"
    PRACTICE_MERGED = "practice-merged"
    CONTACT_MOVED = "contact-moved"
    ERROR_IN_SETUP = "error-in-setup"
    REHEARSAL = "rehearsal"
    MAIL_LOST = "mail-lost"
    MAIL_EXPOSED = "mail-exposed"
    SECRECY_ACCEPTED = "secrecy-accepted"
    INQUORATE = "inquorate"
    NOT_CARRIED = "not-carried"


REASON_WORDS: Mapping[ReasonCode, str] = {
    ReasonCode.AS_PLANNED: "as planned",
    ReasonCode.ALL_RETURNED: "every {member} had voted",
    ReasonCode.AGREED_BY_MEMBERS: "agreed by the members",
    ReasonCode.TECHNICAL_FAILURE: "technical failure",
    ReasonCode.PRACTICE_CLOSED: "the {member} closed",
    ReasonCode.PRACTICE_MERGED: "the {member} merged with another",
    ReasonCode.CONTACT_MOVED: "the {member} has a new contact",
    ReasonCode.ERROR_IN_SETUP: "an error in the set-up",
    ReasonCode.REHEARSAL: "part of the rehearsal",
    ReasonCode.MAIL_LOST: "the e-mail was lost",
    ReasonCode.MAIL_EXPOSED: "someone else may have read the e-mail",
    ReasonCode.SECRECY_ACCEPTED: "what the totals may tell was accepted",
    ReasonCode.INQUORATE: "the quorum was not reached",
    ReasonCode.NOT_CARRIED: "it was not carried",
}
"""The reasons as people read them."""

BOARD = frozenset({Role.BOARD})
REGISTRAR = frozenset({Role.REGISTRAR})
OFFICER = frozenset({Role.RETURNING_OFFICER})
TWO_PEOPLE = frozenset({Role.RETURNING_OFFICER, Role.DEPUTY})

SIGNERS: Mapping[Move, tuple[frozenset[Role], ...]] = {
    Move.PREPARED: (OFFICER,),
    Move.ISSUED: (REGISTRAR,),
    Move.SEALED: (TWO_PEOPLE,),
    Move.OPENED: (BOARD, TWO_PEOPLE),
    Move.REISSUED: (REGISTRAR,),
    Move.REVOKED: (REGISTRAR,),
    Move.STRUCK: (TWO_PEOPLE,),
    Move.CONTACT_CHANGED: (TWO_PEOPLE,),
    Move.EXTENDED: (TWO_PEOPLE,),
    Move.CLOSED: (BOARD, TWO_PEOPLE),
    Move.TALLIED: (BOARD,),
    Move.CASTING_VOTE: (TWO_PEOPLE,),
    Move.DECIDED: (BOARD,),
    Move.DECLARED: (TWO_PEOPLE,),
    Move.REBALLOT: (TWO_PEOPLE,),
    Move.ABANDONED: (TWO_PEOPLE,),
}
"""The roles that must sign each move. The board opens and closes on time; two people do it early."""

DATA_FIELDS: Mapping[Move, tuple[str, ...]] = {
    Move.PREPARED: ("programme_toml", "roll"),
    Move.ISSUED: ("count", "tokens"),
    Move.SEALED: ("terms", "fingerprint"),
    Move.OPENED: ("opens",),
    Move.REISSUED: ("token", "replaces"),
    Move.REVOKED: ("token",),
    Move.STRUCK: ("credential", "token"),
    Move.CONTACT_CHANGED: ("token", "replaces"),
    Move.EXTENDED: ("closes",),
    Move.CLOSED: ("closes", "authority"),
    Move.TALLIED: ("result", "proofs"),
    Move.CASTING_VOTE: ("question", "given"),
    Move.DECIDED: ("decision",),
    Move.DECLARED: ("decision",),
    Move.REBALLOT: ("decision", "ccgs", "answered_by"),
    Move.ABANDONED: (),
}

OPTIONAL_FIELDS: Mapping[Move, tuple[str, ...]] = {Move.CLOSED: ("authority",)}
"""Data that an event may leave out. Closing has the root of the voters' statements if the terms ask for them."""

ARGUMENTS: Mapping[Move, tuple[str, ...]] = {
    Move.SEALED: ("terms",),
    Move.OPENED: (),
    Move.STRUCK: ("credential",),
    Move.CONTACT_CHANGED: ("replaces",),
    Move.EXTENDED: ("closes",),
    Move.CLOSED: (),
    Move.CASTING_VOTE: ("question", "given"),
    Move.DECLARED: ("decision",),
    Move.REBALLOT: ("decision", "ccgs", "answered_by"),
    Move.ABANDONED: (),
}
"""The data that a proposal fixes, for each move by two people; the rest is known only when it happens."""
