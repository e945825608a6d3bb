"""The compact range against RFC 6962: published vectors, and the recursive definition word for word."""

from __future__ import annotations

import hashlib

import pytest

from ballot.record.merkle import EMPTY_ROOT, CompactRange, leaf_hash, node_hash

LEAVES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243")] + [
    bytes(range(0x50, 0x58)),
    bytes(range(0x60, 0x70)),
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Of the eight test leaves of Certificate Transparency's reference implementation."""


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1."""
    n = len(leaves)
    if n == 0:
        return hashlib.sha256(b"").digest()
    if n == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < n:
        k *= 2
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:k]) + tree_hash(leaves[k:])).digest()


def grown(leaves: list[bytes]) -> CompactRange:
    tree = CompactRange()
    for leaf in leaves:
        tree = tree.append(leaf)
    return tree


@pytest.mark.parametrize("n", range(9))
def test_the_roots_are_those_of_certificate_transparency(n: int) -> None:
    assert grown(LEAVES[:n]).root.hex() == ROOTS[n]
    assert tree_hash(LEAVES[:n]).hex() == ROOTS[n]


def test_the_root_of_nothing_and_the_leaf_of_nothing_differ() -> None:
    assert EMPTY_ROOT.hex() == ROOTS[0] == CompactRange().root.hex()
    assert leaf_hash(b"").hex() == ROOTS[1]


def test_every_size_agrees_with_the_definition() -> None:
    leaves = [bytes([i]) * 32 for i in range(130)]
    tree = CompactRange()
    for n, leaf in enumerate(leaves, start=1):
        tree = tree.append(leaf)
        assert tree.size == n
        assert tree.root == tree_hash(leaves[:n])
        assert len(tree.nodes) == n.bit_count()
        assert CompactRange.from_text(tree.size, tree.to_text()) == tree


def test_a_leaf_is_not_a_node() -> None:
    a, b = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(a + b) != node_hash(a, b)
    assert grown([b"a", b"b"]).root == node_hash(a, b)


def test_order_and_repetition_count() -> None:
    assert grown([b"a", b"b"]).root != grown([b"b", b"a"]).root
    assert grown([b"a", b"b", b"b"]).root != grown([b"a", b"b"]).root
