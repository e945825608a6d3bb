"""`ballot db`, `backup`, `restore`, `retention`: the tables, the installation in one file, removing personal data.

On PostgreSQL the tables belong to one role, and the app works as another that cannot change or remove the board's
rows.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import Engine

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import check_new, say
from ballot.cli.settings import read_settings, settings_parser
from ballot.cli.surroundings import Surroundings, check_tables, clock, connect_to, sqlite_file, surroundings_of
from ballot.db.append_only import role_statements, set_up_role
from ballot.db.upgrade import upgrade
from ballot.office.retention import (
    backups_due,
    due_programmes,
    names_due,
    remove_backups,
    remove_people,
    remove_personal,
)
from ballot.office.safekeeping import UnusableBackup, make_backup, restore_backup
from ballot.office.setup.draft import Draft, draft_ids
from ballot.office.subject_export import personal_data_of

PRIVATE = 0o600
NO_NAME = "A role's name must begin with a letter, and have small letters, digits and _ only."


def database_command(argv: list[str]) -> int:
    """`ballot db upgrade` and `ballot db roles [--apply] NAME`."""
    parser = argparse.ArgumentParser(prog="ballot db", description="The database of this installation.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    commands.add_parser("upgrade", parents=[settings_parser()], help="make the tables, or bring them to this version")
    roles = commands.add_parser(
        "roles",
        parents=[settings_parser()],
        help="print the SQL that makes the app's own role on PostgreSQL, or run it",
        description="As the tables' owner, after each upgrade. The role cannot change or remove a row of the board.",
    )
    roles.add_argument("role", metavar="NAME", help="of the app's role: small letters, digits and _")
    roles.add_argument(
        "--apply", action="store_true", help="run it on the database of the settings, instead of printing"
    )
    options = parser.parse_args(argv)
    if "role" in options and not options.apply:
        return _print_roles(options.role)
    config, _ = read_settings(options)
    engine = connect_to(config.database)
    if "role" in options:
        return _apply_roles(engine, options.role)
    file = sqlite_file(engine)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=PRIVATE)  # It holds the practices' addresses
    try:
        upgrade(engine)
    except CommandError:
        raise Unacceptable("The database was made by a newer version of ballot than this one.") from None
    finally:
        engine.dispose()
    say(f"The database{'' if file is None else f' {file}'} has the tables of this version.")
    if engine.dialect.name == "postgresql":
        say("After every upgrade, for the app's own role: ballot db roles --apply NAME")
    say("Next: ballot keys init if it is new, ballot restore if it is to be filled from a backup, else ballot serve.")
    return 0


def _print_roles(role: str) -> int:
    try:
        statements = list(role_statements(role))
    except ValueError:
        raise Unacceptable(NO_NAME) from None
    for statement in statements:
        say(f"{statement};")
    return 0


def _apply_roles(engine: Engine, role: str) -> int:
    try:
        if engine.dialect.name != "postgresql":
            raise Unacceptable("Roles are for PostgreSQL; on SQLite triggers hold the rows of the board.")
        made = set_up_role(engine, role)
    except ValueError:
        raise Unacceptable(NO_NAME) from None
    finally:
        engine.dispose()
    say(f"The role {role} {'was made, and ' if made else ''}can do what the app does, and nothing else.")
    if made:
        say(f"Next: give it a password with \\password {role} in psql, and name it in the setting database.")
    return 0


def backup_command(argv: list[str]) -> int:
    """`ballot backup --to FILE`: whole or not at all, with mode 0600, never over another file."""
    parser = argparse.ArgumentParser(
        prog="ballot backup",
        parents=[settings_parser()],
        description="Copy the database, the programmes' files and the public keys into one file, while voting goes on.",
    )
    parser.add_argument("--to", metavar="FILE", type=Path, required=True, help="a file that is not there yet")
    options = parser.parse_args(argv)
    target: Path = options.to
    check_new(target)
    with surroundings_of(options) as here:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                kept = make_backup(here.engine, clock, here.config.programmes, here.config.keys, stream)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.rename(target)
        finally:
            temporary.unlink(missing_ok=True)
    say(f"{kept.rows} rows as of {kept.made_at} are in {target}, which only you can read.")
    say("Not in it: private keys, the registrar's vault, the server's own keys (ballot office backup keeps those).")
    return 0


def restore_command(argv: list[str]) -> int:
    """`ballot restore FILE [--mirror RECORD --programme ID]`."""
    parser = argparse.ArgumentParser(
        prog="ballot restore",
        parents=[settings_parser()],
        description="Put a backup into a new, empty database (ballot db upgrade makes one), and check all of it.",
    )
    parser.add_argument("backup", metavar="FILE", type=Path)
    parser.add_argument(
        "--mirror", metavar="RECORD", type=Path, help="the newest record that was fetched: a folder or a .zip"
    )
    parser.add_argument("--programme", metavar="ID", help="whose record it is")
    options = parser.parse_args(argv)
    if options.mirror is not None and options.programme is None:
        raise Unacceptable("Say with --programme whose record the mirror is.")
    config, _ = read_settings(options)
    engine = connect_to(config.database)
    try:
        check_tables(engine)
        mirrors = {} if options.mirror is None else {options.programme: options.mirror}
        kept = restore_backup(engine, options.backup, config.programmes, config.keys, mirrors)
        say(f"{kept.rows} rows as of {kept.made_at} are restored; every archive and the activity log are whole.")
        if options.mirror is None:
            say("Nothing was held against a mirror: votes that came after this backup would be lost unseen.")
        else:
            say("The mirror has nothing that this database has not.")
    except UnusableBackup as fault:
        raise Unacceptable(str(fault)) from None
    finally:
        engine.dispose()
    if engine.dialect.name == "postgresql":
        say("On PostgreSQL: ballot db roles --apply NAME, so that the app's own role may use what was restored.")
    say("Next: the private keys, ballot office restore-keys, the registrar's vault; then ballot doctor.")
    return 0


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
            f"{gone.messages} e-mails and letters, {gone.files} files of rolls."
        )
    _forget(here, options)
    _remove_backups(here, options, cleaned)


def _forget(here: Surroundings, options: argparse.Namespace) -> None:
    """Remove old names from the activity log."""
    days = here.config.retention.log_after_days
    if days is None:
        say("Names in the activity log stay: log_after_days in [retention] of the settings is not given.")
    elif options.dry_run:
        say(f"Activity log: {names_due(here.engine, clock, days)} names would be removed.")
    else:
        gone = remove_people(here.engine, clock, days)
        say(f"Activity log: removed {gone.names} names, and {gone.accounts} accounts disabled {days} days ago.")


def _remove_backups(here: Surroundings, options: argparse.Namespace, cleaned: bool) -> None:
    """Remove old backup files; `cleaned` says whether this run cleaned a programme."""
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
    print(json.dumps(personal_data_of(here.engine, options.email), indent=2))
