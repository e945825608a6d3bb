"""Elections with every secret, the reference tool's own and made-up ones: each derived value is reproduced."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest

from ballot.protocol.archive import read_header, read_members, write_data, write_event, write_header
from ballot.protocol.ballots import check_ballot, parse_ballot, tracking_number
from ballot.protocol.canonical import parse_json, write_json
from ballot.protocol.ceremony import (
    Polynomial,
    Vinput,
    Voutput,
    check_certificates,
    check_voutput,
    create_threshold_parameters,
    create_vinputs,
    create_voutput,
    open_decryption_key,
)
from ballot.protocol.credentials import PublicCredentials, check_public_credentials, derive_public_credential
from ballot.protocol.decryption import (
    check_partial_decryption,
    combine_factors,
    create_partial_decryption,
    parse_owned,
    parse_partial_decryption,
)
from ballot.protocol.elections import parse_election
from ballot.protocol.events import EventType, check_link, parse_event
from ballot.protocol.group import Ed25519, element_text
from ballot.protocol.results import check_result, compute_result, parse_result, result_to_bytes
from ballot.protocol.signatures import SignedMessage
from ballot.protocol.tally import (
    Tally,
    encrypted_tally_to_bytes,
    last,
    parse_encrypted_tally,
    parse_sized_encrypted_tally,
)
from ballot.protocol.trustees import (
    ThresholdParameters,
    check_trustee,
    combine_keys,
    create_trustee_public_key,
    parse_trustees,
    public_keys,
    trustees_to_bytes,
)
from tests.support.beside import FOLDER, REFERENCE, SOURCES
from tests.support.made_up_elections import write_flat_two_questions, write_weighted_threshold

G = Ed25519()
WRITERS = {"flat-two-questions": write_flat_two_questions, "weighted-threshold": write_weighted_threshold}


@pytest.fixture(scope="module", params=SOURCES)
def elections(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a folder for each election."""
    if request.param == REFERENCE:
        return FOLDER / "interop"
    folder = tmp_path_factory.mktemp("elections")
    for name, write in WRITERS.items():
        write(folder / name)
    return folder


