"""decryptions/<election>.jsonl: the strong proofs of the shares in an archive, one line for each share.

They are not in the `.bel`, which keeps the reference tool's format. The lines are in the order of the archive's
shares. The event TALLIED names the SHA-256 of the file, and the terms say that the proofs are required.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ballot.protocol.strong_decryption import OwnedStrongProofs
from ballot.record.elections import is_election_name

_PATH = re.compile(r"decryptions/(.*)\.jsonl")


def decryptions_path(election: str) -> str:
    """The path of an election's strong proofs in the record."""
    return f"decryptions/{election}.jsonl"


def election_of_decryptions(path: str) -> str | None:
    """The election whose strong proofs have this path; None for another file."""
    found = _PATH.fullmatch(path)
    return found[1] if found is not None and is_election_name(found[1]) else None


def write_decryptions(shares: Iterable[OwnedStrongProofs]) -> bytes:
    """The bytes of the file, from the shares in the order of the archive."""
    return b"".join(share.to_bytes() for share in shares)
