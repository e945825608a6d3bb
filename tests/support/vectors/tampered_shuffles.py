"""Archives of the kinds that only other people's elections have: shuffled answers, and lists. Good ones, and false
ones whose tally, shares and result follow from the fault, so that nothing else is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from ballot.protocol.canonical import write_json
from ballot.protocol.decryption import OwnedPartialDecryption, create_partial_decryption
from ballot.protocol.elgamal import Ciphertext
from ballot.protocol.embedding import of_integers, to_integers
from ballot.protocol.events import EventType
from ballot.protocol.group import Element, element_text
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.list_questions import ListsQuestion
from ballot.protocol.non_homomorphic import NonHomomorphicQuestion, create_raw_answer
from ballot.protocol.shuffle_proofs import Row, ShuffleProof, prove_shuffle, shuffle_row
from ballot.protocol.shuffles import Shuffle, create_shuffle, shuffled_rows
from ballot.protocol.tally import SizedEncryptedTally, encrypted_tally_to_bytes
from tests.support.simulator import G, Simulator
from tests.support.vectors.tampered_ballots import WITH_BLANK
from tests.support.vectors.tampered_totals import forge
from tests.support.vectors.tampering import (
    NO,
    ORDER_EIGHT,
    YES,
    YES_NO,
    Step,
    Vector,
    cast,
    chained,
    finish,
    key_of,
    plus_one,
    sign_again,
    small_election,
    steps_of,
)

RANK = NonHomomorphicQuestion(("Ash", "Beech", "Cedar"), "Rank them", b'{"method":"Schulze","blank":true}')
GRADE = NonHomomorphicQuestion(("Dogwood",), "Grade it from 0 to 9")
HINTED = replace(WITH_BLANK, extra=b'{"shown":["first","\xc3\xa9"]}')
LISTS = ListsQuestion((("Trees", "Elm", "Fir"), ("Herbs", "Sage")), "Which list?")
ELM, BOTH, SAGE = (1, 1, 0, 0, 0), (1, 1, 1, 0, 0), (0, 0, 0, 1, 1)
RANKS = ((1, 2, 3), (3, 1, 2), (0, 0, 255))


def ranked(questions: Sequence[Any] = (RANK,), **more: Any) -> Simulator:
    """Three ranks, cast, and one trustee."""
    sim = small_election(questions=questions, **more)
    for voter, vote in enumerate(RANKS):
        sim.vote(voter, vote)
    return sim


def of_two_out_of_three() -> Simulator:
    """An election of a yes or no and a rank, whose server and two of three trustees decrypt."""
    sim = Simulator(seed=11, questions=(YES_NO, RANK), weights=(None,) * 3)
    for voter, (vote, rank) in enumerate(zip((YES, NO, YES), RANKS, strict=True)):
        sim.vote(voter, vote, rank)
    return sim


def shuffled_by(*owners: int, sim: Callable[[], Simulator] = ranked, keys: Sequence[int] = (1,)) -> Callable[[], bytes]:
    """Closed, shuffled by these owners, opened with these keys."""

    def make() -> bytes:
        made = sim()
        made.close()
        if owners:
            made.shuffle(*owners)
        made.decrypt(*keys)
        return made.archive

    return make


# -- Good ones ---------------------------------------------------------------------------------------------------


def every_kind() -> bytes:
    """Two shuffled questions among a blank one and lists; one vote was cast again."""
    sim = small_election(questions=(RANK, HINTED, LISTS, GRADE))
    sim.vote(0, (1, 2, 3), (1, 0, 0), ELM, (9,))
    sim.vote(1, (3, 2, 1), (0, 1, 1), SAGE, (0,))
    sim.vote(0, (2, 2, 2), (0, 1, 0), BOTH, (7,))
    sim.close()
    sim.shuffle(1)
    sim.decrypt(1)
    return sim.archive


def weighted_lists() -> bytes:
    sim = small_election(questions=(LISTS,), weights=(1, 2**30, 3))
    for voter, vote in enumerate((ELM, SAGE, BOTH)):
        sim.vote(voter, vote)
    return finish(sim)


def weight_without_a_vote() -> bytes:
    """Someone's weight is 2, but only others voted."""
    sim = small_election(questions=(RANK,), weights=(1, 1, 2))
    sim.vote(0, RANKS[0])
    sim.close()
    sim.shuffle(1)
    sim.decrypt(1)
    return sim.archive


