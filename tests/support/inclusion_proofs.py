"""Check a `.tlog-proof` as someone outside does: C2SP `tlog-proof`.

The office only makes these files. Reading one belongs to those who receive it, so it is here.
"""

from __future__ import annotations

from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import Checkpoint, open_checkpoint
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PublicKey, parse_base64
from ballot.record.merkle import check_inclusion, leaf_hash
from ballot.record.tlog_proofs import FIRST_LINE, InclusionProof, parse_signed_checkpoint


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
