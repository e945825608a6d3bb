"""For any input, `audit` returns a report or raises Unreadable; only the honest record verifies."""

from __future__ import annotations

import io
import os
import random
import re
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from ballot.audit.catalogue import Stage
from ballot.audit.faults import sentence
from ballot.audit.run import Options, audit
from ballot.audit.source import Unreadable
from ballot.protocol.archive import write_data, write_event, write_header
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import Role
from ballot.record.manifest import Manifest, sign_manifest
from tests.support.record_simulator import KEYS, RecordSimulator
from tests.support.simulator import FOR
from tests.support.vectors.tampering import NO, YES, finish, small_election

WORDS = (
    b"null",
    b"[]",
    b"{}",
    b"true",
    b"-1",
    b"1e9",
    b'""',
    b"[" * 50,
    b"1" * 5000,
    b'"\\ud800"',
    b'"00A"',
    b'{"a":1}',
)
ROUNDS = int(os.environ.get("BALLOT_EXAMPLES", "12"))
"""For each of the seeds."""


def verifies(path: Path, stage: Stage | None = None) -> bool:
    """Whether it does; nothing but a report or Unreadable may come of it."""
    try:
        report = audit(path, Options(stage=stage))
    except Unreadable:
        return False
    assert report.to_text()
    assert report.to_json()
    return report.exit_status == 0


def mutated(body: bytes, rng: random.Random) -> bytes:
    """Bits flipped, pieces cut, doubled, inserted, blanked; words of JSON put for others."""
    data = bytearray(body)
    for _ in range(rng.choice((1, 1, 2, 5))):
        i = rng.randrange(len(data) + 1)
        j = min(len(data), i + rng.choice((1, 2, 8, 64, 512)))
        match rng.randrange(7):
            case 0 if i < len(data):
                data[i] ^= 1 << rng.randrange(8)
            case 1:
                del data[i:j]
            case 2:
                data[i:i] = data[i:j]
            case 3:
                data[i:i] = rng.randbytes(rng.choice((1, 2, 5, 512)))
            case 4:
                data[i:j] = bytes(j - i)
            case 5:
                del data[i:]
            case _:
                if values := list(re.finditer(rb'"[^"]{0,200}"|\d+|\[|\{', bytes(data))):
                    value = rng.choice(values)
                    data[value.start() : value.end()] = rng.choice(WORDS)
    return bytes(data)


@cache
def records() -> list[tuple[RecordSimulator, Stage]]:
    twice = {"00A": [(0, FOR), (0, FOR)], "00B": [(0, FOR)]}
    return [
        (RecordSimulator(), Stage.TALLIED),
        (RecordSimulator(stage="voting", strike=("00B", 1)), Stage.VOTING),
        (RecordSimulator(policy="last-counts", votes=twice), Stage.TALLIED),
    ]


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name), body)
    return out.getvalue()


@pytest.mark.parametrize("seed", range(4))
def test_a_mutated_archive_never_verifies(seed: int, tmp_path: Path) -> None:
    rng, sim, path = random.Random(seed), small_election(), tmp_path / "x.bel"
    for voter, vote in ((0, YES), (0, NO), (1, YES)):
        sim.vote(voter, vote)
    honest = finish(sim)

    for number in range(ROUNDS):
        body = mutated(honest, rng)
        path.write_bytes(body)
        assert body == honest or not verifies(path), f"seed {seed}, number {number}"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("listed", [False, True], ids=["as it is", "listed and signed again"])
def test_a_record_with_a_mutated_file_never_verifies(seed: int, listed: bool, tmp_path: Path) -> None:
    rng, path = random.Random(seed), tmp_path / "x.zip"
    for number in range(ROUNDS):
        record, stage = rng.choice(records())
        files = dict(record.files)
        name = rng.choice(sorted(set(files) - {"manifest.json"} if listed else files))
        files[name] = mutated(files[name], rng)
        if listed:
            hashes = {n: sha256_hex(body) for n, body in files.items() if n != "manifest.json"}
            manifest = Manifest("a-small-merger", record.fingerprint, hashes)
            files["manifest.json"] = sign_manifest(manifest, KEYS[Role.BOARD]).to_bytes()
        path.write_bytes(zipped(files))
        same = files == record.files
        assert same or not verifies(path, stage), f"seed {seed}, number {number}: {name}"


