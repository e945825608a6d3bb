"""What `make` reports about a machine, and about tests that it could not run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile, the scripts, and a virtual environment that seems to be set up."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    for name in ("requirements.lock", "pyproject.toml", "setup.py"):
        (tmp_path / name).touch()
    tools = tmp_path / ".venv" / "bin"
    tools.mkdir(parents=True)
    (tools / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tools / "python").chmod(0o755)
    (tmp_path / ".venv" / ".installed").touch()
    return tmp_path


def make(checkout: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=checkout,
        env={**os.environ, "MAKEFLAGS": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def let_pytest_end_with(checkout: Path, status: int) -> None:
    tool = checkout / ".venv" / "bin" / "pytest"
    tool.write_text(f"#!/bin/sh\necho 1 failed\nexit {status}\n")
    tool.chmod(0o755)


@pytest.mark.parametrize(("status", "ends"), [(0, 0), (1, 2), (5, 2)])
def test_what_was_not_run_is_the_last_that_is_said_whether_tests_fail_or_not(
    checkout: Path, status: int, ends: int
) -> None:
    let_pytest_end_with(checkout, status)
    done = make(checkout, "pytest", BALLOT_CHROMIUM="/nowhere", BALLOT_NGINX="/nowhere")
    assert done.returncode == ends, done.stderr
    assert done.stdout.splitlines()[-1] == "NOT RUN: browser tests, install chromium"
    assert "1 failed" in done.stdout
    assert f"Error {status}" in done.stderr if status else not done.stderr


def test_a_python_without_venv_is_told_what_to_install(checkout: Path) -> None:
    """Debian's python3 without python3-venv has no ensurepip."""
    (checkout / ".venv" / ".installed").unlink()
    python = checkout / "python3"
    python.write_text(f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    done = make(checkout, "setup", f"PYTHON={python}")
    assert done.returncode == 2
    assert "on Debian and Ubuntu: apt install python3-venv" in done.stderr


def test_nothing_is_installed_outside_a_virtual_environment() -> None:
    base = Path(sys.base_prefix) / "bin" / "python3"
    done = subprocess.run([base, ROOT / "scripts" / "set_up.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "This installs into a virtual environment: run `make setup`.\n"
