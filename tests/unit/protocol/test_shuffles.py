"""Shuffles, and questions whose answers are not simply added: against the reference tool's own, and against misuse."""

from __future__ import annotations

import io
import random
from dataclasses import replace

import pytest

from ballot.protocol import backends
from ballot.protocol.archive import read_header, read_members
from ballot.protocol.ballots import check_ballot, parse_ballot
from ballot.protocol.canonical import parse_json
from ballot.protocol.crosscheck import CrossChecked
from ballot.protocol.decryption import (
    PartialDecryption,
    check_partial_decryption,
    combine_factors,
    parse_owned,
    parse_partial_decryption,
)
from ballot.protocol.elections import parse_election
from ballot.protocol.elgamal import Ciphertext
from ballot.protocol.embedding import generator, independent_generators, of_integers, to_integers
from ballot.protocol.errors import InvalidMessage, InvalidShuffle, Reason
from ballot.protocol.events import EventType, parse_event
from ballot.protocol.group import NotForSecrets, element_text
from ballot.protocol.kinds import parse_question
from ballot.protocol.openings import OpenedPaper, check_opening
from ballot.protocol.proofs import Opening, is_nonzero, prove_nonzero
from ballot.protocol.pure import PureEd25519
from ballot.protocol.questions import HomomorphicQuestion
from ballot.protocol.results import check_result, compute_result, parse_result, result_to_bytes
from ballot.protocol.shuffles import (
    check_shuffle,
    create_shuffle,
    is_shuffled_by_enough,
    merge_shuffled,
    parse_shuffle,
    shuffled_rows,
)
from ballot.protocol.strong_decryption import create_share
from ballot.protocol.tally import Tally, encrypted_tally_to_bytes, last, parse_encrypted_tally
from ballot.protocol.trustees import parse_trustees, public_keys
from tests.support.beside import FOLDER, REFERENCE, SOURCES
from tests.support.simulator import G, Simulator
from tests.support.vectors.tampered_shuffles import (
    ELM,
    LISTS,
    RANK,
    every_kind,
    of_two_out_of_three,
    ranked,
    shuffled_by,
    weighted_lists,
)
from tests.support.vectors.tampering import small_election

MADE_UP = {"nonhomomorphic": shuffled_by(1, 3, 2, sim=of_two_out_of_three, keys=(1, 2, 4)), "lists": weighted_lists}


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("name", MADE_UP)
def test_every_step_of_an_archive_is_computed_again_and_written_again(source: str, name: str) -> None:
    body = (FOLDER / "interop" / "mixnet" / f"{name}.bel").read_bytes() if source == REFERENCE else MADE_UP[name]()
    stream = io.BytesIO(body)
    members = list(read_members(stream, read_header(stream)))
    data = {member.hash: member.body for member in members}
    events = [parse_event(member.body) for member in members if member.kind == "event"]
    setup = parse_json(data[events[0].payload])  # type: ignore[index]

    def payloads(type: EventType) -> list[bytes]:
        return [data[event.payload] for event in events if event.type is type and event.payload is not None]

    election = parse_election(G, data[setup["election"]])
    questions = election.questions
    trustees = parse_trustees(G, data[setup["trustees"]])
    weights = {
        text.partition(",")[0]: int(text.partition(",")[2] or 1) for text in parse_json(data[setup["credentials"]])
    }
    tally = Tally(G, election)
    for ballot in last(parse_ballot(G, body) for body in payloads(EventType.BALLOT)):
        check_ballot(G, ballot, election, {ballot.credential})
        assert ballot.to_bytes() in data.values()
        tally.add([answer.choices for answer in ballot.answers], weights[element_text(ballot.credential)])
    encrypted = encrypted_tally_to_bytes(tally.encrypted, questions)
    assert encrypted in data.values()
    assert parse_encrypted_tally(G, encrypted, election) == tally.encrypted
    rows = shuffled_rows(election, tally.encrypted)
    for owned in payloads(EventType.SHUFFLE):
        shuffle = parse_shuffle(G, data[parse_owned(owned).payload])
        assert shuffle.to_bytes() in data.values()
        check_shuffle(G, election, rows, shuffle)
        rows = shuffle.ciphertexts
    final = merge_shuffled(election, tally.encrypted, rows)
    shares: dict[int, PartialDecryption] = {}
    for owner in map(parse_owned, payloads(EventType.PARTIAL_DECRYPTION)):
        shares[owner.owner] = share = parse_partial_decryption(G, data[owner.payload], questions)
        assert share.to_bytes(questions) in data.values()
        check_partial_decryption(G, election, final, public_keys(trustees)[owner.owner - 1], share)
    factors = combine_factors(G, trustees, shares)
    (published,) = payloads(EventType.RESULT)
    result = parse_result(published, questions)
    check_result(G, final, factors, result, questions)
    assert compute_result(G, final, factors, tally.total_weight, questions) == result
    assert result_to_bytes(result, questions) == published


def test_every_backend_checks_a_shuffle_alike() -> None:
    sim = ranked()
    sim.close()
    rows = shuffled_rows(sim.election, sim.tally.encrypted)
    shuffle = create_shuffle(G, sim.election, rows, sim.draw)
    other = create_shuffle(G, sim.election, rows[::-1] if len(rows) > 1 else [rows[0][::-1]], sim.draw)
    for make in (*backends.available().values(), lambda: CrossChecked(G, PureEd25519())):
        check_shuffle(make(), sim.election, rows, shuffle)
        with pytest.raises(InvalidShuffle) as refused:
            check_shuffle(make(), sim.election, rows, other)
        assert refused.value.reason is Reason.SHUFFLE_PROOF


