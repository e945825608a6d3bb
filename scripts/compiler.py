#!/usr/bin/env python3
"""Find the C compiler for the fast arithmetic and its tests, or install Debian's if we are root.

.venv/bin/python scripts/compiler.py --install   # before the tests: install it, then build what was missing
.venv/bin/python scripts/compiler.py --say       # after them: one line if there was none
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("cc", "gcc", "clang")
PACKAGES = ("gcc", "libc6-dev", "python3-dev")
NOT_RUN = "NOT RUN: tests of the C arithmetic, install gcc and Python's headers"


def find() -> str | None:
    """The path of a compiler, if Python's headers exist too: $BALLOT_CC, or the first of the usual names."""
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return None
    wished = os.environ.get("BALLOT_CC")
    if wished is not None:
        return shutil.which(wished)
    return next((path for path in map(shutil.which, NAMES) if path), None)


def is_built() -> bool:
    """Whether the extension can be imported."""
    return find_spec("ballot.protocol._native") is not None


def install() -> None:
    """Install Debian's package by apt if that needs no permission; then build what is missing."""
    # Beside this file; tests import this file only to find the program
    from debian_packages import can_install, install_packages

    if not find() and "BALLOT_CC" not in os.environ:
        if not can_install():
            print("No C compiler found: the tests of the C arithmetic will not run. On Debian: apt install gcc")
            return
        print("Installing Debian's gcc for the C arithmetic (once)", flush=True)
        install_packages(PACKAGES)
    if find() and not is_built():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], check=False)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))  # python3 -I leaves it out
    from debian_packages import install_or_say

    install_or_say(__doc__ or "", install, lambda: find() is not None and is_built(), NOT_RUN)
