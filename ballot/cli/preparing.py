"""`ballot office tasks`, `preflight`, `prepare`, `backup`, `try-restore` and `seal`: from the files to fixed terms."""

from __future__ import annotations

import argparse
from pathlib import Path

from ballot.cli.refusals import Unacceptable
from ballot.cli.roll import networks_of, read_roll, say_source
from ballot.cli.say import found_in, read_json, read_message, say, table
from ballot.cli.surroundings import Surroundings, clock
from ballot.cli.voting import why_of
from ballot.constitution.errors import ConstitutionError
from ballot.office.activity import COMMAND_LINE
from ballot.office.acts.sealing import Seal
from ballot.office.errors import Refused
from ballot.office.next_steps import OfficePlaces, progress_of
from ballot.office.perform import perform
from ballot.office.sealed import GROUP
from ballot.office.setup.draft import Draft, draft_ids, read_folder, roll_notes
from ballot.office.setup.preflight import PreflightCheck, PreflightSources, is_clear, is_sealed, preflight
from ballot.office.setup.prepare import Installation, prepare
from ballot.office.setup.server_keys import backup_server_keys, restore_server_keys, try_restore
from ballot.office.setup.tasks import is_complete, tasks
from ballot.office.setup.trial_decryption import add_trial_decryption
from ballot.protocol.trustees import ThresholdParameters, check_threshold_parameters
from ballot.record.keys import Role
from ballot.record.times import wall_time
from ballot.registrar.keyring import keys_held, read_public_keys, read_scrutineer_key


def prepare_programme(here: Surroundings, options: argparse.Namespace) -> None:
    """Make a draft of the programme from its folder."""
    folder = _folder(here.config.programmes, options.programme)
    files = read_folder(folder)
    if files.programme.id != folder.name:
        raise _misnamed(folder, files.programme.id)
    ccgs = [ccg.ods for ccg in files.programme.ccgs]
    columns = files.locality_columns, files.programme.codes, files.weight_columns
    roll = read_roll(options.roll, options.lists, ccgs, *columns, networks_of(options.partners, files.programme))
    with found_in(options.trustees):
        parameters = ThresholdParameters.from_json(GROUP, read_json(options.trustees))
        check_threshold_parameters(GROUP, parameters)
    held, scrutineer = keys_held(here.config.keys), read_scrutineer_key(here.config.keys)
    installation = Installation(here.config.board, here.config.instance, here.storage, held, scrutineer)
    keys = read_public_keys(here.config.keys)
    officer = here.key(Role.RETURNING_OFFICER)
    id = prepare(here.desk, installation, folder, roll, parameters, keys, officer)
    for source in roll.sources:
        say(say_source(source, files.weight_columns))
    for note in roll_notes(files, roll):
        say(f"Note: {note}")
    words = files.programme.words
    say(f"{id} is a draft: {words.full_member.counted(len(roll.members))} of {words.body.counted(len(roll.ccgs))}.")
    say("Next: ballot office practice, ballot office backup, ballot office try-restore, ballot registrar issue,")
    say("ballot office seal.")


def _folder(programmes: Path, id: str | None) -> Path:
    there = sorted(path.parent.name for path in programmes.glob("*/programme.toml"))
    if id is None and len(there) == 1:
        return programmes / there[0]
    if id is None or id not in there:
        for folder in (programmes / name for name in there):
            if id is not None and _id_in(folder) == id:
                raise _misnamed(folder, id)
        raise Unacceptable(
            f"Say with --programme which folder of {programmes} is meant; there are: {', '.join(there) or 'none'}."
        )
    return programmes / id


def _id_in(folder: Path) -> str | None:
    """The id in a folder's programme.toml; None if it cannot be read."""
    try:
        return read_folder(folder).programme.id
    except (Refused, ConstitutionError):
        return None


def _misnamed(folder: Path, id: str) -> Unacceptable:
    to = folder.with_name(id)
    return Unacceptable(f'{folder} holds the programme "{id}", and the folder must have its name: mv {folder} {to}')


def practice(here: Surroundings, options: argparse.Namespace) -> None:
    """Add trustees' trial decryptions, made offline."""
    id = here.programme(options.programme)
    for file in options.practices:
        number = add_trial_decryption(here.engine, clock, id, COMMAND_LINE, read_message(file))
        say(f"{file} holds: the saved key of trustee {number} opens.")


def backup(here: Surroundings, options: argparse.Namespace) -> None:
    """Write the backup of the server's keys."""
    id = here.programme(options.programme)
    backup_server_keys(here.desk, id, here.config.instance, here.storage, options.to)
    say(f"{options.to} opens only with the keys of both officers. Keep it apart from the database's backup.")
    say(f"Next: ballot office try-restore {options.to}")


