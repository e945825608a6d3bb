"""Two elections with every secret written out, in folders shaped like the reference tool's.

We made them, so they only prove that our code agrees with itself; the reference tool's own elections prove more.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

from ballot.protocol.canonical import write_json
from ballot.protocol.ceremony import (
    create_polynomial,
    create_threshold_parameters,
    create_vinputs,
    create_voutput,
    open_decryption_key,
)
from ballot.protocol.pki import create_certificate, generate_seed
from ballot.protocol.questions import HomomorphicQuestion
from ballot.protocol.trustees import create_trustee_public_key
from tests.support.simulator import ABSTAIN, AGAINST, FOR, MERGE, G, Simulator

SEVERAL = HomomorphicQuestion(("One", "Two", "Three", "Four"), 1, 3, "Which of these?")


def write_flat_two_questions(folder: Path) -> None:
    """Two trustees, both needed, two questions, no weights; one voter votes twice, one not at all."""
    (folder / "trustees").mkdir(parents=True)
    rng = random.Random(2)
    keys = [rng.randrange(G.q) for _ in range(2)]
    trustees = [create_trustee_public_key(G, x, rng.randrange) for x in keys]
    for name, x in zip(("357046C4", "5BECFD67"), keys, strict=True):
        (folder / "trustees" / f"{name}.privkey").write_text(json.dumps(str(x)))
    sim = Simulator(
        seed=2,
        questions=(MERGE, SEVERAL),
        weights=(None,) * 5,
        trustees=trustees,  # type: ignore[arg-type]  # a list of either kind
        keys=dict(enumerate(keys, start=1)),
    )
    votes = {0: (FOR, (1, 1, 0, 0)), 1: (FOR, (0, 0, 1, 0)), 2: (ABSTAIN, (1, 1, 0, 1)), 3: (AGAINST, (0, 1, 0, 0))}
    sim.vote(0, AGAINST, (0, 0, 0, 1))  # The last vote counts
    _hold(folder, sim, votes, (1, 2))


def write_weighted_threshold(folder: Path) -> None:
    """The server's key and any two of three trustees, list sizes as weights; the ceremony in every part."""
    files = folder / "trustees"
    files.mkdir(parents=True)
    rng = random.Random(3)
    draw = rng.randrange
    x = draw(G.q)
    (files / "80D718BD.privkey").write_text(json.dumps(str(x)))
    seeds = [generate_seed(draw) for _ in range(3)]
    certs = [create_certificate(G, seed, 3, 2, i, draw) for i, seed in enumerate(seeds, start=1)]
    polynomials = [create_polynomial(G, certs, seed, draw) for seed in seeds]
    vinputs = create_vinputs(G, certs, polynomials)
    voutputs = [create_voutput(G, certs, seed, vinput, draw) for seed, vinput in zip(seeds, vinputs, strict=True)]
    for name, parts in (("certs", certs), ("polynomials", polynomials)):
        lines = [write_json(part.to_json()).decode() for part in parts]  # type: ignore[attr-defined]
        (files / f"{name}.jsons").write_text("\n".join(lines) + "\n")
    for i, (seed, vinput, voutput) in enumerate(zip(seeds, vinputs, voutputs, strict=True), start=1):
        (files / f"{i}.key").write_text(seed + "\n")
        (files / f"{i}.dkey").write_text(voutput.private_key + "\n")
        (files / f"{i}.vinput").write_bytes(write_json(vinput.to_json()) + b"\n")
        (files / f"{i}.voutput").write_bytes(write_json(voutput.to_json()) + b"\n")
    parameters = create_threshold_parameters(G, certs, polynomials, voutputs)
    opened = [open_decryption_key(G, seed, out.private_key) for seed, out in zip(seeds, voutputs, strict=True)]
    sim = Simulator(
        seed=3,
        weights=(14592, 5640, 6839, 2211, 30117),
        trustees=[create_trustee_public_key(G, x, draw), parameters],
        keys=dict(enumerate([x, *opened], start=1)),
    )
    _hold(folder, sim, {0: (FOR,), 1: (FOR,), 2: (ABSTAIN,), 4: (AGAINST,)}, (1, 2, 4))


def _hold(folder: Path, sim: Simulator, votes: dict[int, Sequence[Sequence[int]]], owners: tuple[int, ...]) -> None:
    for voter, choices in votes.items():
        sim.vote(voter, *choices)
    sim.close()
    sim.decrypt(*owners)
    names = [f"Z9{number:04}" for number in range(len(sim.private))]
    weights = ["" if weight is None else f",{weight}" for weight in sim.weights]
    (folder / "election.bel").write_bytes(sim.archive)
    (folder / "private_creds.json").write_text(json.dumps(dict(zip(names, map(str, sim.private), strict=True))))
    (folder / "voters.txt").write_text(
        "".join(
            f"p{i}@example.org,{name}{weight}\n" for i, (name, weight) in enumerate(zip(names, weights, strict=True))
        )
    )
    (folder / "votes.tsv").write_text(
        "".join(f"{names[voter]}\t{json.dumps([list(choice) for choice in votes[voter]])}\n" for voter in votes)
    )
