"""`ballot roll check`: read a roll as `ballot office prepare` would, and say all that is wrong with it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ballot.cli.files import read_bytes
from ballot.cli.say import say, table
from ballot.constitution.programme import load_programme
from ballot.office.programme_files import count_roll, read_folder, roll_notes
from ballot.roll.member import Member, Roll
from ballot.roll.read import Source, read_files


def roll_command(argv: list[str]) -> int:
    """`ballot roll check FILE [--lists FILE] --programme FOLDER`."""
    parser = argparse.ArgumentParser(prog="ballot roll", description="Look at a roll of member practices.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    check = commands.add_parser("check", help="read a roll, and print what is in it or all that is wrong with it")
    check.add_argument("roll", metavar="FILE", type=Path, help="a CSV with a header, or epraccur.csv; .gz too")
    check.add_argument("--lists", metavar="FILE", type=Path, help="list sizes: gp-reg-pat-prac-all.csv")
    check.add_argument(
        "--programme",
        metavar="FOLDER",
        type=Path,
        required=True,
        help="the programme's folder, whose rules the roll must fit, or its programme.toml alone",
    )
    options = parser.parse_args(argv)
    file = options.programme / "programme.toml" if options.programme.is_dir() else options.programme
    programme = load_programme(read_bytes(file), str(file))
    roll = read_roll(options.roll, options.lists, [ccg.ods for ccg in programme.ccgs])
    notes = roll.notes
    if options.programme.is_dir():
        files = read_folder(options.programme)
        count_roll(files, roll)
        notes = roll_notes(files, roll)
    rows = [(ccg.ods, ccg.name, len(members := roll.of(ccg.ods)), _patients(members)) for ccg in programme.ccgs]
    for line in table(("CCG", "Name", "Members", "Patients"), rows):
        say(line)
    for note in notes:
        say(f"Note: {note}")
    say(f"This roll can be used: {len(roll.members)} member practices, {_patients(roll.members)} patients.")
    return 0


def read_roll(file: Path, lists: Path | None, ccgs: Sequence[str]) -> Roll:
    """The roll in these files; raises InvalidRoll with every problem."""
    sizes = None if lists is None else Source(str(lists), read_bytes(lists))
    return read_files(Source(str(file), read_bytes(file)), ccgs, sizes)


def _patients(members: Sequence[Member]) -> int:
    return sum(member.list_size or 0 for member in members)
