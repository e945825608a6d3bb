"""Every bad vector fails exactly the checks in its name, and every good one verifies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ballot.audit.catalogue import BY_ID, Scope, Stage
from ballot.audit.faults import FaultKind, sentence
from ballot.audit.run import Options, audit
from ballot.audit.source import Unreadable
from tests.support.vectors.files import FOLDER, INDEX, KEPT, VECTORS, index_of, write_vectors
from tests.support.vectors.tampering import Vector

EXPECTED: dict[str, Any] = json.loads((FOLDER / INDEX).read_text())
MADE_HERE = [vector for vector in VECTORS if vector not in KEPT]


def found(path: Path, stage: str | None) -> tuple[list[str], int]:
    """The checks that fail and the exit status; the faults are the same as fields and as sentences."""
    try:
        report = audit(path, Options(stage=None if stage is None else Stage(stage)))
    except Unreadable:
        return [], 2
    assert report.to_text().count("\n") > len(BY_ID) - 1
    said = json.loads(report.to_json())
    assert {fault.check for fault in report.faults} == set(report.failed())
    assert [sentence(fault) for fault in report.faults] == [one for row in said["checks"] for one in row["faults"]]
    assert said["faults"] == [fault.to_json() for fault in report.faults]
    for fault in report.faults:
        assert fault.election or BY_ID[fault.check].scope is not Scope.ARCHIVE
        assert fault.reason is None or fault.kind is FaultKind.REFUSED
    return sorted(report.failed()), report.exit_status


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_vector_fails_in_what_it_is_named_after(name: str) -> None:
    expected = EXPECTED[name]

    assert found(FOLDER / name, expected["stage"]) == (expected["fails"], expected["exit"])


@pytest.mark.parametrize("vector", MADE_HERE, ids=lambda vector: vector.name)
def test_a_vector_not_kept_fails_in_what_it_is_named_after(vector: Vector, tmp_path: Path) -> None:
    path = tmp_path / vector.name
    path.write_bytes(vector.make())

    assert found(path, vector.stage) == (sorted(vector.fails), vector.exit)


def test_an_archive_with_shares_and_no_result_says_that_nothing_binds_a_total() -> None:
    report = audit(FOLDER / "good--share-before-the-result.bel", Options(stage=Stage.CLOSED))

    assert "There are shares but no result; their proofs do not bind a total" in report.verdict


def test_making_the_vectors_again_leaves_no_difference(tmp_path: Path) -> None:
    write_vectors(tmp_path)

    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.is_file()}
    assert sorted(name for name in made | kept if made.get(name) != kept.get(name)) == []


def test_the_index_is_of_the_vectors_that_are_kept() -> None:
    assert (FOLDER / INDEX).read_bytes() == index_of(KEPT)


def test_names_are_used_once_and_say_a_check() -> None:
    names = [vector.name for vector in VECTORS]
    assert len(set(names)) == len(names)
    assert {name.split("--")[0] for name in names} <= {*BY_ID, "good", "skipped", "unreadable"}


def test_every_check_of_archives_and_records_has_a_vector() -> None:
    failing = {id for vector in VECTORS for id in vector.fails}
    beyond_files = {"archive.header", "stage", "trust.fingerprint", "since.prefix"}
    assert set(BY_ID) - failing <= beyond_files | {"receipt.signature", "receipt.honoured"}
