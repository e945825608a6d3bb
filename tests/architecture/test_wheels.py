"""A wheel's name says whether it has our C and for which machines; without C it is for every machine."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts import compiler as finder

ROOT = Path(__file__).resolve().parents[2]
PURE = "nhs_ballot-0.1.0-py3-none-any.whl"


def make(folder: Path, *options: str, umask: int = -1, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_wheel.py"), str(folder), *options],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000", **environment},
        umask=umask,
    )


def libraries(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as opened:
        return [name for name in opened.namelist() if name.endswith((".so", ".pyd", ".dylib"))]


def is_pure(wheel: Path) -> bool:
    with zipfile.ZipFile(wheel) as opened:
        (said,) = [name for name in opened.namelist() if name.endswith(".dist-info/WHEEL")]
        return "Root-Is-Purelib: true" in opened.read(said).decode()


def test_a_wheel_without_the_c_is_for_every_machine_the_same_twice_and_finds_its_pages(tmp_path: Path) -> None:
    for number, umask in (("1", 0o022), ("2", 0o077)):
        done = make(tmp_path / number, umask=umask)
        assert done.returncode == 0, done.stderr
    (wheel,), (again,) = ((tmp_path / number).iterdir() for number in ("1", "2"))
    assert wheel.name == PURE
    assert libraries(wheel) == []
    assert is_pure(wheel)
    assert wheel.read_bytes() == again.read_bytes()
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
        opened.extractall(tmp_path / "installed")
    for folder in ("templates", "ballot"):
        for path in (ROOT / folder).rglob("*"):
            inside = path.relative_to(ROOT).as_posix()
            inside = f"ballot/{inside}" if folder == "templates" else inside
            if path.is_file() and "__pycache__" not in inside and path.suffix != ".so":
                assert inside in names
    script = (
        "from ballot.installed import TEMPLATES; from ballot.mail.render import TEMPLATES as mail; import ballot;"
        "assert (TEMPLATES / 'base.html').is_file() and mail.is_dir(), TEMPLATES; print(ballot.__file__)"
    )
    ran = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            f"import sys; sys.path[:0] = sys.argv[1:]; {script}",
            str(tmp_path / "installed"),
            *[p for p in sys.path if "site-packages" in p],
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert str(tmp_path / "installed") in ran.stdout


def test_a_wheel_with_the_c_names_its_machines(tmp_path: Path) -> None:
    if finder.find() is None:
        pytest.skip(finder.NOT_RUN)
    for number in ("1", "2"):
        done = make(tmp_path / number, "--native")
        assert done.returncode == 0, done.stderr
    (wheel,), (again,) = ((tmp_path / number).iterdir() for number in ("1", "2"))
    assert wheel.name.startswith("nhs_ballot-0.1.0-cp311-abi3-")
    assert not wheel.name.endswith("-any.whl")
    assert libraries(wheel) == ["ballot/protocol/_native.abi3.so"]
    assert not is_pure(wheel)
    assert wheel.read_bytes() == again.read_bytes()


def test_without_a_compiler_no_wheel_says_that_it_has_the_c(tmp_path: Path) -> None:
    done = make(tmp_path, "--native", CC="false")
    assert done.returncode == 1
    assert "The C could not be built" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_installation_that_could_not_build_the_c_makes_a_wheel_for_every_machine(tmp_path: Path) -> None:
    """As pip does it: the sources are there, the compiler is not."""
    build = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"
    copy = tmp_path / "copy"
    for part in ("setup.py", "pyproject.toml", "README.md", "LICENSE", "native/module.c", "ballot/__init__.py"):
        (copy / part).parent.mkdir(parents=True, exist_ok=True)
        (copy / part).write_bytes((ROOT / part).read_bytes())
    (copy / "templates").mkdir()
    command = [sys.executable, "-c", build, str(tmp_path)]
    subprocess.run(command, cwd=copy, env={**os.environ, "CC": "false"}, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == PURE
    assert is_pure(wheel)
