"""Workers of a cluster check ballots: same report even if one dies, and no PASS from a bad answer."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from distributed import Client, LocalCluster

from ballot.audit import cluster_worker, command
from ballot.audit.catalogue import Stage
from ballot.audit.chunks import (
    Chunk,
    check_chunk,
    chunk_from_bytes,
    chunk_to_bytes,
    findings_from_bytes,
    findings_to_bytes,
)
from ballot.audit.cluster import Cluster, NoCluster, connect
from ballot.audit.report import Report, Status
from ballot.audit.run import Options, audit
from ballot.audit.workers import Answer
from ballot.protocol.backends import choose, cross_checked
from tests.support.vectors.tampering import NO, YES, finish, small_election

VECTORS = Path(__file__).parents[2] / "vectors"
OF_BALLOTS = sorted(path.name for path in VECTORS.glob("ballots.*.bel"))
GOOD = ["good--superseded.bel", "good--three-kinds-of-question.bel", "good--record-localities.zip"]
OF_OTHER_KINDS = ["good--shuffled-every-kind.bel", "good--lists-weighted.bel"]
FORGED = "decryption.bound--total-forged-by-the-server.zip"
HOLDING = """
import os
from ballot.audit import cluster_worker

def hold(group, question):
    with open(os.environ["HOLDING"], "w") as pipe:
        pipe.write("1")
    while True:
        signal.pause()

import signal
cluster_worker._answer = hold
"""
"""A worker that takes a question, says so, and keeps it."""


@pytest.fixture(autouse=True)
def _chunks_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ballot.audit.ballots.CHUNK", 2)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A scheduler with one worker, over real sockets, in this process: what it does can be exchanged."""
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as local:
        yield local.scheduler_address


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "x.bel"
    sim = small_election(weights=(1, 2, 3))
    for turn in range(4):
        for voter in range(3):
            sim.vote(voter, YES if (voter + turn) % 2 else NO)
    path.write_bytes(finish(sim))
    return path


def cluster_at(address: str) -> Cluster:
    return connect(address, choose(), patience=5)


def rows(report: Report) -> list[object]:
    return [(row.check.id, row.status, row.found, row.faults) for row in report.rows()]


# -- The same report ---------------------------------------------------------------------------------------------


class OnPaper:
    """Questions and answers written and read again, without anybody in between."""

    room = 3

    def submit(self, chunk: Chunk) -> Answer:
        group = choose()
        answer = findings_to_bytes(check_chunk(group, chunk_from_bytes(group, chunk_to_bytes(chunk))))
        return lambda: findings_from_bytes(group, chunk, answer)

    def close(self) -> None:
        """Nothing."""


@pytest.mark.parametrize("name", [*GOOD, *OF_OTHER_KINDS, FORGED, *OF_BALLOTS])
def test_what_passes_as_bytes_makes_the_same_report(name: str) -> None:
    stage = Stage.VOTING if name in OF_BALLOTS else None
    alone = audit(VECTORS / name, Options(stage=stage))
    assert rows(audit(VECTORS / name, Options(stage=stage, workers=OnPaper()))) == rows(alone)


@pytest.mark.parametrize(
    "name", [*GOOD[1:], "ballots.form--lone-surrogate.bel", "ballots.signature--challenge-zero.bel"]
)
def test_a_cluster_makes_the_same_report_and_is_named_in_it(name: str, address: str) -> None:
    alone = audit(VECTORS / name, Options())
    report = audit(VECTORS / name, Options(workers=cluster_at(address)))

    assert rows(report) == rows(alone)
    assert report.exit_status == alone.exit_status
    count = report.checked_by.total()
    assert count > 0
    assert f"{count} ballots rest on the word of 1 worker:" in report.verdict
    assert any("the word of 1 worker:" in what for what in report.not_checked())
    assert "word" not in alone.verdict


def test_two_backends_are_held_against_each_other_on_the_worker_too(archive: Path, address: str) -> None:
    report = audit(archive, Options(group=cross_checked(), workers=connect(address, cross_checked())))
    assert report.exit_status == 0
    assert report.checked_by.total() == 12


# -- Workers that die --------------------------------------------------------------------------------------------


