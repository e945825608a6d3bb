"""The acts of two people as commands: at one desk with both keys, or one after the other, each with their own key.

`ballot office propose`, `proposals`, `proposal`, `approve`, `complete`, `decline` and `withdraw` are for two who sit
apart; `extend`, `strike` and the others take both keys at once. The arguments are the act's own fields.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say, table
from ballot.cli.surroundings import Surroundings, clock
from ballot.cli.voting import read_wall_time, shown, zone_of
from ballot.constitution.words import DEFAULT_WORDS
from ballot.db.session import reading
from ballot.office.acts.act import Act, Asks, asked_of
from ballot.office.acts.counting import Abandon, CallReballot
from ballot.office.acts.membership import ChangeContact, Strike
from ballot.office.acts.proposable import PROPOSABLE
from ballot.office.acts.window import Extend
from ballot.office.desk import Why
from ballot.office.perform import approve, complete, perform
from ballot.office.proposals.ending import decline, withdraw
from ballot.office.proposals.listing import ListedProposal, all_proposals, one_proposal
from ballot.office.proposals.propose import Officer, propose
from ballot.office.staff.roles import OFFICERS
from ballot.record.keys import Role
from ballot.record.moves import ReasonCode
from ballot.record.times import time_text

AddAct = Callable[..., argparse.ArgumentParser]
OFFICER_WORDS = tuple(role.value for role in OFFICERS)
TWO = "needs both officers' keys"
HEADS = ("Proposal", "Act", "By", "Until", "Standing", "Second")


def add_two_people(act: AddAct) -> None:
    """Add these commands to `ballot office`."""
    made = act("propose", _propose, "propose an act of two people; the other officer approves it")
    acts = made.add_subparsers(metavar="WHAT", required=True)
    for each in PROPOSABLE:
        one = acts.add_parser(each.name)
        add_fields(one, each)
        one.add_argument("--by", choices=OFFICER_WORDS, required=True, help="whose key signs it")
        _add_reason(one, each)
        one.set_defaults(act=each)
    act("proposals", _list, "list what was proposed, and what became of it")
    made = act("proposal", _show, "print a proposal, byte for byte as it is approved")
    made.add_argument("proposal", metavar="HASH")
    made = act("approve", _approve, "approve what the other officer proposed, and do it")
    made.add_argument("proposal", metavar="HASH")
    made.add_argument("--shown", metavar="SHA256", required=True, help="of what was read, as `proposal` printed it")
    made.add_argument("--by", choices=OFFICER_WORDS, required=True, help="whose key approves it")
    made.add_argument("--later", action="store_true", help="leave the registrar's part to `complete`")
    made = act("complete", _complete, "do what both officers approved and the registrar must sign too")
    made.add_argument("proposal", metavar="HASH")
    for name, run, what in (
        ("decline", _decline, "say no to the other's proposal"),
        ("withdraw", _withdraw, "take back your own"),
    ):
        made = act(name, run, what)
        made.add_argument("proposal", metavar="HASH")
        made.add_argument("--by", choices=OFFICER_WORDS, required=True)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one act's command: in its help, at passphrase prompts, and when it is done."""

    help: str
    purpose: Callable[[Any, ZoneInfo], str]
    said: Callable[[Any, ZoneInfo, str], tuple[str, ...]]


def _extended(act: Extend, zone: ZoneInfo) -> str:
    closes = f"{shown(act.closes, zone)} ({time_text(act.closes)})"
    return f"{act.ccg} now closes at {closes}. Links and tokens stay as they are."


_WORDS: dict[type[Act[Any]], Words] = {
    Extend: Words(
        f"close later than planned; {TWO}",
        lambda act, zone: f"to extend {act.ccg} until {shown(act.closes, zone)}",
        lambda act, zone, id: (_extended(act, zone),),
    ),
    Abandon: Words(
        f"end a CCG's ballot without an outcome; {TWO}",
        lambda act, zone: f"to abandon the ballot of {act.ccg}",
        lambda act, zone, id: (f"{act.ccg} is abandoned. What was cast stays in the record, and is not counted.",),
    ),
    Strike: Words(
        f"take a practice off the roll that has not voted; {TWO}",
        lambda act, zone: f"to strike {act.practice} from {act.ccg}",
        lambda act, zone, id: (
            f"{act.practice} is struck from {act.ccg}: its link works no more, and it is not counted as eligible.",
        ),
    ),
    ChangeContact: Words(
        "another contact for a practice; needs three keys at one desk",
        lambda act, zone: f"to change the contact of {act.practice}",
        lambda act, zone, id: (
            f"{act.practice} has another contact; its older link no longer works, and both addresses are told.",
        ),
    ),
    CallReballot: Words(
        f"call for another vote of CCGs whose rule allows it; {TWO}",
        lambda act, zone: f"to call for a re-ballot of {', '.join(act.ccgs)} in the programme {act.answered_by}",
        lambda act, zone, id: (
            f"A re-ballot of {', '.join(act.ccgs)} is called, in the programme {act.answered_by} and no other.",
            "Next: a folder of its own with that id, whose programme.toml has in place of [outcome]",
            f'    [reballot] and below it: of = "{id}"',
            "and the same questions; with it the rules of these CCGs. Then ballot office prepare.",
        ),
    ),
}


def add_acts(add: AddAct, elsewhere: Sequence[type[Act[Any]]]) -> None:
    """Add the commands that do an act with both keys at one desk, except those in `elsewhere`.

    An act without words of its own uses its title.
    """
    for act in PROPOSABLE:
        if act not in elsewhere:
            _add_act(add, act)


