"""Statements of who cast a vote: what a voter can send, their salted hashes, and proofs under one root."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import Hash
from ballot.record.authority import (
    DOMAIN,
    NAME_MAX,
    Authority,
    Capacity,
    CastStatement,
    StatementProof,
    StatementsRoot,
    parse_authority,
    parse_statement_proof,
    path_of,
)

SAID = Authority("Dr Ada O\u2019Ash-Elm (locum), 2nd", Capacity.PROXY, "I am authorised")
MADE = CastStatement("Aa123456789zzZ", "Y00001", Hash("ab" * 32), SAID)
SALT = bytes(range(32))


def test_what_a_voter_says_is_read_back() -> None:
    assert parse_authority(SAID.to_bytes()) == SAID
    spaced = json.dumps({"name": "Bo", "capacity": "proxy", "statement": "x"}, indent=1).encode()
    assert parse_authority(spaced) == Authority("Bo", Capacity.PROXY, "x")


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        " Bo",
        "Bo ",
        "B\no",
        "B\x00o",
        "B\u202eo",
        "B\xa0o",
        "B\u2028o",
        "https://x",
        "a@b",
        "<b>",
        "B\ud800",
        "x" * (NAME_MAX + 1),
    ],
)
def test_a_name_is_short_plain_text_on_one_line(name: str) -> None:
    sent = json.dumps({"name": name, "capacity": "proxy", "statement": "x"}).encode()
    with pytest.raises(InvalidMessage):
        parse_authority(sent)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"Bo"',
        b"\xff",
        b'{"name":"Bo","capacity":"owner","statement":"x"}',
        b'{"name":"Bo","capacity":"proxy"}',
        b'{"name":1,"capacity":"proxy","statement":"x"}',
        b'{"name":"Bo","capacity":["proxy"],"statement":"x"}',
        b'{"name":"Bo","capacity":"proxy","statement":null}',
        b'{"name":"Bo","capacity":"proxy","statement":"x","vote":"For"}',
    ],
)
def test_anything_else_is_refused(sent: bytes) -> None:
    with pytest.raises(InvalidMessage):
        parse_authority(sent)


def test_the_hash_is_over_every_part_after_its_length() -> None:
    parts = [
        DOMAIN.encode(),
        SALT,
        b"Aa123456789zzZ",
        b"Y00001",
        b"ab" * 32,
        SAID.name.encode(),
        b"proxy",
        b"I am authorised",
    ]
    assert MADE.hash(SALT) == hashlib.sha256(b"".join(len(p).to_bytes(8, "big") + p for p in parts)).digest()


@given(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_no_two_statements_have_the_same_hash(name: str, words: str, other: str, others: str) -> None:
    one = replace(MADE, authority=Authority(name, Capacity.PROXY, words))
    two = replace(MADE, authority=Authority(other, Capacity.PROXY, others))
    assert (one.hash(SALT) == two.hash(SALT)) == ((name, words) == (other, others))


def test_the_same_words_under_another_salt_or_for_another_vote_have_another_hash() -> None:
    changed = (
        replace(MADE, practice="Y00002"),
        replace(MADE, ballot=Hash("cd" * 32)),
        replace(MADE, election_uuid="Ba123456789zzZ"),
        replace(MADE, authority=replace(SAID, capacity=Capacity.REPRESENTATIVE)),
    )
    assert len({MADE.hash(SALT), MADE.hash(bytes(32)), *(each.hash(SALT) for each in changed)}) == 6


@given(st.integers(1, 40), st.data())
def test_every_statement_is_proved_under_the_root_and_no_other_is(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = [hashlib.sha256(bytes([i])).digest() for i in range(size)]
    hashes[index] = MADE.hash(SALT)
    root = StatementsRoot.of(hashes)
    proof = StatementProof("merger", "00A", MADE, SALT, index, size, path_of(index, hashes))
    assert parse_statement_proof(proof.to_bytes()) == proof
    proof.check(root)

    false = (
        replace(proof, made=replace(MADE, practice="Y00002")),
        replace(proof, salt=bytes(32)),
        replace(proof, rows=size + 1),
        replace(proof, path=(*proof.path, bytes(32))),
    )
    for each in false:
        with pytest.raises(InvalidMessage):
            each.check(root)
    with pytest.raises(InvalidMessage):
        proof.check(replace(root, root=bytes(32)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"version":1', b'"version":2'),
        (b'"index":0', b'"index":-1'),
        (b'"path":[]', b'"path":["00"]'),
        (b'"capacity":"proxy"', b'"capacity":"thief"'),
        (b"{", b"{ "),
        (b'"salt":"00', b'"salt":"0'),
    ],
)
def test_a_file_in_another_form_is_refused(old: bytes, new: bytes) -> None:
    written = StatementProof("merger", "00A", MADE, SALT, 0, 1, ()).to_bytes()
    assert old in written
    with pytest.raises(InvalidMessage):
        parse_statement_proof(written.replace(old, new, 1))