class Recorded:
    """One archive of the reference tool, taken apart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bytes = (folder / "election.bel").read_bytes()
        stream = io.BytesIO(self.bytes)
        self.timestamp = read_header(stream)
        self.members = list(read_members(stream, self.timestamp))
        self.data = {m.hash: m.body for m in self.members if m.kind == "data"}
        self.events = [parse_event(m.body) for m in self.members if m.kind == "event"]
        setup = parse_json(self.payload(EventType.SETUP)[0])
        self.election = parse_election(G, self.data[setup["election"]])
        self.trustees_bytes = self.data[setup["trustees"]]
        self.trustees = parse_trustees(G, self.trustees_bytes)
        self.credentials_bytes = self.data[setup["credentials"]]
        self.credentials = PublicCredentials.from_json(parse_json(self.credentials_bytes))
        self.private = json.loads((folder / "private_creds.json").read_text())
        self.ballots = [parse_ballot(G, body) for body in self.payload(EventType.BALLOT)]
        self.sized = parse_sized_encrypted_tally(self.payload(EventType.ENCRYPTED_TALLY)[0])
        self.tally = parse_encrypted_tally(G, self.data[self.sized.encrypted_tally], self.election)
        owned = [parse_owned(body) for body in self.payload(EventType.PARTIAL_DECRYPTION)]
        self.shares = {o.owner: parse_partial_decryption(G, self.data[o.payload]) for o in owned}
        self.result = parse_result(self.payload(EventType.RESULT)[0])

    def payload(self, type: EventType) -> list[bytes]:
        return [self.data[e.payload] for e in self.events if e.type is type and e.payload is not None]

    def lines(self, name: str) -> list[object]:
        return [parse_json(line.encode()) for line in (self.folder / "trustees" / name).read_text().splitlines()]


@pytest.fixture(scope="module", params=list(WRITERS))
def recorded(request: pytest.FixtureRequest, elections: Path) -> Recorded:
    return Recorded(elections / request.param)


@pytest.fixture(scope="module")
def threshold(elections: Path) -> Recorded:
    return Recorded(elections / "weighted-threshold")


def test_the_archive_is_written_again_byte_for_byte(recorded: Recorded) -> None:
    again = write_header(recorded.timestamp)
    for member in recorded.members:
        again += (write_data if member.kind == "data" else write_event)(member.body, recorded.timestamp)
    assert again == recorded.bytes


def test_every_structure_is_written_again_byte_for_byte(recorded: Recorded) -> None:
    assert recorded.election.to_bytes() in recorded.data.values()
    assert trustees_to_bytes(recorded.trustees) == recorded.trustees_bytes
    assert write_json(recorded.credentials.to_json()) == recorded.credentials_bytes
    assert [b.to_bytes() for b in recorded.ballots] == recorded.payload(EventType.BALLOT)
    assert encrypted_tally_to_bytes(recorded.tally) in recorded.data.values()
    assert recorded.sized.to_bytes() in recorded.data.values()
    assert [s.to_bytes() in recorded.data.values() for s in recorded.shares.values()] == [True] * len(recorded.shares)
    assert result_to_bytes(recorded.result) in recorded.data.values()
    assert [e.to_bytes() for e in recorded.events] == [m.body for m in recorded.members if m.kind == "event"]


def test_the_chain_holds(recorded: Recorded) -> None:
    faults = []
    previous = None
    for event in recorded.events:
        faults += check_link(previous, event)
        previous = event
    assert faults == []


def test_public_credentials_follow_from_the_private_ones_and_ascend(recorded: Recorded) -> None:
    derived = {derive_public_credential(G, recorded.election.uuid, c) for c in recorded.private.values()}
    listed = [entry.credential for entry in recorded.credentials.entries]
    assert derived == set(listed)
    assert listed == sorted(listed)
    assert check_public_credentials(G, recorded.credentials) == []


def test_the_election_key_is_the_product_of_checked_trustee_keys(recorded: Recorded) -> None:
    for item in recorded.trustees:
        check_trustee(G, item)
    assert combine_keys(G, recorded.trustees) == recorded.election.public_key


def test_single_public_keys_follow_from_the_private_ones(recorded: Recorded) -> None:
    for file in (recorded.folder / "trustees").glob("*.privkey"):
        key = create_trustee_public_key(G, int(json.loads(file.read_text())), random.Random(1).randrange)
        assert key.public_key in public_keys(recorded.trustees)


def test_every_ballot_is_accepted(recorded: Recorded) -> None:
    weights = recorded.credentials.weights()
    for ballot in recorded.ballots:
        check_ballot(G, ballot, recorded.election, weights)
        assert len(tracking_number(ballot.to_bytes())) == 43


def test_the_tally_is_recomputed_from_the_last_ballot_of_each_credential(recorded: Recorded) -> None:
    weights = recorded.credentials.weights()
    tally = Tally(G, recorded.election)
    for ballot in last(recorded.ballots):
        tally.add([answer.choices for answer in ballot.answers], weights[ballot.credential])
    assert tally.encrypted == recorded.tally
    assert (tally.num_tallied, tally.total_weight) == (recorded.sized.num_tallied, recorded.sized.total_weight)


def test_the_recorded_shares_open_to_the_recorded_result(recorded: Recorded) -> None:
    for owner, share in recorded.shares.items():
        X = public_keys(recorded.trustees)[owner - 1]
        check_partial_decryption(G, recorded.election, recorded.tally, X, share)
    factors = combine_factors(G, recorded.trustees, recorded.shares)
    check_result(G, recorded.tally, factors, recorded.result)
    assert compute_result(G, recorded.tally, factors, recorded.sized.total_weight) == recorded.result


def test_certificates_polynomials_and_verification_keys_hold(threshold: Recorded) -> None:
    certs = [SignedMessage.from_json(G, line) for line in threshold.lines("certs.jsons")]
    polynomials = [Polynomial.from_json(G, line) for line in threshold.lines("polynomials.jsons")]
    voutputs = [Voutput.from_json(G, threshold.lines(f"{i}.voutput")[0]) for i in (1, 2, 3)]
    assert [c.index for c in check_certificates(G, certs)] == [1, 2, 3]
    vinputs = create_vinputs(G, certs, polynomials)
    assert [write_json(v.to_json()) for v in vinputs] == [
        (threshold.folder / "trustees" / f"{i}.vinput").read_bytes().strip() for i in (1, 2, 3)
    ]
    for i, voutput in enumerate(voutputs, start=1):
        check_voutput(G, certs, polynomials, i, voutput)
    pedersen = next(item for item in threshold.trustees if isinstance(item, ThresholdParameters))
    assert create_threshold_parameters(G, certs, polynomials, voutputs) == pedersen


@pytest.mark.parametrize("i", [1, 2, 3])
def test_a_trustee_replays_its_own_part_from_its_seed(threshold: Recorded, i: int) -> None:
    certs = [SignedMessage.from_json(G, line) for line in threshold.lines("certs.jsons")]
    seed = (threshold.folder / "trustees" / f"{i}.key").read_text().strip()
    vinput = Vinput.from_json(G, threshold.lines(f"{i}.vinput")[0])
    recorded = Voutput.from_json(G, threshold.lines(f"{i}.voutput")[0])
    mine = create_voutput(G, certs, seed, vinput, random.Random(i).randrange)
    assert mine.public_key.public_key == recorded.public_key.public_key
    assert open_decryption_key(G, seed, mine.private_key) == open_decryption_key(G, seed, recorded.private_key)


@pytest.mark.parametrize("owners", [(1, 2, 3), (1, 2, 4), (1, 3, 4)])
def test_our_shares_of_any_two_of_three_open_to_the_recorded_result(
    threshold: Recorded, owners: tuple[int, ...]
) -> None:
    trustees = threshold.folder / "trustees"
    keys = {1: int(json.loads((trustees / "80D718BD.privkey").read_text()))}
    for i in (1, 2, 3):
        seed, sealed = (trustees / f"{i}.key").read_text().strip(), (trustees / f"{i}.dkey").read_text().strip()
        keys[i + 1] = open_decryption_key(G, seed, sealed)
    shares = {}
    for owner in owners:
        share = create_partial_decryption(G, threshold.election, threshold.tally, keys[owner], random.randrange)
        X = public_keys(threshold.trustees)[owner - 1]
        check_partial_decryption(G, threshold.election, threshold.tally, X, share)
        shares[owner] = share
    factors = combine_factors(G, threshold.trustees, shares)
    assert compute_result(G, threshold.tally, factors, threshold.sized.total_weight) == threshold.result


def test_the_voters_sheets_agree_with_the_result(recorded: Recorded) -> None:
    votes = {}
    for line in (recorded.folder / "votes.tsv").read_text().splitlines():
        voter, choices = line.split("\t")
        votes[voter] = json.loads(choices)
    weights = {
        fields[1]: int(fields[2]) if len(fields) > 2 else 1
        for fields in (row.split(",") for row in (recorded.folder / "voters.txt").read_text().splitlines())
    }
    totals = [[0] * len(row) for row in recorded.result]
    for voter, choices in votes.items():
        for row, choice in zip(totals, choices, strict=True):
            for j, m in enumerate(choice):
                row[j] += m * weights[voter]
    assert tuple(tuple(row) for row in totals) == recorded.result
    assert element_text(G.one).startswith("0")
