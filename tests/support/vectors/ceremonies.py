"""Vectors of a trustees' ceremony that drive Python and the page alike: seeds and draws in, every part out.

    ceremony--2-of-3.json, ...   each trustee's certificate, polynomial, vinput, voutput, decryption key, practice
    share.json                   what each owner hands in for one encrypted total: factors, proofs, strong proofs

The draws of each step are listed, so that the page, given the same, must make the same bytes.
"""

from __future__ import annotations

from typing import Any

from ballot.protocol.canonical import write_json
from ballot.protocol.ceremony import (
    create_polynomial,
    create_threshold_parameters,
    create_vinputs,
    create_voutput,
    open_decryption_key,
)
from ballot.protocol.pki import create_certificate, generate_seed
from ballot.protocol.strong_decryption import create_share
from ballot.protocol.tally import encrypted_tally_to_bytes
from ballot.protocol.trial_decryption import create_trial_decryption
from tests.support.pdfs import Draws, G
from tests.support.simulator import AGAINST, FOR, Simulator

SIZES = ((1, 1), (2, 3), (3, 5))


def ceremony_vector(threshold: int, size: int) -> dict[str, Any]:
    """One ceremony, the same for the same numbers."""
    seeds = [generate_seed(Draws(f"{threshold} of {size}, seed {i}")) for i in range(size)]
    drawn: dict[str, list[list[str]]] = {}

    def step(name: str, i: int) -> Draws:
        draws = Draws(f"{threshold} of {size}, {name} {i}")
        drawn.setdefault(name, []).append(draws.drawn)  # type: ignore[arg-type]  # written as text below
        return draws

    certs = [
        create_certificate(G, seed, size, threshold, i, step("certificate", i)) for i, seed in enumerate(seeds, start=1)
    ]
    polynomials = [create_polynomial(G, certs, seed, step("polynomial", i)) for i, seed in enumerate(seeds)]
    vinputs = create_vinputs(G, certs, polynomials)
    voutputs = [
        create_voutput(G, certs, seed, vinput, step("voutput", i))
        for i, (seed, vinput) in enumerate(zip(seeds, vinputs, strict=True))
    ]
    parameters = create_threshold_parameters(G, certs, polynomials, voutputs)
    keys = [open_decryption_key(G, seed, out.private_key) for seed, out in zip(seeds, voutputs, strict=True)]
    practices = [create_trial_decryption(G, parameters, x, step("practice", i)) for i, x in enumerate(keys)]
    return {
        "size": size,
        "threshold": threshold,
        "draws": {name: [[str(draw) for draw in draws] for draws in lists] for name, lists in drawn.items()},
        "seeds": seeds,
        "certificates": [_text(cert.to_json()) for cert in certs],
        "polynomials": [_text(polynomial.to_json()) for polynomial in polynomials],
        "vinputs": [_text(vinput.to_json()) for vinput in vinputs],
        "voutputs": [_text(voutput.to_json()) for voutput in voutputs],
        "keys": [str(x) for x in keys],
        "parameters": _text(parameters.to_json()),
        "practices": [practice.to_bytes().decode() for practice in practices],
    }


def share_vector() -> dict[str, Any]:
    """A weighted total of two ballots, and the share of every owner with the draws it was made of."""
    sim = Simulator(seed=11, weights=(3, 10**6, 2))
    sim.vote(0, FOR)
    sim.vote(1, AGAINST)
    sim.close()
    shares = []
    for owner, x in sim.keys.items():
        draws = Draws(f"share {owner}")
        share = create_share(G, sim.election, sim.tally.encrypted, owner, x, draws)
        drawn = [str(draw) for draw in draws.drawn]
        shares.append({"owner": owner, "key": str(x), "draws": drawn, "share": share.to_bytes().decode()})
    tally = encrypted_tally_to_bytes(sim.tally.encrypted).decode()
    return {"election": sim.election.to_bytes().decode(), "tally": tally, "shares": shares}


def _text(value: Any) -> str:
    return write_json(value).decode()
