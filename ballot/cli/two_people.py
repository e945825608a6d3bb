"""`ballot office propose`, `proposals`, `proposal`, `approve`, `decline`, `withdraw`: two people, one after the other.

Each opens their own key only. Where both sit at one desk, `seal`, `extend` and the others take both keys at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say, table
from ballot.cli.surroundings import Surroundings, clock
from ballot.cli.voting import read_wall_time, shown, zone_of
from ballot.db.session import reading
from ballot.office.change_contact import Contact, change_contact
from ballot.office.desk import Why
from ballot.office.proposals.acts import (
    Abandon,
    Act,
    CallReballot,
    ChangeContact,
    CloseEarly,
    Declare,
    Extend,
    OpenEarly,
    Seal,
    Strike,
)
from ballot.office.proposals.approve import approve, decline, withdraw
from ballot.office.proposals.propose import Officer, propose
from ballot.office.proposals.told import Told, tell, tell_all
from ballot.record.keys import Role
from ballot.record.programme_events import ReasonCode

AddAct = Callable[..., argparse.ArgumentParser]
OFFICERS = (Role.RETURNING_OFFICER.value, Role.DEPUTY.value)
CODES = [code.value for code in ReasonCode]
HEADS = ("Proposal", "Act", "By", "Until", "Standing", "Second")


def add_two_people(act: AddAct) -> None:
    """The commands, among those of `ballot office`."""
    made = act("propose", _propose, "propose an act of two people; the other officer approves it")
    acts = made.add_subparsers(metavar="WHAT", required=True)
    for name, build, arguments in _PROPOSABLE:
        one = acts.add_parser(name)
        for argument, options in arguments.items():
            one.add_argument(argument, **options)
        one.add_argument("--by", choices=OFFICERS, required=True, help="whose key signs it")
        one.add_argument("--reason", metavar="CODE", choices=CODES, required=True, help=f"public: {', '.join(CODES)}")
        one.add_argument("--note", metavar="TEXT", help="more about it; stays in the private log")
        one.set_defaults(build=build)
    act("proposals", _list, "list what was proposed, and what became of it")
    made = act("proposal", _show, "print a proposal, byte for byte as it is approved")
    made.add_argument("proposal", metavar="HASH")
    made = act("approve", _approve, "approve what the other officer proposed, and do it")
    made.add_argument("proposal", metavar="HASH")
    made.add_argument("--shown", metavar="SHA256", required=True, help="of what was read, as `proposal` printed it")
    made.add_argument("--by", choices=OFFICERS, required=True, help="whose key signs the event")
    for name, run, what in (
        ("decline", _decline, "say no to the other's proposal"),
        ("withdraw", _withdraw, "take back your own"),
    ):
        made = act(name, run, what)
        made.add_argument("proposal", metavar="HASH")
        made.add_argument("--by", choices=OFFICERS, required=True)
    made = act("change-contact", _change_contact, "another contact for a practice; needs three keys at one desk")
    for argument, options in {**_PLACE, **_CONTACT}.items():
        made.add_argument(argument, **options)
    made.add_argument("--reason", metavar="CODE", choices=CODES, required=True, help=f"public: {', '.join(CODES)}")
    made.add_argument("--note", metavar="TEXT", help="more about it; stays in the private log")


_CCG: dict[str, dict[str, Any]] = {"ccg": {"metavar": "CCG"}}
_PLACE: dict[str, dict[str, Any]] = {**_CCG, "practice": {"metavar": "PRACTICE", "help": "its ODS code"}}
_CONTACT: dict[str, dict[str, Any]] = {
    "--email": {"metavar": "ADDRESS", "required": True},
    "--representative": {"metavar": "NAME", "help": "who votes for the practice"},
}
_CLOSES: dict[str, dict[str, Any]] = {"--closes": {"metavar": "TIME", "required": True, "help": "2020-06-05T17:00"}}

_REBALLOT: dict[str, dict[str, Any]] = {
    "ccgs": {"metavar": "CCG", "nargs": "+"},
    "--as": {"metavar": "ID", "dest": "answered_by", "required": True, "help": "the programme that they vote in"},
}
Build = Callable[[Surroundings, str, argparse.Namespace], Act]
_PROPOSABLE: tuple[tuple[str, Build, dict[str, dict[str, Any]]], ...] = (
    ("seal", lambda here, id, o: Seal(), {}),
    ("open", lambda here, id, o: OpenEarly(o.ccg), _CCG),
    ("close", lambda here, id, o: CloseEarly(o.ccg), _CCG),
    ("extend", lambda here, id, o: Extend(o.ccg, read_wall_time(o.closes, zone_of(here, id))), {**_CCG, **_CLOSES}),
    ("strike", lambda here, id, o: Strike(o.ccg, o.practice), _PLACE),
    (
        "change-contact",
        lambda here, id, o: ChangeContact(o.ccg, o.practice, o.representative, o.email),
        {**_PLACE, **_CONTACT},
    ),
    ("reballot", lambda here, id, o: CallReballot(tuple(o.ccgs), o.answered_by), _REBALLOT),
    ("abandon", lambda here, id, o: Abandon(o.ccg), _CCG),
    ("declare", lambda here, id, o: Declare(), {}),
)


def _propose(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    act = options.build(here, id, options)
    why = Why(ReasonCode(options.reason), options.note)
    hash = propose(here.desk, id, act, why, _officer(here, options.by))
    for line in _told(here, id, hash).words.splitlines():
        say(line)
    say()
    say("Proposed. Nothing has changed yet: the other officer has 72 hours to approve it.")
    say(f"Next, by the other officer: ballot office proposal {hash}")


def _list(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    zone = zone_of(here, id)
    with reading(here.engine) as session:
        told = tell_all(session, id, clock())
    rows = [
        (each.hash, each.title, each.proposer, shown(each.expires_at, zone), each.standing.value, each.second or "-")
        for each in told
    ]
    for line in table(HEADS, rows):
        say(line)


def _show(here: Surroundings, options: argparse.Namespace) -> None:
    told = _told(here, here.programme(options.programme), options.proposal)
    for line in told.shown.decode().split("\n")[:-1]:
        say(line)
    say()
    say(f"Proposed by {told.proposer}; it is {told.standing.value}.")
    say(f"SHA-256 of every byte above, to the line before this part: {told.shown_hash}")
    say(f"Next: ballot office approve {told.hash} --shown {told.shown_hash} --by ...")


def _approve(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    told = _told(here, id, options.proposal)
    registrar = here.key(Role.REGISTRAR) if told.needs_registrar else None
    approve(here.desk, id, told.hash, options.shown, _officer(here, options.by), registrar)
    say(f"Done: {told.title}.")


def _decline(here: Surroundings, options: argparse.Namespace) -> None:
    decline(here.desk, here.programme(options.programme), options.proposal, _officer(here, options.by).name)
    say("Declined. Nothing has changed.")


def _withdraw(here: Surroundings, options: argparse.Namespace) -> None:
    withdraw(here.desk, here.programme(options.programme), options.proposal, _officer(here, options.by).name)
    say("Withdrawn. Nothing has changed.")


def _change_contact(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    why = Why(ReasonCode(options.reason), options.note)
    officers = here.officers(f"to change the contact of {options.practice}, for the reason {why.code.value}")
    contact, registrar = Contact(options.representative, options.email), here.key(Role.REGISTRAR)
    change_contact(here.desk, id, options.ccg, options.practice, contact, officers, registrar, why)
    say(f"{options.practice} has another contact; its older link no longer works, and both addresses are told.")


def _officer(here: Surroundings, by: str) -> Officer:
    """On the command line somebody is who they are by the key that they can open."""
    return Officer(by, here.key(Role(by)))


def _told(here: Surroundings, id: str, hash: str) -> Told:
    with reading(here.engine) as session:
        told = tell(session, id, hash, clock())
    if told is None:
        raise Unacceptable("There is no such proposal: ballot office proposals lists those there are.")
    return told
