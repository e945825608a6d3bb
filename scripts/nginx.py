#!/usr/bin/env python3
"""Find the nginx that the tests of deploy/nginx.conf run, or install it from Debian if we are root.

python3 scripts/nginx.py --install     # before the tests
python3 scripts/nginx.py --say         # after them: one line if there was none
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

PACKAGE = "nginx"
NOT_RUN = "NOT RUN: tests of nginx's logs, install nginx"
SYSTEMD = Path("/run/systemd/system")


def find() -> str | None:
    """The path of an nginx: $BALLOT_NGINX, or one on the path or in Debian's folders; None if there is none."""
    wished = os.environ.get("BALLOT_NGINX")
    if wished is not None:
        return shutil.which(wished)
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def install() -> None:
    """Install Debian's package by apt if that needs no permission; if it fails, the tests report it.

    Under systemd the package would start a web server on port 80, so there a person decides.
    """
    # Beside this file; tests import this file only to find the program
    from debian_packages import can_install, install_packages

    if find() or "BALLOT_NGINX" in os.environ:
        return
    if not can_install() or SYSTEMD.exists():
        print("No nginx found: the tests of its logs will not run. On Debian: apt install nginx")
        return
    print("Installing Debian's nginx for the tests of its logs (once)", flush=True)
    install_packages([PACKAGE])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))  # python3 -I leaves it out
    from debian_packages import install_or_say

    install_or_say(__doc__ or "", install, lambda: find() is not None, NOT_RUN)
