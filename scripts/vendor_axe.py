#!/usr/bin/env python3
"""Bring axe-core, which finds accessibility barriers on pages, into tests/browser/vendor: for maintainers.

python3 scripts/vendor_axe.py [VERSION] [TARBALL]

Only tests use it; it is never served. It is under the MPL-2.0, its files unchanged, with its licences.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import vendor

NAME, VERSION = "axe-core", "4.14.1"
FOLDER = vendor.ROOT / "tests" / "browser" / "vendor"
FILES = ["axe.min.js", "LICENSE", "LICENSE-3RD-PARTY.txt"]


def main(arguments: list[str] | None = None) -> int:
    """Copy and list; 0 if the folder then matches the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("version", nargs="?", default=VERSION)
    parser.add_argument("tarball", nargs="?", type=Path)
    options = parser.parse_args(arguments)
    FOLDER.mkdir(exist_ok=True)
    vendor.vendor(FOLDER, NAME, options.version, options.tarball, FILES, "MPL-2.0")
    faults = vendor.check(FOLDER)
    print("\n".join(faults) or f"{NAME}: every file is listed and as it was")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
