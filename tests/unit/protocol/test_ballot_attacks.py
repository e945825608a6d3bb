"""A ballot altered anywhere is refused; a proof speaks for one election, one credential and one ciphertext only."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ballot.protocol.ballots import Ballot, ballot_faults, check_ballot, create_ballot, hash_unsigned, parse_ballot
from ballot.protocol.canonical import write_json
from ballot.protocol.credentials import PrivateKey, derive_private_key
from ballot.protocol.decryption import PartialDecryption, check_partial_decryption, create_partial_decryption
from ballot.protocol.elgamal import Ciphertext, combine, encrypt
from ballot.protocol.errors import InvalidBallot, InvalidElement, InvalidMessage, Reason
from ballot.protocol.group import Element, element_text
from ballot.protocol.proofs import (
    Opening,
    Proof,
    hash_commitments,
    is_interval,
    is_knowledge,
    prove_blank,
    prove_interval,
    prove_knowledge,
    prove_overall_or_blank,
)
from ballot.protocol.questions import BIT, Answer, HomomorphicQuestion, answer_faults, choices_text
from ballot.protocol.signatures import sign_hash
from ballot.protocol.sodium import MIXED_ORDER_POINT
from tests.support.simulator import ABSTAIN, AGAINST, FOR, G, Simulator
from tests.support.strategies import get, leaves, paths, replaced, without

T2 = G.divide(Element(MIXED_ORDER_POINT), G.g)
"""The point of order 2."""

OTHER = HomomorphicQuestion(("Yes", "No"), 0, 2, "And this?")
BLANK = HomomorphicQuestion(("One", "Two"), 1, 1, "Which?", True)


@pytest.fixture(scope="module")
def sim() -> Simulator:
    return Simulator(
        questions=(HomomorphicQuestion(("For", "Against", "Abstain"), 1, 1, "Merge?"), BLANK), weights=(None,) * 3
    )


@pytest.fixture(scope="module")
def good(sim: Simulator) -> bytes:
    return sim.ballot(0, FOR, (0, 0, 1))


def refused(sim: Simulator, data: bytes) -> InvalidMessage:
    """What a ballot is refused with; the auditor's list of faults is worked through to its end."""
    ballot = parse_ballot(G, data)
    faults = list(ballot_faults(G, ballot, sim.election, sim.public.weights()))
    assert all(isinstance(fault, InvalidMessage) for fault in faults)
    assert faults, "the ballot was accepted"
    with pytest.raises(type(faults[0])):
        check_ballot(G, ballot, sim.election, sim.public.weights())
    return faults[0]


def must_be_refused(sim: Simulator, data: bytes) -> None:
    try:
        parse_ballot(G, data)
    except InvalidMessage:
        return
    refused(sim, data)


def test_the_ballot_that_is_spoiled_below_is_accepted(sim: Simulator, good: bytes) -> None:
    ballot = parse_ballot(G, good)
    check_ballot(G, ballot, sim.election, sim.public.weights())
    assert ballot.to_bytes() == good


def test_any_value_altered_in_a_ballot_is_refused(sim: Simulator, good: bytes) -> None:
    value = json.loads(good)
    for path in leaves(value):
        old = get(value, path)
        if path[-1] in ("challenge", "response"):
            others = [str((int(old) + 1) % G.q), str((-int(old)) % G.q), "0", str(int(old) + G.q)]
        elif path[-1] in ("alpha", "beta", "credential"):
            P = bytes.fromhex(old)[::-1]
            others = [
                element_text(other)
                for other in (G.one, G.g, G.multiply(Element(P), G.g), G.divide(G.one, Element(P)), T2)
            ] + [element_text(G.multiply(Element(P), T2)), old.upper(), "0" * 63 + "2"]
        else:
            others = [old[:-1], old + "A", ("B" if old[0] == "A" else "A") + old[1:], ""]
        for other in others:
            if other != old:
                must_be_refused(sim, write_json(replaced(value, path, other)))


def test_any_part_of_a_ballot_left_out_is_refused(sim: Simulator, good: bytes) -> None:
    value = json.loads(good)
    for path in paths(value):
        if path:
            must_be_refused(sim, write_json(without(value, path)))


