"""Building the C arithmetic: clean under strict warnings and sanitizers, and left out if it cannot be built."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from scripts import compiler as finder

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "native" / "module.c"
HEADERS = sysconfig.get_path("include")
STRICT = ("-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-fPIC", "-shared", f"-I{HEADERS}")
SANITIZERS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")


@pytest.fixture(scope="module")
def cc() -> str:
    found = finder.find()
    if found is None:
        pytest.skip(finder.NOT_RUN)
    return found


def build(cc: str, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [cc, *STRICT, *options, str(SOURCE), "-o", str(out)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_path_is_clean_under_the_address_and_undefined_behaviour_sanitizers(cc: str, tmp_path: Path) -> None:
    library = tmp_path / "_native.so"
    built = build(cc, library, *SANITIZERS)
    assert built.returncode == 0, built.stderr
    runtime = subprocess.run([cc, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    environment = {
        **os.environ,
        "LD_PRELOAD": runtime.stdout.strip(),
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0",  # CPython frees little at its end
        "PYTHONMALLOC": "malloc",  # so that every object of Python's has its own red zones
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, str(ROOT / "tests" / "support" / "native_exercise.py"), str(library)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "exercised\n"), done.stderr[-3000:]


def test_the_sanitizers_are_really_there(cc: str, tmp_path: Path) -> None:
    source, program = tmp_path / "faulty.c", tmp_path / "faulty"
    source.write_text("int main(int n, char **v) { int a[4]; (void)v; return a[n + 3] = 1 << (n + 30); }\n")
    subprocess.run([cc, *SANITIZERS, str(source), "-o", str(program)], check=True)
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "runtime error" in done.stderr or "AddressSanitizer" in done.stderr


def test_a_compiler_without_128_bit_integers_is_told_so(cc: str, tmp_path: Path) -> None:
    built = build(cc, tmp_path / "none.so", "-U__SIZEOF_INT128__")
    assert built.returncode != 0
    assert "this backend multiplies 64-bit numbers into 128 bits" in built.stderr


def test_without_a_compiler_the_package_is_built_all_the_same(tmp_path: Path) -> None:
    environment = {**os.environ, "CC": "no-such-compiler"}
    folders = ["--build-lib", str(tmp_path / "lib"), "--build-temp", str(tmp_path / "temp")]
    command = [sys.executable, "setup.py", "--quiet", "build_ext", *folders]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("*.so")) == []
