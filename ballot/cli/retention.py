"""`ballot retention`: remove what is personal once its time is over; tell a person what is held on them."""

from __future__ import annotations

import argparse
import json

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.cli.settings import settings_parser
from ballot.cli.surroundings import Surroundings, clock, surroundings_of
from ballot.office.draft import Draft, draft_ids
from ballot.office.retention import due_programmes, remove_personal
from ballot.office.retention_of_backups import backups_due, remove_backups
from ballot.office.retention_of_log import forget_people, names_due
from ballot.office.subject_export import held_on


def retention_command(argv: list[str]) -> int:
    """`ballot retention run [--dry-run]` and `ballot retention export --email ADDRESS`."""
    parser = argparse.ArgumentParser(prog="ballot retention", description="What is personal, and how long it is kept.")
    commands = parser.add_subparsers(metavar="ACT", required=True)
    run = commands.add_parser(
        "run",
        help="remove what is personal and whose time is over: of programmes, of the activity log, and old backups",
        parents=[settings_parser()],
    )
    run.add_argument("--after-days", metavar="N", type=int, help="instead of after_days in [retention] of the settings")
    run.add_argument("--dry-run", action="store_true", help="only say what would be removed; change nothing")
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
    if options.after_days is not None and options.after_days < 1:
        raise Unacceptable(f"--after-days must be a whole number of days from 1, not {options.after_days}.")
    days = here.config.retention.after_days if options.after_days is None else options.after_days
    if days is None:
        raise Unacceptable("Say after how many days: after_days in [retention] of the settings, or --after-days N.")
    due = due_programmes(here.engine, clock, days)
    if not due:
        say(f"No programme ended {days} days ago or longer.")
    cleaned = False
    for id in due:
        if options.dry_run:
            say(f"{id}: would be cleaned.")
            continue
        draft = Draft(here.config.programmes / id) if id in draft_ids(here.config.programmes) else None
        gone = remove_personal(here.engine, clock, id, days, draft)
        if gone.is_nothing:
            say(f"{id}: was cleaned before.")
            continue
        cleaned = True
        say(
            f"{id}: removed the people and addresses of {gone.people} practices, {gone.notes} private notes, "
            f"{gone.messages} e-mails, {gone.files} files of rolls."
        )
    _forget(here, options)
    _remove_backups(here, options, cleaned)


def _forget(here: Surroundings, options: argparse.Namespace) -> None:
    """The names in the activity log."""
    days = here.config.retention.log_after_days
    if days is None:
        say("Names in the activity log stay: log_after_days in [retention] of the settings is not given.")
    elif options.dry_run:
        say(f"Activity log: {names_due(here.engine, clock, days)} names would be removed.")
    else:
        gone = forget_people(here.engine, clock, days)
        say(f"Activity log: removed {gone.names} names, and {gone.accounts} accounts disabled {days} days ago.")


def _remove_backups(here: Surroundings, options: argparse.Namespace, cleaned: bool) -> None:
    """The files in the folder of backups; `cleaned` says whether a programme was cleaned in this run."""
    rule = here.config.retention
    if rule.backups is None or rule.backups_after_days is None:
        say("Backups are not looked at: backups and backups_after_days in [retention] are not given.")
        if cleaned:
            say("Delete by hand those made before today: they hold what was removed here.")
        return
    if not rule.backups.is_dir():
        raise Unacceptable(f"The folder of backups {rule.backups} is not there.")
    if options.dry_run:
        gone = backups_due(rule.backups, clock(), rule.backups_after_days)
    else:
        gone = remove_backups(here.engine, clock, rule.backups, rule.backups_after_days)
    for path in gone:
        say(f"Backup {path.name}: {'would be removed' if options.dry_run else 'removed'}.")
    say(f"Backups: {len(gone)} were older than {rule.backups_after_days} days; the newest always stays.")


def _export(here: Surroundings, options: argparse.Namespace) -> None:
    print(json.dumps(held_on(here.engine, options.email), indent=2))
