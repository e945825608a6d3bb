"""A trial decryption proves that its maker holds a ceremony key, and decrypts nothing that anyone chose."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from ballot.protocol.errors import InvalidMessage, InvalidTrustee
from ballot.protocol.trial_decryption import (
    check_trial_decryption,
    create_trial_decryption,
    parse_trial_decryption,
    trial_alpha,
)
from tests.support.simulator import G, run_ceremony

PARAMETERS, KEYS = run_ceremony(2, 3, random.Random(5))
OTHERS, OTHER_KEYS = run_ceremony(2, 3, random.Random(6))
draw = random.Random(7).randrange


def test_every_trustee_s_practice_holds_and_is_written_again() -> None:
    for number, x in enumerate(KEYS, start=1):
        practice = create_trial_decryption(G, PARAMETERS, x, draw)
        check_trial_decryption(G, PARAMETERS, practice)
        assert practice.number == number
        assert parse_trial_decryption(G, practice.to_bytes()) == practice


def test_what_is_decrypted_follows_from_the_ceremony_alone() -> None:
    assert trial_alpha(G, PARAMETERS) == trial_alpha(G, PARAMETERS)
    assert trial_alpha(G, PARAMETERS) != trial_alpha(G, OTHERS)


def test_a_key_of_another_ceremony_practises_nothing() -> None:
    with pytest.raises(InvalidTrustee, match="not one of this ceremony"):
        create_trial_decryption(G, PARAMETERS, OTHER_KEYS[0], draw)


def test_without_the_key_none_holds() -> None:
    """The factor is public, since everybody can calculate it; the proof is what counts."""
    good, other = (
        create_trial_decryption(G, PARAMETERS, KEYS[0], draw),
        create_trial_decryption(G, PARAMETERS, KEYS[1], draw),
    )
    of_another_ceremony = create_trial_decryption(G, OTHERS, OTHER_KEYS[0], draw)
    for bad in (
        replace(good, number=2),
        replace(other, number=1),
        replace(good, factor=other.factor),
        replace(good, proof=replace(good.proof, response=(good.proof.response + 1) % G.q)),
        of_another_ceremony,
    ):
        with pytest.raises(InvalidMessage, match=f"trustee {bad.number}: "):
            check_trial_decryption(G, PARAMETERS, bad)
    for number in (0, 4):
        with pytest.raises(InvalidTrustee, match="no trustee"):
            check_trial_decryption(G, PARAMETERS, replace(good, number=number))
