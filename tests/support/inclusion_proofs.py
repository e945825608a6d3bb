"""Check a `.tlog-proof` as someone outside does: RFC 6962, section 2.1.1, and C2SP `tlog-proof`.

The office only makes these proofs. Its checks belong to those who receive one, so they are here.
"""

from __future__ import annotations

from collections.abc import Sequence

from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import Checkpoint, open_checkpoint
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PublicKey, parse_base64
from ballot.record.merkle import MAX_PROOF, leaf_hash, node_hash
from ballot.record.tlog_proofs import FIRST_LINE, InclusionProof, parse_signed_checkpoint


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise InvalidRecord unless the leaf with this hash stands at `index` among the `size` leaves under `root`."""
    if not 0 <= index < size or len(proof) > MAX_PROOF:
        raise InvalidRecord(Reason.WRONG_SHAPE, f"there is no leaf {index} among {size}")
    left, last, found = index, size - 1, leaf
    for sibling in proof:
        if not last:
            raise InvalidRecord(Reason.WRONG_SHAPE, "the proof of inclusion is too long")
        if left & 1 or left == last:
            found = node_hash(sibling, found)
            while left and not left & 1:
                left, last = left >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        left, last = left >> 1, last >> 1
    if last or found != root:
        raise InvalidRecord(Reason.INCLUSION, f"leaf {index} is not among the {size} leaves under this root")


def parse_inclusion_proof(written: str) -> InclusionProof:
    """The proof in a `.tlog-proof`; raises InvalidRecord for another form."""
    head, _, note = written.partition("\n\n")
    first, number, *hashes = head.split("\n")
    if first != FIRST_LINE or not number.startswith("index "):
        raise InvalidRecord(Reason.WRONG_SHAPE, f"expected {FIRST_LINE} and an index")
    path = tuple(parse_base64(line, 32) for line in hashes)
    return InclusionProof(int(number.removeprefix("index ")), path, parse_signed_checkpoint(note))


def check_inclusion_proof(proof: InclusionProof, event: Hash, origin: str, board: PublicKey) -> Checkpoint:
    """The checkpoint of the proof; raises InvalidRecord unless the board signed that this event is in its log."""
    checkpoint = open_checkpoint(proof.signed.note, board)
    if checkpoint.origin != origin:
        raise InvalidRecord(Reason.WRONG_FIELDS, f"expected a checkpoint of {origin}, found {checkpoint.origin[:200]}")
    check_inclusion(leaf_hash(bytes.fromhex(event)), proof.index, checkpoint.size, proof.path, checkpoint.root)
    return checkpoint
