"""`ballot roll draw-codes` and `ballot roll check-name`: a roll of persons, and one name on it."""

from __future__ import annotations

import argparse
from pathlib import Path

from ballot.audit.source import Unreadable, open_source, read_file
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import read_bytes, say, write_new
from ballot.protocol.errors import InvalidMessage
from ballot.record.commitments import is_commitment, opens, parse_salt
from ballot.record.public_roll import parse_roll
from ballot.roll.persons import draw_codes, is_drawn, known_persons


def add_persons(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the two commands to those of `ballot roll`."""
    draw = commands.add_parser("draw-codes", help="give every person in a list a random code, for a roll of persons")
    draw.add_argument("list", metavar="LIST", type=Path, help="a CSV with the columns ccg_ods_code, name, email")
    draw.add_argument("--to", metavar="FILE", type=Path, required=True, help="the new roll; private, like the list")
    draw.add_argument("--known", metavar="ROLL", type=Path, help="an earlier roll, whose persons keep their codes")
    check = commands.add_parser("check-name", help="say whether a published record commits to this name for a code")
    check.add_argument("record", metavar="RECORD", type=Path, help="the published folder or .zip")
    check.add_argument("code", metavar="CODE", help="the person's code, such as K7R2XW4M")
    check.add_argument("--name", required=True, help="the name, exactly as the office gave it to the person")
    check.add_argument("--salt", metavar="HEX", required=True, help="the salt that the office gave with it")


def draw_command(options: argparse.Namespace) -> int:
    """Write a roll with codes and salts to a new file."""
    data = read_bytes(options.list)
    if is_drawn(data, str(options.list)):
        raise Unacceptable(f"{options.list} has codes and salts already: use it as the roll.")
    known = []
    if options.known is not None:
        known = known_persons(read_bytes(options.known), str(options.known))
        if not known:
            raise Unacceptable(f"{options.known} has no persons with codes. Give the roll that was drawn before.")
    drawn = draw_codes(data, str(options.list), known)
    write_new(options.to, drawn.data)
    for note in drawn.notes:
        say(f"Note: {note}")
    say(f"{options.to} is the roll. It has names and salts: keep it as private as the list.")
    return 0


def check_name_command(options: argparse.Namespace) -> int:
    """Return 0 if the record commits to the name, 1 if not."""
    salt = parse_salt(options.salt.strip().lower())
    if salt is None:
        raise Unacceptable("The salt must be 64 hexadecimal digits, as the office gave it.")
    try:
        with open_source(options.record) as source:
            members = parse_roll(read_file(source, "roll.csv"))
    except (Unreadable, InvalidMessage) as fault:
        raise Unacceptable(f"{options.record}: the roll cannot be read: {fault}") from None
    found = [member.name for member in members if member.practice == options.code.strip().upper()]
    if not found:
        raise Unacceptable(f"{options.code} is not on the roll of {options.record}.")
    if not is_commitment(found[0]):
        raise Unacceptable(f"{options.code} is not a person: the record has its name.")
    if opens(found[0], salt, options.name):
        say(f"MATCHES: in this record, {options.code} is this person.")
        say("Whether the record itself is true says scripts/verify_tally.py.")
        return 0
    say(f"DOES NOT MATCH: the record does not have this name, with this salt, for {options.code}.")
    say("Check the spelling of the name, letter by letter, and that both come from the office.")
    return 1
