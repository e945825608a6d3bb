"""Proofs in public formats: C2SP `tlog-proof`, and the body of `tlog-witness`'s add-checkpoint.

A `.tlog-proof` shows that an event is in a log: its number, the path to the root, the signed checkpoint and its
cosignatures. Anyone can check it offline with the board's key alone. The leaf is the 32-byte hash of the event, which
a practice's receipt contains as its chain head; so this file links a receipt to a checkpoint.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ballot.protocol.errors import Reason
from ballot.record.checkpoints import Checkpoint, open_checkpoint
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PublicKey, base64_text, parse_base64
from ballot.record.merkle import MAX_PROOF, check_consistency

FIRST_LINE = "c2sp.org/tlog-proof@v1"
LARGEST = 2**16
"""Characters. A proof with sixteen cosignatures is far shorter."""

_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A note in two parts: the board's own, and the lines of witnesses, without newlines."""

    note: str
    cosignatures: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The text that is signed."""
        return self.note.rpartition("\n\n")[0] + "\n"

    def to_text(self) -> str:
        """The note with every signature line."""
        return self.note + "".join(f"{line}\n" for line in self.cosignatures)


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """A proof that the event at `index` is in the log of the checkpoint."""

    index: int
    path: tuple[bytes, ...]
    signed: SignedCheckpoint

    def to_text(self) -> str:
        """The text of the `.tlog-proof`."""
        return f"{FIRST_LINE}\nindex {self.index}\n{_hashes(self.path)}\n{self.signed.to_text()}"


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """A proof that the log of the checkpoint begins with its first `old` events."""

    old: int
    path: tuple[bytes, ...]
    signed: SignedCheckpoint

    def to_text(self) -> str:
        """The body of a witness's add-checkpoint."""
        return f"old {self.old}\n{_hashes(self.path)}\n{self.signed.to_text()}"


def parse_signed_checkpoint(written: str) -> SignedCheckpoint:
    """The note and its signatures, none of them checked; the first is the board's. Raises InvalidRecord."""
    body, divided, signatures = written.rpartition("\n\n")
    lines = signatures.split("\n")
    if len(written) > LARGEST or not divided or lines[-1] or not all(line.startswith("— ") for line in lines[:-1]):
        raise InvalidRecord(Reason.WRONG_SHAPE, "expected a signed note")
    return SignedCheckpoint(f"{body}\n\n{lines[0]}\n", tuple(lines[1:-1]))


def parse_consistency_proof(written: str) -> ConsistencyProof:
    """The proof in the body of an add-checkpoint. Raises InvalidRecord."""
    head, divided, note = written.partition("\n\n")
    first, *lines = head.split("\n")
    number = first.removeprefix("old ")
    if len(written) > LARGEST or not divided or number == first or not _NUMBER.fullmatch(number):
        raise InvalidRecord(Reason.WRONG_SHAPE, "expected old and a number, hashes, and a checkpoint")
    if len(lines) > MAX_PROOF:
        raise InvalidRecord(Reason.WRONG_SHAPE, f"expected at most {MAX_PROOF} hashes")
    return ConsistencyProof(int(number), tuple(parse_base64(line, 32) for line in lines), parse_signed_checkpoint(note))


def check_consistency_proof(proof: ConsistencyProof, root: bytes, origin: str, board: PublicKey) -> Checkpoint:
    """The checkpoint of the proof; raises InvalidRecord unless its log begins with the `old` events under `root`."""
    checkpoint = open_checkpoint(proof.signed.note, board)
    if checkpoint.origin != origin:
        raise InvalidRecord(Reason.WRONG_FIELDS, f"expected a checkpoint of {origin}, found {checkpoint.origin[:200]}")
    check_consistency(proof.old, root, checkpoint.size, checkpoint.root, proof.path)
    return checkpoint


def _hashes(path: Sequence[bytes]) -> str:
    return "".join(f"{base64_text(hash)}\n" for hash in path)