def test_any_two_neighbours_changed_over_or_doubled_are_refused(sim: Simulator, good: bytes) -> None:
    value = json.loads(good)
    for path in paths(value):
        entries = get(value, path)
        if isinstance(entries, list):
            for i in range(len(entries)):
                must_be_refused(sim, write_json(replaced(value, path, [*entries[: i + 1], *entries[i:]])))
                if i:
                    swapped = [*entries[: i - 1], entries[i], entries[i - 1], *entries[i + 1 :]]
                    must_be_refused(sim, write_json(replaced(value, path, swapped)))


def resigned(sim: Simulator, voter: int, ballot: Ballot) -> bytes:
    """The ballot with a true signature of that voter over whatever it now says."""
    s = derive_private_key(G, sim.election.uuid, sim.private[voter])
    ballot = replace(ballot, credential=G.base_power(s))
    return replace(ballot, signature=sign_hash(G, s, hash_unsigned(ballot), sim.draw)).to_bytes()


def other_election(sim: Simulator, ballot: Ballot) -> Ballot:
    return replace(ballot, election_uuid="1" * 14)


def other_hash(sim: Simulator, ballot: Ballot) -> Ballot:
    return replace(ballot, election_hash=replace(sim.election, name="Another").fingerprint)


def one_answer(sim: Simulator, ballot: Ballot) -> Ballot:
    return replace(ballot, answers=ballot.answers[:1])


def with_answer(ballot: Ballot, i: int, **changes: Any) -> Ballot:
    answers = [replace(a, **changes) if i == j else a for j, a in enumerate(ballot.answers)]
    return replace(ballot, answers=tuple(answers))


SIGNED_BUT_WRONG: dict[str, tuple[Callable[[Simulator, Ballot], Ballot], Reason]] = {
    "another election's uuid": (other_election, Reason.ELECTION_UUID),
    "another election's hash": (other_hash, Reason.ELECTION_HASH),
    "an answer too few": (one_answer, Reason.WRONG_SHAPE),
    "an answer too many": (lambda _, b: replace(b, answers=b.answers + b.answers[:1]), Reason.WRONG_SHAPE),
    "no answers": (lambda _, b: replace(b, answers=()), Reason.WRONG_SHAPE),
    "a choice too few": (lambda _, b: with_answer(b, 0, choices=b.answers[0].choices[:2]), Reason.WRONG_SHAPE),
    "a proof too few": (
        lambda _, b: with_answer(b, 0, individual_proofs=b.answers[0].individual_proofs[:2]),
        Reason.WRONG_SHAPE,
    ),
    "no individual proofs at all": (lambda _, b: with_answer(b, 0, individual_proofs=()), Reason.WRONG_SHAPE),
    "empty individual proofs": (lambda _, b: with_answer(b, 0, individual_proofs=((),) * 3), Reason.INDIVIDUAL_PROOF),
    "an empty overall proof": (lambda _, b: with_answer(b, 0, overall_proof=()), Reason.OVERALL_PROOF),
    "an empty overall proof beside blank": (lambda _, b: with_answer(b, 1, overall_proof=()), Reason.OVERALL_PROOF),
    "an empty blank proof": (lambda _, b: with_answer(b, 1, blank_proof=()), Reason.BLANK_PROOF),
    "no blank proof": (lambda _, b: with_answer(b, 1, blank_proof=None), Reason.WRONG_SHAPE),
    "a blank proof where none is": (
        lambda _, b: with_answer(b, 0, blank_proof=b.answers[1].blank_proof),
        Reason.WRONG_SHAPE,
    ),
    "the same choice twice": (
        lambda _, b: with_answer(b, 0, choices=(b.answers[0].choices[0],) * 3),
        Reason.INDIVIDUAL_PROOF,
    ),
    "choices changed over with their proofs": (
        lambda _, b: with_answer(
            b, 0, choices=b.answers[0].choices[::-1], individual_proofs=b.answers[0].individual_proofs[::-1]
        ),
        Reason.OVERALL_PROOF,
    ),
    "blank and overall proofs changed over": (
        lambda _, b: with_answer(b, 1, overall_proof=b.answers[1].blank_proof, blank_proof=b.answers[1].overall_proof),
        Reason.OVERALL_PROOF,
    ),
    "all proofs zero": (
        lambda _, b: with_answer(b, 0, individual_proofs=((Proof(0, 0),) * 2,) * 3),
        Reason.INDIVIDUAL_PROOF,
    ),
    "neutral ciphertexts": (
        lambda _, b: with_answer(b, 0, choices=(Ciphertext(G.one, G.one),) * 3),
        Reason.INDIVIDUAL_PROOF,
    ),
}


