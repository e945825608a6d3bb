"""`ballot registrar`: issue, re-issue and revoke; and the voting links, which are secrets."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Callable
from pathlib import Path

from ballot.cli.acts import add_fields
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import check_new, say
from ballot.cli.settings import settings_parser
from ballot.cli.surroundings import Surroundings, clock, surroundings_of
from ballot.cli.voting import words_of
from ballot.db.session import transaction
from ballot.office.activity import ActPlace, Downloaded, Who, note_act
from ballot.office.acts.act import OfPractice
from ballot.office.acts.issuing import Issue
from ballot.office.acts.membership import Reissue, Revoke
from ballot.office.desk import Why
from ballot.office.perform import perform
from ballot.office.post.letters import make_letter
from ballot.office.post.voting_links import PracticeLink, one_link, practice_links
from ballot.record.keys import Role
from ballot.record.programme_events import ReasonCode
from ballot.registrar.files import write_private
from ballot.registrar.keyring import read_vault_public_key
from ballot.registrar.vault import open_vault

Act = Callable[[Surroundings, argparse.Namespace], None]
COLUMNS = ("ccg", "practice", "name", "representative", "email", "link")


def registrar_command(argv: list[str]) -> int:
    """Parse the arguments and do one act."""
    parser = argparse.ArgumentParser(prog="ballot registrar", description="The acts of the registrar.")
    commands = parser.add_subparsers(metavar="ACT", required=True)

    def act(name: str, run: Act, what: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=what, description=f"{what[0].upper()}{what[1:]}.", parents=[settings_parser()]
        )
        made.add_argument("--programme", metavar="ID", help="which programme; needed only where there are several")
        made.set_defaults(run=run)
        return made

    act("issue", _issue, "make one token and one credential for every practice of a draft; once, for ever")
    each: type[OfPractice]
    for each, run, what in (
        (Reissue, _reissue, "give a practice a new link; the older one stops working"),
        (Revoke, _revoke, "end a practice's link, without another"),
    ):
        made = act(each.name, run, what)
        add_fields(made, each)
        codes = [code.value for code in ReasonCode]
        made.add_argument("--reason", metavar="CODE", choices=codes, help=f"public for ever: {', '.join(codes)}")
        made.add_argument("--note", metavar="TEXT", help="more about it, with --reason; stays in the private log")
    made = act("links", _links, "the voting links: anyone who has one can vote with it")
    which = made.add_mutually_exclusive_group(required=True)
    which.add_argument("--practice", metavar="CODE", help="print the link of this one")
    which.add_argument("--out", metavar="FILE", type=Path, help="write all into a CSV that only you can read")
    made.add_argument("--base", metavar="URL", help="what links begin with; https:// and the board's name if not given")
    made = act(
        "letter",
        _letter,
        "one practice's voting link as a letter with a QR code, for a practice without working e-mail",
    )
    made.add_argument("--practice", metavar="CODE", required=True, help="this one only")
    made.add_argument("--out", metavar="FILE", type=Path, required=True, help="a PDF that only you can read")
    made.add_argument("--base", metavar="URL", help="what links begin with; https:// and the board's name if not given")
    options = parser.parse_args(argv)
    with surroundings_of(options) as here:
        options.run(here, options)
    return 0


def _issue(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    vault_key = read_vault_public_key(here.config.keys)
    number = perform(here.desk, id, Issue(here.vault, vault_key), (here.key(Role.REGISTRAR),))
    member = words_of(here, id).member.one
    say(f"Issued {number} links, one for each {member}. Their credentials are in {here.vault} only: back it up.")
    say("Next: ballot office seal.")


def _reissue(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    perform(here.desk, id, Reissue(options.ccg, options.practice), (here.key(Role.REGISTRAR),), _why(options))
    say(f"{options.practice} has a new link, and the older one no longer works.")
    say(f"Next: ballot registrar links --practice {options.practice}")


def _revoke(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    perform(here.desk, id, Revoke(options.ccg, options.practice), (here.key(Role.REGISTRAR),), _why(options))
    say(f"The link of {options.practice} no longer works, and it has no other.")


def _links(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    base = (options.base or f"https://{here.config.board}").rstrip("/")
    links = practice_links(here.engine, id, here.key(Role.REGISTRAR), open_vault(here.vault, here.vault_key()))
    if options.practice is None:
        write_private(options.out, _csv(links, base))
        _note(here, "links", ActPlace(id))
        say(f"{len(links)} links are in {options.out}, which only you can read. Delete it once they are sent.")
        return
    found = [link for link in links if link.practice == options.practice]
    if not found:
        raise Unacceptable(
            f"{options.practice} has no working voting link: not a member, struck, revoked or not issued."
        )
    _note(here, "links", ActPlace(id, found[0].ccg))
    for link in found:
        say(link.url(base))


def _letter(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    base = (options.base or f"https://{here.config.board}").rstrip("/")
    links = practice_links(here.engine, id, here.key(Role.REGISTRAR), open_vault(here.vault, here.vault_key()))
    link = one_link(links, None, options.practice)
    check_new(options.out)
    data = make_letter(here.desk, id, link, base, here.config.site.help_line, Who(Role.REGISTRAR.value))
    write_private(options.out, data)
    say(f"The letter to {options.practice} is in {options.out}, which only you can read. Delete it once it is printed.")


def _note(here: Surroundings, what: str, place: ActPlace) -> None:
    """Note in the activity log that secrets left the office."""
    with transaction(here.engine) as session:
        note_act(session, clock(), Who(Role.REGISTRAR.value), Downloaded(what), place)


def _csv(links: list[PracticeLink], base: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for link in links:
        people = (link.name, link.representative or "", link.email or "")
        writer.writerow((link.ccg, link.practice, *people, link.url(base)))
    return out.getvalue().encode("utf-8")


def _why(options: argparse.Namespace) -> Why | None:
    if options.reason is None and options.note is not None:
        raise Unacceptable("A note needs a reason beside it, which is public: --reason CODE (--help lists the codes).")
    return None if options.reason is None else Why(ReasonCode(options.reason), options.note)
