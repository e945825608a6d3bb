"""`ballot authority check FILE RECORD`: is this statement of who cast a vote the one that the record has?

Exit status 0: it is. 1: it is not. 2: refused.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ballot.audit.authority import check_statement
from ballot.cli.say import read_bytes, say
from ballot.protocol.errors import InvalidMessage
from ballot.record.authority import CAPACITY_WORDS, parse_statement_proof
from ballot.record.times import time_text


def authority_command(argv: list[str]) -> int:
    """Check one file against one record."""
    options = _parser().parse_args(argv)
    try:
        proof = parse_statement_proof(read_bytes(options.file))
        closing = check_statement(options.record, proof)
    except InvalidMessage as fault:
        say(f"The record does not have this statement: {fault.detail}.", sys.stderr)
        return 1
    made, said = proof.made, proof.made.authority
    say(f"Practice: {made.practice}, in {proof.election} of {proof.programme}")
    say(f"Cast by: {said.name}, {CAPACITY_WORDS[said.capacity]}")
    say(f'Confirmed: "{said.statement}"')
    say(f"Ballot: {made.ballot} (SHA-256), statement {proof.index + 1} of {proof.rows}")
    say(f"The record has exactly this statement: its root was signed at the closing, {time_text(closing.time)}.")
    say("This does not check the rest of the record: run ballot verify.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ballot authority", description="Check who cast a vote, and by what authority, against a published record."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="is this statement the one that the record has?")
    check.add_argument("file", metavar="FILE", type=Path, help="the statement with its proof, from the office's page")
    check.add_argument("record", metavar="RECORD", type=Path, help="the published record, a folder or its .zip")
    return parser
