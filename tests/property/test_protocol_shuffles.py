"""Shuffled votes and lists: whatever is voted is opened, in some order, and nothing else passes for it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.protocol.decryption import combine_factors, create_partial_decryption
from ballot.protocol.elections import Election
from ballot.protocol.elgamal import Ciphertext
from ballot.protocol.embedding import MAX_INTEGERS, of_integers, to_integers
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.kinds import any_answer_faults, create_any_answer, parse_answer, parse_question
from ballot.protocol.list_questions import ListsQuestion, check_lists_vote
from ballot.protocol.non_homomorphic import NonHomomorphicQuestion
from ballot.protocol.results import check_result, compute_result, parse_result, result_to_bytes
from ballot.protocol.shuffle_proofs import Row, create_permutation
from ballot.protocol.shuffles import Shuffle, check_shuffle, create_shuffle, parse_shuffle
from ballot.protocol.trustees import create_trustee_public_key
from tests.support.simulator import G

X = 424242
Y = G.base_power(X)
ONE = NonHomomorphicQuestion(("A", "B"), "?")
few = settings(max_examples=20, deadline=None)
integers = st.lists(st.integers(0, 255), max_size=MAX_INTEGERS).map(tuple)
votes = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), max_size=6)
shapes = st.lists(st.lists(st.just("a name"), min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)


def election(*questions: Any) -> Election:
    return Election("d", "n", Y, questions, "1" * 14)


def encrypted(plain: Sequence[tuple[int, ...]], rng: random.Random) -> Row:
    def one(vote: tuple[int, ...]) -> Ciphertext:
        r = rng.randrange(G.q)
        return Ciphertext(G.base_power(r), G.multiply(G.power(Y, r), of_integers(G, vote)))

    return tuple(one(vote) for vote in plain)


@given(vote=integers)
def test_integers_are_read_back_from_the_element_that_holds_them(vote: tuple[int, ...]) -> None:
    assert to_integers(of_integers(G, vote), len(vote)) == vote


@few
@given(plain=votes, seed=st.integers(0, 2**32), shufflers=st.integers(1, 3))
def test_any_list_of_votes_is_shuffled_proved_and_opened(
    plain: list[tuple[int, int]], seed: int, shufflers: int
) -> None:
    rng = random.Random(seed)
    asked = election(ONE)
    rows: tuple[Row, ...] = (encrypted(plain, rng),)
    for _ in range(shufflers):
        shuffle = create_shuffle(G, asked, rows, rng.randrange)
        check_shuffle(G, asked, rows, shuffle)
        assert parse_shuffle(G, shuffle.to_bytes()) == shuffle
        assert not set(shuffle.ciphertexts[0]) & set(rows[0])
        rows = shuffle.ciphertexts
    trustees = [create_trustee_public_key(G, X, rng.randrange)]
    factors = combine_factors(G, trustees, {1: create_partial_decryption(G, asked, rows, X, rng.randrange)})
    (opened,) = compute_result(G, rows, factors, len(plain), (ONE,))
    assert sorted(zip(opened[::2], opened[1::2], strict=True)) == sorted(plain)
    check_result(G, rows, factors, (opened,), (ONE,))
    assert parse_result(result_to_bytes((opened,), (ONE,)), (ONE,)) == (opened,)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Row, Shuffle]:
    """The ciphertexts that were shuffled, and a shuffle that differs from an honest one in one entry."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    row = encrypted([(i, i) for i in range(draw(st.integers(1, 4)))], rng)
    honest = create_shuffle(G, election(ONE), [row], rng.randrange)
    (proof,) = honest.proofs
    name = draw(st.sampled_from([each.name for each in fields(proof)] + ["alpha", "beta"]))
    if name in ("alpha", "beta"):
        made = list(honest.ciphertexts[0])
        place = draw(st.integers(0, len(made) - 1))
        part = getattr(made[place], name)
        made[place] = replace(made[place], **{name: G.multiply(part, G.base_power(draw(st.integers(1, G.q - 1))))})
        return row, replace(honest, ciphertexts=(tuple(made),))
    entries = list(getattr(proof, name))
    place, by = draw(st.integers(0, len(entries) - 1)), draw(st.integers(1, G.q - 1))
    old = entries[place]
    entries[place] = (old + by) % G.q if isinstance(old, int) else G.multiply(old, G.base_power(by))
    return row, replace(honest, proofs=(replace(proof, **{name: tuple(entries)}),))


