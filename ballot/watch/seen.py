"""Checkpoints: each must be signed, and continue every one that was ever seen, here or by another watcher.

If a board signed two checkpoints and neither continues the other, it has told two stories. The two notes, signed with
its own key, prove it.
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
    """A valid checkpoint, and its signed note."""

    log: str
    checkpoint: Checkpoint
    note: str


def open_seen(log: str, note: str, origin: str, board: PublicKey) -> SeenCheckpoint:
    """The checkpoint in a note; raises InvalidMessage unless the board signed it, and ValueError for another log."""
    signed = parse_signed_checkpoint(note)
    checkpoint = open_checkpoint(signed.note, board)
    if checkpoint.origin != origin:
        raise ValueError(f"expected a checkpoint of {origin}, found one of {checkpoint.origin[:200]}")
    return SeenCheckpoint(log, checkpoint, signed.note)


def newest_of(seen: Iterable[SeenCheckpoint]) -> dict[str, SeenCheckpoint]:
    """The longest checkpoint of each log."""
    found: dict[str, SeenCheckpoint] = {}
    for one in seen:
        if one.log not in found or one.checkpoint.size > found[one.log].checkpoint.size:
            found[one.log] = one
    return found


def check_growth(
    site: BoardSite, api: str, old: SeenCheckpoint, new: SeenCheckpoint, board: PublicKey
) -> Sighting | None:
    """Ask the board to prove that the new checkpoint continues the old one; None if it does."""
    was, now = old.checkpoint, new.checkpoint
    if now.size < was.size:
        return Sighting(
            Alarm.REMOVED, f"{new.log}: {was.size} events were signed for, but now only {now.size} are shown"
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
        return Sighting(
            Alarm.TWO_FACES, f"{new.log}: size {now.size} does not continue size {was.size}; both are signed"
        )
    if (proved.size, proved.root) != (now.size, now.root):
        return Sighting(Alarm.TWO_FACES, f"{new.log}: two signed checkpoints of size {now.size}")
    return None


def compare_with_record(seen: Iterable[SeenCheckpoint], record: AuditedRecord, whose: str) -> Iterator[Sighting]:
    """Compare checkpoints with the events of the record. Longer ones are checked by `check_growth`."""
    known: dict[tuple[str, int], bytes | None] = {}
    for one in seen:
        key = (one.log, one.checkpoint.size)
        if key not in known:
            known[key] = record.root(*key)
        if known[key] is not None and known[key] != one.checkpoint.root:
            detail = f"{one.log}: the checkpoint of size {one.checkpoint.size} {whose} is signed for other events"
            yield Sighting(Alarm.TWO_FACES, f"{detail} than the record has")


def unreadable(log: str, fault: Exception) -> Sighting:
    """The sighting for a note that the board did not sign, or that is not a note."""
    if isinstance(fault, InvalidMessage) and fault.reason in OF_SIGNATURES:
        return Sighting(Alarm.SIGNATURE, f"{log}: {fault}")
    return Sighting(Trouble.UNREADABLE, f"{log}: {fault}")
