"""Build the wheel into a folder, from a clean copy of what is committed or would be; prints its SHA-256.

It is the wheel for every machine, without our C: PyNaCl does the arithmetic where it is installed (ADR 0023).

Two builds of one commit are the same bytes: times are SOURCE_DATE_EPOCH, modes do not depend on the builder's umask.
"""

from __future__ import annotations

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


def make_wheel(folder: Path, epoch: str) -> Path:
    """The wheel, built in a copy whose files have one mode, so that nothing of this machine is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as copy:
        for part in PARTS:
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
            env={**os.environ, "SOURCE_DATE_EPOCH": epoch, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=True,
            umask=0o022,
        )
    return folder / ran.stdout.strip().splitlines()[-1]


def main() -> int:
    wheel = make_wheel(Path(sys.argv[1]), os.environ["SOURCE_DATE_EPOCH"])
    print(f"{wheel} sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