def _add_act(add: AddAct, act: type[Act[Any]]) -> None:
    title = DEFAULT_WORDS.said(act.title)  # a command is read before it is known for which programme
    words = _WORDS.get(act) or Words(
        f"{title[0].lower()}{title[1:]}; {TWO}",
        lambda act, zone: f"for this: {title}",
        lambda act, zone, id: (f"Done: {title}.",),
    )
    made = add(act.name, _do, words.help)
    add_fields(made, act)
    _add_reason(made, act)
    made.set_defaults(act=act, words=words)


def add_fields(parser: argparse.ArgumentParser, act: type[Act[Any]]) -> None:
    """Add one argument for each field of the act."""
    for name, asked in asked_of(act).items():
        options: dict[str, Any] = {"metavar": asked.metavar, "help": DEFAULT_WORDS.said(asked.help) or None}
        if asked.asks is Asks.CCGS:
            options["nargs"] = "+"
        if asked.argument is not None:
            options |= {"dest": name, "required": asked.missing is not None}
        parser.add_argument(asked.argument or name, **options)


def _add_reason(parser: argparse.ArgumentParser, act: type[Act[Any]]) -> None:
    codes = [code.value for code in act.reasons]
    parser.add_argument(
        "--reason", metavar="CODE", choices=codes, required=True, help=f"public for ever: {', '.join(codes)}"
    )
    parser.add_argument("--note", metavar="TEXT", help="more about it; stays in the private log")


def _read(zone: ZoneInfo, options: argparse.Namespace) -> Act[Any]:
    """The act that the arguments describe; raises Unacceptable for an invalid time."""
    values: dict[str, Any] = {}
    for name, asked in asked_of(options.act).items():
        value = getattr(options, name)
        if asked.asks is Asks.MOMENT:
            value = read_wall_time(value, zone)
        values[name] = tuple(value) if asked.asks is Asks.CCGS else value
    made: Act[Any] = options.act(**values)
    return made


def _do(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    zone, why = zone_of(here, id), Why(ReasonCode(options.reason), options.note)
    act = _read(zone, options)
    officers = here.officers(f"{options.words.purpose(act, zone)}, for the reason {why.code.value}")
    registrar = here.key(Role.REGISTRAR) if act.needs_registrar else None
    perform(here.desk, id, act, officers, why, registrar)
    for line in options.words.said(act, zone, id):
        say(line)


def _propose(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    act = _read(zone_of(here, id), options)
    why = Why(ReasonCode(options.reason), options.note)
    hash = propose(here.desk, id, act, why, _officer(here, options.by))
    for line in _proposal(here, id, hash).words.splitlines():
        say(line)
    say()
    say("Proposed. Nothing has changed yet: the other officer has 72 hours to approve it.")
    say(f"Next, by the other officer: ballot office proposal {hash}")


def _list(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    zone = zone_of(here, id)
    with reading(here.engine) as session:
        proposals = all_proposals(session, id, clock())
    rows = [
        (each.hash, each.title, each.proposer, shown(each.expires_at, zone), each.standing.value, each.second or "-")
        for each in proposals
    ]
    for line in table(HEADS, rows):
        say(line)


def _show(here: Surroundings, options: argparse.Namespace) -> None:
    proposal = _proposal(here, here.programme(options.programme), options.proposal)
    for line in proposal.shown.decode().split("\n")[:-1]:
        say(line)
    say()
    say(f"Proposed by {proposal.proposer}; it is {proposal.standing.value}.")
    say(f"SHA-256 of every byte above, to the line before this part: {proposal.shown_hash}")
    say(f"Next: ballot office approve {proposal.hash} --shown {proposal.shown_hash} --by ...")


def _approve(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    proposal = _proposal(here, id, options.proposal)
    registrar = here.key(Role.REGISTRAR) if proposal.needs_registrar and not options.later else None
    approve(here.desk, id, proposal.hash, options.shown, _officer(here, options.by), registrar)
    if proposal.needs_registrar and registrar is None:
        say(f"Approved. Next, by the registrar, before {shown(proposal.expires_at, zone_of(here, id))}:")
        say(f"  ballot office complete {proposal.hash}")
    else:
        say(f"Done: {proposal.title}.")


def _complete(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    proposal = _proposal(here, id, options.proposal)
    complete(here.desk, id, proposal.hash, here.key(Role.REGISTRAR))
    say(f"Done: {proposal.title}.")


def _decline(here: Surroundings, options: argparse.Namespace) -> None:
    decline(here.desk, here.programme(options.programme), options.proposal, _officer(here, options.by).name)
    say("Declined. Nothing has changed.")


def _withdraw(here: Surroundings, options: argparse.Namespace) -> None:
    withdraw(here.desk, here.programme(options.programme), options.proposal, _officer(here, options.by).name)
    say("Withdrawn. Nothing has changed.")


def _officer(here: Surroundings, by: str) -> Officer:
    """On the command line, the key that someone can open shows who they are."""
    return Officer(by, here.key(Role(by)))


def _proposal(here: Surroundings, id: str, hash: str) -> ListedProposal:
    with reading(here.engine) as session:
        proposal = one_proposal(session, id, hash, clock())
    if proposal is None:
        raise Unacceptable("There is no such proposal: ballot office proposals lists those there are.")
    return proposal
