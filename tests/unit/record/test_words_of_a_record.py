"""What a record calls its bodies and members: sealed in the terms, and compared with programme.toml."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ballot.audit.run import Options, audit
from ballot.constitution.words import DEFAULT_WORDS, Noun, Words
from ballot.protocol.errors import InvalidMessage
from ballot.record.terms import parse_terms
from tests.support.record_simulator import RecordSimulator

WORDS = '[words]\nbody = ["PCN", "PCNs"]\nmember = ["surgery", "surgeries"]\n\n[secrecy]'


def worded(words: str = WORDS, **hooks: Callable[[Any], Any]) -> RecordSimulator:
    return RecordSimulator(hooks={"programme.toml": lambda text: text.replace("[secrecy]", words, 1), **hooks})


def failed(record: RecordSimulator, folder: Path) -> list[str]:
    path = folder / "record.zip"
    path.write_bytes(record.to_zip())
    return sorted(audit(path, Options()).failed())


def test_the_terms_carry_the_words_and_the_record_verifies(tmp_path: Path) -> None:
    record = worded()

    terms = parse_terms(record.files["terms.json"])
    assert terms.words == Words(body=Noun("PCN", "PCNs"), member=Noun("surgery", "surgeries"))
    assert failed(record, tmp_path) == []


def test_terms_without_words_of_their_own_are_as_they_always_were() -> None:
    terms = RecordSimulator().files["terms.json"]

    assert "words" not in json.loads(terms)
    assert parse_terms(terms).words == DEFAULT_WORDS
    assert worded('[words]\nbody = ["CCG", "CCGs"]\n\n[secrecy]').files["terms.json"].count(b'"words"') == 0


def test_terms_that_say_other_words_than_the_programme_fail(tmp_path: Path) -> None:
    record = worded(**{"terms.json": lambda terms: terms.replace(b'"surgery","surgeries"', b'"doctor","doctors"')})

    assert "record.programme" in failed(record, tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        b'{"body":["PCN"],"member":["surgery","surgeries"],"weight":["a","as"],"subject":["b","bs"]}',
        b'{"body":["<b>","PCNs"],"member":["surgery","surgeries"],"weight":["a","as"],"subject":["b","bs"]}',
        b'{"body":["PCN","PCNs"]}',
        b'"PCN"',
    ],
    ids=["no plural", "no noun", "not every word", "no table"],
)
def test_words_of_another_form_are_refused(words: bytes) -> None:
    whole = worded().files["terms.json"]
    at = whole.index(b'"words":') + len(b'"words":')

    with pytest.raises(InvalidMessage):
        parse_terms(whole[:at] + words + whole[whole.rindex(b"}") :])


def test_each_election_says_what_its_votes_and_members_are_called() -> None:
    nouns = [election.counting.nouns for election in parse_terms(worded().files["terms.json"]).elections]

    assert {(each.unit.one, each.counts.one, each.member.one) for each in nouns} == {
        ("weighted vote", "registered patient", "surgery")
    }
    assert b'"nouns"' not in RecordSimulator().files["terms.json"]


@pytest.mark.parametrize(
    "nouns",
    [
        b'{"unit":["share"],"counts":["a","as"],"member":["b","bs"]}',
        b'{"unit":["share","shares"],"counts":["a","as"]}',
        b'{"counts":["a","as"],"unit":["share","shares"],"member":["b","bs"]}',
        (
            b'{"unit":["weighted vote","weighted votes"],"counts":["registered patient","registered patients"],'
            b'"member":["practice","practices"]}'
        ),
        b"null",
    ],
    ids=["no plural", "no member", "another order", "the usual nouns", "nothing"],
)
def test_nouns_of_another_form_are_refused(nouns: bytes) -> None:
    whole = worded().files["terms.json"]
    at = whole.index(b'"nouns":') + len(b'"nouns":')

    with pytest.raises(InvalidMessage):
        parse_terms(whole[:at] + nouns + whole[whole.index(b"}", at) + 1 :])
