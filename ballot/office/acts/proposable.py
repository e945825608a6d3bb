"""The acts of two people, which one officer proposes and another approves: a list, and the bytes of a proposal."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from ballot.office.acts.act import Act
from ballot.office.acts.counting import Abandon, CallReballot, CastingVote, Declare
from ballot.office.acts.membership import ChangeContact, Strike
from ballot.office.acts.sealing import Seal
from ballot.office.acts.window import CloseEarly, Extend, OpenEarly
from ballot.protocol.canonical import Json, parse_json, write_json
from ballot.record.moves import Move
from ballot.record.times import parse_time, time_text

PROPOSABLE: tuple[type[Act[Any]], ...] = (
    Seal,
    OpenEarly,
    CloseEarly,
    Extend,
    Strike,
    ChangeContact,
    CallReballot,
    Abandon,
    CastingVote,
    Declare,
)
"""Every act of two people. A test compares it with the moves that two people sign."""
_BY_MOVE: dict[Move | None, type[Act[Any]]] = {act.move: act for act in PROPOSABLE}


def act_to_bytes(act: Act[Any]) -> bytes:
    """Write an act in the form that `parse_act` reads."""
    assert act.move is not None
    value: dict[str, Json] = {"type": act.move.value}
    for field in fields(act):
        found = getattr(act, field.name)
        if isinstance(found, datetime):
            found = time_text(found)
        value[field.name] = list(found) if isinstance(found, tuple) else found
    return write_json(value)


def parse_act(data: bytes) -> Act[Any]:
    """Read an act from the bytes in our own database."""
    value = parse_json(data)
    kind = _BY_MOVE[Move(value.pop("type"))]
    if "closes" in value:
        value["closes"] = parse_time(value["closes"])
    if "ccgs" in value:
        value["ccgs"] = tuple(value["ccgs"])
    return kind(**value)
