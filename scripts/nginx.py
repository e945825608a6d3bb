#!/usr/bin/env python3
"""Where the nginx is that the tests of deploy/nginx.conf run: found, or installed from Debian where we are root.

python3 scripts/nginx.py --install     # before the tests
python3 scripts/nginx.py --say         # after them: one line if there was none
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PACKAGE = "nginx"
NOT_RUN = "NOT RUN: tests of nginx's logs, install nginx"
SYSTEMD = Path("/run/systemd/system")


def find() -> str | None:
    """The path of an nginx: $BALLOT_NGINX, or the one on the path or where Debian puts it; None if there is none."""
    wished = os.environ.get("BALLOT_NGINX")
    if wished is not None:
        return shutil.which(wished)
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def install() -> None:
    """Debian's own, by apt, where that is possible without asking anybody; the tests say so if there is none after.

    Under systemd the package would start a web server on port 80, so there a person decides.
    """
    from debian_packages import can_install, install_packages  # beside this file, which tests import to find only

    if find() or "BALLOT_NGINX" in os.environ:
        return
    if not can_install() or SYSTEMD.exists():
        print("No nginx found: the tests of its logs will not run. On Debian: apt install nginx")
        return
    print("Installing Debian's nginx for the tests of its logs (once)", flush=True)
    install_packages([PACKAGE])


if __name__ == "__main__":
    from debian_packages import install_or_say

    install_or_say(__doc__ or "", install, lambda: find() is not None, NOT_RUN)
