"""What does a spoilt ballot encrypt? The command behind scripts/check_paper.py.

The election comes from the public board, as election.json or the .bel archive; the opening comes from the voting page
to be tested. Everything is computed here. What is *not* done here: knowing whether the ballot was cast after all; look
up its tracking number on the board.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from ballot.protocol.archive import read_header, read_members
from ballot.protocol.backends import choose
from ballot.protocol.canonical import as_sent, fields, parse_json
from ballot.protocol.elections import Election, parse_election
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.events import parse_event
from ballot.protocol.group import element_text
from ballot.protocol.hashing import Hash
from ballot.protocol.openings import OpenedPaper, check_opening, parse_opening
from ballot.strict.printable import printable, printable_lines

G = choose()
"""An opened ballot has no secrets, so any backend may be used."""

MAX_OPENING = 2**24
"""Bytes. An opening is little longer than its ballot, and ballots are far shorter."""


def main(argv: list[str] | None = None) -> int:
    """Check one opening; returns 0 if the ballot encrypts what is printed, 1 if not shown, 2 for an unreadable file."""
    parser = argparse.ArgumentParser(prog="check_paper.py", description="Say what a spoilt ballot encrypts.")
    parser.add_argument("election", metavar="ELECTION", type=Path, help="election.json or the .bel archive")
    parser.add_argument("opening", metavar="OPENING", type=Path, help="the file that the voting page gave")
    arguments = parser.parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        election = read_election(arguments.election)
        with arguments.opening.open("rb") as stream:
            data = stream.read(MAX_OPENING)
    except (OSError, InvalidMessage) as fault:
        print(printable_lines(f"cannot be read: {fault}"), file=sys.stderr)
        return 2
    try:
        opened = parse_opening(G, as_sent(data))
        ballot = check_opening(G, opened, election)
    except InvalidMessage as fault:
        print(printable_lines(f"NOT SHOWN   {fault}"))
        print(
            "This file does not show what the ballot encrypts. Do not vote with that page. Tell the returning officer."
        )
        return 1
    for line in (*lines(opened, election), f"credential       {element_text(ballot.credential)}"):
        print(printable(line))  # a name with a line break must not add lines
    return 0


def read_election(path: Path) -> Election:
    """The election in election.json, or in the Setup of an archive; raises InvalidMessage or OSError."""
    with path.open("rb") as stream:
        if not stream.read(8).startswith(b"BELENIOS"):
            stream.seek(0)
            return parse_election(G, as_sent(stream.read(MAX_OPENING)))
        stream.seek(0)
        bodies: dict[Hash | None, bytes] = {}
        for member in read_members(stream, read_header(stream)):
            if member.kind == "event":
                setup = bodies.get(parse_event(member.body).payload, b"")
                named = fields(parse_json(setup), ("election", "trustees", "credentials"))["election"]
                return parse_election(G, bodies.get(named, b""))
            bodies[member.hash] = member.body
    raise InvalidMessage(Reason.EVENT_SEQUENCE, "the archive has no Setup")


def lines(opened: OpenedPaper, election: Election) -> Iterator[str]:
    """What the ballot encrypts, for people to read."""
    yield f"ENCRYPTS    {election.name}"
    for question, vote in zip(election.homomorphic_questions, opened.votes, strict=True):
        names = ("(blank)", *question.answers) if question.blank else question.answers
        chosen = [name for name, m in zip(names, vote, strict=True) if m]
        yield f"            {question.question}  ->  {', '.join(chosen) or '(none of the answers)'}"
    yield f"tracking number  {opened.tracking_number}"
    yield "Compare it with the number that the page showed before you opened the ballot. It must not be on the board."
