"""The roll, who voted, how totals decode, and the terms: one form each, everything else is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ballot.protocol.canonical import write_json
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.record.counting import Counting, CountKind, eligible_measure
from ballot.record.errors import InvalidRecord
from ballot.record.keys import Role
from ballot.record.public_roll import PublicMember, parse_returned, parse_roll, write_returned, write_roll
from ballot.record.terms import parse_terms, programme_fingerprint, terms_description
from tests.support.record_simulator import RecordSimulator

HEADER = b"ccg_ods_code,practice_ods_code,practice_name,registered_patients,weight,locality\n"
MEMBERS = [
    PublicMember("00Q", "P81001", 'Surgery, "The Ash"', 5200, 5200),
    PublicMember("00Q", "P81002", "Bëech\nHouse", None, None),
    PublicMember("01A", "P81003", "", 0, 0, "U-12_b"),
]


def test_a_roll_is_written_again_as_it_was_read() -> None:
    assert parse_roll(write_roll(MEMBERS)) == MEMBERS
    assert write_roll(MEMBERS).startswith(HEADER)
    assert parse_roll(HEADER) == []
    rows = [(m.ccg, m.practice, m.name) for m in MEMBERS]
    assert parse_returned(write_returned(rows)) == rows


ROLLS = {
    "nothing": b"",
    "no header": b"00Q,P81001,Ash,1,1,\n",
    "another header": HEADER.replace(b"locality", b"email"),
    "an e-mail column": HEADER.replace(b"locality\n", b"locality,email\n"),
    "a byte order mark": b"\xef\xbb\xbf" + HEADER,
    "CRLF": HEADER.replace(b"\n", b"\r\n"),
    "no newline at the end": HEADER + b"00Q,P81001,Ash,1,1,",
    "an empty line": HEADER + b"\n",
    "an empty line within": HEADER + b"\n00Q,P81001,Ash,1,1,\n",
    "a column too few": HEADER + b"00Q,P81001,Ash,1,\n",
    "a column too many": HEADER + b"00Q,P81001,Ash,1,1,1,\n",
    "needless quotes": HEADER + b'00Q,P81001,"Ash",1,1,\n',
    "an open quote": HEADER + b'00Q,P81001,"Ash,1,1,\n',
    "a quote within": HEADER + b'00Q,P81001,"A"sh,1,1,\n',
    "spaces": HEADER + b"00Q,P81001,Ash, 1,1,\n",
    "a negative weight": HEADER + b"00Q,P81001,Ash,1,-1,\n",
    "a leading zero": HEADER + b"00Q,P81001,Ash,01,1,\n",
    "a fraction": HEADER + b"00Q,P81001,Ash,1,1.5,\n",
    "a weight of thirteen digits": HEADER + b"00Q,P81001,Ash,1,1000000000000,\n",
    "digits of another script": HEADER + "00Q,P81001,Ash,1,\u0661,\n".encode(),
    "a broken byte": HEADER + b"00Q,P81001,A\xff,1,1,\n",
    "UTF-16": HEADER.decode().encode("utf-16"),
    "a very long cell": HEADER + b"00Q,P81001," + b"A" * 200_000 + b",1,1,\n",
    "a locality with a dot": HEADER + b"00Q,P81001,Ash,1,1,U.1\n",
    "a locality too long": HEADER + b"00Q,P81001,Ash,1,1," + b"U" * 33 + b"\n",
}


@pytest.mark.parametrize("data", ROLLS.values(), ids=ROLLS.keys())
def test_a_roll_in_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRecord):
        parse_roll(data)
    with pytest.raises(InvalidRecord):
        parse_returned(data)


def test_the_rows_that_are_refused_are_otherwise_good() -> None:
    assert len(parse_roll(HEADER + b"00Q,P81001,Ash,1,1,\n00Q,P81001,Ash,1,1,U1\n")) == 2


# -- Counting ----------------------------------------------------------------------------------------------------


def test_a_packed_total_says_practices_and_patients() -> None:
    packed = Counting(CountKind.PACKED, 10**6)
    assert packed.weight(5200) == 1_005_200
    assert packed.weight(0) == 10**6
    measure = packed.measure(3_017_300)
    assert (measure.practices, measure.weight) == (3, 17_300)
    assert (packed.measure(0).practices, packed.measure(0).weight) == (0, 0)
    whole = eligible_measure(packed, [1_005_200, 1_000_000])
    assert (whole.practices, whole.weight) == (2, 5200)


def test_heads_and_patients_each_say_one_thing() -> None:
    heads, patients = Counting(CountKind.HEADS), Counting(CountKind.PATIENTS)
    assert heads.weight(5200) is None
    assert (heads.measure(7).practices, heads.measure(7).weight) == (7, None)
    assert (patients.weight(5200), patients.weight(0)) == (5200, 0)
    assert (patients.measure(7).practices, patients.measure(7).weight) == (None, 7)


# -- Terms -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def terms() -> bytes:
    return RecordSimulator().files["terms.json"]


def test_the_terms_are_read(terms: bytes) -> None:
    read = parse_terms(terms)
    assert set(read.keys) == set(Role)
    assert terms_description(terms) == f"terms:sha256:{read.hash}"
    assert [(source.file, source.holds) for source in read.roll_sources] == [("roll.csv", "both")]
    assert [election.snapshot for election in read.elections] == [None, date(2020, 4, 1)]
    fingerprint = programme_fingerprint(read.hash, read.keys, {"00A": read.hash, "00B": read.hash})
    assert fingerprint != programme_fingerprint(read.hash, read.keys, {"00A": read.hash})


def nested(name: str, **changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda value: value[name].update(changes)


def of_election(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda value: value["elections"][0].update(changes)


def of_source(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda value: value["roll_sources"][0].update(changes)


TERMS: dict[str, Callable[[dict[str, Any]], object]] = {
    "another version": lambda v: v.update(version=1),
    "weak decryption proofs": lambda v: v.update(decryption_proofs="decrypt"),
    "no decryption proofs": lambda v: v.pop("decryption_proofs"),
    "version true": lambda v: v.update(version=True),
    "a field more": lambda v: v.update(x=1),
    "no board": lambda v: v.update(board=None),
    "rehearsal as a number": lambda v: v.update(rehearsal=1),
    "keys held by the board": lambda v: v.update(keys_held=["board"]),
    "keys held in another order": lambda v: v.update(keys_held=["deputy", "registrar"]),
    "keys held twice": lambda v: v.update(keys_held=["deputy", "deputy"]),
    "another window": nested("window", opens="2020-05-11"),
    "a window without end": nested("window", closes=None),
    "files as a list": lambda v: v.update(files=[]),
    "a file without hash": nested("files", **{"roll.csv": "x"}),
    "a threshold of nought": nested("trustees", threshold=0),
    "no trustees' hash": nested("trustees", pedersen="x"),
    "a key of small order": nested("keys", board="01" + "00" * 31),
    "a key that is none": nested("keys", registrar=5),
    "a king": nested("keys", king="ab" * 32),
    "an election twice": lambda v: v["elections"].append(v["elections"][0]),
    "an unknown count": of_election(count="votes"),
    "a list as count": of_election(count=[]),
    "heads where none are packed": of_election(count="heads", heads=10),
    "packed without heads": of_election(count="packed", heads=None),
    "packed by nought": of_election(count="packed", heads=0),
    "a negative weight": of_election(total_weight=-1),
    "another uuid": of_election(uuid="short"),
    "a locality that is no name": of_election(locality="../U12"),
    "an empty locality": of_election(locality=""),
    "a snapshot that is no day": of_election(snapshot="2020-02-30"),
    "a snapshot with a time": of_election(snapshot="2020-04-01T00:00:00Z"),
    "roll sources as an object": lambda v: v.update(roll_sources={}),
    "a source with a folder": of_source(file="home/roll.csv"),
    "a source with a drive": of_source(file="C:\\roll.csv"),
    "a source without a name": of_source(file=""),
    "a source without a hash": of_source(sha256="x"),
    "a source that holds votes": of_source(holds="votes"),
    "a source with a list": of_source(holds=["roll"]),
}


@pytest.mark.parametrize("spoil", TERMS.values(), ids=TERMS.keys())
def test_other_terms_are_refused(terms: bytes, spoil: Callable[[dict[str, Any]], object]) -> None:
    value = json.loads(terms)
    spoil(value)
    with pytest.raises(InvalidMessage):
        parse_terms(write_json(value))


def test_terms_not_in_their_one_form_are_refused(terms: bytes) -> None:
    for bad in (terms + b"\n", b" " + terms, terms.replace(b":", b": ", 1)):
        with pytest.raises(InvalidMessage) as caught:
            parse_terms(bad)
        assert caught.value.reason is Reason.NOT_CANONICAL
