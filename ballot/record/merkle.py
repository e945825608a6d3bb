"""Merkle tree hashes over a log that only grows, and its inclusion and consistency proofs.

RFC 6962, sections 2.1 to 2.1.2: a leaf is SHA-256(0x00 | data), a node SHA-256(0x01 | left | right). The compact range
of the first n leaves is the roots of its perfect subtrees, largest first: one for each bit set in n. A proof is a list
of subtree roots, each perfect or made of the perfect ones of a compact range. So a proof for a log of n leaves needs at
most about 2 log2(n) stored nodes. `nodes_of_inclusion` and `nodes_of_consistency` name exactly those.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ballot.protocol.errors import Reason
from ballot.record.errors import InvalidRecord

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The state of a log of `size` leaves: enough to append, and to compute the root."""

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def append(self, data: bytes) -> CompactRange:
        """The range with one more leaf."""
        return self.with_completed(self.completes(data))

    def with_completed(self, made: tuple[bytes, ...]) -> CompactRange:
        """The range with one more leaf, which completed the subtrees with the roots `made`."""
        return CompactRange(self.size + 1, (*self.nodes[: len(self.nodes) - len(made) + 1], made[-1]))

    def completes(self, data: bytes) -> tuple[bytes, ...]:
        """The roots of the perfect subtrees that one more leaf completes, from the leaf up. They never change again."""
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


MAX_PROOF = 63
"""The limit of C2SP tlog-witness for the hashes of a proof; logs shorter than 2^62 never need more."""

Node = tuple[int, int]
"""A perfect subtree: its height, and its number from the left among those of its height."""
Span = tuple[int, int]
"""The leaves from the first number up to, but not including, the second."""


def create_inclusion_proof(index: int, size: int, nodes: Mapping[Node, bytes]) -> list[bytes]:
    """The path from leaf `index` to the root of the first `size` leaves; raises ValueError for no such leaf."""
    return [_root(span, nodes) for span in _inclusion(index, size)]


def create_consistency_proof(old: int, size: int, nodes: Mapping[Node, bytes]) -> list[bytes]:
    """Proof that a log of `size` leaves begins with its first `old`; empty if old is 0 or `size`. Raises ValueError."""
    return [_root(span, nodes) for span in _consistency(old, size)]


def nodes_of_inclusion(index: int, size: int) -> list[Node]:
    """The nodes from which an inclusion proof is made; raises ValueError for no such leaf."""
    return [node for span in _inclusion(index, size) for node in _perfect(span)]


def nodes_of_consistency(old: int, size: int) -> list[Node]:
    """The nodes from which a consistency proof is made; raises ValueError if the old log is longer."""
    return [node for span in _consistency(old, size) for node in _perfect(span)]


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


def check_consistency(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Raise InvalidRecord unless the log of `size` leaves begins with the `old` ones under `old_root`."""
    inconsistent = InvalidRecord(Reason.CONSISTENCY, f"the log of {size} does not begin with that of {old}")
    if not 0 <= old <= size or len(proof) > MAX_PROOF:
        raise InvalidRecord(Reason.WRONG_SHAPE, f"a log of {size} cannot continue one of {old}")
    if old in (0, size):
        if proof or old_root != (root if old else EMPTY_ROOT):
            raise inconsistent
        return
    left, last = old - 1, size - 1
    while left & 1:
        left, last = left >> 1, last >> 1
    rest = list(proof)
    if left and not rest:
        raise inconsistent
    before = after = rest.pop(0) if left else old_root
    for sibling in rest:
        if not last:
            raise inconsistent
        if left & 1 or left == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while left and not left & 1:
                left, last = left >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        left, last = left >> 1, last >> 1
    if last or (before, after) != (old_root, root):
        raise inconsistent


def _split(start: int, stop: int) -> int:
    """Where the tree over these leaves divides: after the largest power of two below their number."""
    return start + (1 << (stop - start - 1).bit_length() - 1)


def _inclusion(index: int, size: int) -> list[Span]:
    """The siblings on the way to the root, the lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    spans, start, stop = [], 0, size
    while stop - start > 1:
        middle = _split(start, stop)
        if index < middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def _consistency(old: int, size: int) -> list[Span]:
    if not 0 <= old <= size:
        raise ValueError(f"a log of {size} cannot continue one of {old}")
    if old in (0, size):
        return []
    spans, start, stop, whole = [], 0, size, True
    while stop != old:
        middle = _split(start, stop)
        if old <= middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start, whole = middle, False
    return ([] if whole else [(start, stop)]) + spans[::-1]


def _perfect(span: Span) -> list[Node]:
    """The largest perfect subtrees that make up these leaves, from the left."""
    start, stop = span
    found = []
    while start < stop:
        height = (stop - start).bit_length() - 1
        if start:
            height = min(height, (start & -start).bit_length() - 1)
        found.append((height, start >> height))
        start += 1 << height
    return found


def _root(span: Span, nodes: Mapping[Node, bytes]) -> bytes:
    hashes = [nodes[node] for node in _perfect(span)]
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root