def restore_keys(here: Surroundings, options: argparse.Namespace) -> None:
    """Restore the keys from the backup, under this machine's storage key."""
    id = here.programme(options.programme)
    two = here.officers(f"to restore the server's keys from {options.backup.name}")
    number = restore_server_keys(here.desk, id, here.config.instance, here.storage, options.backup, *two)
    say(f"{number} keys of the server are back, under the storage key of this machine.")


def try_backup(here: Surroundings, options: argparse.Namespace) -> None:
    """Open the backup, and note that this was done."""
    id = here.programme(options.programme)
    try_restore(here.desk, id, options.backup, *here.officers(f"to try the backup {options.backup.name}"))
    say(f"The backup opens, and holds the keys of {id}. Next: ballot registrar issue, then ballot office seal.")


def seal_programme(here: Surroundings, options: argparse.Namespace) -> None:
    """Seal every ballot of the programme."""
    id = here.programme(options.programme)
    why = why_of(options)
    what = f"to seal {id}, with its rules, its roll and its window"
    if why is not None:
        what += f", whatever the totals tell about single votes, for the reason {why.code.value}"
    fingerprint = perform(here.desk, id, Seal(), here.officers(what), why)
    say(f"{id} is sealed: rules, roll and window are fixed, and voting opens at its time by itself.")
    say(f"Programme fingerprint, to print in every invitation: {fingerprint}")
    say("Next: ballot office publish, and ballot registrar links.")


def show_tasks(here: Surroundings, options: argparse.Namespace) -> None:
    """Print the task list of a programme of the installation, or that it is sealed; then what waits, and for whom."""
    draft = draft_of(here, options)
    if not _said_sealed(here, draft):
        show_folder(draft.folder)
    places = OfficePlaces(here.engine, here.config.programmes, here.record)
    progress = progress_of(places, draft.id, clock(), sees_who_voted=True)
    say(f"It is {progress.phase.value}.")
    for step in progress.steps:
        detail = f": {step.detail}" if step.detail and step.trustee is None else ""
        say(f"Next: {step.words}{detail}. {step.who}{f', by {wall_time(step.due)}' if step.due else ''}.")


def show_folder(folder: Path) -> None:
    """Print the task list of any folder; raises Unacceptable if there is no such folder."""
    if not folder.is_dir():
        raise Unacceptable(f"There is no folder {folder}.")
    draft = Draft(folder.resolve())
    for state in tasks(draft):
        say(f"[{state.progress.value}] {state.title}")
        for sentence in state.sentences if state.fault is None else [str(state.fault)]:
            say(f"    {sentence.replace(f'{draft.folder}/', '')}")
    if is_complete(draft):
        say("Everything is there. Next: ballot office prepare, then ballot office preflight.")


def show_preflight(here: Surroundings, options: argparse.Namespace) -> None:
    """Print every check, or that the programme is already sealed; raises Unacceptable if a check blocks."""
    draft = draft_of(here, options)
    if _said_sealed(here, draft):
        return
    premises = PreflightSources(draft, here.engine, here.config.keys, here.config.mail is not None)
    checks = preflight(premises, clock())
    for line in table(
        ("", "Check", ""), [(check.verdict.value, check.title, _with_commands(check)) for check in checks]
    ):
        say(line)
    if not is_clear(checks):
        raise Unacceptable("This ballot cannot be sealed yet.")
    say("You can seal this ballot: ballot office seal.")


def _with_commands(check: PreflightCheck) -> str:
    return f"{check.sentence} Type: {', then '.join(check.commands)}" if check.commands else check.sentence


def _said_sealed(here: Surroundings, draft: Draft) -> bool:
    if not is_sealed(here.engine, draft.id):
        return False
    say(f"{draft.id} is sealed: its terms are fixed, and its files change nothing any more.")
    say("Where it is: ballot office status. The record: ballot office publish.")
    return True


def draft_of(here: Surroundings, options: argparse.Namespace) -> Draft:
    """The folder of the chosen programme; raises Unacceptable."""
    there = draft_ids(here.config.programmes)
    if options.programme is None and len(there) == 1:
        return Draft(here.config.programmes / there[0])
    if options.programme not in there:
        raise Unacceptable(f"Say with --programme which programme is meant; there are: {', '.join(there) or 'none'}.")
    return Draft(here.config.programmes / options.programme)


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Add the argument FOLDER, for use before there is an installation."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, nargs="?", help="a programme's folder, wherever it is")
