#!/usr/bin/env python3
"""Watch a public board: python3 scripts/monitor_board.py URL --keep FOLDER (docs/watching.md)

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
    from ballot.watch.command import main
except ImportError as error:
    if VENV.exists() and "BALLOT_REEXECUTED" not in os.environ:
        os.execve(VENV, [str(VENV), *sys.argv], {**os.environ, "BALLOT_REEXECUTED": "1"})
    sys.exit(
        f"monitor_board.py needs more than this Python has ({error}). Try: make setup, or pip install {ROOT.name}/"
    )

if __name__ == "__main__":
    sys.exit(main(prog="monitor_board.py"))
