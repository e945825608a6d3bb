"""`ballot constitution check`, `explain` and `write`: a second look at a rule file, the text to sign, a new file."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

from ballot.cli.constitution_writing import add_write, write_command
from ballot.cli.files import read_bytes
from ballot.cli.rules import read_file, refuse
from ballot.cli.say import say
from ballot.constitution.effects import Voter
from ballot.constitution.errors import ConstitutionError
from ballot.constitution.lint import check_against_roll, check_constitution
from ballot.constitution.load import load_constitution
from ballot.constitution.reading import read_for_signing
from ballot.constitution.rule import Constitution
from ballot.record.roll_cells import is_ccg_code
from ballot.roll.member import Roll
from ballot.roll.read import Source, read_files


def constitution_command(argv: list[str]) -> int:
    """`ballot constitution check FILE... [--roll FILE]` and `ballot constitution explain FILE`."""
    parser = argparse.ArgumentParser(prog="ballot constitution", description="Look at CCGs' rule files.")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    check = commands.add_parser("check", help="name what is allowed in a rule file and looks like a mistake")
    check.add_argument("files", metavar="FILE", nargs="+")
    check.add_argument("--roll", metavar="FILE", type=Path, help="look at the member practices too")
    check.add_argument("--lists", metavar="FILE", type=Path, help="list sizes: gp-reg-pat-prac-all, .zip or .csv")
    explain = commands.add_parser("explain", help="print a rule file in plain English, for a governing body to sign")
    explain.add_argument("file", metavar="FILE")
    add_write(commands)
    options = parser.parse_args(argv)
    if options.command == "write":
        return write_command(options)
    if options.command == "explain":
        return _explain(options.file)
    return _check(options.files, options.roll, options.lists)


def _explain(file: str) -> int:
    try:
        constitution = load_constitution(read_file(file), file)
    except ConstitutionError as refusal:
        return refuse(refusal)
    for line in read_for_signing(constitution):
        say(line)
    return 0


def _check(files: Sequence[str], roll_file: Path | None, lists: Path | None) -> int:
    """2 if any file is refused, else 0, however much is odd."""
    status = 0
    constitutions: list[Constitution] = []
    for file in files:
        try:
            constitutions.append(load_constitution(read_file(file), file))
        except ConstitutionError as refusal:
            status = refuse(refusal)
    roll = None if roll_file is None else _read_roll(roll_file, lists, constitutions)
    for constitution in constitutions:
        oddities = list(check_constitution(constitution))
        if roll is not None:
            members = roll.of(constitution.ccg)
            voters = [Voter(member.practice, member.list_size, member.locality) for member in members]
            oddities += check_against_roll(constitution, voters)
        for oddity in sorted(oddities, key=lambda oddity: oddity.line):
            say(f"{constitution.file}:{oddity.line}: warning: {oddity.sentence}")
        if not oddities:
            say(f"{constitution.file}: nothing odd.")
    return status


def _read_roll(file: Path, lists: Path | None, constitutions: Sequence[Constitution]) -> Roll:
    """The roll, whatever other CCGs it is of. Raises: InvalidRoll."""
    columns = {rule.ccg: rule.locality_column for rule in constitutions if rule.locality_column is not None}
    ccgs = [rule.ccg for rule in constitutions]
    data = read_bytes(file)
    others = _ccgs_of_simple(data)
    sizes = None if lists is None else Source(str(lists), read_bytes(lists))
    return read_files(Source(str(file), data), list(dict.fromkeys([*ccgs, *others])), sizes, columns)


def _ccgs_of_simple(data: bytes) -> list[str]:
    """The CCGs named in a simple roll; none in any other file."""
    try:
        rows = list(csv.DictReader(data.decode("utf-8").splitlines()))
    except (UnicodeDecodeError, csv.Error):
        return []
    return [code for row in rows if is_ccg_code(code := str(row.get("ccg_ods_code") or ""))]
