"""`ballot activity`: list and export the log of everything the office did, and check that nothing was altered."""

from __future__ import annotations

import argparse
from datetime import date, datetime, timedelta
from pathlib import Path

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say, table
from ballot.cli.settings import settings_parser
from ballot.cli.surroundings import Surroundings, clock, surroundings_of
from ballot.constitution.window import NotOneMoment, the_moment
from ballot.db.activity import ActivityFilter, head_of, list_activity, verify_chain
from ballot.db.session import reading, transaction
from ballot.office.activity import COMMAND_LINE, Downloaded, note_act
from ballot.office.activity_export import to_csv
from ballot.protocol.hashing import Hash, is_hash
from ballot.record.times import LONDON, time_text
from ballot.registrar.files import write_private

FAULTY = 1
HEADS = ("Time", "Act", "Actor", "Second", "For", "Programme", "CCG", "Reason")
SHOWN = 100


def activity_command(argv: list[str]) -> int:
    """`ballot activity list | export | verify`; 1 if the log was altered."""
    parser = argparse.ArgumentParser(prog="ballot activity", description="What the office did, and who did it.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, run, what in (
        ("list", _list, f"print the newest entries, at most {SHOWN}"),
        ("export", _export, "write entries into a CSV that only you can read"),
        ("verify", _verify, "check the hash chain from the first entry to the last"),
    ):
        made = commands.add_parser(name, help=what, parents=[settings_parser()])
        made.set_defaults(run=run)
        if run is _verify:
            made.add_argument("--noted", metavar="HASH", help="a hash that was noted down earlier, and must be there")
            continue
        for argument, metavar in (("--actor", "NAME"), ("--act", "WORD"), ("--programme", "ID"), ("--ccg", "CCG")):
            made.add_argument(argument, metavar=metavar)
        made.add_argument("--since", metavar="DAY", help="such as 2020-05-11, in British wall time")
        made.add_argument("--until", metavar="DAY", help="that day included")
        if run is _export:
            made.add_argument("--out", metavar="FILE", type=Path, required=True)
    options = parser.parse_args(argv)
    with surroundings_of(options) as here:
        return int(options.run(here, options))


def _list(here: Surroundings, options: argparse.Namespace) -> int:
    with reading(here.engine) as session:
        rows = list_activity(session, _sought(options), SHOWN)
    cells = [(time_text(r.time), r.act, r.actor, r.second, r.acting_for, r.programme, r.ccg, r.reason) for r in rows]
    for line in table(HEADS, [["-" if cell is None else cell for cell in row] for row in cells]):
        say(line)
    return 0


def _export(here: Surroundings, options: argparse.Namespace) -> int:
    with transaction(here.engine) as session:
        rows = list_activity(session, _sought(options))[::-1]
        write_private(options.out, to_csv(rows))
        note_act(session, clock(), COMMAND_LINE, Downloaded("activity"))
    say(f"{len(rows)} entries are in {options.out}, which only you can read.")
    return 0


def _verify(here: Surroundings, options: argparse.Namespace) -> int:
    if options.noted is not None and not is_hash(options.noted):
        raise Unacceptable("--noted takes a hash of 64 hexadecimal digits, as this command printed it.")
    with reading(here.engine) as session:
        faults = list(verify_chain(session, None if options.noted is None else Hash(options.noted)))
        size, head = head_of(session)
    for fault in faults:
        say(f"FAIL: {fault}.")
    if faults:
        return FAULTY
    say(f"The activity log only grew: {size} entries. Note this hash down elsewhere, and give it as --noted later:")
    say(head or "(none yet)")
    return 0


def _sought(options: argparse.Namespace) -> ActivityFilter:
    until = _day(options.until, 1)
    return ActivityFilter(options.actor, options.act, options.programme, options.ccg, _day(options.since), until)


def _day(written: str | None, further: int = 0) -> datetime | None:
    """The moment at which a day, or the day `further` days later, begins in Britain."""
    if written is None:
        return None
    try:
        day = date.fromisoformat(written) + timedelta(days=further)
        return the_moment(datetime(day.year, day.month, day.day), LONDON)  # noqa: DTZ001  (a wall time)
    except (ValueError, OverflowError, NotOneMoment):
        raise Unacceptable(f"A day such as 2020-05-11 was expected, not {written[:40]!r}.") from None
