"""The auditor's script as one file on plain Python; and its wheel with only the core installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from ballot.audit.catalogue import Stage
from ballot.audit.run import Options, audit
from ballot.protocol.backends import choose

ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "tests" / "vectors"
BARE = [sys.executable, "-I", "-S"]
"""No site-packages, no environment, no current folder."""


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("alone") / "verifier.pyz"
    subprocess.run([sys.executable, str(ROOT / "scripts" / "make_verifier.py"), str(path)], check=True)
    return path


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)], cwd=cwd, env={}, capture_output=True, text=True, timeout=60, check=False
    )


def lines(text: str) -> list[str]:
    """What is said, but for whose arithmetic it was."""
    return text.rstrip("\n").split("\n")[2:]


SAID = [
    ("good--record.zip", None, 0),
    ("ballots.subgroup--mixed-order.bel", "voting", 1),
    ("checkpoints.signatures--foreign-key.zip", None, 1),
    ("decryption.bound--total-forged-by-the-server.zip", None, 1),
    ("good--total-forged-by-a-trustee.bel", None, 0),
]


@pytest.mark.parametrize(("name", "stage", "status"), SAID, ids=[name for name, _, _ in SAID])
def test_with_nothing_but_python_it_says_the_same(verifier: Path, name: str, stage: str | None, status: int) -> None:
    options = ["--stage", stage] if stage else []
    done = run(*BARE, verifier, VECTORS / name, "--jobs", "2", *options, cwd=verifier.parent)

    expected = audit(VECTORS / name, Options(stage=None if stage is None else Stage(stage)))
    assert done.stderr == ""
    assert (done.returncode, expected.exit_status) == (status, status)
    assert done.stdout.startswith("Arithmetic: pure Python (slow")
    assert lines(done.stdout) == lines(expected.to_text())


def test_it_uses_pynacl_where_that_is_installed(verifier: Path) -> None:
    done = run(sys.executable, "-I", verifier, VECTORS / "good--tallied.bel", cwd=verifier.parent)
    assert done.returncode == 0
    assert done.stdout.startswith("Arithmetic: PyNaCl ")


def test_it_is_the_same_bytes_whenever_and_wherever_it_is_made(verifier: Path, tmp_path: Path) -> None:
    again = tmp_path / "elsewhere.pyz"
    script = str(ROOT / "scripts" / "make_verifier.py")
    subprocess.run([sys.executable, script, str(again)], check=True, env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"})
    assert again.read_bytes() == verifier.read_bytes()


def test_it_holds_the_auditors_side_only(verifier: Path) -> None:
    with zipfile.ZipFile(verifier) as archive:
        rooms = {name.split("/")[1] for name in archive.namelist() if name.count("/") > 1}
    assert rooms == {"audit", "constitution", "protocol", "record", "secrecy", "strict"}


@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.999], ids=["nothing", "the first line", "half", "all but the end"])
def test_a_verifier_that_was_cut_off_says_nothing_good(verifier: Path, tmp_path: Path, kept: float) -> None:
    data = verifier.read_bytes()
    cut = tmp_path / "cut.pyz"
    cut.write_bytes(data[: int(kept * len(data)) if kept < 1 else int(kept)])
    done = run(*BARE, cut, VECTORS / "good--record.zip", cwd=tmp_path)
    assert "VERIFIED" not in done.stdout
    assert done.returncode != 0 or not kept  # an empty file is an empty program, which says nothing at all


# -- The same arithmetic, in this process ------------------------------------------------------------------------

ELEMENTS = r"(ballots\.(subgroup|encoding|credential|signature|individual|scalars)|setup\.(public|cred)|tally\.form)"
FALSE = sorted(path for path in VECTORS.glob("*.*") if re.match(ELEMENTS, path.name))


@pytest.mark.parametrize("path", FALSE, ids=[path.name for path in FALSE])
def test_pure_python_finds_what_libsodium_finds(path: Path) -> None:
    assert lines(audit(path, Options(group=choose("pure"))).to_text()) == lines(
        audit(path, Options(group=choose("pynacl"))).to_text()
    )


# -- The wheel ---------------------------------------------------------------------------------------------------

VENDORED = ("ballot/pdf/fonts/", "ballot/web/static/vendor/")
"""What others wrote, with its licence: it is not counted where our own size is held small."""
CORE = ("nacl", "cffi", "_cffi_backend*", "pycparser", "cryptography", "pynacl-*.dist-info")


def test_the_wheel_verifies_with_pynacl_and_cryptography_alone(tmp_path: Path) -> None:
    source, out, home = tmp_path / "source", tmp_path / "out", tmp_path / "venv"
    shutil.copytree(ROOT / "ballot", source / "ballot", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    out.mkdir()
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(out)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")

    venv.create(home, with_pip=False, symlinks=os.name == "posix")
    here, there = Path(sysconfig.get_path("purelib")), next(home.glob("lib/python3*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA"))).decode()
        archive.extractall(there)
        others = sum(file.compress_size for file in archive.infolist() if file.filename.startswith(VENDORED))
    for pattern in CORE:
        for path in here.glob(pattern):
            (there / path.name).symlink_to(path)

    needs = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", metadata, re.MULTILINE)
    assert sorted(needs) == ["cryptography", "pynacl"]
    assert wheel.stat().st_size - others < 5 * 2**18  # our own code: no data, and nothing built, came along
    done = run(home / "bin" / "python", "-m", "ballot.audit", VECTORS / "good--record.zip", cwd=tmp_path)
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.startswith("Arithmetic: PyNaCl ")
    assert "cryptography (OpenSSL)" in done.stdout.split("\n")[0]
