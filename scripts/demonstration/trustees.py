"""The demonstration's trustees: their ceremony, and their checks before decrypting.

In service each trustee works on a separate machine (`ballot trustee ...`); here one process plays all of them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from ballot.audit.catalogue import Stage
from ballot.audit.run import Options, audit
from ballot.protocol.archive import read_header, read_members
from ballot.protocol.ceremony import (
    create_polynomial,
    create_threshold_parameters,
    create_vinputs,
    create_voutput,
    open_decryption_key,
)
from ballot.protocol.elections import parse_election
from ballot.protocol.group import Ed25519
from ballot.protocol.pki import create_certificate, generate_seed
from ballot.protocol.strong_decryption import create_share
from ballot.protocol.tally import parse_encrypted_tally
from ballot.protocol.trial_decryption import create_trial_decryption
from ballot.protocol.trustees import ThresholdParameters, parse_trustees, public_keys

G = Ed25519()


@dataclass(frozen=True, slots=True)
class Trustees:
    """The published result of the ceremony, and each trustee's own decryption key."""

    parameters: ThresholdParameters
    keys: list[int]


class TrusteeRefuses(Exception):
    """A trustee decrypts only the published total of a consistent archive."""


def hold_ceremony(threshold: int, size: int) -> Trustees:
    """The whole Pedersen ceremony."""
    rng = secrets.randbelow
    seeds = [generate_seed(rng) for _ in range(size)]
    certs = [create_certificate(G, seed, size, threshold, i, rng) for i, seed in enumerate(seeds, start=1)]
    polynomials = [create_polynomial(G, certs, seed, rng) for seed in seeds]
    vinputs = create_vinputs(G, certs, polynomials)
    voutputs = [create_voutput(G, certs, seed, vinput, rng) for seed, vinput in zip(seeds, vinputs, strict=True)]
    parameters = create_threshold_parameters(G, certs, polynomials, voutputs)
    keys = [open_decryption_key(G, seed, out.private_key) for seed, out in zip(seeds, voutputs, strict=True)]
    return Trustees(parameters, keys)


def make_trial_decryptions(trustees: Trustees) -> list[bytes]:
    """Every trustee's trial decryption."""
    rng = secrets.randbelow
    return [create_trial_decryption(G, trustees.parameters, key, rng).to_bytes() for key in trustees.keys]


def decrypt_total(archive: Path, key: int) -> bytes:
    """Verify the archive so far, then decrypt only its published total."""
    report = audit(archive, Options(stage=Stage.CLOSED))
    if not report.verified:
        raise TrusteeRefuses(f"A trustee does not decrypt {archive.name}: {report.verdict}.")
    with archive.open("rb") as stream:
        data = [member.body for member in read_members(stream, read_header(stream)) if member.kind == "data"]
    election, trustees, tally = parse_election(G, data[0]), parse_trustees(G, data[1]), data[-2]
    owner = 1 + public_keys(trustees).index(G.base_power(key))
    return create_share(
        G, election, parse_encrypted_tally(G, tally, election), owner, key, secrets.randbelow
    ).to_bytes()