def being_shuffled() -> bytes:
    sim = ranked()
    sim.close()
    sim.shuffle(1)
    return sim.archive


def forged_grade() -> bytes:
    """The only trustee shuffles last, and publishes 5 where 1 was voted, as the decryption proofs allow."""
    sim = small_election(questions=(GRADE,))
    for voter in range(3):
        sim.vote(voter, (1,))
    sim.close()
    (row,) = shuffled_rows(sim.election, sim.tally.encrypted)
    sigma, P = 0, of_integers(G, (1,))
    while to_integers(P, 1) != (5,):
        sigma, P = sigma + 1, G.divide(P, G.g)
    randomness, proofs = forge(sim.election, (row,), sim.keys[1], [sigma] * 3, 1, sim.draw)
    chosen = iter([0, 0, 0, *randomness])  # the places stay; then the randomness of each
    shuffle = create_shuffle(G, sim.election, [row], lambda n: next(chosen, None) or (0 if n <= 3 else sim.draw(n)))
    sim.publish_shuffle(1, shuffle.to_bytes())
    sim.append(EventType.END_SHUFFLES, [])
    honest = create_partial_decryption(G, sim.election, shuffle.ciphertexts, sim.keys[1], sim.draw)
    false = tuple(G.multiply(F, G.base_power(sigma)) for F in honest.decryption_factors[0])
    share = replace(honest, decryption_factors=(false,), decryption_proofs=(tuple(proofs),)).to_bytes()
    sim.append(EventType.PARTIAL_DECRYPTION, [share, OwnedPartialDecryption(1, sha256_hex(share)).to_bytes()])
    sim.append(EventType.RESULT, [b'{"result":[[[5],[5],[5]]]}'])
    return sim.archive


GOOD = [
    Vector("good--shuffled.bel", shuffled_by(1), exit=0),
    Vector("good--shuffled-by-three.bel", shuffled_by(3, 1, 4, sim=of_two_out_of_three, keys=(1, 2, 4)), exit=0),
    Vector("good--shuffled-without-the-server.bel", shuffled_by(2, 3, sim=of_two_out_of_three, keys=(1, 2, 3)), exit=0),
    Vector("good--shuffled-every-kind.bel", every_kind, exit=0),
    Vector("good--shuffled-nobody-voted.bel", shuffled_by(1, sim=lambda: small_election(questions=(RANK,))), exit=0),
    Vector("good--shuffled-weight-without-a-vote.bel", weight_without_a_vote, exit=0),
    Vector("good--shuffled-and-not-opened.bel", being_shuffled, exit=0, stage="closed"),
    Vector("good--shuffled-vote-forged-as-the-specification-allows.bel", forged_grade, exit=0),
    Vector("good--lists-weighted.bel", weighted_lists, exit=0),
]


# -- Shuffles ----------------------------------------------------------------------------------------------------


def falsely_shuffled(
    change: Callable[[Simulator, tuple[Row, ...], Shuffle], Shuffle | bytes], decrypted: bool = True
) -> Callable[[], bytes]:
    """An honest shuffle changed, then opened as if it were true; without a share where nothing could be opened."""

    def make() -> bytes:
        sim = ranked()
        sim.close()
        rows = shuffled_rows(sim.election, sim.tally.encrypted)
        made = change(sim, rows, create_shuffle(G, sim.election, rows, sim.draw))
        sim.publish_shuffle(1, made if isinstance(made, bytes) else made.to_bytes())
        sim.append(EventType.END_SHUFFLES, [])
        sim.shuffled = rows if isinstance(made, bytes) else made.ciphertexts
        if decrypted:
            sim.decrypt(1)
        return sim.archive

    return make


def proof_with(change: Callable[[ShuffleProof], ShuffleProof]) -> Callable[[], bytes]:
    return falsely_shuffled(lambda _, rows, made: replace(made, proofs=(change(made.proofs[0]),)))