@pytest.mark.parametrize(("spoil", "reason"), SIGNED_BUT_WRONG.values(), ids=SIGNED_BUT_WRONG.keys())
def test_a_well_signed_ballot_that_is_wrong_is_refused_by_name(
    sim: Simulator, good: bytes, spoil: Callable[[Simulator, Ballot], Ballot], reason: Reason
) -> None:
    assert refused(sim, resigned(sim, 0, spoil(sim, parse_ballot(G, good)))).reason is reason


@pytest.mark.parametrize("part", ["alpha", "beta"])
@pytest.mark.parametrize("proofs", ["kept", "left out"])
def test_a_choice_outside_the_group_is_refused_and_the_auditor_lives_on(
    sim: Simulator, good: bytes, part: str, proofs: str
) -> None:
    off_the_curve, mixed = Element((2).to_bytes(32, "little")), Element(MIXED_ORDER_POINT)
    for P in (off_the_curve, mixed, T2):
        for i in (0, 1):
            ballot = parse_ballot(G, good)
            answer = ballot.answers[i]
            choices = tuple(replace(c, **{part: P}) for c in answer.choices)
            individual = answer.individual_proofs if proofs == "kept" else ((),) * len(choices)
            spoiled = with_answer(ballot, i, choices=choices, individual_proofs=individual)
            refused(sim, resigned(sim, 0, spoiled))


def test_another_voters_answers_do_not_hold_under_ones_own_credential(sim: Simulator, good: bytes) -> None:
    assert refused(sim, resigned(sim, 1, parse_ballot(G, good))).reason is Reason.INDIVIDUAL_PROOF


def test_another_voters_whole_ballot_cannot_be_signed_by_oneself(sim: Simulator, good: bytes) -> None:
    theirs, mine = parse_ballot(G, good), parse_ballot(G, sim.ballot(1, FOR, (1, 0, 0)))
    assert refused(sim, replace(theirs, signature=mine.signature).to_bytes()).reason is Reason.SIGNATURE_HASH
    forged = sign_hash(G, PrivateKey(5), hash_unsigned(theirs), sim.draw)
    assert refused(sim, replace(theirs, signature=forged).to_bytes()).reason is Reason.SIGNATURE


def test_a_ballot_under_a_credential_that_is_not_listed_is_refused(sim: Simulator) -> None:
    ballot = create_ballot(G, sim.election, PrivateKey(12345), (FOR, (1, 0, 0)), sim.draw)
    assert refused(sim, ballot.to_bytes()).reason is Reason.UNKNOWN_CREDENTIAL


@pytest.mark.parametrize(
    "credential",
    [G.one, T2, Element(MIXED_ORDER_POINT), Element(bytes([2, *bytes(31)]))],
    ids=["1", "T2", "g+T2", "y=2"],
)
def test_no_listing_makes_an_outside_point_a_credential(sim: Simulator, good: bytes, credential: Element) -> None:
    ballot = replace(parse_ballot(G, good), credential=credential)
    ballot = replace(ballot, signature=replace(ballot.signature, hash=hash_unsigned(ballot)))
    faults = list(ballot_faults(G, ballot, sim.election, {credential: 1}))
    assert faults[0].reason in (Reason.ELEMENT_IDENTITY, Reason.ELEMENT_SUBGROUP)


def test_a_ballot_for_an_election_that_differs_in_one_letter_is_refused(sim: Simulator) -> None:
    s = derive_private_key(G, sim.election.uuid, sim.private[0])
    for other in (
        replace(sim.election, description="A proposal."),
        replace(sim.election, public_key=G.base_power(99)),
        replace(sim.election, questions=sim.election.questions[::-1]),
    ):
        votes = [FOR if not question.blank else (1, 0, 0) for question in other.questions]
        ballot = create_ballot(G, other, s, votes, sim.draw)
        assert refused(sim, ballot.to_bytes()).reason is Reason.ELECTION_HASH


# -- Forged votes ----------------------------------------------------------------------------------------------


