"""`ballot db upgrade`: the tables of this version, from nothing or from an older one."""

from __future__ import annotations

import argparse

from alembic.util import CommandError

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.cli.settings import read_settings, settings_parser
from ballot.cli.surroundings import connect_to, sqlite_file
from ballot.db.upgrade import upgrade

PRIVATE = 0o600


def database_command(argv: list[str]) -> int:
    """`ballot db upgrade`."""
    parser = argparse.ArgumentParser(prog="ballot db", description="The database of this installation.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    commands.add_parser("upgrade", parents=[settings_parser()], help="make the tables, or bring them to this version")
    options = parser.parse_args(argv)
    config, _ = read_settings(options)
    engine = connect_to(config.database)
    file = sqlite_file(engine)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=PRIVATE)  # it holds the practices' addresses
    try:
        upgrade(engine)
    except CommandError:
        raise Unacceptable("The database was made by a newer version of ballot than this one.") from None
    finally:
        engine.dispose()
    say(f"The database{'' if file is None else f' {file}'} has the tables of this version.")
    say("Next: ballot keys init, or ballot serve.")
    return 0
