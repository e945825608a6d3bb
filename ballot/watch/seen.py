"""Checkpoints: each must be signed, and go on from every one that was ever seen, here or by another watcher.

A board that signed two checkpoints of which neither goes on from the other has shown two faces, and both notes,
signed with its own key, are the proof of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ballot.audit.checkpoints import OF_SIGNATURES
from ballot.protocol.errors import InvalidMessage
from ballot.record.checkpoints import Checkpoint, open_checkpoint
from ballot.record.keys import PublicKey
from ballot.record.tlog_proofs import check_consistency_proof, parse_consistency_proof, parse_signed_checkpoint
from ballot.watch.alarms import Alarm, Sighting, Trouble
from ballot.watch.fetching import BoardSite, NotFetched
from ballot.watch.records import AuditedRecord

MAX_NOTE = 2**16


@dataclass(frozen=True, slots=True)
class SeenCheckpoint:
    """A checkpoint that holds, and the note that says so."""

    log: str
    checkpoint: Checkpoint
    note: str


def open_seen(log: str, note: str, origin: str, board: PublicKey) -> SeenCheckpoint:
    """A note of one log; raises InvalidRecord unless the board signed it for that log."""
    signed = parse_signed_checkpoint(note)
    checkpoint = open_checkpoint(signed.note, board)
    if checkpoint.origin != origin:
        raise ValueError(f"a checkpoint of {checkpoint.origin[:200]}, where one of {origin} was expected")
    return SeenCheckpoint(log, checkpoint, signed.note)


def newest_of(seen: Iterable[SeenCheckpoint]) -> dict[str, SeenCheckpoint]:
    """The longest of each log."""
    found: dict[str, SeenCheckpoint] = {}
    for one in seen:
        if one.log not in found or one.checkpoint.size > found[one.log].checkpoint.size:
            found[one.log] = one
    return found


def check_growth(
    site: BoardSite, api: str, old: SeenCheckpoint, new: SeenCheckpoint, board: PublicKey
) -> Sighting | None:
    """Whether the board can prove that the new checkpoint goes on from the old one; the alarm if not."""
    was, now = old.checkpoint, new.checkpoint
    if now.size < was.size:
        return Sighting(
            Alarm.REMOVED, f"{new.log}: {was.size} events were signed for, and now only {now.size} are shown"
        )
    if now.time < was.time and now.size > was.size:
        return Sighting(Alarm.BACK_DATED, f"{new.log}: size {now.size} is dated before size {was.size}")
    if now.size == was.size:
        same = (now.root, now.head) == (was.root, was.head)
        return None if same else Sighting(Alarm.TWO_FACES, f"{new.log}: two signed checkpoints of size {now.size}")
    try:
        text = site.get(f"{api}/logs/{new.log}/consistency/{was.size}/{now.size}", MAX_NOTE).decode()
        proved = check_consistency_proof(parse_consistency_proof(text), was.root, was.origin, board)
    except NotFetched as fault:
        return Sighting(fault.trouble, fault.detail)
    except (InvalidMessage, UnicodeDecodeError):
        return Sighting(Alarm.TWO_FACES, f"{new.log}: size {now.size} does not go on from size {was.size}, both signed")
    if (proved.size, proved.root) != (now.size, now.root):
        return Sighting(Alarm.TWO_FACES, f"{new.log}: two signed checkpoints of size {now.size}")
    return None


def compare_with_record(seen: Iterable[SeenCheckpoint], record: AuditedRecord, whose: str) -> Iterator[Sighting]:
    """Every checkpoint ever seen must be of the very events that the record has; longer ones are proved elsewhere."""
    known: dict[tuple[str, int], bytes | None] = {}
    for one in seen:
        key = (one.log, one.checkpoint.size)
        if key not in known:
            known[key] = record.root(*key)
        if known[key] is not None and known[key] != one.checkpoint.root:
            detail = f"{one.log}: the checkpoint of size {one.checkpoint.size} {whose} is signed for other events"
            yield Sighting(Alarm.TWO_FACES, f"{detail} than the record has")


def unreadable(log: str, fault: Exception) -> Sighting:
    """A note that is not the board's, or none at all."""
    if isinstance(fault, InvalidMessage) and fault.reason in OF_SIGNATURES:
        return Sighting(Alarm.SIGNATURE, f"{log}: {fault}")
    return Sighting(Trouble.UNREADABLE, f"{log}: {fault}")
