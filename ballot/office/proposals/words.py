"""What both officers read: an act in words, with every fact that it rests on as it is at this moment.

Made anew when it is approved, under the lock of the act; if one letter differs by then, nothing happens. So no words
here depend on the clock: only on what was decided, stored or changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from ballot.constitution.programme import Programme
from ballot.db.accepted import has_voted
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.practices import PracticeRow, find_practice, list_practices
from ballot.db.programmes import ProgrammeRow
from ballot.db.tokens import LIVE, latest_token
from ballot.office.change_contact import check_changes, check_contact
from ballot.office.desk import Why
from ballot.office.errors import Refusal, Refused
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
from ballot.office.reballot import check_answer
from ballot.office.sealed import read_programme
from ballot.protocol.canonical import Json
from ballot.protocol.hashing import sha256_hex
from ballot.record.times import time_text, whole_second
from ballot.record.wall_times import utc_time, wall_time

TITLES: dict[type[Act], str] = {
    Seal: "Seal the programme: its rules, its roll and its window are fixed for ever",
    OpenEarly: "Open voting now, before the planned time",
    CloseEarly: "Close voting now, before the planned time",
    Extend: "Keep voting open for longer",
    Strike: "Strike a practice off the roll",
    ChangeContact: "Change the contact of a practice, whose voting link is replaced",
    CallReballot: "Call for another vote",
    Abandon: "Abandon a ballot: it ends without an outcome, and nothing is counted",
    Declare: "Declare the result",
}


def statement(session: Session, row: ProgrammeRow, act: Act, why: Why) -> str:
    """The words, line by line; raises Refused where there is nothing of the kind."""
    programme = read_programme(row.toml)
    lines = [
        f"Act: {TITLES[type(act)]}",
        f"Programme: {programme.name} ({row.id}){', a rehearsal' if programme.rehearsal else ''}",
        *_facts(session, row, programme, act),
        f"Reason, published: {why.code.value}",
    ]
    if why.note is not None:
        lines.append(f"Note, kept private: {why.note}")
    return "\n".join(lines) + "\n"


def arguments(session: Session, row: ProgrammeRow, act: Act) -> dict[str, Json]:
    """What the event will have to say; for sealing the terms, which take their time, come from elsewhere."""
    match act:
        case Extend():
            return {"closes": time_text(act.closes)}
        case Strike():
            return {"credential": _member(session, row, act.ccg, act.practice)[1].credential}
        case ChangeContact():
            token = latest_token(session, _member(session, row, act.ccg, act.practice)[1].id)
            if token is None or token.status != LIVE:
                raise Refused(Refusal.NO_LIVE_TOKEN, f"{act.practice} has no live token.")
            return {"replaces": token.hash}
        case CallReballot():
            check_answer(session, act.answered_by)
            ccgs: list[Json] = [*sorted(set(act.ccgs))]
            return {"decision": _decision(row), "ccgs": ccgs, "answered_by": act.answered_by}
        case Declare():
            return {"decision": _decision(row)}
    return {}


def _facts(session: Session, row: ProgrammeRow, programme: Programme, act: Act) -> Iterator[str]:
    match act:
        case Seal():
            yield from _window(list_ballots(session, row.id)[0])
            yield from (f"Question: {question.text}" for question in programme.questions)
            yield f"Second votes: {programme.policy.value}"
            for ballot in list_ballots(session, row.id):
                members = len(list_practices(session, ballot.id))
                yield f"Ballot: {ballot.name} ({ballot.election_name}), {members} practices"
        case OpenEarly() | CloseEarly() | Abandon():
            ballots = _ballots(session, row, act.ccg)
            yield from _named(ballots)
            yield from _window(ballots[0])
        case Extend():
            ballots = _ballots(session, row, act.ccg)
            if whole_second(act.closes) <= ballots[0].closes_at:
                raise Refused(Refusal.NOT_LATER, f"{act.ccg} closes at {time_text(ballots[0].closes_at)} already.")
            yield from _named(ballots)
            yield from _window(ballots[0])
            yield f"Would close: {wall_time(act.closes)}; that is {utc_time(act.closes)}"
        case Strike():
            ballot, member = _member(session, row, act.ccg, act.practice)
            if has_voted(session, member.id):
                raise Refused(Refusal.HAS_VOTED, f"{act.practice} has a ballot already, and stays.")
            yield from _named([ballot])
            yield f"Practice: {member.name} ({member.ods})"
        case ChangeContact():
            yield from _contact(session, row, act)
        case CallReballot():
            for ccg in sorted(set(act.ccgs)):
                yield from _named(_ballots(session, row, ccg))
            yield f"After the decision: {_decision(row)}"
            yield f"Programme in which they vote again, and no other: {act.answered_by}"
        case Declare():
            yield f"Decision, by its SHA-256: {_decision(row)}"


def _contact(session: Session, row: ProgrammeRow, act: ChangeContact) -> Iterator[str]:
    check_contact(act.contact)
    ballot, member = _member(session, row, act.ccg, act.practice)
    check_changes(member.representative, member.email, act.contact)
    yield from _named([ballot])
    yield f"Practice: {member.name} ({member.ods})"
    yield f"Representative now: {member.representative or '(none)'}"
    yield f"Representative from then on: {act.representative or '(none)'}"
    yield f"E-mail address now: {member.email or '(none)'}"
    yield f"E-mail address from then on: {act.email}"


def _named(ballots: list[BallotRow]) -> Iterator[str]:
    yield from (f"Ballot: {ballot.name} ({ballot.election_name})" for ballot in ballots)


def _window(ballot: BallotRow) -> Iterator[str]:
    yield f"Opens: {wall_time(ballot.opens_at)}; that is {utc_time(ballot.opens_at)}"
    yield f"Closes: {wall_time(ballot.closes_at)}; that is {utc_time(ballot.closes_at)}"


def _ballots(session: Session, row: ProgrammeRow, ccg: str) -> list[BallotRow]:
    found = [ballot for ballot in list_ballots(session, row.id) if ballot.ccg == ccg]
    if not found:
        raise Refused(Refusal.NO_SUCH_BALLOT, f"{ccg} is not one of the CCGs of {row.id}.")
    return found


def _member(session: Session, row: ProgrammeRow, ccg: str, ods: str) -> tuple[BallotRow, PracticeRow]:
    for ballot in _ballots(session, row, ccg):
        member = find_practice(session, ballot.id, ods)
        if member is not None and member.struck_at is not None:
            raise Refused(Refusal.ALREADY_STRUCK, f"{ods} was struck already.")
        if member is not None:
            return ballot, member
    raise Refused(Refusal.NO_SUCH_PRACTICE, f"{ods} is not a member of {ccg}.")


def _decision(row: ProgrammeRow) -> str:
    if row.decision is None:
        raise Refused(Refusal.NOT_READY, f"{row.id} is not decided yet.")
    return sha256_hex(row.decision)
