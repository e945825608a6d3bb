"""Several processes give the same result as one, and a dead one never counts as a success."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

import ballot.audit.workers as workers
from ballot.audit.chunks import Chunk, ChunkFindings
from ballot.audit.report import Status
from ballot.audit.run import Options, audit
from ballot.protocol.group import Group
from tests.support.record_simulator import RecordSimulator
from tests.support.vectors.tampering import NO, YES, Simulator, cast, finish, small_election

VECTORS = Path(__file__).parents[2] / "vectors"


@pytest.fixture
def several_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks so small that a short election has several."""
    monkeypatch.setattr("ballot.audit.ballots.CHUNK", 2)


def last_counts(voters: int = 5) -> Simulator:
    sim = small_election(weights=tuple(range(1, voters + 1)))
    for turn in range(3):
        for voter in range(voters):
            sim.vote(voter, YES if (voter + turn) % 2 else NO)
    cast(sim, b"no ballot")
    return sim


@pytest.mark.usefixtures("several_chunks")
@pytest.mark.parametrize("broken", [False, True])
def test_one_process_and_two_make_the_same_report(broken: bool, tmp_path: Path) -> None:
    path = tmp_path / "x.bel"
    path.write_bytes(finish(last_counts()) if broken else finish(last_counts(3)))

    assert audit(path, Options(jobs=1)).to_json() == audit(path, Options(jobs=2)).to_json()


@pytest.mark.usefixtures("several_chunks")
@pytest.mark.parametrize("name", ["good--superseded.bel", "good--three-kinds-of-question.bel", "good--record.zip"])
def test_good_ones_verify_on_two_processes(name: str) -> None:
    assert audit(VECTORS / name, Options(jobs=2)).exit_status == 0


@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="workers do not inherit the trap")
@pytest.mark.parametrize("kind", ["record", "archive"])
def test_a_worker_that_is_killed_is_never_a_success(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = RecordSimulator()
    path = tmp_path / f"x.{kind}"
    path.write_bytes(record.to_zip() if kind == "record" else record.files["elections/00A.bel"])
    me = os.getpid()
    honest = workers.check_chunk

    def trap(group: Group, chunk: Chunk) -> ChunkFindings:
        if os.getpid() != me:
            os.kill(os.getpid(), signal.SIGKILL)
        return honest(group, chunk)

    monkeypatch.setattr(workers, "check_chunk", trap)

    report = audit(path, Options(jobs=2))

    skipped = {row.check.id for row in report.rows() if row.status is Status.SKIPPED}
    assert report.exit_status == 1
    assert {"ballots.signature", "ballots.individual", "tally.ciphertexts", "tally.count"} <= skipped
    assert report.failed() == []
    assert report.verdict.startswith("NOT VERIFIED")