def test_a_worker_killed_while_it_holds_a_chunk_changes_nothing(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "holding.py").write_text(HOLDING)
    held = tmp_path / "held"
    os.mkfifo(held)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{probe.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    here = {**os.environ, "HOLDING": str(held)}
    loopback = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    worker = [*dask, "worker", f"tcp://{where}", "--nthreads", "1", "--no-nanny", *loopback]
    processes = [
        subprocess.Popen([*dask, "scheduler", "--port", where.partition(":")[2], *loopback], **quiet),
        subprocess.Popen([*worker, "--name", "honest"], **quiet),
        subprocess.Popen([*worker, "--name", "held", "--preload", str(tmp_path / "holding.py")], env=here, **quiet),
    ]

    def kill_the_one_that_holds() -> None:
        with held.open() as pipe:
            assert pipe.read(1) == "1"
        processes[2].send_signal(signal.SIGKILL)

    killing = Thread(target=kill_the_one_that_holds)
    try:
        cluster = connect(f"tcp://{where}", choose(), seconds=60)
        cluster._client.wait_for_workers(2, timeout=60)
        killing.start()
        report = audit(archive, Options(workers=cluster))
        killing.join()
    finally:
        for process in processes:
            process.kill()
            process.wait()

    assert processes[2].returncode == -signal.SIGKILL
    assert rows(report) == rows(audit(archive, Options()))
    assert report.exit_status == 0
    assert [name.split(" ")[0] for name in report.checked_by] == ["honest"]


def test_without_any_worker_left_nothing_is_verified(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ballot.audit.cluster._PAUSE", 0.05)
    with LocalCluster(n_workers=0, protocol="tcp", host="127.0.0.1", dashboard_address="127.0.0.1:0") as nobody:
        client = Client(nobody.scheduler_address, set_as_default=False)
        report = audit(archive, Options(workers=Cluster(client, choose(), patience=0)))
    assert report.exit_status == 1
    assert any("the cluster had no worker for 0 seconds" in row.found for row in report.rows())


# -- Workers whose answer is none --------------------------------------------------------------------------------


def nothing(*_: object) -> bytes:
    return b"{}"


def some_object(*_: object) -> object:
    return {"faults": []}


def another_chunk(group: object, question: bytes) -> bytes:
    chunk = chunk_from_bytes(choose(), question)
    return findings_to_bytes(
        check_chunk(choose(), Chunk(chunk.election, chunk.weights, chunk.heights[:1], chunk.bodies[:1]))
    )


def fails(*_: object) -> bytes:
    raise MemoryError


def times_out(*_: object) -> bytes:
    raise TimeoutError


@pytest.mark.parametrize("answer", [nothing, some_object, another_chunk, fails, times_out])
def test_an_answer_that_is_none_is_never_a_pass(
    answer: object, archive: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_worker, "_answer", answer)
    report = audit(archive, Options(workers=cluster_at(address)))

    skipped = {row.check.id for row in report.rows() if row.status is Status.SKIPPED}
    assert report.exit_status == 1
    assert {"ballots.signature", "ballots.individual", "tally.ciphertexts", "tally.count"} <= skipped
    assert report.failed() == []


def test_a_worker_of_another_version_is_refused_by_name(
    archive: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = cluster_at(address)
    monkeypatch.setattr(cluster_worker, "_verifier", lambda: "0" * 64)

    report = audit(archive, Options(workers=cluster))
    assert report.exit_status == 1
    assert any("has another version of ballot" in row.found for row in report.rows())
    with pytest.raises(NoCluster, match=r"worker tcp://127\.0\.0\.1:\d+ has another version of ballot"):
        cluster_at(address)


def test_a_worker_with_other_arithmetic_is_refused_by_name(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_worker, "_backend", lambda names: "an abacus")
    with pytest.raises(NoCluster, match=r"worker tcp://127\.0\.0\.1:\d+ has other arithmetic: .*found an abacus"):
        cluster_at(address)


# -- The command -------------------------------------------------------------------------------------------------


def test_the_command_verifies_with_a_cluster(archive: Path, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(archive), "--scheduler", address, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert list(said["checked_by"].values()) == [12]


@pytest.mark.parametrize("where", ["tcp://127.0.0.1:1", "nonsense://"])
def test_where_no_scheduler_answers_the_command_says_so(
    where: str, archive: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ballot.audit.command.connect", lambda address, group: connect(address, group, seconds=0.2))
    with pytest.raises(SystemExit) as ended:
        command.main([str(archive), "--scheduler", where])
    assert ended.value.code == 2
    assert f"no scheduler answers at {where}" in capsys.readouterr().err


def test_without_the_engine_the_command_says_how_to_get_it(
    archive: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SystemExit) as ended:
        command.main([str(archive), "--scheduler", "tcp://127.0.0.1:1"])
    assert ended.value.code == 2
    assert "pip install 'nhs-ballot[cluster]'" in capsys.readouterr().err
