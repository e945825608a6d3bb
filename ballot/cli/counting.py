"""`ballot office server-share`, `share`, `decide`, `declare` and `publish`: from closed ballots to a record."""

from __future__ import annotations

import argparse
import os

from ballot.cli.files import read_message
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.cli.surroundings import Surroundings, clock, each
from ballot.cli.voting import chosen_elections, why_of
from ballot.db.session import transaction
from ballot.declaration.errors import NotVerified
from ballot.office.activity import COMMAND_LINE, Place, Uploaded, note_act
from ballot.office.decide import decide
from ballot.office.declare import declare
from ballot.office.decrypt import add_server_share, add_share
from ballot.office.lifecycle import State
from ballot.office.publishing import EVIDENCE, PAPER, beside, publish_verified
from ballot.office.reballot import call_reballot
from ballot.office.wipe import wipe_rehearsal
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import Role


def server_share(here: Surroundings, options: argparse.Namespace) -> None:
    """Add the server's part."""
    id = here.programme(options.programme)

    def act(election: str) -> None:
        tallied = add_server_share(here.desk, id, election, here.config.instance, here.storage)
        say(f"{election}: the server's share is there. {_how_far(election, tallied)}")

    each(chosen_elections(here, id, options, (State.CLOSED,)), act)


def trustee_share(here: Surroundings, options: argparse.Namespace) -> None:
    """Add a trustee's part."""
    id = here.programme(options.programme)
    body = read_message(options.share)
    tallied = add_share(here.desk, id, options.election, options.owner, body)
    with transaction(here.engine) as session:
        note_act(session, clock(), COMMAND_LINE, Uploaded("share", str(sha256_hex(body))), Place(id))
    say(f"{options.election}: the share holds. {_how_far(options.election, tallied)}")


def _how_far(election: str, tallied: bool) -> str:
    if tallied:
        return f"{election} is tallied. Next, when every CCG is: ballot office decide."
    return "More shares are needed: ballot office server-share, ballot office share."


def decide_outcome(here: Surroundings, options: argparse.Namespace) -> None:
    """Apply the rules, and print the working."""
    decision = decide(here.desk, here.programme(options.programme))
    for ccg, questions in decision.ccgs.items():
        for question, decided in questions.items():
            say(f"{ccg} {question}: {decided.decision.outcome.value}")
            for sentence in decided.decision.explanation:
                say(f"    {sentence}")
    if decision.outcome is not None:
        for sentence in decision.outcome.explanation:
            say(sentence)
    say("This is decided, and not declared yet. Next: ballot office declare, by both officers.")


def declare_outcome(here: Surroundings, options: argparse.Namespace) -> None:
    """Two people put their names to it."""
    id = here.programme(options.programme)
    declare(here.desk, id, here.officers(f"to declare the outcome of {id} as it was decided"))
    say(f"{id} is declared. Next: ballot office publish.")


def call_for_reballot(here: Surroundings, options: argparse.Namespace) -> None:
    """Two people call for another vote; the programme it is held in is prepared like any other."""
    id = here.programme(options.programme)
    why = why_of(options)
    listed = ", ".join(options.ccgs)
    answer = options.answered_by
    officers = here.officers(f"to call for a re-ballot of {listed} in the programme {answer}")
    call_reballot(here.desk, id, options.ccgs, answer, officers, why)
    say(f"A re-ballot of {listed} is called, in the programme {answer} and no other.")
    say("Next: a folder of its own with that id, whose programme.toml has in place of [outcome]")
    say(f'    [reballot] and below it: of = "{id}"')
    say("and the same questions; with it the rules of these CCGs. Then ballot office prepare.")


def publish_record(here: Surroundings, options: argparse.Namespace) -> None:
    """Publish, unless our own audit finds anything."""
    id = here.programme(options.programme)
    try:
        published = publish_verified(here.desk, id, here.record, os.cpu_count() or 1)
    except NotVerified as refused:
        lines = ["Nothing is published: our own audit refuses it.", *refused.lines, str(refused)]
        raise Unacceptable("\n".join(lines)) from None
    packed = published.packed
    say(f"{published.folder} and {packed} are published. Our own audit says: {published.verdict}.")
    if published.declares:
        paper, evidence = (beside(here.record, id, what) for what in (PAPER, EVIDENCE))
        say(f"The declaration is {paper}, with the board's signature beside it; the evidence pack is {evidence}.")
    say(f"Anybody can check it: ballot verify {packed}")


def wipe(here: Surroundings, options: argparse.Namespace) -> None:
    """Remove a rehearsal."""
    if options.programme is None:
        raise Unacceptable("Say with --programme which rehearsal is meant.")
    id = here.programme(options.programme)
    number = wipe_rehearsal(here.desk, id, here.config.instance, here.key(Role.RETURNING_OFFICER))
    say(f"The rehearsal {id} is gone: {number} rows. Its folder of settings stays, so that it can be held again.")
