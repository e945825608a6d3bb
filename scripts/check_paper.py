#!/usr/bin/env python3
"""Say what a spoilt ballot encrypts: python3 scripts/check_paper.py ELECTION OPENING

ELECTION is election.json or the .bel archive, which you fetch from the public board; OPENING is the file that the
voting page gave instead of casting. Everything is worked out on this machine; nothing is sent. Exit status 0: the
ballot encrypts exactly the votes printed. 1: that is not shown, for the reason printed. 2: a file cannot be read.
Compare the tracking number with the one that the page showed *before* you chose to open the ballot.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv" / "bin" / "python"

try:
    sys.path.insert(0, str(ROOT))
    from ballot.audit.spoilt_ballot import main
except ImportError as error:
    if VENV.exists() and "BALLOT_REEXECUTED" not in os.environ:
        os.execve(VENV, [str(VENV), *sys.argv], {**os.environ, "BALLOT_REEXECUTED": "1"})
    sys.exit(f"check_paper.py needs more than this Python has ({error}). Try: make setup, or pip install {ROOT.name}/")

if __name__ == "__main__":
    sys.exit(main())
