"""Proofs of inclusion and consistency, for every log up to 40 leaves and one of 10^5: they hold, no other does."""

from __future__ import annotations

from collections import UserDict
from itertools import pairwise

import pytest

from ballot.record.errors import InvalidRecord
from ballot.record.merkle import (
    CompactRange,
    Node,
    check_consistency,
    check_inclusion,
    create_consistency_proof,
    create_inclusion_proof,
    leaf_hash,
    nodes_of_consistency,
    nodes_of_inclusion,
)
from tests.unit.record.test_merkle import LEAVES, tree_hash

SMALL = 40
LARGE = 100_000


class Kept(UserDict[Node, bytes]):
    """Every perfect subtree of a log, as the office keeps them while it grows; roots by size."""

    def __init__(self, size: int) -> None:
        super().__init__()
        tree, self.roots = CompactRange(), {0: CompactRange().root}
        for index in range(size):
            data = index.to_bytes(32)
            for height, node in enumerate(tree.completes(data)):
                self[height, index >> height] = node
            tree = tree.append(data)
            self.roots[tree.size] = tree.root


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept(SMALL)


@pytest.fixture(scope="module")
def large() -> Kept:
    return Kept(LARGE)


def leaf(index: int) -> bytes:
    return leaf_hash(index.to_bytes(32))


def test_the_published_proofs_of_certificate_transparency_are_made() -> None:
    """The paths of the eight test leaves in its reference implementation."""
    tree, kept = CompactRange(), {}
    for index, data in enumerate(LEAVES):
        kept |= {(height, index >> height): node for height, node in enumerate(tree.completes(data))}
        tree = tree.append(data)

    assert [node.hex()[:8] for node in create_inclusion_proof(0, 8, kept)] == ["96a296d2", "5f083f0a", "6b47aaf2"]
    assert [node.hex()[:8] for node in create_inclusion_proof(5, 8, kept)] == ["bc1a0643", "ca854ea1", "d37ee418"]
    assert [node.hex()[:8] for node in create_inclusion_proof(2, 3, kept)] == ["fac54203"]
    assert [node.hex()[:8] for node in create_consistency_proof(1, 8, kept)] == ["96a296d2", "5f083f0a", "6b47aaf2"]
    assert [node.hex()[:8] for node in create_consistency_proof(6, 8, kept)] == ["0ebc5d34", "ca854ea1", "d37ee418"]
    assert [node.hex()[:8] for node in create_consistency_proof(2, 5, kept)] == ["5f083f0a", "bc1a0643"]


def test_every_proof_of_a_small_log_holds(kept: Kept) -> None:
    for size in range(1, SMALL + 1):
        assert kept.roots[size] == tree_hash([index.to_bytes(32) for index in range(size)])
        for index in range(size):
            check_inclusion(leaf(index), index, size, create_inclusion_proof(index, size, kept), kept.roots[size])
        for old in range(size + 1):
            proof = create_consistency_proof(old, size, kept)
            check_consistency(old, kept.roots[old], size, kept.roots[size], proof)


def test_no_proof_of_inclusion_holds_for_anything_else(kept: Kept) -> None:
    for size in range(1, 20):
        root = kept.roots[size]
        for index in range(size):
            proof = create_inclusion_proof(index, size, kept)
            other = [*proof, bytes(32)]
            for wrong in (other, proof[:-1], proof[::-1]):
                if wrong != proof:
                    with pytest.raises(InvalidRecord):
                        check_inclusion(leaf(index), index, size, wrong, root)
            with pytest.raises(InvalidRecord):
                check_inclusion(leaf(index + 1), index, size, proof, root)
            with pytest.raises(InvalidRecord):
                check_inclusion(leaf(index), index, size, proof, bytes(32))
            for elsewhere in {index - 1, index + 1, size} - {index}:
                with pytest.raises(InvalidRecord):
                    check_inclusion(leaf(index), elsewhere, size, proof, root)


def test_no_proof_of_consistency_holds_for_another_past(kept: Kept) -> None:
    for size in range(1, 20):
        for old in range(1, size + 1):
            proof = create_consistency_proof(old, size, kept)
            for root, new, path in (
                (bytes(32), kept.roots[size], proof),
                (kept.roots[old], bytes(32), proof),
                (kept.roots[old], kept.roots[size], [*proof, bytes(32)]),
                (kept.roots[old - 1], kept.roots[size], proof),
            ):
                with pytest.raises(InvalidRecord):
                    check_consistency(old, root, size, new, path)
            if proof:
                with pytest.raises(InvalidRecord):
                    check_consistency(old, kept.roots[old], size, kept.roots[size], proof[:-1])


def test_a_log_that_shrinks_or_is_flooded_with_hashes_is_refused(kept: Kept) -> None:
    with pytest.raises(InvalidRecord, match="wrong-shape"):
        check_consistency(3, kept.roots[3], 2, kept.roots[2], [])
    with pytest.raises(InvalidRecord, match="wrong-shape"):
        check_inclusion(leaf(0), 0, 2**61, [bytes(32)] * 64, bytes(32))
    with pytest.raises(ValueError, match="no leaf"):
        nodes_of_inclusion(3, 3)
    with pytest.raises(ValueError, match="cannot continue"):
        nodes_of_consistency(4, 3)


def test_a_proof_of_a_log_of_a_hundred_thousand_needs_a_handful_of_stored_nodes(large: Kept) -> None:
    for index in (0, 1, 54_321, 65_535, 65_536, LARGE - 2, LARGE - 1):
        wanted = nodes_of_inclusion(index, LARGE)
        assert len(wanted) <= 34
        proof = create_inclusion_proof(index, LARGE, {node: large[node] for node in wanted})
        assert len(proof) <= 17
        check_inclusion(leaf(index), index, LARGE, proof, large.roots[LARGE])
    for old, size in pairwise((1, 2, 4_095, 65_536, 65_537, 99_999, LARGE)):
        wanted = nodes_of_consistency(old, size)
        assert len(wanted) <= 34
        proof = create_consistency_proof(old, size, {node: large[node] for node in wanted})
        check_consistency(old, large.roots[old], size, large.roots[size], proof)


def test_the_nodes_kept_are_less_than_two_for_each_leaf(large: Kept) -> None:
    assert len(large) < 2 * LARGE
