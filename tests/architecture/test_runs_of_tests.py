"""What a test run leaves behind, and what it does without the reference data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LITTERS = """
import os, signal, subprocess, sys, tempfile

LEAVES = "import time, tempfile as t; open(t.mkdtemp() + '/x', 'w').write('x' * 9**6); print(flush=True); time.sleep(9)"

def test_that_leaves_files(tmp_path):
    (tmp_path / "large").write_bytes(bytes(10**6))
    tempfile.mkdtemp()

def test_that_kills_a_process():
    with subprocess.Popen([sys.executable, "-c", LEAVES], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)

def test_that_fails(tmp_path):
    (tmp_path / "large").write_bytes(bytes(10**6))
    assert os.environ["TMPDIR"] == tempfile.gettempdir()
    assert False
"""
SHARED = """
import pytest

@pytest.mark.shared
def test_that_reads_them():
    assert False

def test_that_does_not():
    pass
"""


def run(text: str, folder: Path, *options: str) -> str:
    """What pytest says of a file of tests under our conftest, with `folder` as the one for temporary files."""
    file = folder / "test_of_this.py"
    file.write_text(text)
    temporary = folder / "t"
    temporary.mkdir(exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.conftest",
        "-c",
        "empty.ini",
    ]
    done = subprocess.run(
        [*command, *options, file.name],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "empty.ini").write_text("[pytest]\nmarkers =\n    shared: x\n")
    return tmp_path


def test_a_run_in_workers_leaves_nothing_for_temporary_files_nor_do_processes_that_it_killed(folder: Path) -> None:
    assert "1 failed, 2 passed" in run(LITTERS, folder, "-n", "2")
    assert list((folder / "t").iterdir()) == []


def test_a_run_leaves_nothing_sweeps_what_a_killed_one_left_and_spares_what_others_have(folder: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, running, strange = (folder / "t" / f"bt-{name}" for name in (ended.pid, os.getpid(), "mine"))
    for each in (left, running, strange):
        (each / "data").mkdir(parents=True)
    assert "1 failed, 2 passed" in run(LITTERS, folder)
    assert {path.name for path in (folder / "t").iterdir()} == {running.name, strange.name}


def test_where_the_reference_data_are_absent_nothing_is_skipped(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A copy of what the conftest needs, in a folder that has none beside it."""
    copy = tmp_path_factory.mktemp("checkout") / "inner"
    (copy / "tests" / "support").mkdir(parents=True)
    for name in ("conftest.py", "support/beside.py", "support/templates_once.py"):
        (copy / "tests" / name).write_bytes((ROOT / "tests" / name).read_bytes())
    (copy / "ballot").symlink_to(ROOT / "ballot")
    (copy / "tests" / "test_of_this.py").write_text(SHARED)
    done = subprocess.run(
        [
            sys.executable,
            "-P",
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            str(folder / "empty.ini"),
            "tests",
        ],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed, 1 deselected" in done.stdout, done.stdout + done.stderr
    assert "skipped" not in done.stdout
