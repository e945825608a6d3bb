"""`ballot office open`, `close` and `tick`: record what the clock has done, or do it early with two people."""

from __future__ import annotations

import argparse
from datetime import datetime
from zoneinfo import ZoneInfo

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.cli.surroundings import Surroundings, clock, each
from ballot.constitution.window import NotOneMoment, the_moment, zone_named
from ballot.constitution.words import DEFAULT_WORDS, Words
from ballot.db.ballots import BallotRow, list_ballots, list_ballots_of
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.office.acts.window import CloseEarly, OpenEarly
from ballot.office.desk import Why
from ballot.office.lifecycle import State, state_at
from ballot.office.on_time import close_on_time, open_on_time, tick
from ballot.office.perform import perform
from ballot.office.sealed import read_programme
from ballot.record.programme_events import ReasonCode


def open_ballots(here: Surroundings, options: argparse.Namespace) -> None:
    """On time this only records what the clock has done; early it opens voting."""
    id = here.programme(options.programme)
    why = why_of(options)
    due = (State.SEALED,) if options.early else (State.OPEN,)
    ccgs = chosen(here, id, options, due)
    officers = here.officers(f"to open {', '.join(ccgs)} now, {_for(why)}") if options.early else ()

    def act(ccg: str) -> None:
        if options.early:
            perform(here.desk, id, OpenEarly(ccg), officers, why)
        else:
            open_on_time(here.desk, id, ccg)
        say(f"{ccg} is open.")

    each(ccgs, act)
    say("Next, when voting has ended: ballot office close.")


def close_ballots(here: Surroundings, options: argparse.Namespace) -> None:
    """Close and form the encrypted total."""
    id = here.programme(options.programme)
    why = why_of(options)
    due = (State.OPEN,) if options.early else (State.CLOSED,)
    ccgs = chosen(here, id, options, due)
    officers = here.officers(f"to close {', '.join(ccgs)} now, {_for(why)}") if options.early else ()

    def act(ccg: str) -> None:
        if options.early:
            perform(here.desk, id, CloseEarly(ccg), officers, why)
        else:
            close_on_time(here.desk, id, ccg)
        say(f"{ccg} is closed, and its encrypted total is formed.")

    each(ccgs, act)
    say("Next: ballot office publish, so that the trustees can verify; then ballot office server-share --all.")


def write_due(here: Surroundings, options: argparse.Namespace) -> None:
    """Record every opening and closing that is due."""
    done = tick(here.desk)
    for id, ccg in done.opened:
        say(f"{id} {ccg} is open.")
    for id, ccg in done.closed:
        say(f"{id} {ccg} is closed, and its encrypted total is formed.")
    if not (done.opened or done.closed):
        say("Nothing was due.")


def chosen(here: Surroundings, id: str, options: argparse.Namespace, due: tuple[State, ...]) -> list[str]:
    """The CCG named, or with --all every CCG in one of these states; raises Unacceptable if there is none."""
    if not options.all:
        return [options.ccg]
    return list(dict.fromkeys(ballot.ccg for ballot in _due(here, id, due)))


def chosen_elections(here: Surroundings, id: str, options: argparse.Namespace, due: tuple[State, ...]) -> list[str]:
    """The elections named, or with --all those due. A CCG means all its localities, a locality its own election."""
    if options.all:
        return [ballot.election_name for ballot in _due(here, id, due)]
    with reading(here.engine) as session:
        return [row.election_name for row in list_ballots_of(session, id, options.ccg)] or [options.ccg]


def _due(here: Surroundings, id: str, due: tuple[State, ...]) -> list[BallotRow]:
    now = clock()
    with reading(here.engine) as session:
        states = [
            (ballot, state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now))
            for ballot in list_ballots(session, id)
        ]
    if ballots := [ballot for ballot, state in states if state in due]:
        return ballots
    standing = ", ".join(f"{ballot.election_name} {state.value}" for ballot, state in states)
    wanted = " or ".join(state.value for state in due)
    raise Unacceptable(
        f"There is no {words_of(here, id).body.one} for which this is due; it would have to be {wanted}: {standing}."
    )


def zone_of(here: Surroundings, id: str) -> ZoneInfo:
    """The programme's time zone."""
    with reading(here.engine) as session:
        row = find_programme(session, id)
        return zone_named(read_programme(row.toml).window.zone if row else "UTC")


def words_of(here: Surroundings, id: str) -> Words:
    """What the programme calls its bodies and members."""
    with reading(here.engine) as session:
        row = find_programme(session, id)
        return read_programme(row.toml).words if row else DEFAULT_WORDS


def shown(moment: datetime, zone: ZoneInfo) -> str:
    """A moment in the programme's time zone."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def read_wall_time(written: str, zone: ZoneInfo) -> datetime:
    """The moment meant; raises Unacceptable for no valid time, or one that a clock change skips or repeats."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Unacceptable(f"A time such as 2020-06-05T17:00 was expected, not {written[:40]!r}.") from None
    if moment.tzinfo is not None:
        return moment
    try:
        return the_moment(moment, zone)
    except NotOneMoment as fault:
        raise Unacceptable(f"{fault}. Choose another time, or write it with its offset, as +01:00.") from None


def why_of(options: argparse.Namespace) -> Why | None:
    """The reason on the command line, if given; raises Unacceptable if an early act has none."""
    if options.reason is None:
        if getattr(options, "early", False):
            raise Unacceptable("--early needs a reason, which is public: --reason CODE (--help lists the codes).")
        return None
    return Why(ReasonCode(options.reason), options.note)


def _for(why: Why | None) -> str:
    return "" if why is None else f"for the reason {why.code.value}"
