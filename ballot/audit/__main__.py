"""`python3 -m ballot.audit RECORD`: the same as scripts/verify_tally.py."""

import sys

from ballot.audit.command import main

if __name__ == "__main__":
    sys.exit(main(prog="python3 -m ballot.audit"))
