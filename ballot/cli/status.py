"""`ballot office status`: how every CCG stands, and each locality where it votes by them. Reads only."""

from __future__ import annotations

import argparse

from ballot.cli.say import say, table
from ballot.cli.surroundings import Surroundings, clock
from ballot.cli.voting import shown, zone_of
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.db.tokens import token_lines
from ballot.office.board import standings
from ballot.office.sealed import read_programme

HEADS = ("Election", "Name", "State", "Opens", "Closes", "Eligible", "Returned", "Height")


def show_status(here: Surroundings, options: argparse.Namespace) -> None:
    """Print the table."""
    id = here.programme(options.programme)
    zone = zone_of(here, id)
    with reading(here.engine) as session:
        row = find_programme(session, id)
        rows = [
            (
                standing.election_name,
                standing.name,
                standing.state.value,
                shown(standing.opens_at, zone),
                shown(standing.closes_at, zone),
                standing.eligible,
                standing.returned,
                "-" if standing.height is None else standing.height,
            )
            for standing in standings(session, id, clock())
        ]
        issued = bool(token_lines(session, id))
    if row is None:
        return
    for line in _about(row, issued):
        say(line)
    say()
    for line in table(HEADS, rows):
        say(line)


def _about(row: ProgrammeRow, issued: bool) -> list[str]:
    programme = read_programme(row.toml)
    lines = [f"{row.id}: {programme.name}"]
    if programme.rehearsal:
        lines.append("This is a rehearsal.")
    if row.fingerprint is None:
        tried = "was tried" if row.backup_restored_at is not None else "has not been tried yet"
        lines.append(f"Not sealed. Links {'are' if issued else 'are not'} issued; the backup of the keys {tried}.")
    else:
        lines.append(f"Programme fingerprint: {row.fingerprint}")
    if row.decision is not None:
        lines.append("The outcome is decided.")
    return lines
