"""What is counted: the last ballot of each credential, by its weight; and how totals are opened and written."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from ballot.protocol.backends import choose
from ballot.protocol.ballots import parse_ballot
from ballot.protocol.decryption import (
    OwnedPartialDecryption,
    PartialDecryption,
    check_partial_decryption,
    create_partial_decryption,
    lagrange,
    parse_owned,
    parse_partial_decryption,
)
from ballot.protocol.elgamal import Ciphertext, combine, encrypt, neutral, raise_to
from ballot.protocol.errors import InvalidDecryption, InvalidElement, InvalidMessage, Reason
from ballot.protocol.group import Element
from ballot.protocol.hashing import Hash
from ballot.protocol.results import (
    DiscreteLogarithm,
    check_result,
    compute_result,
    parse_result,
    result_to_bytes,
)
from ballot.protocol.sodium import MIXED_ORDER_POINT
from ballot.protocol.spec import MAX_SMALL_INTEGER, MAX_TOTAL_WEIGHT
from ballot.protocol.tally import (
    SizedEncryptedTally,
    Tally,
    divide_tallies,
    encrypted_tally_to_bytes,
    last,
    parse_encrypted_tally,
    parse_sized_encrypted_tally,
    weight_from_json,
    weight_to_json,
)
from tests.support.simulator import ABSTAIN, AGAINST, FOR, MERGE, G, Simulator

HASH = Hash("ab" * 32)


@pytest.fixture(scope="module")
def tallied() -> Simulator:
    sim = Simulator(weights=(3, 0, 2, 5))
    sim.vote(0, FOR)
    sim.vote(1, AGAINST)
    sim.vote(2, ABSTAIN)
    sim.close()
    return sim


def test_the_last_ballot_of_each_credential_counts_in_the_order_of_the_last() -> None:
    sim = Simulator(weights=(None,) * 3)
    cast = [parse_ballot(G, sim.ballot(voter, vote)) for voter, vote in ((0, FOR), (1, FOR), (0, AGAINST), (2, FOR))]
    assert last(cast) == [cast[1], cast[2], cast[3]]
    assert last(reversed(cast)) == [cast[3], cast[1], cast[0]]
    assert last([]) == []
    assert last([cast[0], cast[0]]) == [cast[0]]


def test_a_second_vote_replaces_the_first() -> None:
    sim = Simulator(weights=(7, 1))
    for voter, vote in ((0, FOR), (1, FOR), (0, AGAINST)):
        sim.vote(voter, vote)
    sim.close()
    assert sim.decrypt(1, 2, 3) == ((1, 7, 0),)
    assert (sim.tally.num_tallied, sim.tally.total_weight) == (2, 8)


def test_nobody_voted_and_the_total_is_nought() -> None:
    sim = Simulator(questions=(MERGE, MERGE))
    sim.close()
    assert parse_encrypted_tally(G, encrypted_tally_to_bytes(sim.tally.encrypted), sim.election) == (
        (neutral(G),) * 3,
        (neutral(G),) * 3,
    )
    assert sim.decrypt(1, 2, 4) == ((0, 0, 0), (0, 0, 0))


def test_weights_of_nought_and_above_thirty_bits_are_counted() -> None:
    sim = Simulator(weights=(0, 2**30, 2**31 + 5, 1))
    for voter, vote in enumerate((FOR, FOR, AGAINST, ABSTAIN)):
        sim.vote(voter, vote)
    sim.close()
    result = sim.decrypt(1, 3, 4)
    assert result == ((2**30, 2**31 + 5, 1),)
    assert sim.tally.total_weight == 2**30 + 2**31 + 6
    assert result_to_bytes(result) == b'{"result":[["1073741824","2147483653",1]]}'


def test_only_weightless_ballots_leave_a_total_of_nought() -> None:
    sim = Simulator(weights=(0, 0))
    sim.vote(0, FOR)
    sim.vote(1, AGAINST)
    sim.close()
    assert (sim.tally.num_tallied, sim.tally.total_weight) == (2, 0)
    assert sim.decrypt(1, 2, 3) == ((0, 0, 0),)


def test_parts_of_a_tally_multiply_to_the_whole_and_divide_out_again(tallied: Simulator) -> None:
    parts = []
    for choices, weight in tallied.cast.values():
        part = Tally(G, tallied.election)
        part.add(choices, weight)  # type: ignore[arg-type]
        parts.append(part.encrypted)
    together = Tally(G, tallied.election)
    for part in parts:
        together.multiply(part)
    whole = together.encrypted
    assert whole == tallied.tally.encrypted
    for part in parts[::-1]:
        whole = divide_tallies(G, tallied.election, whole, part)
    assert whole == ((neutral(G),) * 3,)


def test_ciphertexts_add_up_and_scale() -> None:
    y = G.base_power(1234)
    a, b = encrypt(G, y, 5, 2), encrypt(G, y, 7, 3)
    assert combine(G, (a, b)) == encrypt(G, y, 12, 5)
    assert combine(G, (a, neutral(G), b)) == combine(G, (b, a))
    assert combine(G, ()) == neutral(G)
    assert raise_to(G, a, 0) == neutral(G)
    assert raise_to(G, a, 1) == a
    assert raise_to(G, a, 10**11) == encrypt(G, y, 5 * 10**11, 2 * 10**11)
    assert encrypt(G, y, 0, 0) == neutral(G)


# -- Weights and results in JSON ---------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [0, 1, MAX_SMALL_INTEGER, MAX_SMALL_INTEGER + 1, 10**11, 10**39])
def test_a_weight_is_a_number_up_to_thirty_bits_and_text_above(weight: int) -> None:
    written = weight_to_json(weight)
    assert isinstance(written, int) == (weight <= 1073741823)
    assert weight_from_json(written) == weight


WEIGHTS = {
    "text below": "1073741823",
    "a number above": 1073741824,
    "negative": -1,
    "negative text": "-1073741824",
    "a leading zero": "01073741824",
    "a plus": "+1073741824",
    "an underscore": "1_073_741_824",
    "a space": " 1073741824",
    "a newline": "1073741824\n",
    "digits of another script": "\u0661" * 12,
    "a superscript": "\u00b2" * 12,
    "forty-one digits": "1" * 41,
    "a million digits": "1" * 1_000_000,
    "empty": "",
    "true": True,
    "nothing": None,
    "a list": [1],
}


@pytest.mark.parametrize("value", WEIGHTS.values(), ids=WEIGHTS.keys())
def test_a_weight_in_another_dress_is_refused(value: object) -> None:
    with pytest.raises(InvalidMessage):
        weight_from_json(value)
    with pytest.raises(InvalidMessage):
        parse_result(result_to_bytes(((1,),)).replace(b"1", repr(value).replace("'", '"').encode()))


@pytest.mark.parametrize(
    "data",
    [
        b'{"result":[]} ',
        b'{"result":{}}',
        b'{"result":[1]}',
        b"[[1]]",
        b'{"result":[[1]],"result":[[1]]}',
        b'{"result":[[1]],"x":1}',
        b'{"result":[["1073741823"]]}',
    ],
)
def test_a_result_in_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidMessage):
        parse_result(data)


@pytest.mark.parametrize(
    "sized",
    [SizedEncryptedTally(0, 0, HASH), SizedEncryptedTally(5, 1073741824, HASH), SizedEncryptedTally(9, 10**11, HASH)],
)
def test_the_size_of_a_tally_is_written_again_as_it_was_read(sized: SizedEncryptedTally) -> None:
    assert parse_sized_encrypted_tally(sized.to_bytes()) == sized


@pytest.mark.parametrize(
    "data",
    [
        b'{"num_tallied":1,"total_weight":1}',
        b'{"num_tallied":-1,"total_weight":1,"encrypted_tally":"%s"}',
        b'{"num_tallied":1,"total_weight":1,"encrypted_tally":"x"}',
        b'{"num_tallied":"1","total_weight":1,"encrypted_tally":"%s"}',
        b'{"num_tallied":true,"total_weight":1,"encrypted_tally":"%s"}',
        b'{"total_weight":1,"num_tallied":1,"encrypted_tally":"%s"}',
    ],
)
def test_the_size_of_a_tally_in_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidMessage):
        parse_sized_encrypted_tally(data.replace(b"%s", HASH.encode()))


def test_an_encrypted_tally_of_another_shape_or_outside_the_group_is_refused(tallied: Simulator) -> None:
    (row,) = tallied.tally.encrypted
    mixed, off = Element(MIXED_ORDER_POINT), Element(bytes([2, *bytes(31)]))
    assert parse_encrypted_tally(G, encrypted_tally_to_bytes((row,)), tallied.election) == (row,)
    for shape in ((), (row, row), (row[:2],), (row + row[:1],)):
        with pytest.raises(InvalidMessage) as caught:
            parse_encrypted_tally(G, encrypted_tally_to_bytes(shape), tallied.election)
        assert caught.value.reason is Reason.WRONG_SHAPE
    for bad in (Ciphertext(mixed, row[0].beta), Ciphertext(row[0].alpha, mixed), Ciphertext(off, off)):
        with pytest.raises(InvalidElement):
            parse_encrypted_tally(G, encrypted_tally_to_bytes(((bad, *row[1:]),)), tallied.election)


# -- Shares ------------------------------------------------------------------------------------------------------


def test_a_share_holds_for_its_trustee_its_tally_and_its_election_only(tallied: Simulator) -> None:
    tally, x = tallied.tally.encrypted, tallied.keys[1]
    X = G.base_power(x)
    share = create_partial_decryption(G, tallied.election, tally, x, tallied.draw)
    check_partial_decryption(G, tallied.election, tally, X, share)
    assert parse_partial_decryption(G, share.to_bytes()) == share
    other_election = replace(tallied.election, name="Another")
    (row,), (factors,), (proofs,) = tally, share.decryption_factors, share.decryption_proofs
    spoiled = [
        (other_election, tally, X, share),
        (tallied.election, tally, G.base_power(tallied.keys[2]), share),
        (tallied.election, (row[::-1],), X, share),
        (tallied.election, tally, X, PartialDecryption((factors[::-1],), share.decryption_proofs)),
        (tallied.election, tally, X, PartialDecryption(share.decryption_factors, (proofs[::-1],))),
        (tallied.election, tally, X, PartialDecryption(((G.one,) * 3,), share.decryption_proofs)),
        (tallied.election, tally, X, PartialDecryption((factors[:2],), share.decryption_proofs)),
        (tallied.election, tally, X, PartialDecryption(share.decryption_factors, (proofs[:2],))),
        (tallied.election, tally, X, PartialDecryption((), ())),
        (tallied.election, tally, X, PartialDecryption((factors, factors), (proofs, proofs))),
    ]
    for election, bad_tally, key, bad in spoiled:
        with pytest.raises(InvalidDecryption):
            check_partial_decryption(G, election, bad_tally, key, bad)


@pytest.mark.parametrize("P", [Element(MIXED_ORDER_POINT), Element(bytes([2, *bytes(31)]))], ids=["g + T2", "y = 2"])
def test_a_factor_outside_the_group_is_refused(tallied: Simulator, P: Element) -> None:
    tally, x = tallied.tally.encrypted, tallied.keys[1]
    share = create_partial_decryption(G, tallied.election, tally, x, tallied.draw)
    bad = PartialDecryption(((P, *share.decryption_factors[0][1:]),), share.decryption_proofs)
    with pytest.raises(InvalidElement):
        check_partial_decryption(G, tallied.election, tally, G.base_power(x), bad)


@pytest.mark.parametrize(
    "data",
    [
        b'{"owner":0,"payload":"%s"}',
        b'{"owner":-1,"payload":"%s"}',
        b'{"owner":true,"payload":"%s"}',
        b'{"owner":"1","payload":"%s"}',
        b'{"owner":1,"payload":"%s","x":1}',
        b'{"owner":1,"payload":"AB"}',
        b'{"owner":9999999999999999999999,"payload":"%s"}',
    ],
)
def test_an_owner_in_another_form_is_refused(data: bytes) -> None:
    assert parse_owned(OwnedPartialDecryption(1, HASH).to_bytes()) == OwnedPartialDecryption(1, HASH)
    with pytest.raises(InvalidMessage):
        parse_owned(data.replace(b"%s", HASH.encode()))


def test_a_result_altered_by_one_is_refused(tallied: Simulator) -> None:
    factors = _factors(tallied)
    check_result(G, tallied.tally.encrypted, factors, ((3, 0, 2),))
    for wrong in (
        ((3, 0, 3),),
        ((2, 0, 2),),
        ((0, 3, 2),),
        ((3, 0),),
        ((3, 0, 2), (0,)),
        (),
        ((3 + G.q, 0, 2),),
        ((3, G.q, 2),),
        ((10**39, 0, 2),),
    ):
        with pytest.raises(InvalidDecryption) as caught:
            check_result(G, tallied.tally.encrypted, factors, wrong)
        assert caught.value.reason is Reason.RESULT


def _factors(sim: Simulator) -> tuple[tuple[Element, ...], ...]:
    """The factors, from the secret key that nobody ever holds in one hand."""
    x = (sim.keys[1] + sum(lagrange(G, (1, 2), i) * sim.keys[i + 1] for i in (1, 2))) % G.q
    return tuple(tuple(G.power(c.alpha, x) for c in row) for row in sim.tally.encrypted)


def test_a_total_above_the_weight_is_refused(tallied: Simulator) -> None:
    factors = _factors(tallied)
    assert compute_result(G, tallied.tally.encrypted, factors, 5) == ((3, 0, 2),)
    with pytest.raises(InvalidDecryption):
        compute_result(G, tallied.tally.encrypted, factors, 2)


# -- Logarithms --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("maximum", [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100, 127])
def test_every_logarithm_up_to_the_maximum_is_found_and_none_beyond(maximum: int) -> None:
    logarithm = DiscreteLogarithm(G, maximum)
    for k in range(maximum + 1):
        assert logarithm.log(G.base_power(k)) == k
    for k in (maximum + 1, maximum + 2, 2 * maximum + 5, G.q - 1, G.q - maximum - 1, G.q - 2):
        if k > maximum:
            with pytest.raises(InvalidDecryption) as caught:
                logarithm.log(G.base_power(k))
            assert caught.value.reason is Reason.RESULT


@pytest.mark.parametrize("maximum", [10**6, 2**30, 3_172_900])
def test_logarithms_at_the_edges_of_larger_ranges_are_found(maximum: int) -> None:
    logarithm, rng = DiscreteLogarithm(G, maximum), random.Random(maximum)
    for k in (0, 1, 2, maximum // 2, maximum - 1, maximum, *(rng.randrange(maximum) for _ in range(2))):
        assert logarithm.log(G.base_power(k)) == k
    for k in (maximum + 1, G.q - 1):
        with pytest.raises(InvalidDecryption):
            logarithm.log(G.base_power(k))


def test_the_largest_total_that_sealing_allows_is_found() -> None:
    assert MAX_TOTAL_WEIGHT == 10**11
    quickest = choose()
    logarithm = DiscreteLogarithm(quickest, MAX_TOTAL_WEIGHT)
    for k in (MAX_TOTAL_WEIGHT, 1, 0):
        assert logarithm.log(G.base_power(k)) == k
