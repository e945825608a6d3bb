#!/usr/bin/env python3
"""A trustee's part, on a machine of its own: python3 scripts/trustee.py certificate|polynomial|voutput|practice|decrypt

Files in, files out: it speaks with no server, and the key files are the ones that the trustee's page makes. Needs
Python 3.11 or newer, PyNaCl >= 1.6.2, cryptography, tqdm and tzdata (`pip install .` in this folder brings them, and
no web framework or database). Run with any Python, it uses the checkout's own .venv where that exists.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv" / "bin" / "python"

try:
    sys.path.insert(0, str(ROOT))
    from ballot.cli.main import main
    from ballot.cli.trustee import trustee_command  # noqa: F401  (so that what is missing is told of here)
except ImportError as error:
    if VENV.exists() and "BALLOT_REEXECUTED" not in os.environ:
        os.execve(VENV, [str(VENV), *sys.argv], {**os.environ, "BALLOT_REEXECUTED": "1"})
    sys.exit(f"trustee.py needs more than this Python has ({error}). Try: make setup, or pip install {ROOT.name}/")

if __name__ == "__main__":
    sys.exit(main(["trustee", *sys.argv[1:]]))
