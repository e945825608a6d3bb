"""Debian's packages by apt, for what the tests need and a bare machine lacks; only where we are root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence


def can_install() -> bool:
    """Whether this is Debian or one of its kin, and we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_packages(packages: Sequence[str]) -> None:
    """Install them, without what they merely recommend; says what failed, and the caller looks whether it is there."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", "--quiet=2", *command], env=environment, capture_output=True, text=True)  # noqa: S607
        if done.returncode:
            print(f"apt-get {command[0]} failed: {done.stderr.strip()[-500:]}")
