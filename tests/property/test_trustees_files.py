"""What trustees hold, taken together: any t of them open the total, and no t - 1 of them do, whatever they try."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.protocol.ceremony import (
    Voutput,
    create_polynomial,
    create_threshold_parameters,
    create_vinputs,
    create_voutput,
    open_decryption_key,
)
from ballot.protocol.decryption import PartialDecryption, combine_factors, create_partial_decryption, lagrange
from ballot.protocol.errors import InvalidDecryption, InvalidMessage, Reason
from ballot.protocol.group import product
from ballot.protocol.pki import create_certificate, generate_seed
from ballot.protocol.results import compute_result
from ballot.protocol.trustees import ThresholdParameters, create_trustee_public_key
from tests.support.simulator import AGAINST, FOR, G, Simulator

SIZES = [(t, n) for n in range(1, 6) for t in range(1, n + 1)]


class Held:
    """A ceremony, and what each trustee has afterwards: the seed in its key file, and the dkey.

    The file itself, which is slow to open on purpose, has tests of its own.
    """

    def __init__(self, t: int, n: int, seed: int) -> None:
        draw = random.Random(seed).randrange
        seeds = [generate_seed(draw) for _ in range(n)]
        certs = [create_certificate(G, seed, n, t, i, draw) for i, seed in enumerate(seeds, start=1)]
        polynomials = [create_polynomial(G, certs, seed, draw) for seed in seeds]
        vinputs = create_vinputs(G, certs, polynomials)
        voutputs: list[Voutput] = [
            create_voutput(G, certs, s, vinput, draw) for s, vinput in zip(seeds, vinputs, strict=True)
        ]
        self.parameters: ThresholdParameters = create_threshold_parameters(G, certs, polynomials, voutputs)
        self.dkeys = [voutput.private_key for voutput in voutputs]
        self.seeds = seeds
        x = draw(G.q)
        self.election = Simulator(
            seed=seed,
            trustees=[create_trustee_public_key(G, x, draw), self.parameters],
            keys={1: x},
            weights=(None,) * 3,
        )
        for voter, vote in enumerate((FOR, FOR, AGAINST)):
            self.election.vote(voter, vote)
        self.election.close()
        self.draw = draw

    def key(self, number: int) -> int:
        """From what this trustee's two files hold: the seed, and the key sealed to it."""
        return open_decryption_key(G, self.seeds[number - 1], self.dkeys[number - 1])

    def share(self, x: int) -> PartialDecryption:
        return create_partial_decryption(G, self.election.election, self.election.tally.encrypted, x, self.draw)

    def result(self, factors: tuple[tuple[bytes, ...], ...]) -> object:
        total = self.election.tally.total_weight
        return compute_result(G, self.election.tally.encrypted, factors, total)  # type: ignore[arg-type]


@pytest.mark.parametrize(("t", "n"), SIZES, ids=[f"{t} of {n}" for t, n in SIZES])
def test_any_t_trustees_decrypt_from_their_files_and_the_loss_of_the_others_is_survived(t: int, n: int) -> None:
    held = Held(t, n, 10 * n + t)
    shares = {number + 1: held.share(held.key(number)) for number in range(1, n + 1)}
    own = held.share(held.election.keys[1])
    for kept in combinations(range(2, n + 2), t):
        factors = combine_factors(G, held.election.trustees, {1: own} | {owner: shares[owner] for owner in kept})
        assert held.result(factors) == ((2, 1, 0),)


@given(st.sampled_from([(t, n) for t, n in SIZES if t > 1]), st.integers(0, 2**16), st.data())
@settings(max_examples=6)
def test_no_t_minus_1_trustees_decrypt_with_all_that_they_hold(
    size: tuple[int, int], seed: int, data: st.DataObject
) -> None:
    (t, n), held = size, Held(*size, seed)
    together = data.draw(st.sampled_from(list(combinations(range(1, n + 1), t - 1))))
    keys = {number: held.key(number) for number in together}
    own, shares = held.share(held.election.keys[1]), {number: held.share(x) for number, x in keys.items()}

    # As the protocol combines shares, there are too few.
    with pytest.raises(InvalidDecryption) as refused:
        combine_factors(G, held.election.trustees, {1: own} | {number + 1: share for number, share in shares.items()})
    assert refused.value.reason is Reason.NOT_ENOUGH_SHARES

    # As if t - 1 were enough, or with a share made up, or one of them taken for another trustee's: no count follows.
    other = next(number for number in range(1, n + 1) if number not in together)
    guess = data.draw(st.integers(1, G.q - 1))
    for tried in (
        keys,
        keys | {other: guess},
        keys | {other: keys[together[0]]},
        keys | {other: sum(keys.values()) % G.q},
    ):
        assert opens(held, tried, own) is None


def opens(held: Held, keys: dict[int, int], own: PartialDecryption) -> object:
    """The counts that follow from these keys, interpolated at zero; None if none do."""
    indexes = tuple(sorted(keys))
    parts = [
        [[G.power(F, lagrange(G, indexes, number)) for F in row] for row in held.share(keys[number]).decryption_factors]
        for number in indexes
    ]
    rows = zip(*parts, own.decryption_factors, strict=True)
    factors = tuple(tuple(product(G, column) for column in zip(*row, strict=True)) for row in rows)
    try:
        return held.result(factors)
    except InvalidMessage:
        return None
