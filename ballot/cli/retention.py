"""`ballot retention`: remove what is personal once its time is over; tell a person what is held on them."""

from __future__ import annotations

import argparse
import json

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.cli.settings import settings_parser
from ballot.cli.surroundings import Surroundings, clock, surroundings_of
from ballot.office.draft import Draft, draft_ids
from ballot.office.retention import due_programmes, held_on, remove_personal


def retention_command(argv: list[str]) -> int:
    """`ballot retention run [--dry-run]` and `ballot retention export --email ADDRESS`."""
    parser = argparse.ArgumentParser(prog="ballot retention", description="What is personal, and how long it is kept.")
    commands = parser.add_subparsers(metavar="ACT", required=True)
    run = commands.add_parser(
        "run",
        help="remove addresses, representatives, notes and e-mails whose time is over",
        parents=[settings_parser()],
    )
    run.add_argument("--after-days", metavar="N", type=int, help="instead of after_days in [retention] of the settings")
    run.add_argument("--dry-run", action="store_true", help="only say of which programmes; change nothing")
    run.set_defaults(run=_run)
    export = commands.add_parser(
        "export", help="print as JSON everything that is held under an e-mail address", parents=[settings_parser()]
    )
    export.add_argument("--email", metavar="ADDRESS", required=True)
    export.set_defaults(run=_export)
    options = parser.parse_args(argv)
    with surroundings_of(options) as here:
        options.run(here, options)
    return 0


def _run(here: Surroundings, options: argparse.Namespace) -> None:
    days = here.config.retention.after_days if options.after_days is None else options.after_days
    if days is None or days < 1:
        raise Unacceptable("Say after how many days: after_days in [retention] of the settings, or --after-days N.")
    due = due_programmes(here.engine, clock, days)
    if not due:
        say(f"No programme ended {days} days ago or longer.")
    for id in due:
        if options.dry_run:
            say(f"{id}: would be cleaned.")
            continue
        draft = Draft(here.config.programmes / id) if id in draft_ids(here.config.programmes) else None
        gone = remove_personal(here.engine, clock, id, days, draft)
        say(
            f"{id}: removed the people and addresses of {gone.people} practices, {gone.notes} private notes, "
            f"{gone.messages} e-mails, {gone.files} files of rolls."
        )


def _export(here: Surroundings, options: argparse.Namespace) -> None:
    print(json.dumps(held_on(here.engine, options.email), indent=2))
