"""An installation at the stage a test starts from; made once, copied for each test."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.integration.cli.installation import Installation


@pytest.fixture(scope="session")
def issued_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("issued")
    Installation(folder).begin()
    return folder


@pytest.fixture(scope="session")
def sealed_once(issued_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sealed") / "installation"
    shutil.copytree(issued_once, folder)
    Installation(folder).do("office", "seal")
    return folder


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
