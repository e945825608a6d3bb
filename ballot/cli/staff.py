"""`ballot staff`: who may sign in to the office, and which of them is which trustee. The first account is made here."""

from __future__ import annotations

import argparse
import secrets

from ballot.cli.say import say, table
from ballot.cli.settings import settings_parser
from ballot.cli.surroundings import Surroundings, clock, surroundings_of
from ballot.db.session import reading
from ballot.db.staff import list_accounts
from ballot.office.setup.ceremony import read_ceremony
from ballot.office.setup.draft import open_draft
from ballot.office.staff.accounts import (
    account_state,
    add_account,
    change_role,
    disable_account,
    end_sessions,
    read_login,
    reset_account,
    seat_trustee,
)
from ballot.office.staff.passwords import Passwords
from ballot.office.staff.roles import StaffRole
from ballot.office.staff.sessions import Door
from ballot.record.keys import Role
from ballot.web.office.session import is_loopback


def staff_command(argv: list[str]) -> int:
    """`ballot staff add|seat|list|role|reset|disable|sign-out`."""
    parser = argparse.ArgumentParser(prog="ballot staff", description="Who may sign in to the office.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    parents = [settings_parser()]
    add = commands.add_parser(
        "add", parents=parents, help="add a person, and print their one-time enrolment link; nobody can see it again"
    )
    add.add_argument("login", metavar="E-MAIL", help="what the person signs in with; nothing is sent to it")
    add.add_argument("--name", required=True, help="as others know the person")
    add.add_argument("--role", required=True, choices=[role.value for role in StaffRole])
    add.set_defaults(run=_add)
    seat = commands.add_parser("seat", parents=parents, help="say which trustee of a programme a person is")
    seat.add_argument("login", metavar="E-MAIL", help="of an account whose role is trustee")
    seat.add_argument("--programme", metavar="ID", required=True)
    seat.add_argument("--number", metavar="N", type=int, required=True, help="the place in programme.toml, from 1")
    seat.set_defaults(run=_seat)
    shown = commands.add_parser("list", parents=parents, help="list the accounts")
    shown.set_defaults(run=_list)
    role = commands.add_parser(
        "role", parents=parents, help="give a person another role; every session of theirs ends, all else stays"
    )
    role.add_argument("login", metavar="E-MAIL")
    role.add_argument("role", metavar="ROLE", choices=[role.value for role in StaffRole])
    role.set_defaults(run=_role)
    reset = commands.add_parser(
        "reset", parents=parents, help="take away all that a person signs in with, and print a new enrolment link"
    )
    reset.add_argument("login", metavar="E-MAIL")
    reset.set_defaults(run=_reset)
    disable = commands.add_parser("disable", parents=parents, help="stop a person from signing in, from now on")
    disable.add_argument("login", metavar="E-MAIL")
    disable.set_defaults(run=_disable)
    out = commands.add_parser("sign-out", parents=parents, help="end sessions; the people can sign in again")
    whose = out.add_mutually_exclusive_group(required=True)
    whose.add_argument("login", metavar="E-MAIL", nargs="?", help="every session of this person")
    whose.add_argument("--everybody", action="store_true", help="every session of everyone")
    out.set_defaults(run=_sign_out)
    options = parser.parse_args(argv)
    with surroundings_of(options) as here:
        options.run(here, options)
    return 0


def door_of(here: Surroundings) -> Door:
    """What the acts of signing in need; raises KeyRefused if the storage key does not open."""
    return Door(here.engine, clock, secrets.token_bytes, here.storage, Passwords())


def _add(here: Surroundings, options: argparse.Namespace) -> None:
    code = add_account(door_of(here), options.login, options.name, StaffRole(options.role))
    _say_code(here, options.login, code)


def _role(here: Surroundings, options: argparse.Namespace) -> None:
    change_role(door_of(here), options.login, StaffRole(options.role))
    say(f"{read_login(options.login)} is {options.role} from now on, and every session of theirs has ended.")
    if options.role in [role.value for role in Role]:
        say(f"To sign for this role they need the passphrase of its key: ballot keys passphrase --name {options.role}.")


def _seat(here: Surroundings, options: argparse.Namespace) -> None:
    named = read_ceremony(here.engine, open_draft(here.config.programmes, options.programme)).name(options.number)
    seat_trustee(door_of(here), options.login, options.programme, options.number)
    say(f"{read_login(options.login)} is trustee {options.number} of {options.programme}: {named}.")


def _reset(here: Surroundings, options: argparse.Namespace) -> None:
    code = reset_account(door_of(here), options.login)
    say("Whatever this person signed in with no longer works, and every session of theirs has ended.")
    _say_code(here, options.login, code)


def _disable(here: Surroundings, options: argparse.Namespace) -> None:
    disable_account(door_of(here), options.login)
    say(f"{read_login(options.login)} can sign in no more, and every session of theirs has ended.")


def _sign_out(here: Surroundings, options: argparse.Namespace) -> None:
    ended = end_sessions(door_of(here), None if options.everybody else options.login)
    say(f"Signed out: {', '.join(ended)}." if ended else "Nobody of these was signed in.")


def _list(here: Surroundings, options: argparse.Namespace) -> None:
    with reading(here.engine) as session:
        rows = [(row.login, row.name, row.role, account_state(row, clock())) for row in list_accounts(session)]
    for line in table(("e-mail", "name", "role", "state"), rows):
        say(line)


def _say_code(here: Surroundings, login: str, code: str) -> None:
    scheme = "http" if is_loopback(here.config.board) else "https"
    say(f"{read_login(login)} enrols within 24 hours, once, at")
    say(f"  {scheme}://{here.config.board}/office/enrol#{code}")
    say("or types the code there. Give it to this person alone; it is not shown again.")
    if not here.config.office:
        say('The office is not switched on: set office = "yes", or BALLOT_OFFICE=yes, and start ballot serve again.')