@pytest.mark.parametrize("seed", range(4))
def test_a_mutated_zip_verifies_only_with_the_same_files(seed: int, tmp_path: Path) -> None:
    rng, path = random.Random(seed), tmp_path / "x.zip"
    for number in range(ROUNDS):
        record, stage = rng.choice(records())
        path.write_bytes(mutated(record.to_zip(), rng))
        if verifies(path, stage):
            with zipfile.ZipFile(path) as archive:
                found = {name: archive.read(name) for name in archive.namelist()}
            assert found == record.files, f"seed {seed}, number {number}"


# -- Out of proportion -------------------------------------------------------------------------------------------


def many_small_files() -> bytes:
    return zipped({f"elections/{i:05}.bel": b"" for i in range(9000)} | {"manifest.json": b"{}"})


def test_a_folder_of_too_many_files_is_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ballot.audit.source.MAX_ENTRIES", 20)
    for number in range(30):
        (tmp_path / f"{number}.bel").write_bytes(b"")
    with pytest.raises(Unreadable, match="more than a record can have"):
        audit(tmp_path, Options())


def many_lines(name: str) -> Callable[[], bytes]:
    def make() -> bytes:
        record = RecordSimulator(stage="setup")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for each, body in record.files.items():
                noise = random.Random(1).randbytes(2**16) if each == name else b""
                archive.writestr(each, (b"\n" * 2**21 + noise) if each == name else body)
        return out.getvalue()

    return make


def many_containers() -> bytes:
    body = b"[" + b"{}," * 2**21 + b"{}]"
    return write_header(1589184000) + write_data(body, 1589184000) + write_event(body, 1589184000)


def overlapping() -> bytes:
    """A thousand entries of the central directory for one and the same megabyte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", random.Random(2).randbytes(2**20))
        (info,) = archive.infolist()
        archive.filelist += [info] * 1000
    return out.getvalue()


@pytest.mark.parametrize(
    "make",
    [many_small_files, many_lines("events.jsonl"), many_lines("roll.csv"), many_containers, overlapping],
    ids=["files", "lines of a log", "lines of the roll", "containers", "shared bytes"],
)
def test_hostile_sizes_take_neither_long_nor_much_memory(make: Callable[[], bytes], tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(make())
    started = time.monotonic()
    tracemalloc.start()
    try:
        assert not verifies(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert time.monotonic() - started < 20
    assert peak < 2**27, f"{peak >> 20} MiB"


def bound_faults(tmp_path: Path, proofs: bytes) -> list[str]:
    files = RecordSimulator(hooks={"decryptions 00A": lambda _: proofs}).files
    for name, body in files.items():
        path = tmp_path / "record" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    rows = audit(tmp_path / "record", Options()).rows()
    return [sentence(fault) for row in rows if row.check.id == "decryption.bound" for fault in row.faults]


def test_of_a_file_with_more_lines_than_shares_no_line_is_read(tmp_path: Path) -> None:
    assert bound_faults(tmp_path, b"[]\n" * 100_000) == [
        "record: decryptions/00A.jsonl: expected a line of proofs for each of 3 shares, found 100000 lines"
    ]


def test_a_line_of_strong_proofs_larger_than_any_share_is_not_read(tmp_path: Path) -> None:
    found = bound_faults(tmp_path, (b"[" + b"1," * 2**21 + b"1]\n") * 3)

    assert found == [f"record: decryptions/00A.jsonl, line {i}: larger than a share can be" for i in (1, 2, 3)]
