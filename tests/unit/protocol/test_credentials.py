"""Credentials: their form, what is drawn, what is derived, and the list."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter

import pytest

from ballot.protocol.credentials import (
    PrivateCredential,
    PublicCredential,
    PublicCredentials,
    check_credential_form,
    check_public_credentials,
    derive_private_key,
    derive_public_credential,
    generate_base58,
    generate_credential,
)
from ballot.protocol.elections import generate_uuid, parse_uuid
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.group import Element, element_text
from ballot.protocol.sodium import MIXED_ORDER_POINT
from ballot.protocol.spec import BASE58
from tests.support.simulator import G

UUID = "4QkTb1EbPTdDc4"
GOOD = PrivateCredential("KhZ3K-mPk4jV-2BTJ7-UXiXKg")


def test_a_credential_is_22_uniform_base58_characters_in_four_groups() -> None:
    asked: list[int] = []

    def rng(n: int) -> int:
        asked.append(n)
        return (len(asked) * 7) % n

    c = generate_credential(rng)
    assert asked == [58] * 22
    assert [len(part) for part in c.split("-")] == [5, 6, 5, 6]
    assert c.replace("-", "") == "".join(BASE58[(i * 7) % 58] for i in range(1, 23))
    check_credential_form(c)


def test_every_base58_character_is_drawn_as_often_as_any_other() -> None:
    assert len(BASE58) == len(set(BASE58)) == 58
    assert not set("0OIl") & set(BASE58)
    numbers = iter(range(58))
    assert generate_base58(58, lambda n: next(numbers)) == BASE58
    rng = random.Random(1)
    drawn = Counter(generate_base58(58_000, rng.randrange))
    assert set(drawn) == set(BASE58)
    assert all(800 < count < 1200 for count in drawn.values())


FORMS = {
    "no dashes": GOOD.replace("-", ""),
    "a dash too many": GOOD + "-",
    "dashes elsewhere": "KhZ3Km-Pk4jV-2BTJ7-UXiXKg",
    "a zero": GOOD.replace("3", "0"),
    "a capital O": GOOD.replace("3", "O"),
    "a capital I": GOOD.replace("3", "I"),
    "a small l": GOOD.replace("3", "l"),
    "a newline behind": GOOD + "\n",
    "a space before": " " + GOOD,
    "another dash": GOOD.replace("-", "\u2011"),
    "too short": GOOD[:-1],
    "too long": GOOD + "a",
    "empty": "",
    "beyond ASCII": GOOD.replace("K", "\u212a"),
}


@pytest.mark.parametrize("c", FORMS.values(), ids=FORMS.keys())
def test_a_credential_in_another_form_is_refused_and_not_shown(c: str) -> None:
    for call in (lambda: check_credential_form(c), lambda: derive_private_key(G, UUID, PrivateCredential(c))):
        with pytest.raises(InvalidMessage) as caught:
            call()
        assert caught.value.reason is Reason.CREDENTIAL_FORM
        assert not c or c not in str(caught.value)


def test_the_key_derived_is_that_of_the_specification() -> None:
    hashes = [hashlib.sha256(f"derive_credential|{UUID}|{i}|{GOOD}".encode()).hexdigest() for i in (0, 1)]
    x = int("".join(hashes), 16) % G.q
    assert derive_private_key(G, UUID, GOOD) == x
    assert derive_public_credential(G, UUID, GOOD) == G.base_power(x)


def test_the_key_depends_on_the_election_and_on_every_character() -> None:
    others = {derive_private_key(G, UUID[:-1] + "5", GOOD)}
    for i, old in enumerate(GOOD):
        if old != "-":
            new = "2" if old == "1" else "1"
            others.add(derive_private_key(G, UUID, PrivateCredential(GOOD[:i] + new + GOOD[i + 1 :])))
    assert derive_private_key(G, UUID, GOOD) not in others
    assert len(others) == 23


def test_the_list_ascends_by_the_reversed_hexadecimal_bytes() -> None:
    rng = random.Random(3)
    entries = [PublicCredential(G.base_power(rng.randrange(G.q)), rng.randrange(9)) for _ in range(40)]
    texts = [entry.split(",")[0] for entry in PublicCredentials.of(entries).to_json()]
    assert texts == sorted(texts, key=lambda t: bytes.fromhex(t)[::-1])
    assert texts != sorted(texts)


@pytest.mark.parametrize("weight", [None, 0, 1, 1073741823, 1073741824, 10**11, 10**18])
def test_an_entry_is_written_again_as_it_was_read(weight: int | None) -> None:
    entry = PublicCredential(G.g, weight)
    assert PublicCredential.from_text(entry.to_text()) == entry
    listed = PublicCredentials((entry,))
    assert PublicCredentials.from_json(json.loads(json.dumps(listed.to_json()))) == listed
    assert listed.weights() == {G.g: 1 if weight is None else weight}


SHOWN = element_text(G.g)
ENTRIES = {
    "no weight behind the comma": SHOWN + ",",
    "a negative weight": SHOWN + ",-1",
    "a leading zero": SHOWN + ",01",
    "a plus": SHOWN + ",+1",
    "a fraction": SHOWN + ",1.5",
    "a space": SHOWN + ", 1",
    "a newline": SHOWN + ",1\n",
    "a weight of twenty digits": SHOWN + "," + "9" * 20,
    "a million digits": SHOWN + "," + "9" * 1_000_000,
    "digits of another script": SHOWN + ",\u0661",
    "two weights": SHOWN + ",1,1",
    "a name": SHOWN + ",1,Ash Surgery",
    "upper-case": SHOWN.upper().replace("6", "A"),
    "no credential": ",1",
    "empty": "",
    "a number": 1,
    "a pair": [SHOWN, 1],
    "nothing": None,
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES.keys())
def test_another_entry_is_refused(entry: object) -> None:
    with pytest.raises(InvalidMessage):
        PublicCredentials.from_json([entry])


def test_every_fault_of_a_list_is_told() -> None:
    off = Element(bytes([2, *bytes(31)]))
    entries = [(G.g, 1), (G.g, 2), (G.one, 1), (Element(MIXED_ORDER_POINT), 1), (off, None)]
    faults = check_public_credentials(G, PublicCredentials(tuple(PublicCredential(*entry) for entry in entries)))
    assert [fault.reason for fault in faults] == [
        Reason.CREDENTIAL_TWICE,
        Reason.ELEMENT_IDENTITY,
        Reason.ELEMENT_SUBGROUP,
        Reason.ELEMENT_SUBGROUP,
        Reason.WRONG_SHAPE,
    ]


def test_an_election_identifier_is_14_base58_characters_or_more() -> None:
    uuid = generate_uuid(random.Random(1).randrange)
    assert len(uuid) == 14
    assert parse_uuid(uuid) == uuid
    for bad in (uuid[:13], uuid[:-1] + "0", uuid + "\n", uuid + "é", "", "1" * 101, 14, None):
        with pytest.raises(InvalidMessage):
            parse_uuid(bad)