def first_of(name: str, change: Callable[[Any], Any], place: int = 0) -> Callable[[], bytes]:
    """One entry of one part of the proof, changed."""

    def changed(proof: ShuffleProof) -> ShuffleProof:
        part = list(getattr(proof, name))
        part[place] = change(part[place])
        return replace(proof, **{name: tuple(part)})

    return proof_with(changed)


def more(P: Element) -> Element:
    return G.multiply(P, G.g)


def next_number(s: int) -> int:
    return (s + 1) % G.q


def cheated(
    psi: Sequence[int] = (0, 1, 2), change: Callable[[Simulator, Ciphertext], Ciphertext] = lambda _, c: c
) -> Callable[[], bytes]:
    """The best a cheat can do: all that an honest prover does, with the true ciphertexts in every hash.

    `psi` need not be a permutation, and the first shuffled ciphertext is changed before anything is proved.
    """

    def cheat(sim: Simulator, rows: tuple[Row, ...], _: Shuffle) -> Shuffle:
        (e,), y = rows, sim.election.public_key
        _, r_prime, _ = shuffle_row(G, y, e, sim.draw)
        again = [
            Ciphertext(G.multiply(c.alpha, G.base_power(r)), G.multiply(c.beta, G.power(y, r)))
            for c, r in zip(e, r_prime, strict=True)
        ]
        e_prime = tuple(again[j] for j in psi)
        e_prime = (change(sim, e_prime[0]), *e_prime[1:])
        proof = prove_shuffle(G, y, sim.election.fingerprint, e, e_prime, r_prime, psi, sim.draw)
        return Shuffle((e_prime,), (proof,))

    return falsely_shuffled(cheat)


def of_someones_choice(sim: Simulator, _: Ciphertext) -> Ciphertext:
    r, P = sim.draw(G.q), of_integers(G, (9, 9, 9))
    return Ciphertext(G.base_power(r), G.multiply(G.power(sim.election.public_key, r), P))


def ciphertexts_with(change: Callable[[Row], Row]) -> Callable[[], bytes]:
    """The proof stays, and the shuffled ciphertexts are changed."""
    return falsely_shuffled(lambda _, rows, made: replace(made, ciphertexts=(change(made.ciphertexts[0]),)))


def of_another_election(sim: Simulator, rows: tuple[Row, ...], made: Shuffle) -> Shuffle:
    return create_shuffle(G, replace(sim.election, name="Another CCG"), rows, sim.draw)


def small_order(sim: Simulator, rows: tuple[Row, ...], made: Shuffle) -> Shuffle:
    (first, *rest) = made.ciphertexts[0]
    mixed = Element(G.multiply(first.alpha, ORDER_EIGHT))
    return replace(made, ciphertexts=((replace(first, alpha=mixed), *rest),))


def with_torsion(name: str) -> Callable[[], bytes]:
    """A part of the proof with a point of small order in it."""
    return first_of(name, lambda P: Element(G.multiply(P, ORDER_EIGHT)), 1)


def beside_the_one_before() -> bytes:
    """The second shuffle is one of the ballots, so it undoes what the first trustee did."""
    sim = of_two_out_of_three()
    sim.close()
    rows = shuffled_rows(sim.election, sim.tally.encrypted)
    for owner in (1, 2, 3):
        shuffle = create_shuffle(G, sim.election, rows, sim.draw)
        sim.publish_shuffle(owner, shuffle.to_bytes())
        sim.shuffled = shuffle.ciphertexts
        rows = rows if owner == 1 else shuffle.ciphertexts
    sim.append(EventType.END_SHUFFLES, [])
    sim.decrypt(1, 2, 3)
    return sim.archive


def exchanged() -> bytes:
    """The first two of three shuffles, each in the place of the other."""
    steps = steps_of(shuffled_by(1, 2, 3, sim=of_two_out_of_three, keys=(1, 2, 3))())
    first = next(i for i, step in enumerate(steps) if step.type is EventType.SHUFFLE)
    steps[first], steps[first + 1] = steps[first + 1], steps[first]
    return chained(steps)


def nothing_to_shuffle() -> bytes:
    sim = small_election()
    sim.vote(0, YES)
    sim.close()
    sim.shuffle(1)
    sim.decrypt(1)
    return sim.archive