def forge(
    sim: Simulator,
    question: HomomorphicQuestion,
    vote: tuple[int, ...],
    bit: Callable[[int], int],
    total: int,
    blank_says: int,
) -> Answer:
    """The best that a cheat can do for any vote: true proofs where there are, and honest-looking ones elsewhere."""
    y, S0, draw = sim.election.public_key, "hash|credential", sim.draw
    r = [draw(G.q) for _ in vote]
    choices = tuple(encrypt(G, y, r_j, m) for r_j, m in zip(r, vote, strict=True))
    individual = tuple(
        prove_interval(G, y, S0, r_j, bit(m), BIT, c, draw) for r_j, m, c in zip(r, vote, choices, strict=True)
    )
    S = f"{S0}|{choices_text(choices)}"
    first = 1 if question.blank else 0
    sigma = Opening(combine(G, choices[first:]), sum(r[first:]) % G.q, total)
    if not question.blank:
        i = total - question.min
        return Answer(choices, individual, prove_interval(G, y, S, sigma.r, i, question.interval, sigma.c, draw))
    zero = Opening(choices[0], r[0], blank_says)
    overall = prove_overall_or_blank(G, y, S, zero, sigma, question.interval, draw)
    return Answer(choices, individual, overall, prove_blank(G, y, S, zero, sigma, draw))


def reasons(sim: Simulator, question: HomomorphicQuestion, answer: Answer) -> list[Reason]:
    faults = answer_faults(G, sim.election.public_key, "hash|credential", question, answer)
    return [fault.reason for fault in faults]


ONE = HomomorphicQuestion(("a", "b", "c"), 1, 1, "")


def test_the_forger_can_make_true_answers(sim: Simulator) -> None:
    assert reasons(sim, ONE, forge(sim, ONE, (0, 1, 0), int, 1, 0)) == []
    assert reasons(sim, BLANK, forge(sim, BLANK, (0, 1, 0), int, 1, 0)) == []
    assert reasons(sim, BLANK, forge(sim, BLANK, (1, 0, 0), int, 1, 1)) == []


@pytest.mark.parametrize("claimed", [0, 1])
@pytest.mark.parametrize("m", [2, 3, -1, 10**6, G.q - 5])
def test_an_encryption_of_anything_but_a_bit_is_refused(sim: Simulator, m: int, claimed: int) -> None:
    vote = (m % G.q, (1 - m) % G.q, 0)
    answer = forge(sim, ONE, vote, lambda v: v if v in (0, 1) else claimed, 1, 0)
    assert Reason.INDIVIDUAL_PROOF in reasons(sim, ONE, answer)


@pytest.mark.parametrize("vote", [(0, 0, 0), (1, 1, 0), (1, 1, 1)], ids=str)
def test_a_sum_outside_the_interval_is_refused(sim: Simulator, vote: tuple[int, ...]) -> None:
    assert reasons(sim, ONE, forge(sim, ONE, vote, int, 1, 0)) == [Reason.OVERALL_PROOF]


@pytest.mark.parametrize("says", [0, 1])
@pytest.mark.parametrize("total", [0, 1])
def test_a_blank_vote_that_selects_something_is_refused(sim: Simulator, says: int, total: int) -> None:
    if says == 0 and total == 0:
        return
    answer = forge(sim, BLANK, (1, 1, 0), int, max(total, 1), says)
    assert Reason.BLANK_PROOF in reasons(sim, BLANK, answer)


@pytest.mark.parametrize("says", [0, 1])
def test_nothing_selected_without_the_blank_bit_is_refused(sim: Simulator, says: int) -> None:
    assert Reason.OVERALL_PROOF in reasons(sim, BLANK, forge(sim, BLANK, (0, 0, 0), int, 1, says))


def test_a_question_without_answers_is_checked_like_any_other() -> None:
    sim = Simulator(questions=(HomomorphicQuestion((), 0, 0, "Nothing to say?"),), weights=(None,))
    ballot = parse_ballot(G, sim.ballot(0, ()))
    check_ballot(G, ballot, sim.election, sim.public.weights())


# -- Proofs bound to their statement ----------------------------------------------------------------------------


