#!/usr/bin/env python3
"""Verify a published record or a single .bel archive: python3 scripts/verify_tally.py RECORD

Needs Python 3.11 or newer and nothing else: without PyNaCl and cryptography (`pip install .` in this folder brings
them, and no web framework or database) it does its own arithmetic, slowly, and says so. `make verifier.pyz` packs it
into a single file. Run with a Python that has no PyNaCl, it uses the checkout's own .venv where that exists.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv" / "bin" / "python"

if sys.version_info < (3, 11):  # noqa: UP036  (an older Python would fail on our syntax, and not say why)
    sys.exit("verify_tally.py needs Python 3.11 or newer, and found {}.{}".format(*sys.version_info))
if find_spec("nacl") is None and VENV.exists() and "BALLOT_REEXECUTED" not in os.environ:
    os.execve(VENV, [str(VENV), *sys.argv], {**os.environ, "BALLOT_REEXECUTED": "1"})

sys.path.insert(0, str(ROOT))

from ballot.audit.command import main  # noqa: E402  (it stands in the folder above)

if __name__ == "__main__":
    sys.exit(main())
