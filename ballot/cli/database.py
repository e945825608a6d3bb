"""`ballot db upgrade`: the tables of this version, from nothing or from an older one; `ballot db roles`: who may what.

On PostgreSQL tables belong to one role, and the app works as another that cannot change or remove the board's rows.
"""

from __future__ import annotations

import argparse

from alembic.util import CommandError
from sqlalchemy import Engine

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.cli.settings import read_settings, settings_parser
from ballot.cli.surroundings import connect_to, sqlite_file
from ballot.db.roles import role_statements, set_up_role
from ballot.db.upgrade import upgrade

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
        file.touch(mode=PRIVATE)  # it holds the practices' addresses
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