def test_a_proof_of_knowledge_holds_for_its_key_and_prefix_only() -> None:
    rng = random.Random(2)
    x = rng.randrange(G.q)
    X, proof = G.base_power(x), prove_knowledge(G, "pok|a|", x, rng.randrange)
    assert is_knowledge(G, "pok|a|", X, proof)
    assert not is_knowledge(G, "pok|b|", X, proof)
    assert not is_knowledge(G, "pok|a|", G.base_power(x + 1), proof)
    assert not is_knowledge(G, "pok|a|", X, Proof(proof.response, proof.challenge))
    assert not is_knowledge(G, "pok|a|", X, Proof(0, 0))


def test_an_interval_proof_holds_for_its_ciphertext_string_and_interval_only(sim: Simulator) -> None:
    y, draw = sim.election.public_key, sim.draw
    c = encrypt(G, y, 77, 1)
    proofs = prove_interval(G, y, "S", 77, 1, range(3), c, draw)
    assert is_interval(G, y, "S", range(3), c, proofs)
    assert not is_interval(G, y, "T", range(3), c, proofs)
    assert not is_interval(G, y, "S", range(1, 4), c, proofs)
    assert not is_interval(G, y, "S", range(2), c, proofs)
    assert not is_interval(G, y, "S", range(3), c, proofs[:2])
    assert not is_interval(G, y, "S", range(3), c, proofs[::-1])
    assert not is_interval(G, G.base_power(3), "S", range(3), c, proofs)
    assert not is_interval(G, y, "S", range(3), encrypt(G, y, 78, 1), proofs)
    assert not is_interval(G, y, "S", range(3), encrypt(G, y, 77, 2), proofs)
    assert not is_interval(G, y, "S", range(0), c, ())


@pytest.mark.parametrize("value", [0, 1, 2])
def test_every_value_of_an_interval_can_be_proved_even_with_no_randomness(sim: Simulator, value: int) -> None:
    y = sim.election.public_key
    c = encrypt(G, y, 0, value)
    assert is_interval(G, y, "S", range(3), c, prove_interval(G, y, "S", 0, value, range(3), c, sim.draw))


def test_a_proof_that_holds_but_for_the_order_of_its_point_is_refused() -> None:
    """With an even challenge the point of order 2 falls out of the equation: only the subgroup check sees it."""
    x, rng = 4711, random.Random(3)
    X = G.multiply(G.base_power(x), T2)
    while True:
        w = rng.randrange(G.q)
        challenge = hash_commitments(G, "sig|h|", [G.base_power(w)])
        if challenge % 2 == 0:
            break
    proof = Proof(challenge, (w - x * challenge) % G.q)
    assert is_knowledge(G, "sig|h|", G.base_power(x), proof)
    with pytest.raises(InvalidElement):
        is_knowledge(G, "sig|h|", X, proof)


def test_a_decryption_factor_that_holds_but_for_its_order_is_refused() -> None:
    sim = Simulator(weights=(None,))
    sim.vote(0, ABSTAIN)
    sim.close()
    tally, x = sim.tally.encrypted, sim.keys[1]
    X = G.base_power(x)
    while True:
        share = create_partial_decryption(G, sim.election, tally, x, sim.draw)
        if share.decryption_proofs[0][0].challenge % 2 == 0:
            break
    check_partial_decryption(G, sim.election, tally, X, share)
    first, *rest = share.decryption_factors[0]
    spoiled = PartialDecryption(((G.multiply(first, T2), *rest),), share.decryption_proofs)
    with pytest.raises(InvalidElement):
        check_partial_decryption(G, sim.election, tally, X, spoiled)


# -- What we may not call ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("vote", [(1, 1, 0), (0, 0, 0), (2, 0, 0), (1, 0), (1, 0, 0, 0), (-1, 1, 1), ()], ids=str)
def test_an_invalid_vote_cannot_be_made(sim: Simulator, vote: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a vote here"):
        sim.ballot(0, vote, (0, 1, 0))


def test_a_ballot_needs_one_vote_a_question(sim: Simulator) -> None:
    for votes in ((), (AGAINST,), (AGAINST, (1, 0, 0), AGAINST)):
        with pytest.raises(ValueError, match="zip"):
            sim.ballot(0, *votes)


def test_a_refused_ballot_can_be_sent_between_processes() -> None:
    import pickle

    fault = pickle.loads(pickle.dumps(InvalidBallot(Reason.SIGNATURE, "the detail")))
    assert (type(fault), fault.reason, fault.detail) == (InvalidBallot, Reason.SIGNATURE, "the detail")
