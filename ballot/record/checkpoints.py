"""Checkpoints: the board's signed statement of a log's size, content and time.

C2SP `tlog-checkpoint` and `signed-note`: origin, size, RFC 6962 root in Base64, then extension lines; here
`head <hash of the last event>` and `time <UTC to the second>`. Signed with Ed25519 by the board's key, whose name in
the note is the origin. Witness tools for this format can cosign it.

The leaves are the 32-byte hashes of the events: of `<name>.bel` for an election's log, of `events.jsonl` for "events".
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from ballot.protocol.canonical import check_canonical, fields, parse_json, text, write_json
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash, is_hash
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PublicKey, SigningKey, base64_text, parse_base64
from ballot.record.times import parse_time, time_text

ED25519_ALGORITHM = b"\x01"
EVENTS_LOG = "events"
"""The log of the programme's own events; any other log has the name of its election."""

_SIZE = re.compile(r"[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first `size` events of a log: their Merkle root, the hash of the last, and the time it was appended."""

    origin: str
    size: int
    root: bytes
    head: Hash
    time: datetime

    def to_text(self) -> str:
        """The text that is signed; it ends with a newline."""
        extension = f"head {self.head}\ntime {time_text(self.time)}\n"
        return f"{self.origin}\n{self.size}\n{base64_text(self.root)}\n{extension}"


def origin_of(board: str, programme: str, log: str) -> str:
    """The name of a log: the board's host name, the programme, the log."""
    return f"{board}/{programme}/{log}"


def key_hash(origin: str, key: PublicKey) -> bytes:
    """The four bytes by which a note names its key (C2SP signed-note)."""
    return hashlib.sha256(origin.encode() + b"\n" + ED25519_ALGORITHM + key.raw).digest()[:4]


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> str:
    """The note with the board's signature."""
    body = checkpoint.to_text()
    signature = key_hash(checkpoint.origin, key.public) + key.private.sign(body.encode())
    return f"{body}\n— {checkpoint.origin} {base64_text(signature)}\n"


def open_checkpoint(note: str, key: PublicKey) -> Checkpoint:
    """The checkpoint in a signed note; raises InvalidRecord unless the board signed it and it is canonical."""
    lines = note.split("\n")
    if len(lines) != 8 or lines[5] or lines[7] or not _SIZE.fullmatch(lines[1]):
        raise InvalidRecord(Reason.WRONG_SHAPE, "expected a checkpoint of five lines and one signature")
    origin, size, root, head, time = lines[:5]
    if not head.startswith("head ") or not time.startswith("time ") or not is_hash(head[5:]):
        raise InvalidRecord(Reason.WRONG_FIELDS, "expected the extension lines head and time")
    checkpoint = Checkpoint(origin, int(size), parse_base64(root, 32), Hash(head[5:]), parse_time(time[5:]))
    prefix = f"— {origin} "
    if not lines[6].startswith(prefix):
        raise InvalidRecord(Reason.SIGNATURE, "a checkpoint is not signed in the name of its origin")
    signature = parse_base64(lines[6][len(prefix) :], 68)
    body = checkpoint.to_text()
    if signature[:4] != key_hash(origin, key) or not key.is_signature(signature[4:], body.encode()):
        raise InvalidRecord(Reason.SIGNATURE, f"the checkpoint of size {size} is not signed by the board's key")
    return checkpoint


def checkpoint_line(log: str, note: str) -> bytes:
    """A line of checkpoints.jsonl, with its newline."""
    return write_json({"log": log, "note": note}) + b"\n"


def parse_checkpoint_line(line: bytes) -> tuple[str, str]:
    """The log and the note in a line without its newline; raises InvalidMessage for another form."""
    value = fields(parse_json(line), ("log", "note"))
    check_canonical(line, value, "a line of checkpoints.jsonl")
    return text(value["log"]), text(value["note"])
