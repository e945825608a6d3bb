"""Strong decryption proofs hold for true factors, and for nothing that the attack on the weak proofs used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest

from ballot.protocol.canonical import write_json
from ballot.protocol.decryption import check_partial_decryption
from ballot.protocol.errors import InvalidDecryption, InvalidMessage, Reason
from ballot.protocol.group import element_text
from ballot.protocol.proofs import Proof, commitment, hash_commitments, is_decryption, prove_decryption
from ballot.protocol.results import parse_result
from ballot.protocol.strong_decryption import (
    OwnedStrongProofs,
    TrusteeShare,
    check_share,
    create_share,
    parse_owned_strong_proofs,
    parse_share,
)
from ballot.protocol.trustees import public_keys
from tests.support.record_simulator import RecordSimulator
from tests.support.simulator import AGAINST, FOR, G, Simulator
from tests.support.vectors.tampered_totals import VOTES, ForgedByServer, ForgedByTrustee


def closed(seed: int = 3, **more: Any) -> Simulator:
    sim = Simulator(seed=seed, weights=(3, 1, 2), **more)
    sim.vote(0, FOR)
    sim.vote(1, AGAINST)
    sim.close()
    return sim


SIM = closed()
KEYS = public_keys(SIM.trustees)
SHARE = SIM.share(2)


def check(share: TrusteeShare, owner: int = 2, sim: Simulator = SIM) -> None:
    check_share(G, sim.election, sim.tally.encrypted, owner, public_keys(sim.trustees)[owner - 1], share)


@pytest.mark.parametrize("owner", [1, 2, 3, 4])
def test_every_owner_s_share_holds_and_is_written_again(owner: int) -> None:
    share = SIM.share(owner)
    check(share, owner)
    assert parse_share(G, share.to_bytes()) == share
    line = OwnedStrongProofs(owner, share.proofs)
    assert parse_owned_strong_proofs(G, line.to_bytes().removesuffix(b"\n")) == line


def test_the_challenge_is_the_hash_that_the_format_says() -> None:
    """Written out once more, by hand: whoever writes a second verifier needs nothing but this line."""
    (row,), (factors,), (proofs,) = SIM.tally.encrypted, SHARE.partial.decryption_factors, SHARE.proofs
    alpha, F, proof, X = row[1].alpha, factors[1], proofs[1], KEYS[1]
    A, B = commitment(G, G.g, proof, X), commitment(G, alpha, proof, F)
    points = {name: element_text(P) for name, P in {"X": X, "alpha": alpha, "F": F, "A": A}.items()}
    tally = write_json([[c.to_json() for c in row]])
    hash, election = hashlib.sha256(tally).hexdigest(), SIM.election
    context = f"ballot-decrypt|1|{election.fingerprint}|{election.uuid}|{hash}|2|{points['X']}|0|1"
    prefix = f"{context}|{points['alpha']},{points['F']}|{points['A']},"
    assert proof.challenge == hash_commitments(G, prefix, [B])


def test_no_two_proofs_of_a_trustee_share_a_commitment() -> None:
    """Two challenges on one w give the private key away: x = (r1 - r2) / (c2 - c1)."""
    share = SIM.share(3)
    proofs = [*chain(*share.partial.decryption_proofs), *chain(*share.proofs)]
    commitments = {commitment(G, G.g, proof, KEYS[2]) for proof in proofs}
    assert len(commitments) == len(proofs) == 6


def other_factor(share: TrusteeShare) -> TrusteeShare:
    ((first, *rest),) = share.partial.decryption_factors
    return TrusteeShare(replace(share.partial, decryption_factors=((G.multiply(first, G.g), *rest),)), share.proofs)


def other_response(share: TrusteeShare) -> TrusteeShare:
    ((first, *rest),) = share.proofs
    return TrusteeShare(share.partial, ((Proof(first.challenge, (first.response + 1) % G.q), *rest),))


FALSE: dict[str, Callable[[], TrusteeShare]] = {
    "the weak proofs again": lambda: TrusteeShare(SHARE.partial, SHARE.partial.decryption_proofs),
    "a response plus one": lambda: other_response(SHARE),
    "of another owner": lambda: TrusteeShare(SHARE.partial, SIM.share(3).proofs),
    "of another election": lambda: TrusteeShare(SHARE.partial, closed(4).share(2).proofs),
    "two choices exchanged": lambda: TrusteeShare(SHARE.partial, ((SHARE.proofs[0][1], *SHARE.proofs[0][::2]),)),
    "one choice missing": lambda: TrusteeShare(SHARE.partial, (SHARE.proofs[0][:2],)),
    "no question": lambda: TrusteeShare(SHARE.partial, ()),
}


@pytest.mark.parametrize("make", FALSE.values(), ids=FALSE)
def test_a_share_without_its_own_strong_proofs_is_refused(make: Callable[[], TrusteeShare]) -> None:
    with pytest.raises(InvalidDecryption) as refused:
        check(make())
    assert refused.value.reason in (Reason.STRONG_PROOF, Reason.WRONG_SHAPE)


def test_a_false_factor_is_refused_whichever_proof_is_asked() -> None:
    with pytest.raises(InvalidMessage):
        check(other_factor(SHARE))


@pytest.mark.parametrize("make", [ForgedByServer, ForgedByTrustee])
def test_a_forged_total_passes_what_the_specification_checks_and_not_its_strong_proofs(
    make: type[RecordSimulator],
) -> None:
    record = make(votes=VOTES)
    sim, owner = record.elections["00A"], {ForgedByServer: 1, ForgedByTrustee: 2}[make]
    assert b'{"result":[[0,3,0]]}' in record.files["elections/00A.bel"]  # the votes cast were (2, 1, 0)
    share, X = sim.share(owner), public_keys(sim.trustees)[owner - 1]

    check_partial_decryption(G, sim.election, sim.tally.encrypted, X, share.partial)
    with pytest.raises(InvalidDecryption) as refused:
        check(share, owner, sim)
    assert refused.value.reason is Reason.STRONG_PROOF


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"null",
        SHARE.partial.to_bytes(),
        SHARE.to_bytes() + b"\n",
        SHARE.to_bytes().replace(b'"strong_proofs"', b'"proofs"'),
        SHARE.to_bytes().replace(b":", b": ", 1),
        b'{"partial_decryption":{},"strong_proofs":[]}',
        b'{"partial_decryption":{"decryption_factors":[],"decryption_proofs":[]},"strong_proofs":{}}',
    ],
)
def test_what_is_not_a_share_with_strong_proofs_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidMessage):
        parse_share(G, data)


def test_a_share_of_the_reference_tool_is_refused_for_the_proofs_that_it_lacks() -> None:
    with pytest.raises(InvalidDecryption, match="no strong proofs"):
        parse_share(G, SHARE.partial.to_bytes())


def test_a_context_without_the_key_is_our_own_mistake() -> None:
    alpha = SIM.tally.encrypted[0][0].alpha
    with pytest.raises(ValueError, match="must contain the key"):
        prove_decryption(G, "a context", alpha, SIM.keys[2], SIM.draw)
    F, proof = prove_decryption(G, f"a context|{element_text(KEYS[1])}", alpha, SIM.keys[2], SIM.draw)
    assert is_decryption(G, f"a context|{element_text(KEYS[1])}", KEYS[1], alpha, F, proof)
    assert not is_decryption(G, f"another|{element_text(KEYS[1])}", KEYS[1], alpha, F, proof)


def test_a_total_of_no_ballots_is_opened_with_strong_proofs_like_any_other() -> None:
    sim = Simulator(seed=5)
    sim.close()
    check(create_share(G, sim.election, sim.tally.encrypted, 1, sim.keys[1], sim.draw), 1, sim)
    assert sim.decrypt(1, 2, 3) == parse_result(b'{"result":[[0,0,0]]}')
