"""`ballot office`: the arguments of every act of the two officers, in the order of a ballot's life."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from ballot.cli import counting, preparing, voting
from ballot.cli.acts import TWO, add_acts, add_two_people
from ballot.cli.roll import add_partners
from ballot.cli.settings import settings_parser
from ballot.cli.surroundings import Surroundings, surroundings_of
from ballot.office.acts.counting import Declare
from ballot.office.acts.sealing import Seal
from ballot.office.acts.window import CloseEarly, OpenEarly
from ballot.record.programme_events import ReasonCode

Act = Callable[[Surroundings, argparse.Namespace], None]


def office_command(argv: list[str]) -> int:
    """Parse the arguments and do one act."""
    options = _parser().parse_args(argv)
    if getattr(options, "folder", None) is not None:
        preparing.show_folder(options.folder)  # Needs no installation
        return 0
    with surroundings_of(options) as here:
        options.run(here, options)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ballot office",
        description="The acts of the two officers, in the order of a ballot's life.",
    )
    commands = parser.add_subparsers(metavar="ACT", required=True)

    def act(name: str, run: Act, what: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=what, description=f"{what[0].upper()}{what[1:]}.", parents=[settings_parser()]
        )
        made.add_argument("--programme", metavar="ID", help="which programme; needed only where there are several")
        made.set_defaults(run=run)
        return made

    made = act("tasks", preparing.show_tasks, "what is done, missing or wrong in a programme's folder")
    preparing.add_folder(made)
    act("preflight", preparing.show_preflight, "every check before sealing, what blocks first; changes nothing")
    made = act("prepare", preparing.prepare_programme, "read the rules, the roll and the trustees' key; make a draft")
    made.add_argument("--roll", metavar="FILE", type=Path, required=True, help="try it first with ballot roll check")
    add_partners(made)
    made.add_argument("--lists", metavar="FILE", type=Path, help="list sizes: gp-reg-pat-prac-all, .zip or .csv")
    made.add_argument(
        "--trustees", metavar="FILE", type=Path, required=True, help="parameters.json from ballot ceremony finish"
    )
    made = act("practice", preparing.practice, "add trustees' trial decryptions; without all of them nothing is sealed")
    made.add_argument("practices", metavar="FILE", type=Path, nargs="+", help="from ballot trustee practice")
    made = act("backup", preparing.backup, "back up the server's own keys, in a file that both officers open together")
    made.add_argument("--to", metavar="FILE", type=Path, required=True, help="kept apart from the database's backup")
    made = act("try-restore", preparing.try_backup, f"try that backup, without which nothing is sealed; {TWO}")
    made.add_argument("backup", metavar="FILE", type=Path)
    made = act("restore-keys", preparing.restore_keys, f"put the server's own keys back from that backup; {TWO}")
    made.add_argument("backup", metavar="FILE", type=Path)
    made = act("seal", preparing.seal_programme, f"fix the terms and the window for ever; {TWO}")
    _reason(made, required=False)

    made = act("open", voting.open_ballots, f"write down that voting has opened; --early {TWO}")
    _one_or_all(made)
    _early(made)
    made = act("close", voting.close_ballots, f"close and form the encrypted total; --early {TWO}")
    _one_or_all(made)
    _early(made)
    act("tick", voting.write_due, "write down every opening and closing that is due, of every programme")
    add_acts(act, elsewhere=(Seal, OpenEarly, CloseEarly, Declare))
    add_two_people(act)

    made = act("server-share", counting.server_share, "add the server's own part of the decryption")
    _one_or_all(made)
    made = act("share", counting.trustee_share, "add a trustee's part of the decryption; the last one needed tallies")
    made.add_argument("election", metavar="ELECTION", help="the CCG, or CCG.LOCALITY where it votes by localities")
    made.add_argument("share", metavar="FILE", type=Path, help="from ballot trustee decrypt")
    made.add_argument(
        "--owner", metavar="N", type=int, required=True, help="2 is the first trustee named, 3 the second"
    )
    act("decide", counting.decide_outcome, "apply each CCG's own rule, then the programme's")
    act("declare", counting.declare_outcome, f"declare that decision; {TWO}")
    act("publish", counting.publish_record, "publish the record as it is now, once our own audit finds nothing wrong")
    made = act("wipe-rehearsal", counting.wipe, "remove all of a rehearsal from this installation; never a real ballot")
    made.add_argument("--yes", action="store_true", required=True, help="it cannot be undone")
    act("status", counting.show_status, "print how every CCG stands, and change nothing")
    return parser


def _one_or_all(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("ccg", metavar="CCG", nargs="?")
    which.add_argument("--all", action="store_true", help="every CCG for which it is due")


def _early(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--early", action="store_true", help="now, before the planned time; needs a reason")
    _reason(parser, required=False)


def _reason(parser: argparse.ArgumentParser, *, required: bool) -> None:
    codes = [code.value for code in ReasonCode]
    parser.add_argument(
        "--reason", metavar="CODE", choices=codes, required=required, help=f"public for ever: {', '.join(codes)}"
    )
    parser.add_argument("--note", metavar="TEXT", help="more about it; stays in the private log")
