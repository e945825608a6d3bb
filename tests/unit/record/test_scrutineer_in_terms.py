"""The scrutineer's key: sealed in the terms of a programme that names a scrutineer, and compared with its file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ballot.audit.run import Options, audit
from ballot.protocol.errors import InvalidMessage
from ballot.record.terms import parse_terms
from tests.support.record_simulator import SCRUTINEER, RecordSimulator

NAMED = '[scrutineer]\nname = "A. Watcher"\n\n[secrecy]'


def watched(named: str = NAMED, **hooks: Callable[[Any], Any]) -> RecordSimulator:
    return RecordSimulator(hooks={"programme.toml": lambda text: text.replace("[secrecy]", named, 1), **hooks})


def failed(record: RecordSimulator, folder: Path) -> list[str]:
    path = folder / "record.zip"
    path.write_bytes(record.to_zip())
    return sorted(audit(path, Options()).failed())


def test_the_terms_hold_the_key_and_the_record_verifies(tmp_path: Path) -> None:
    record = watched()
    assert parse_terms(record.files["terms.json"]).scrutineer == SCRUTINEER
    assert failed(record, tmp_path) == []


def test_a_programme_without_one_has_the_terms_that_it_always_had() -> None:
    terms = RecordSimulator().files["terms.json"]
    assert "scrutineer" not in json.loads(terms)
    assert parse_terms(terms).scrutineer is None


def test_terms_that_name_another_than_the_programme_fail(tmp_path: Path) -> None:
    record = watched(**{"terms.json": lambda terms: terms.replace(b"A. Watcher", b"B. Watcher")})
    assert "record.programme" in failed(record, tmp_path)


def test_terms_that_leave_out_the_one_whom_the_programme_names_fail(tmp_path: Path) -> None:
    def leave_out(terms: bytes) -> bytes:
        return terms[: terms.index(b',"scrutineer"')] + b"}"

    assert "record.programme" in failed(watched(**{"terms.json": leave_out}), tmp_path)


def test_a_scrutineer_with_the_key_of_an_officer_fails(tmp_path: Path) -> None:
    def same_key(terms: bytes) -> bytes:
        return terms.replace(SCRUTINEER.raw.hex().encode(), json.loads(terms)["keys"]["deputy"].encode())

    assert "record.keys" in failed(watched(**{"terms.json": same_key}), tmp_path)


@pytest.mark.parametrize(
    "written",
    ["null", '{"name":"A"}', '{"name":null,"key":"00"}', '{"name":"A","key":null}', '{"name":"A","key":"zz"}'],
)
def test_a_scrutineer_of_another_form_is_refused(written: str) -> None:
    whole = watched().files["terms.json"]
    at = whole.index(b'"scrutineer":') + len(b'"scrutineer":')
    with pytest.raises(InvalidMessage):
        parse_terms(whole[:at] + written.encode() + b"}")
