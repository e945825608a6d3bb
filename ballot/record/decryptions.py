"""decryptions/<election>.jsonl: the strong proofs of the shares that an archive publishes, a line for each share.

They stand beside the `.bel`, which stays as the reference tool wants it. The lines are in the order of the archive's
shares. The event TALLIED names the SHA-256 of the file, and the terms say that the proofs are required.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ballot.protocol.strong_decryption import OwnedStrongProofs
from ballot.record.elections import is_election_name

_PATH = re.compile(r"decryptions/(.*)\.jsonl")


def decryptions_path(election: str) -> str:
    """Where the record keeps the strong proofs of an election."""
    return f"decryptions/{election}.jsonl"


def election_of_decryptions(path: str) -> str | None:
    """The election whose strong proofs have this path; None for any other file."""
    found = _PATH.fullmatch(path)
    return found[1] if found is not None and is_election_name(found[1]) else None


def write_decryptions(shares: Iterable[OwnedStrongProofs]) -> bytes:
    """The file, from the shares in the order of the archive."""
    return b"".join(share.to_bytes() for share in shares)
