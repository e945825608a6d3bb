"""`ballot roll`: read a roll as `ballot office prepare` does, and show all its problems."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from ballot.cli.persons import add_persons, check_name_command, draw_command
from ballot.cli.say import read_bytes, say, table, write_new
from ballot.constitution.codes import Codes
from ballot.constitution.programme import Programme, load_programme
from ballot.constitution.words import capitalised
from ballot.office.setup.draft import count_roll, read_folder, roll_notes, voting_days
from ballot.record.elections import localities_of
from ballot.record.public_roll import PublicMember
from ballot.roll.compare import compare_rolls
from ballot.roll.member import Holds, Member, Roll, SourceFile
from ballot.roll.problems import counted
from ballot.roll.read import Networks, RollFile, read_files
from ballot.roll.simple import write_roll


def roll_command(argv: list[str]) -> int:
    """`ballot roll check FILE [--lists FILE] --programme FOLDER`."""
    parser = argparse.ArgumentParser(prog="ballot roll", description="Check a roll of member practices.")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    check = commands.add_parser("check", help="read a roll, and print what is in it or all that is wrong with it")
    check.add_argument("roll", metavar="FILE", type=Path, help="a CSV with a header, or epraccur.csv; .gz or .zip too")
    check.add_argument("--lists", metavar="FILE", type=Path, help="list sizes: gp-reg-pat-prac-all, .zip or .csv")
    add_partners(check)
    told = "also write the roll as a simple CSV, to add representatives and addresses"
    check.add_argument("--to", metavar="NEW", type=Path, help=told)
    check.add_argument(
        "--programme",
        metavar="FOLDER",
        type=Path,
        required=True,
        help="the programme's folder, whose rules the roll must fit, or its programme.toml alone",
    )
    compare = commands.add_parser("compare", help="what a new roll changes against an older one")
    compare.add_argument("before", metavar="OLD", type=Path)
    compare.add_argument("after", metavar="NEW", type=Path)
    compare.add_argument("--lists", metavar="FILE", type=Path, help="list sizes of the new one, where it has none")
    compare.add_argument("--lists-before", metavar="FILE", type=Path, help="list sizes of the old one")
    compare.add_argument("--programme", metavar="FOLDER", type=Path, required=True, help="the programme's folder")
    add_persons(commands)
    options = parser.parse_args(argv)
    if options.command == "draw-codes":
        return draw_command(options)
    if options.command == "check-name":
        return check_name_command(options)
    if options.command == "compare":
        return _compare(options)
    file = options.programme / "programme.toml" if options.programme.is_dir() else options.programme
    programme = load_programme(read_bytes(file), str(file))
    files = read_folder(options.programme) if options.programme.is_dir() else None
    columns, weights = (files.locality_columns, files.weight_columns) if files else ({}, {})
    ccgs = [ccg.ods for ccg in programme.ccgs]
    roll = read_roll(
        options.roll, options.lists, ccgs, columns, programme.codes, weights, networks_of(options.partners, programme)
    )
    notes = roll.notes
    if files is not None:
        count_roll(files, roll)
        notes = roll_notes(files, roll)
    totals = {code: sum(member.list_size or 0 for member in roll.of(code)) for code in roll.ccgs}
    heads, of_all, shown = ["Patients"], f", {sum(totals.values())} patients", dict[str, object](totals)
    if files is not None and weights:
        counts = {code: rule.nouns.counts for code, (rule, _) in files.constitutions.items()}
        heads, of_all = ["Votes weigh by"], ""
        shown = {code: counts[code].counted(total) for code, total in totals.items()}
    elif not any(totals.values()):
        heads, of_all = [], ""
    rows = [(ccg.ods, ccg.name, len(roll.of(ccg.ods)), shown[ccg.ods])[: 3 + len(heads)] for ccg in programme.ccgs]
    for line in table((capitalised(programme.words.body.one), "Name", "Members", *heads), rows):
        say(line)
    for ccg in columns:
        say(f"{ccg} votes by localities: {say_localities(roll.of(ccg))}.")
    for source in roll.sources:
        say(say_source(source, weights))
    for note in notes:
        say(f"Note: {note}")
    if options.to is not None:
        write_new(options.to, write_roll(roll.members, next(iter(columns.values()), None)))
        say(f"{options.to} is this roll as a simple CSV.")
    say(f"This roll can be used: {programme.words.full_member.counted(len(roll.members))}{of_all}.")
    return 0


def _compare(options: argparse.Namespace) -> int:
    files = read_folder(options.programme)
    ccgs = [ccg.ods for ccg in files.programme.ccgs]
    columns = files.locality_columns, files.programme.codes, files.weight_columns
    before = read_roll(options.before, options.lists_before, ccgs, *columns)
    after = read_roll(options.after, options.lists, ccgs, *columns)
    for sentence in compare_rolls(before, after).sentences():
        say(sentence)
    return 0


def read_roll(
    file: Path,
    lists: Path | None,
    ccgs: Sequence[str],
    localities: Mapping[str, str],
    codes: Codes,
    weights: Mapping[str, str],
    networks: Networks | None = None,
) -> Roll:
    """The roll in these files; CCGs are mapped to the columns that their rules name. Raises InvalidRoll."""
    sizes = None if lists is None else RollFile(str(lists), read_bytes(lists))
    return read_files(RollFile(str(file), read_bytes(file)), ccgs, sizes, localities, codes, weights, networks)


def networks_of(partners: Path | None, programme: Programme) -> Networks | None:
    """The core partners of PCNs in a file, for the days of this programme."""
    if partners is None:
        return None
    return Networks(RollFile(str(partners), read_bytes(partners)), voting_days(programme))


def add_partners(parser: argparse.ArgumentParser) -> None:
    """Add the option for the file of PCNs."""
    told = "PCN core partners, with epraccur.csv as the roll: epcncorepartnerdetails.csv"
    parser.add_argument("--partners", metavar="FILE", type=Path, help=told)


def say_source(source: SourceFile, weights: Mapping[str, str]) -> str:
    """Say what is in a file, and its hash for comparison with the published one; the record names both.

    `weights` are the columns that votes weigh by, where list sizes do not.
    """
    numbers = "the numbers that votes weigh by" if weights else "the list sizes"
    holds = {Holds.ROLL: "the roll", Holds.LIST_SIZES: "the list sizes", Holds.BOTH: f"the roll and {numbers}"}
    day = "" if source.snapshot is None else f" of {source.snapshot}"
    return f"{source.file} has {holds[source.holds]}{day}; its SHA-256 is {source.sha256}."


def say_localities(members: Sequence[Member | PublicMember]) -> str:
    """The localities and their sizes: `U12: 5 practices, U13: 1 practice`."""
    sizes = Counter(member.locality for member in members)
    return ", ".join(f"{place}: {counted(sizes[place], 'practice')}" for place in localities_of(sizes))
