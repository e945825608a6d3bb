"""Build a wheel into a folder, from a clean copy of the tracked files; print its SHA-256.

Without an option it is the wheel for every machine, `py3-none-any`: PyNaCl does the arithmetic. With `--native` it has
our C (ADR 0023), for machines like this one, and its name says so: for example `cp311-abi3-linux_x86_64`.

Two builds of one commit are the same bytes: times are SOURCE_DATE_EPOCH, modes do not depend on the builder's umask.
With the C that holds for one compiler.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("ballot", "templates", "pyproject.toml", "setup.py", "README.md", "LICENSE")
BUILD = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"


def make_wheel(folder: Path, epoch: str, native: bool = False) -> Path:
    """The wheel, built in a copy whose files have one mode, so that nothing of this machine gets in."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as copy:
        for part in (*PARTS, "native") if native else PARTS:
            source, target = ROOT / part, Path(copy) / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
            else:
                shutil.copyfile(source, target)
        for path in Path(copy).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        ran = subprocess.run(
            [sys.executable, "-c", BUILD, str(folder.resolve())],
            cwd=copy,
            env={**os.environ, "SOURCE_DATE_EPOCH": epoch, "PYTHONHASHSEED": "0", "CFLAGS": "-g0"},
            capture_output=True,
            text=True,
            check=True,
            umask=0o022,
        )
    wheel = folder / ran.stdout.strip().splitlines()[-1]
    if native and wheel.name.endswith("-none-any.whl"):
        wheel.unlink()
        raise SystemExit("The C could not be built: a compiler with 128-bit integers is needed, and Python's headers.")
    return wheel


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--native", action="store_true", help="with the C, for machines like this one")
    options = parser.parse_args()
    wheel = make_wheel(options.folder, os.environ["SOURCE_DATE_EPOCH"], options.native)
    print(f"{wheel} sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
