"""`python3 -m ballot.audit RECORD` runs the command of scripts/verify_tally.py."""

import sys

from ballot.audit.command import main

if __name__ == "__main__":
    sys.exit(main(prog="python3 -m ballot.audit"))