def test_every_backend_finds_the_same_generators() -> None:
    found = [[generator(make(), i) for i in range(-1, 20)] for make in backends.available().values()]
    assert all(each == found[0] for each in found)
    assert len({*found[0], G.g, G.one}) == 23
    for P in found[0]:
        G.check(P)
    assert independent_generators(G, 20) == (found[0][0], tuple(found[0][1:]))


def test_nought_alone_is_held_by_the_first_element_that_is_in_the_group() -> None:
    assert of_integers(G, (0, 0, 0)) == G.one  # what lies before it is a point of order 4
    assert to_integers(G.one, 3) == (0, 0, 0)


@pytest.mark.parametrize("vote", [(256,), (-1,), (0,) * 31])
def test_what_does_not_fit_is_not_encoded(vote: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at most 30 numbers from 0 to 255"):
        of_integers(G, vote)


def test_shuffled_ciphertexts_are_tallied_in_ascending_order_and_divided_out_again() -> None:
    sim = ranked()
    sim.close()
    (row,) = sim.tally.encrypted
    assert [(c.alpha, c.beta) for c in row] == sorted((c.alpha, c.beta) for c in row)
    assert sorted(c.alpha for c in row) == sorted(choices[0][0].alpha for choices, _ in sim.cast.values())  # type: ignore[index]


def test_nothing_is_shuffled_with_arithmetic_that_betrays_it() -> None:
    sim = ranked()
    sim.close()
    rows = shuffled_rows(sim.election, sim.tally.encrypted)
    with pytest.raises(NotForSecrets):
        create_shuffle(PureEd25519(), sim.election, rows, sim.draw)


def test_our_trustees_open_no_single_votes() -> None:
    sim = ranked()
    sim.close()
    with pytest.raises(InvalidMessage, match="only homomorphic questions"):
        create_share(G, sim.election, sim.tally.encrypted, 1, sim.keys[1], sim.draw)


@pytest.mark.parametrize(("question", "vote"), [(RANK, (1, 2, 3)), (LISTS, ELM)], ids=["rank", "lists"])
def test_a_ballot_of_another_kind_cannot_be_opened_by_its_voter(question: object, vote: tuple[int, ...]) -> None:
    sim = small_election(questions=(question,))
    ballot = sim.ballot(0, vote)
    paper = OpenedPaper(sim.election.uuid, sim.election.fingerprint, ballot, (vote,), ((1,) * len(vote),))
    with pytest.raises(InvalidMessage, match="only homomorphic questions") as refused:
        check_opening(G, paper, sim.election)
    assert refused.value.reason is Reason.UNSUPPORTED


@pytest.mark.parametrize("type", ["Ranking", "nonhomomorphic", "Homomorphic ", 3, None, ["Lists"]])
def test_another_type_of_question_is_not_supported(type: object) -> None:
    value = HomomorphicQuestion(("A",), 1, 1, "?").to_json()
    with pytest.raises(InvalidMessage) as refused:
        parse_question({"type": type, "value": value})
    assert refused.value.reason is Reason.UNSUPPORTED


def test_a_homomorphic_question_names_its_type_only_with_a_hint() -> None:
    plain = HomomorphicQuestion(("A",), 1, 1, "?", True)
    hinted = replace(plain, extra=b'{"a":[1,"\xc3\xa9"]}')
    assert parse_question(hinted.to_json()) == hinted
    with pytest.raises(InvalidMessage, match="missing extra"):
        parse_question({"type": "Homomorphic", "value": plain.to_json()})


def test_a_list_without_a_name_is_no_list() -> None:
    with pytest.raises(InvalidMessage, match="expected a name for each list"):
        parse_question({"type": "Lists", "value": {"answers": [["L", "a"], []], "question": "?"}})


@pytest.mark.parametrize(
    ("owners", "enough"),
    [
        ((1, 2, 3), True),
        ((4, 1, 2), True),
        ((1, 2, 3, 4), True),
        ((2, 3, 4), False),
        ((1, 4), False),
        ((1,), False),
        ((), False),
    ],
)
def test_the_server_and_two_of_three_are_enough_to_shuffle(owners: tuple[int, ...], enough: bool) -> None:
    assert is_shuffled_by_enough(Simulator().trustees, set(owners)) == enough


@pytest.mark.parametrize("m", [0, 1, 2, 5])
def test_a_proof_that_something_is_not_nought_holds_for_nothing_else(m: int) -> None:
    rng = random.Random(m).randrange
    y, r = G.base_power(99), rng(G.q)
    c = Ciphertext(G.base_power(r), G.multiply(G.power(y, r), G.base_power(m)))
    proof = prove_nonzero(G, y, "S", Opening(c, r, m), rng)
    assert is_nonzero(G, y, "S", c, proof) == (m != 0)
    assert not is_nonzero(G, y, "T", c, proof)
    assert not is_nonzero(G, y, "S", Ciphertext(c.alpha, G.multiply(c.beta, G.g)), proof)


def test_all_kinds_in_one_election_are_opened_in_their_order() -> None:
    body = every_kind()
    stream = io.BytesIO(body)
    *_, result, _ = (member.body for member in read_members(stream, read_header(stream)))
    value = parse_json(result)["result"]
    assert [sorted(value[0]), value[1:3], sorted(value[3])] == [
        [[2, 2, 2], [3, 2, 1]],
        [[0, 2, 1], [[1, 1, 1], [1, 1]]],
        [[0], [7]],
    ]
