"""Every valid vote of every small question is accepted and counted; no other can be made."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.protocol.credentials import generate_base58
from ballot.protocol.elgamal import Ciphertext, combine, encrypt, raise_to
from ballot.protocol.group import element_text, inverse, parse_element, parse_scalar
from ballot.protocol.proofs import (
    Opening,
    is_blank,
    is_interval,
    is_knowledge,
    is_overall_or_blank,
    prove_blank,
    prove_interval,
    prove_knowledge,
    prove_overall_or_blank,
)
from ballot.protocol.questions import Answer, HomomorphicQuestion, answer_faults, create_answer
from ballot.protocol.results import DiscreteLogarithm
from tests.support.simulator import G
from tests.support.strategies import questions, scalars

Y = G.base_power(987654321)
few = settings(max_examples=25)


def is_allowed(question: HomomorphicQuestion, vote: Sequence[int]) -> bool:
    """What the specification says, in other words than the code's."""
    if question.blank:
        blank, *rest = vote
        return sum(rest) == 0 if blank else question.min <= sum(rest) <= question.max
    return question.min <= sum(vote) <= question.max


@few
@given(question=questions(), seed=st.integers(0, 2**32))
def test_every_valid_vote_is_accepted_and_every_other_cannot_be_made(question: HomomorphicQuestion, seed: int) -> None:
    draw = random.Random(seed).randrange
    for vote in product((0, 1), repeat=question.length):
        if is_allowed(question, vote):
            answer = create_answer(G, Y, "S0", question, vote, draw)
            assert list(answer_faults(G, Y, "S0", question, answer)) == []
            assert Answer.from_json(G, answer.to_json()) == answer
        else:
            with pytest.raises(ValueError, match="vote"):
                create_answer(G, Y, "S0", question, vote, draw)


@few
@given(question=questions(), seed=st.integers(0, 2**32))
def test_a_question_is_written_again_as_it_was_read(question: HomomorphicQuestion, seed: int) -> None:
    assert HomomorphicQuestion.from_json(question.to_json()) == question


@few
@given(size=st.integers(1, 5), claimed=st.integers(0, 4), held=st.integers(0, 9), seed=st.integers(0, 2**32))
def test_an_interval_proof_holds_exactly_if_the_value_is_the_one_claimed(
    size: int, claimed: int, held: int, seed: int
) -> None:
    draw = random.Random(seed).randrange
    i, values = claimed % size, range(2, 2 + size)
    r = draw(G.q)
    c = encrypt(G, Y, r, held)
    assert is_interval(G, Y, "S", values, c, prove_interval(G, Y, "S", r, i, values, c, draw)) == (held == values[i])


@few
@given(m0=st.integers(0, 1), sigma=st.integers(0, 3), seed=st.integers(0, 2**32))
def test_blank_proofs_hold_exactly_where_their_statement_does(m0: int, sigma: int, seed: int) -> None:
    draw = random.Random(seed).randrange
    values = range(1, 3)
    r0, r1 = draw(G.q), draw(G.q)
    zero, total = Opening(encrypt(G, Y, r0, m0), r0, m0), Opening(encrypt(G, Y, r1, sigma), r1, sigma)
    proofs = prove_blank(G, Y, "S", zero, total, draw)
    assert is_blank(G, Y, "S", zero.c, total.c, proofs) == (m0 == 0 or sigma == 0)
    if m0 == 1 or sigma in values:
        overall = prove_overall_or_blank(G, Y, "S", zero, total, values, draw)
        assert is_overall_or_blank(G, Y, "S", zero.c, total.c, values, overall)
        assert not is_overall_or_blank(G, Y, "T", zero.c, total.c, values, overall)
        assert not is_blank(G, Y, "S", zero.c, total.c, overall[:2])


@few
@given(x=scalars, other=scalars, seed=st.integers(0, 2**32))
def test_a_proof_of_knowledge_holds_for_its_own_key(x: int, other: int, seed: int) -> None:
    proof = prove_knowledge(G, "p|", x, random.Random(seed).randrange)
    assert is_knowledge(G, "p|", G.base_power(x), proof)
    assert is_knowledge(G, "p|", G.base_power(other), proof) == (x == other)


@few
@given(a=scalars, b=scalars)
def test_the_group_is_a_group(a: int, b: int) -> None:
    A, B = G.base_power(a), G.base_power(b)
    assert G.multiply(A, B) == G.multiply(B, A) == G.base_power((a + b) % G.q)
    assert G.divide(A, B) == G.multiply(A, inverse(G, B)) == G.base_power((a - b) % G.q)
    assert G.power(A, b) == G.power(B, a) == G.base_power(a * b % G.q)
    assert parse_element(element_text(A)) == A
    assert parse_scalar(G, str(a)) == a


@few
@given(votes=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10**6)), max_size=6), seed=st.integers(0, 2**32))
def test_a_weighted_product_opens_to_the_weighted_sum(votes: list[tuple[int, int]], seed: int) -> None:
    rng = random.Random(seed)
    x = rng.randrange(1, G.q)
    y = G.base_power(x)
    total: Ciphertext = combine(G, (raise_to(G, encrypt(G, y, rng.randrange(G.q), m), weight) for m, weight in votes))
    opened = G.divide(total.beta, G.power(total.alpha, x))
    assert DiscreteLogarithm(G, 6 * 10**6).log(opened) == sum(m * weight for m, weight in votes)


@few
@given(length=st.integers(0, 40), seed=st.integers(0, 2**32))
def test_drawing_twice_with_one_seed_gives_the_same(length: int, seed: int) -> None:
    first, again = (generate_base58(length, random.Random(seed).randrange) for _ in range(2))
    assert first == again
    assert len(first) == length
