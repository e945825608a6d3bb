#!/usr/bin/env python3
"""Verify a published record or a single .bel archive: python scripts/verify_tally.py RECORD

Needs Python 3.11 or newer, PyNaCl >= 1.6.2, cryptography and tqdm (`pip install .` in this folder brings them, and
no web framework or database). Run with any Python, it uses the checkout's own .venv where that exists.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv" / "bin" / "python"

try:
    sys.path.insert(0, str(ROOT))
    from ballot.audit.command import main
except ImportError as error:
    if VENV.exists() and "BALLOT_REEXECUTED" not in os.environ:
        os.execve(VENV, [str(VENV), *sys.argv], {**os.environ, "BALLOT_REEXECUTED": "1"})
    sys.exit(f"verify_tally.py needs more than this Python has ({error}). Try: make setup, or pip install {ROOT.name}/")

if __name__ == "__main__":
    sys.exit(main())
