"""The auditor's Python API, and the fields of its findings in the vectors."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import ballot.audit
from ballot.audit import Fault, FaultKind, Options, Stage, Unreadable, audit, open_source, read_record, sentence
from ballot.protocol.errors import Reason
from tests.support.vectors.files import FOLDER, INDEX

INDEX_OF = json.loads((FOLDER / INDEX).read_text())
GOOD = FOLDER / "good--record.zip"
README = Path(ballot.audit.__file__).parents[2] / "README.md"
HANDBOOK = Path(ballot.audit.__file__).parents[2] / "docs" / "handbook-auditor.md"

R, W, M = FaultKind.REFUSED, FaultKind.WRONG, FaultKind.MISSING
KNOWN: list[tuple[str, dict[str, Any]]] = [
    ("ballots.signature--by-another-credential.bel", {"kind": R, "reason": Reason.SIGNATURE, "height": 1}),
    ("ballots.twice--copied.bel", {"kind": W, "height": 3}),
    ("ballots.after-end--before-the-tally.bel", {"kind": R, "height": 3}),
    ("chain.height--left-out.bel", {"kind": R, "reason": Reason.EVENT_HEIGHT, "height": 2}),
    ("chain.form--deep.bel", {"kind": R, "reason": Reason.TOO_DEEP, "byte": 13312}),
    ("decryption.proofs--before-the-result.bel", {"kind": R, "reason": Reason.DECRYPTION_PROOF}),
    ("events.form--unknown-move.zip", {"kind": R, "file": "events.jsonl", "line": 6}),
    ("events.signatures--one-person.zip", {"kind": R, "file": "events.jsonl", "height": 2}),
    ("events.order--not-prepared.zip", {"kind": W, "file": "events.jsonl", "height": 0}),
    ("checkpoints.order--none-for-a-ballot.zip", {"kind": M, "election": "00A", "height": 1}),
    ("checkpoints.window--ballot-before-opening.zip", {"kind": W, "election": "00A", "height": 1}),
    ("checkpoints.signatures--foreign-key.zip", {"kind": R, "election": "00A", "line": 1}),
    ("checkpoints.cosignatures--of-another-checkpoint.zip", {"file": "cosignatures.jsonl", "line": 1}),
    ("decryption.bound--total-forged-by-the-server.zip", {"kind": R, "file": "decryptions/00A.jsonl"}),
    ("record.files--key-missing.zip", {"kind": M, "file": "keys/deputy.pub"}),
    ("record.keys--of-the-deputy.zip", {"kind": W, "file": "keys/deputy.pub"}),
    ("record.rules--rule-changed.zip", {"kind": W, "file": "constitutions/00A.toml"}),
    ("record.roll--row-removed.zip", {"kind": W, "file": "roll.csv"}),
    ("record.weights--row-removed-before-sealing.zip", {"kind": W, "election": "00A"}),
]


def audited(name: str, since: Path | None = None) -> ballot.audit.Report:
    stage = INDEX_OF[name]["stage"]
    return audit(FOLDER / name, Options(stage=None if stage is None else Stage(stage), since=since))


@pytest.mark.parametrize(("name", "fields"), KNOWN, ids=[name for name, _ in KNOWN])
def test_a_fault_says_in_fields_what_it_is_and_where(name: str, fields: dict[str, Any]) -> None:
    faults = [fault for fault in audited(name).faults if fault.check == name.partition("--")[0]]

    assert fields in [{key: getattr(fault, key) for key in fields} for fault in faults]


def of_the_older_copy(name: str) -> list[Fault]:
    return [fault for fault in audited(name, since=GOOD).faults if fault.check == "since.prefix"]


def test_what_an_older_copy_has_and_this_one_has_not_is_removed_or_rewritten_by_file() -> None:
    found = {fault.file: fault for fault in of_the_older_copy("good--record-voting.zip")}

    assert found["decision.json"].kind is FaultKind.REMOVED
    assert found["decision.json"].byte is None
    rewritten = {fault.file: fault for fault in of_the_older_copy("record.rules--rule-changed.zip")}
    assert rewritten["constitutions/00A.toml"].kind is FaultKind.REWRITTEN
    assert rewritten["constitutions/00A.toml"].byte is not None


def test_a_row_that_is_gone_is_removed_from_its_file() -> None:
    rows = [fault for fault in of_the_older_copy("good--record-struck.zip") if fault.file == "returned.csv"]

    assert {fault.kind for fault in rows} == {FaultKind.REMOVED}
    assert [sentence(fault) for fault in rows] == [f"options: returned.csv: {fault.detail}" for fault in rows]
    assert rows


# -- As others call it -------------------------------------------------------------------------------------------


def test_a_path_is_enough_as_a_text_or_as_a_path() -> None:
    for path in (str(GOOD), GOOD):
        report = audit(path)
        assert (report.verified, report.faults) == (True, ())
        assert report.verdict.startswith("VERIFIED. ")


def test_what_cannot_be_audited_is_an_exception_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        audit(tmp_path / "nothing")
    with open_source(FOLDER / "good--tallied.bel") as source, pytest.raises(Unreadable, match="not a published record"):
        read_record(source, Options())


@pytest.mark.parametrize("name", ["good--record.zip", "good--record-voting.zip", "record.rules--rule-changed.zip"])
def test_reading_a_record_is_the_same_walk_with_what_was_read_beside_the_report(name: str) -> None:
    options = Options(since=GOOD, trust=FOLDER / INDEX)
    with open_source(FOLDER / name) as source:
        read, report = read_record(source, options)

    assert report.to_json() == audit(FOLDER / name, options).to_json()
    assert set(read.facts) == {"00A", "00B"}
    assert len(read.log.events) > 0


def test_everything_that_is_offered_is_there() -> None:
    assert all(hasattr(ballot.audit, name) for name in ballot.audit.__all__)


def test_the_handbooks_example_runs_and_needs_no_web_framework_and_no_database(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", HANDBOOK.read_text(), re.DOTALL)
    (tmp_path / "record.zip").write_bytes((FOLDER / "record.rules--rule-changed.zip").read_bytes())
    strangers = "\nimport sys\nassert not {'flask', 'sqlalchemy', 'dask', 'distributed'} & set(sys.modules)\n"

    done = subprocess.run(
        [sys.executable, "-c", example + strangers], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith("NOT VERIFIED: ")
    assert "record.rules wrong constitutions/00A.toml" in done.stdout


def test_the_example_of_the_readme_verifies_a_record(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    record = tmp_path / "instance" / "demo" / "record"
    with zipfile.ZipFile(GOOD) as packed:
        packed.extractall(record)
    fingerprint = json.loads((record / "manifest.json").read_text())["fingerprint"]
    (record.parent / "trusted.txt").write_text(f"{fingerprint}\n")

    done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("VERIFIED")
    assert "not compared" not in done.stdout
