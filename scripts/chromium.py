#!/usr/bin/env python3
"""Find the Chromium for browser tests and figures, or install it from Debian if we are root.

python3 scripts/chromium.py --install     # before the tests
python3 scripts/chromium.py --say         # after them: one line if there was none
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The first is the same browser without windows and menus: the same engine for half the processor time."""
PACKAGES = ("chromium-headless-shell", "chromium")
"""Debian's packages; some relatives of Debian lack the first."""
FONT = "fonts-liberation"
"""Without a font, a bare machine lays out pages of empty boxes."""
NOT_RUN = "NOT RUN: browser tests, install chromium"

QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
"""Options so that the browser connects only to the page's own server."""


def find() -> str | None:
    """The path of a Chromium or Chrome: $BALLOT_CHROMIUM, or the first of the usual names; None if there is none."""
    wished = os.environ.get("BALLOT_CHROMIUM")
    if wished is not None:
        return shutil.which(wished)
    return next((path for path in map(shutil.which, NAMES) if path), None)


def arguments() -> list[str]:
    """The options to start it with; as root it cannot use its sandbox."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def install() -> None:
    """Install Debian's package by apt if that needs no permission; if it fails, the tests report it."""
    # Beside this file; tests import this file only to find the program
    from debian_packages import can_install, install_packages

    if find() or "BALLOT_CHROMIUM" in os.environ:
        return
    if not can_install():
        print("No Chromium or Chrome found: the browser tests will not run. On Debian: apt install chromium")
        return
    for package in PACKAGES:
        if find() is None:
            print(f"Installing Debian's {package} for the browser tests (once)", flush=True)
            install_packages([package, FONT])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))  # python3 -I leaves it out
    from debian_packages import install_or_say

    install_or_say(__doc__ or "", install, lambda: find() is not None, NOT_RUN)
