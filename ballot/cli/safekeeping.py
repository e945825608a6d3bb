"""`ballot backup` and `ballot restore`: the installation in one file, and back on another machine."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ballot.cli.files import check_new
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.cli.settings import read_settings, settings_parser
from ballot.cli.surroundings import check_tables, clock, connect_to, surroundings_of
from ballot.office.safekeeping import UnusableBackup, make_backup, restore_backup

PRIVATE = 0o600


def backup_command(argv: list[str]) -> int:
    """`ballot backup --to FILE`: whole or not at all, with mode 0600, never over another."""
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
