"""`ballot office status`, `server-share`, `share`, `decide`, `declare`, `publish`: from closed ballots to a record."""

from __future__ import annotations

import argparse
import os

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import read_message, say, table
from ballot.cli.surroundings import Surroundings, clock, each
from ballot.cli.voting import chosen_elections, shown, zone_of
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.db.tokens import token_lines
from ballot.declaration.errors import NotVerified
from ballot.office.acts.counting import Decide, Declare, GiveShare
from ballot.office.board.election_status import election_statuses
from ballot.office.board.publish import EVIDENCE, PAPER, publish_verified, published_path
from ballot.office.lifecycle import State
from ballot.office.perform import perform
from ballot.office.retention import wipe_rehearsal
from ballot.office.sealed import read_programme
from ballot.office.tally import SERVER
from ballot.office.tally import server_share as make_server_share
from ballot.record.keys import Role


def server_share(here: Surroundings, options: argparse.Namespace) -> None:
    """Add the server's share."""
    id = here.programme(options.programme)

    def act(election: str) -> None:
        body = make_server_share(here.desk, id, election, here.config.instance, here.storage)
        tallied = perform(here.desk, id, GiveShare(election, SERVER, body))
        say(f"{election}: the server's share is there. {_how_far(election, tallied)}")

    each(chosen_elections(here, id, options, (State.CLOSED,)), act)


def trustee_share(here: Surroundings, options: argparse.Namespace) -> None:
    """Add a trustee's share."""
    id = here.programme(options.programme)
    tallied = perform(here.desk, id, GiveShare(options.election, options.owner, read_message(options.share)))
    say(f"{options.election}: the share holds. {_how_far(options.election, tallied)}")


def _how_far(election: str, tallied: bool) -> str:
    if tallied:
        return f"{election} is tallied. Next, when every CCG is: ballot office decide."
    return "More shares are needed: ballot office server-share, ballot office share."


def decide_outcome(here: Surroundings, options: argparse.Namespace) -> None:
    """Apply the rules and print the working."""
    decision = perform(here.desk, here.programme(options.programme), Decide())
    for ccg, questions in decision.ccgs.items():
        for question, decided in questions.items():
            say(f"{ccg} {question}: {decided.decision.outcome.value}")
            for sentence in decided.decision.explanation:
                say(f"    {sentence}")
    if decision.outcome is not None:
        for sentence in decision.outcome.explanation:
            say(sentence)
    say("This is decided, but not declared yet. Next: ballot office declare, by both officers.")


def declare_outcome(here: Surroundings, options: argparse.Namespace) -> None:
    """Declare the outcome, signed by two people."""
    id = here.programme(options.programme)
    perform(here.desk, id, Declare(), here.officers(f"to declare the outcome of {id} as it was decided"))
    say(f"{id} is declared. Next: ballot office publish.")


def publish_record(here: Surroundings, options: argparse.Namespace) -> None:
    """Publish the record, unless our own audit finds a fault."""
    id = here.programme(options.programme)
    try:
        published = publish_verified(here.desk, id, here.record, os.cpu_count() or 1)
    except NotVerified as refused:
        lines = ["Nothing was published: the record failed our own audit.", *refused.lines, str(refused)]
        raise Unacceptable("\n".join(lines)) from None
    packed = published.packed
    say(f"{published.folder} and {packed} are published. Our own audit says: {published.verdict}.")
    if published.declares:
        paper, evidence = (published_path(here.record, id, what) for what in (PAPER, EVIDENCE))
        say(f"The declaration is {paper}, with the board's signature beside it; the evidence pack is {evidence}.")
    say(f"Anybody can check it: ballot verify {packed}")


def wipe(here: Surroundings, options: argparse.Namespace) -> None:
    """Remove all of a rehearsal."""
    if options.programme is None:
        raise Unacceptable("Say with --programme which rehearsal is meant.")
    id = here.programme(options.programme)
    number = wipe_rehearsal(here.desk, id, here.config.instance, here.key(Role.RETURNING_OFFICER))
    say(f"The rehearsal {id} is gone: {number} rows. Its folder of settings stays, so that it can be held again.")


HEADS = ("Election", "Name", "State", "Opens", "Closes", "Eligible", "Returned", "Height")


def show_status(here: Surroundings, options: argparse.Namespace) -> None:
    """Print the table of states."""
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
            for standing in election_statuses(session, id, clock())
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
