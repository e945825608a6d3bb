"""`ballot office tasks` and `preflight`: what setting up still needs, before anything is sealed."""

from __future__ import annotations

import argparse
from pathlib import Path

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say, table
from ballot.cli.surroundings import Surroundings, clock
from ballot.office.draft import Draft, draft_ids
from ballot.office.preflight import Premises, is_clear, is_sealed, preflight
from ballot.office.setting_up import is_complete, tasks


def show_tasks(here: Surroundings, options: argparse.Namespace) -> None:
    """Print the task list of a programme of the installation, or that it is sealed."""
    draft = draft_of(here, options)
    if not _said_sealed(here, draft):
        show_folder(draft.folder)


def show_folder(folder: Path) -> None:
    """Print the task list of a folder, wherever it is; raises Unacceptable if it is not there."""
    if not folder.is_dir():
        raise Unacceptable(f"There is no folder {folder}.")
    draft = Draft(folder.resolve())
    for state in tasks(draft):
        say(f"[{state.progress.value}] {state.title}")
        for sentence in state.sentences:
            say(f"    {sentence}")
    if is_complete(draft):
        say("Everything is there. Next: ballot office prepare, then ballot office preflight.")


def show_preflight(here: Surroundings, options: argparse.Namespace) -> None:
    """Print every check, or that it is sealed already; raises Unacceptable if a check blocks."""
    draft = draft_of(here, options)
    if _said_sealed(here, draft):
        return
    premises = Premises(draft, here.engine, here.config.keys, here.config.mail is not None)
    checks = preflight(premises, clock())
    for line in table(("", "Check", ""), [(check.verdict.value, check.title, check.sentence) for check in checks]):
        say(line)
    if not is_clear(checks):
        raise Unacceptable("This ballot cannot be sealed yet.")
    say("You can seal this ballot: ballot office seal.")


def _said_sealed(here: Surroundings, draft: Draft) -> bool:
    if not is_sealed(here.engine, draft.id):
        return False
    say(f"{draft.id} is sealed: its terms are fixed, and its files change nothing any more.")
    say("Where it is: ballot office status. The record: ballot office publish.")
    return True


def draft_of(here: Surroundings, options: argparse.Namespace) -> Draft:
    """The folder of the programme that is meant; raises Unacceptable."""
    there = draft_ids(here.config.programmes)
    if options.programme is None and len(there) == 1:
        return Draft(here.config.programmes / there[0])
    if options.programme not in there:
        raise Unacceptable(f"Say with --programme which programme is meant; there are: {', '.join(there) or 'none'}.")
    return Draft(here.config.programmes / options.programme)


def add_folder(parser: argparse.ArgumentParser) -> None:
    """FOLDER, where there is no installation yet."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, nargs="?", help="a programme's folder, wherever it is")