@few
@given(changed=changes())
def test_a_shuffle_with_any_entry_changed_is_refused(changed: tuple[Row, Shuffle]) -> None:
    row, shuffle = changed
    with pytest.raises(InvalidMessage, match=r"^shuffle-proof: row 0: "):
        check_shuffle(G, election(ONE), [row], shuffle)


@few
@given(n=st.integers(2, 5), seed=st.integers(0, 2**32))
def test_a_shuffle_of_other_ciphertexts_is_refused(n: int, seed: int) -> None:
    rng = random.Random(seed)
    row = encrypted([(1, 2)] * n, rng)
    shuffle = create_shuffle(G, election(ONE), [row], rng.randrange)
    others = [row[::-1], row[1:], (*row, row[0]), (row[0], *row[:-1]), encrypted([(1, 2)] * n, rng)]
    for other in others:
        with pytest.raises(InvalidMessage, match=r"^(shuffle-proof|wrong-shape): "):
            check_shuffle(G, election(ONE), [other], shuffle)


@given(n=st.integers(0, 30), seed=st.integers(0, 2**32))
def test_a_permutation_has_every_place_once(n: int, seed: int) -> None:
    assert sorted(create_permutation(n, random.Random(seed).randrange)) == list(range(n))


@few
@given(answers=st.integers(0, MAX_INTEGERS), data=st.data())
def test_a_raw_vote_of_the_right_length_is_accepted(answers: int, data: st.DataObject) -> None:
    question = NonHomomorphicQuestion(("A",) * answers, "?", data.draw(st.none() | st.just(b'{"method":"STV"}')))
    assert parse_question(question.to_json()) == question
    draw = random.Random(answers).randrange
    vote = data.draw(st.lists(st.integers(0, 255), min_size=answers, max_size=answers))
    answer = create_any_answer(G, Y, "S0", question, vote, draw)
    assert parse_answer(G, answer.to_json()) == answer
    assert list(any_answer_faults(G, Y, "S0", question, answer)) == []
    assert list(any_answer_faults(G, Y, "S1", question, answer)) != []
    for wrong in ([*vote, 1], [256, *vote[1:]], [-1, *vote[1:]]):
        if len(wrong) != answers or answers:
            with pytest.raises(ValueError, match="vote"):
                create_any_answer(G, Y, "S0", question, wrong, draw)


@few
@given(lists=shapes, data=st.data())
def test_a_list_vote_is_accepted_exactly_if_it_is_allowed(
    lists: tuple[tuple[str, ...], ...], data: st.DataObject
) -> None:
    question = ListsQuestion(lists, "?")
    assert parse_question(question.to_json()) == question
    bits = st.integers(0, 1)
    vote = [m for names in lists for m in data.draw(st.lists(bits, min_size=len(names), max_size=len(names)))]
    starts = [sum(map(len, lists[:i])) for i in range(len(lists))]
    chosen = [i for i, start in enumerate(starts) if vote[start]]
    within = {m for start, names in zip(starts, lists, strict=True) for m in range(start + 1, start + len(names))}
    own = {m for i in chosen for m in range(starts[i] + 1, starts[i] + len(lists[i]))}
    candidates = {m for m in within if vote[m]}
    draw = random.Random(len(vote)).randrange
    if len(chosen) == 1 and candidates and candidates <= own:
        answer = create_any_answer(G, Y, "S0", question, vote, draw)
        assert parse_answer(G, answer.to_json()) == answer
        assert list(any_answer_faults(G, Y, "S0", question, answer)) == []
        assert list(any_answer_faults(G, Y, "S1", question, answer)) != []
    else:
        with pytest.raises(ValueError, match="vote"):
            check_lists_vote(question, vote)
