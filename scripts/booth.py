"""Try the booth: `make booth`. A rehearsal with an open window, served until Ctrl-C, and three links to click."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from demo import ROOT, Story, fresh

from ballot.office.setup.draft import read_folder
from ballot.roll.read import RollFile, read_files
from scripts.demonstration.rehearsal import open_window, rehearse
from scripts.demonstration.server import serving

INSTANCE = ROOT / "instance" / "booth"
PROGRAMME = ROOT / "config" / "lancashire-south-cumbria-2020"


def main() -> int:
    """Serve the booth; 0 when stopped."""
    parser = argparse.ArgumentParser(description="Serve a booth, with links of three practices.")
    parser.add_argument("--instance", type=Path, default=INSTANCE, help="the folder it is run in, made anew")
    parser.add_argument("--once", action="store_true", help="print the links and stop, to try the script itself")
    arguments = parser.parse_args()
    instance, say = fresh(arguments.instance), Story(more=True)
    files = read_folder(PROGRAMME)
    roll_file = PROGRAMME / "roll.csv"
    ccgs = [ccg.ods for ccg in files.programme.ccgs]
    roll = read_files(RollFile(str(roll_file), roll_file.read_bytes()), ccgs, codes=files.programme.codes)
    here = rehearse(instance, open_window(PROGRAMME, instance), roll, say)
    with serving(here.address, here.settings(), instance / "server.log") as base:
        links = here.links()
        say("Booth", f"the app answers on {base}; open a link to vote for its practice (Ctrl-C stops it)")
        for link in (links[0], links[len(links) // 2], links[-1]):
            print(f"\n  {link.name}, {link.ccg}:\n  {link.url(base)}", flush=True)
        try:
            while not arguments.once:
                time.sleep(3600)
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
