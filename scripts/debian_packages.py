"""Install Debian packages that the tests need, if we are root; the command line of the scripts that find them."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence


def can_install() -> bool:
    """Whether this is Debian or a relative, and we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_packages(packages: Sequence[str]) -> None:
    """Install them without recommended packages. Prints what failed; the caller checks the result."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", "--quiet=2", *command], env=environment, capture_output=True, text=True)  # noqa: S607
        if done.returncode:
            print(f"apt-get {command[0]} failed: {done.stderr.strip()[-500:]}")


def install_or_say(purpose: str, install: Callable[[], None], is_there: Callable[[], bool], not_run: str) -> None:
    """Run a script with --install, which installs a program, or --say, which prints `not_run` if it is missing."""
    parser = argparse.ArgumentParser(description=purpose.split("\n")[0])
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--say", action="store_true")
    options = parser.parse_args()
    if options.install:
        install()
    if options.say and not is_there():
        print(not_run)
