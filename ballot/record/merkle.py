"""Merkle tree hashes over a log that only grows, kept as a compact range.

RFC 6962, section 2.1: a leaf is SHA-256(0x00 | data), a node SHA-256(0x01 | left | right). The compact range of the
first n leaves is the roots of its perfect subtrees, largest first: one for each bit set in n.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The state of a log of `size` leaves: enough to append, and to say its root."""

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def append(self, data: bytes) -> CompactRange:
        """The range with one more leaf."""
        return self.with_completed(self.completes(data))

    def with_completed(self, made: tuple[bytes, ...]) -> CompactRange:
        """The range with the leaf that completed these."""
        return CompactRange(self.size + 1, (*self.nodes[: len(self.nodes) - len(made) + 1], made[-1]))

    def completes(self, data: bytes) -> tuple[bytes, ...]:
        """The roots of the perfect subtrees that one more leaf completes, from the leaf up: never changed again."""
        made, nodes, size = [leaf_hash(data)], list(self.nodes), self.size
        while size & 1:
            made.append(node_hash(nodes.pop(), made[-1]))
            size >>= 1
        return tuple(made)

    @property
    def root(self) -> bytes:
        """The Merkle tree hash."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root

    def to_text(self) -> str:
        """For a database column: the nodes in hexadecimal, separated by spaces."""
        return " ".join(node.hex() for node in self.nodes)

    @classmethod
    def from_text(cls, size: int, stored: str) -> CompactRange:
        return cls(size, tuple(bytes.fromhex(node) for node in stored.split()))
