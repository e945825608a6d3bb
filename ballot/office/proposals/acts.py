"""The acts that need two people, as data: kept with the proposal, and carried out when it is approved."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar

from ballot.office.abandon import abandon
from ballot.office.change_contact import Contact, change_contact
from ballot.office.close import close_early
from ballot.office.declare import declare
from ballot.office.desk import Desk, Why
from ballot.office.extend import extend
from ballot.office.open import open_early
from ballot.office.reballot import call_reballot
from ballot.office.seal import seal
from ballot.office.signing import Signers
from ballot.office.strike import strike
from ballot.protocol.canonical import Json, parse_json, write_json
from ballot.record.keys import SigningKey
from ballot.record.programme_events import Move
from ballot.record.times import parse_time, time_text


@dataclass(frozen=True, slots=True)
class Seal:
    """Fix terms, roll and window."""

    move: ClassVar[Move] = Move.SEALED


@dataclass(frozen=True, slots=True)
class OpenEarly:
    """Open a CCG's ballot now."""

    move: ClassVar[Move] = Move.OPENED
    ccg: str


@dataclass(frozen=True, slots=True)
class CloseEarly:
    """Close a CCG's ballot now."""

    move: ClassVar[Move] = Move.CLOSED
    ccg: str


@dataclass(frozen=True, slots=True)
class Extend:
    """Close a CCG's ballot later."""

    move: ClassVar[Move] = Move.EXTENDED
    ccg: str
    closes: datetime


@dataclass(frozen=True, slots=True)
class Strike:
    """Take a practice off the eligible."""

    move: ClassVar[Move] = Move.STRUCK
    ccg: str
    practice: str


@dataclass(frozen=True, slots=True, repr=False)
class ChangeContact:
    """Another representative or e-mail address. Private; not shown."""

    move: ClassVar[Move] = Move.CONTACT_CHANGED
    ccg: str
    practice: str
    representative: str | None
    email: str

    @property
    def contact(self) -> Contact:
        return Contact(self.representative, self.email)


@dataclass(frozen=True, slots=True)
class CallReballot:
    """Vote again in these CCGs."""

    move: ClassVar[Move] = Move.REBALLOT
    ccgs: tuple[str, ...]
    answered_by: str
    """The id of the programme in which they will vote."""


@dataclass(frozen=True, slots=True)
class Abandon:
    """End a CCG's ballot without an outcome."""

    move: ClassVar[Move] = Move.ABANDONED
    ccg: str


@dataclass(frozen=True, slots=True)
class Declare:
    """Declare the decision."""

    move: ClassVar[Move] = Move.DECLARED


Act = Seal | OpenEarly | CloseEarly | Extend | Strike | ChangeContact | CallReballot | Abandon | Declare

ACTS: tuple[type[Act], ...] = (
    Seal,
    OpenEarly,
    CloseEarly,
    Extend,
    Strike,
    ChangeContact,
    CallReballot,
    Abandon,
    Declare,
)
"""Every act that system.md lists for two people; a test compares it with the moves that two people sign."""
BY_MOVE: dict[Move, type[Act]] = {act.move: act for act in ACTS}


def ccg_of(act: Act) -> str | None:
    """The CCG that an act is on; None for one of the whole programme."""
    return getattr(act, "ccg", None)


def act_to_bytes(act: Act) -> bytes:
    """What `parse_act` reads."""
    value: dict[str, Json] = {"type": act.move.value}
    for field in fields(act):
        found = getattr(act, field.name)
        if isinstance(found, datetime):
            found = time_text(found)
        value[field.name] = list(found) if isinstance(found, tuple) else found
    return write_json(value)


def parse_act(data: bytes) -> Act:
    """The act in bytes of our own database."""
    value = parse_json(data)
    kind = BY_MOVE[Move(value.pop("type"))]
    if "closes" in value:
        value["closes"] = parse_time(value["closes"])
    if "ccgs" in value:
        value["ccgs"] = tuple(value["ccgs"])
    return kind(**value)


def carry_out(
    desk: Desk, programme_id: str, act: Act, signers: Signers, why: Why, registrar: SigningKey | None = None
) -> None:
    """Do it, in one transaction; raises Refused. Only a changed contact needs the registrar's key."""
    match act:
        case Seal():
            seal(desk, programme_id, signers, why)
        case OpenEarly():
            open_early(desk, programme_id, act.ccg, signers, why)
        case CloseEarly():
            close_early(desk, programme_id, act.ccg, signers, why)
        case Extend():
            extend(desk, programme_id, act.ccg, act.closes, signers, why)
        case Strike():
            strike(desk, programme_id, act.ccg, act.practice, signers, why)
        case ChangeContact():
            change_contact(desk, programme_id, act.ccg, act.practice, act.contact, signers, registrar, why)
        case CallReballot():
            call_reballot(desk, programme_id, act.ccgs, act.answered_by, signers, why)
        case Abandon():
            abandon(desk, programme_id, act.ccg, signers, why)
        case Declare():
            declare(desk, programme_id, signers, why)