def text_of(change: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    return falsely_shuffled(lambda _, rows, made: change(made.to_bytes()), decrypted=False)


def _proofs(fault: str, make: Callable[[], bytes]) -> Vector:
    return Vector(f"shuffles.proofs--{fault}.bel", make, ("shuffles.proofs",))


def _form(fault: str, make: Callable[[], bytes]) -> Vector:
    return Vector(f"shuffles.form--{fault}.bel", make, ("shuffles.form",), stage="closed")


SHUFFLES = [
    _proofs("a-vote-of-the-trustees-own", cheated(change=of_someones_choice)),
    _proofs("a-vote-twice-and-another-not", cheated((1, 1, 2))),
    _proofs("a-vote-shifted", cheated(change=lambda _, c: replace(c, beta=more(c.beta)))),
    _proofs("another-alpha", cheated(change=lambda _, c: replace(c, alpha=more(c.alpha)))),
    _proofs("ciphertexts-exchanged", ciphertexts_with(lambda row: (row[1], row[0], *row[2:]))),
    _proofs("ciphertext-re-encrypted-to-another", ciphertexts_with(lambda row: (replace(row[0], beta=G.g), *row[1:]))),
    _proofs("identity-elements", ciphertexts_with(lambda row: (Ciphertext(G.one, G.one),) * len(row))),
    _proofs("permutation-commitment", first_of("c", more)),
    _proofs("permutation-commitment-is-the-identity", first_of("c", lambda _: G.one)),
    _proofs("chained-commitment", first_of("c_hat", more)),
    _proofs("chained-commitment-is-the-identity", first_of("c_hat", lambda _: G.one, 2)),
    *(_proofs(f"commitment-{i}", first_of("t", more, i)) for i in range(5)),
    _proofs("commitment-of-a-link", first_of("t_hat", more, 1)),
    *(_proofs(f"response-{i}", first_of("s", next_number, i)) for i in range(4)),
    _proofs("response-of-a-link", first_of("s_hat", next_number, 2)),
    _proofs("response-of-a-place", first_of("s_prime", next_number, 1)),
    _proofs("everything-is-the-identity-or-nought", proof_with(lambda proof: nothing(proof))),
    _proofs("of-another-election", falsely_shuffled(of_another_election)),
    _proofs("of-small-order", falsely_shuffled(small_order, decrypted=False)),
    *(_proofs(f"of-small-order-in-{name}", with_torsion(name)) for name in ("t", "t_hat", "c", "c_hat")),
    _proofs("beside-the-one-before", beside_the_one_before),
    _proofs("exchanged", exchanged),
    Vector("shuffles.form--nothing-to-shuffle.bel", nothing_to_shuffle, ("shuffles.form",)),
    _form("spaces", text_of(lambda body: body.replace(b",", b", ", 1))),
    _form("ciphertext-left-out", text_of(lambda body: edited(body, lambda v: v["ciphertexts"][0].pop()))),
    _form("row-left-out", text_of(lambda body: edited(body, lambda v: v["ciphertexts"].clear()))),
    _form("proof-left-out", text_of(lambda body: edited(body, lambda v: v["proofs"].clear()))),
    _form("response-left-out", text_of(lambda body: edited(body, lambda v: v["proofs"][0][1].pop(0)))),
    _form("response-of-a-place-left-out", text_of(lambda body: edited(body, lambda v: v["proofs"][0][1][5].pop()))),
    _form("commitment-left-out", text_of(lambda body: edited(body, lambda v: v["proofs"][0][2].pop()))),
    _form("response-is-q", text_of(lambda body: edited(body, lambda v: v["proofs"][0][1].__setitem__(0, str(G.q))))),
    Vector("shuffles.owner--no-such-trustee.bel", shuffled_by(1, 2), ("shuffles.owner",)),
    Vector("shuffles.owner--twice.bel", shuffled_by(1, 1), ("shuffles.owner",)),
    Vector("shuffles.made--none.bel", shuffled_by(), ("shuffles.made",)),
]


def nothing(proof: ShuffleProof) -> ShuffleProof:
    """All elements the identity, all numbers 0: holds in every equation that has no ciphertext, h or g alone."""
    ones, noughts = (G.one,) * len(proof.c), (0,) * len(proof.c)
    return ShuffleProof((G.one,) * 5, ones, (0,) * 4, noughts, noughts, ones, ones)


def edited(body: bytes, change: Callable[[Any], object]) -> bytes:
    value = json.loads(body)
    change(value)
    return write_json(value)


# -- Ballots, tally, shares and result of these kinds ------------------------------------------------------------


def ballot_with(
    change: Callable[[Simulator, dict[str, Any]], None], question: Any = RANK, vote: Sequence[int] = RANKS[2]
) -> Callable[[], bytes]:
    """A ballot of the last voter, changed in place and signed again; tallied and shuffled where it can be."""

    def make() -> bytes:
        sim = small_election(questions=(question,))
        sim.vote(0, *((RANKS[0],) if question is RANK else (SAGE,)))
        ballot = json.loads(sim.ballot(2, vote))
        change(sim, ballot)
        cast(sim, sign_again(sim, ballot, key_of(sim, 2)))
        sim.close()
        if question is RANK:
            sim.shuffle(1)
        sim.decrypt(1)
        return sim.archive

    return make


def wrong_response(_: Simulator, ballot: dict[str, Any]) -> None:
    proof = ballot["answers"][0]["proof"]
    proof["response"] = plus_one(proof["response"])


def copied(sim: Simulator, ballot: dict[str, Any]) -> None:
    """The choice of the first voter with its proof, under another credential."""
    ballot["answers"] = json.loads(steps_of(sim.archive)[1].payloads[0])["answers"]


def torsion_in_beta(sim: Simulator, ballot: dict[str, Any]) -> None:
    """The proof holds: it says nothing of beta but its bytes."""
    y, S0 = sim.election.public_key, f"{sim.election.fingerprint}|{ballot['credential']}"
    with patch("ballot.protocol.non_homomorphic.of_integers", return_value=ORDER_EIGHT):
        ballot["answers"] = [create_raw_answer(G, y, S0, RANK, RANKS[0], sim.draw).to_json()]


def being_cast(change: Callable[[Simulator, dict[str, Any]], None]) -> Callable[[], bytes]:
    """A ballot changed in place and signed again, while voting goes on."""

    def make() -> bytes:
        sim = small_election(questions=(RANK,))
        ballot = json.loads(sim.ballot(2, RANKS[2]))
        change(sim, ballot)
        sim.append(EventType.BALLOT, [sign_again(sim, ballot, key_of(sim, 2))])
        return sim.archive

    return make


def not_allowed(vote: Sequence[int]) -> Callable[[], bytes]:
    """A list vote that the question does not allow, with the proofs that an honest program makes of it."""

    def make() -> bytes:
        sim = small_election(questions=(LISTS,))
        sim.vote(0, SAGE)
        with patch("ballot.protocol.list_questions.check_lists_vote"):
            sim.vote(1, vote)
        return finish(sim)

    return make


def changed_in_lists(change: Callable[[dict[str, Any]], None]) -> Callable[[], bytes]:
    return ballot_with(lambda _, ballot: change(ballot["answers"][0]), LISTS, ELM)


def of_another_kind() -> bytes:
    """An answer to a homomorphic question where one is to be shuffled."""
    sim, other = ranked(), small_election(questions=(YES_NO,))
    ballot = json.loads(sim.ballot(2, RANKS[2])) | {"answers": json.loads(other.ballot(2, YES))["answers"]}
    sim.append(EventType.BALLOT, [sign_again(sim, ballot, key_of(sim, 2))])
    return sim.archive


def weight_of_two() -> bytes:
    sim = ranked(weights=(1, 2, 1))
    sim.close()
    sim.shuffle(1)
    sim.decrypt(1)
    return sim.archive


def tally_in_the_order_of_casting() -> bytes:
    sim = ranked()
    row = tuple(choices[0][0] for choices, _ in sim.cast.values())  # type: ignore[index]
    assert row != tuple(sorted(row, key=lambda c: (c.alpha, c.beta)))
    return tallied_as(sim, row)


def tallied_as(sim: Simulator, row: Row) -> bytes:
    encrypted = encrypted_tally_to_bytes((row,))
    sim.append(EventType.END_BALLOTS, [])
    sized = SizedEncryptedTally(3, 3, sha256_hex(encrypted))
    sim.append(EventType.ENCRYPTED_TALLY, [encrypted, sized.to_bytes()])
    shuffle = create_shuffle(G, sim.election, [row], sim.draw)
    sim.publish_shuffle(1, shuffle.to_bytes())
    sim.append(EventType.END_SHUFFLES, [])
    sim.close = lambda: None  # type: ignore[method-assign]
    sim.shuffled = shuffle.ciphertexts
    sim.tally.total_weight = 3
    sim.decrypt(1)
    return sim.archive


def tallied_without_the_first() -> bytes:
    sim = ranked()
    row = tuple(sorted((choices[0][0] for choices, _ in sim.cast.values()), key=lambda c: c.alpha))  # type: ignore[index]
    return tallied_as(sim, row[1:])


def opened_unshuffled() -> bytes:
    """The share opens the ballots' own ciphertexts."""
    sim = ranked()
    sim.close()
    sim.shuffle(1)
    sim.shuffled = None
    sim.decrypt(1)
    return sim.archive


def result_with(change: Callable[[Any], object], check: str, fault: str) -> Vector:
    """The published result, changed."""

    def make() -> bytes:
        steps = steps_of(shuffled_by(1)())
        body = steps[-1].payloads[0]
        return chained([*steps[:-1], Step(EventType.RESULT, [edited(body, change)])])

    return Vector(f"{check}--{fault}.bel", make, (check,))


def _list_ballot(check: str, fault: str, make: Callable[[], bytes]) -> Vector:
    return Vector(f"{check}--{fault}.bel", make, (check,))


def wrong_list_proof(answer: dict[str, Any]) -> None:
    proof = answer["list_proofs"][1][0]
    proof["response"] = plus_one(proof["response"])


def identity_commitment(answer: dict[str, Any]) -> None:
    answer["nonzero_proof"]["commitment"] = element_text(G.one)


OF_THE_KINDS = [
    Vector("ballots.individual--shuffled-response-plus-one.bel", ballot_with(wrong_response), ("ballots.individual",)),
    Vector("ballots.individual--shuffled-choice-of-another.bel", ballot_with(copied), ("ballots.individual",)),
    Vector(
        "ballots.subgroup--shuffled-beta-of-small-order.bel",
        being_cast(torsion_in_beta),
        ("ballots.subgroup",),
        stage="voting",
    ),
    Vector("ballots.credential--shuffled-with-weight-two.bel", weight_of_two, ("ballots.credential",)),
    Vector("ballots.shape--answer-of-another-kind.bel", of_another_kind, ("ballots.shape",), stage="voting"),
    _list_ballot("ballots.overall", "no-candidate", not_allowed((1, 0, 0, 0, 0))),
    _list_ballot("ballots.overall", "two-lists", not_allowed((1, 1, 0, 1, 1))),
    _list_ballot("ballots.overall", "candidate-of-another-list", not_allowed((1, 1, 0, 0, 1))),
    _list_ballot("ballots.overall", "candidates-and-no-list", not_allowed((0, 1, 0, 0, 0))),
    _list_ballot("ballots.individual", "candidate-twice", not_allowed((1, 2, 0, 0, 0))),
    _list_ballot("ballots.overall", "list-proof-response-plus-one", changed_in_lists(wrong_list_proof)),
    _list_ballot("ballots.overall", "nonzero-commitment-is-the-identity", changed_in_lists(identity_commitment)),
    Vector(
        "tally.ciphertexts--shuffled-in-the-order-of-casting.bel", tally_in_the_order_of_casting, ("tally.ciphertexts",)
    ),
    Vector("tally.ciphertexts--shuffled-vote-left-out.bel", tallied_without_the_first, ("tally.ciphertexts",)),
    Vector("decryption.proofs--of-what-was-not-shuffled.bel", opened_unshuffled, ("decryption.proofs",)),
    result_with(lambda value: value["result"][0].reverse(), "result.value", "shuffled-votes-exchanged"),
    result_with(lambda value: value["result"][0][0].reverse(), "result.value", "shuffled-vote-turned"),
    result_with(lambda value: value["result"][0].pop(), "result.value", "shuffled-vote-left-out"),
    result_with(lambda value: value["result"][0][0].pop(), "result.form", "shuffled-vote-too-short"),
]

MIXED = [*GOOD, *SHUFFLES, *OF_THE_KINDS]
