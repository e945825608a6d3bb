"""An installation at the stage a test starts from; made once in a run, copied for each test."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.installation import Installation


def once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first of the run's processes makes, in the run's own folder, and the others only copy."""
    folder = Path(tempfile.gettempdir()) / f"installation-{name}"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            make(making)
            making.rename(folder)
    return folder


@pytest.fixture(scope="session")
def issued_once() -> Path:
    def make(folder: Path) -> None:
        Installation(folder).begin()

    return once("issued", make)


@pytest.fixture(scope="session")
def sealed_once(issued_once: Path) -> Path:
    def make(folder: Path) -> None:
        shutil.copytree(issued_once, folder, dirs_exist_ok=True)
        Installation(folder).do("office", "seal")

    return once("sealed", make)


@pytest.fixture
def empty(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


@pytest.fixture
def issued(issued_once: Path, tmp_path: Path) -> Installation:
    shutil.copytree(issued_once, tmp_path, dirs_exist_ok=True)
    return Installation(tmp_path)


@pytest.fixture
def sealed(sealed_once: Path, tmp_path: Path) -> Installation:
    shutil.copytree(sealed_once, tmp_path, dirs_exist_ok=True)
    return Installation(tmp_path)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("BALLOT_")]:
        monkeypatch.delenv(name)
