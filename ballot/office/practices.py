"""Practices during voting: which have returned a vote, and the details of one practice. Reads only.

Turnout is shown against each CCG's quorum and over time. It is not a result and cannot become one: votes are encrypted,
and no key of this server opens one. A vote that replaces an earlier vote of the same practice is not counted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from ballot.constitution.phrases import threshold_phrase, unit_noun
from ballot.constitution.programme import Policy, Programme
from ballot.constitution.rule import QuorumCounting, Unit
from ballot.db.accepted import latest_accepted, times_by_practice
from ballot.db.ballots import BallotRow, list_ballots, list_ballots_of
from ballot.db.practices import PracticeRow, find_practice, practices_by_ballot
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.db.tokens import LIVE, list_tokens
from ballot.mail.messages import NEEDS_LINK
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, state_at
from ballot.office.post.letters import LetterNote
from ballot.office.post.mail_status import DeliveryProblem, mail_status
from ballot.office.post.outbox import MessageStatus
from ballot.office.sealed import read_constitution, read_programme


@dataclass(frozen=True, slots=True)
class QuorumStatus:
    """A quorum of a CCG's rule, and whether the votes returned so far reach it.

    A quorum that counts only votes for and against is not known before the count. `is_met` is then None, or False if
    all the votes returned would not reach it.
    """

    question: str
    needed: str
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class CcgTurnout:
    """The turnout of a CCG. `returns` has the times at which its practices first returned a vote, in order."""

    ccg: str
    name: str
    state: State
    opens_at: datetime
    closes_at: datetime
    eligible: int
    returns: tuple[datetime, ...]
    quorums: tuple[QuorumStatus, ...]
    missing: tuple[tuple[str, str], ...]
    """Code and name of each practice that has not voted, for those who are allowed to see them."""

    @property
    def returned(self) -> int:
        return len(self.returns)


@dataclass(frozen=True, slots=True)
class Turnout:
    """The turnout of every CCG at a moment."""

    now: datetime
    programme: Programme
    ccgs: tuple[CcgTurnout, ...]

    @property
    def eligible(self) -> int:
        return sum(ccg.eligible for ccg in self.ccgs)

    @property
    def returned(self) -> int:
        return sum(ccg.returned for ccg in self.ccgs)

    @property
    def closes_at(self) -> datetime:
        """When the last of the ballots closes."""
        return max(ccg.closes_at for ccg in self.ccgs)

    @property
    def opens_at(self) -> datetime:
        return min(ccg.opens_at for ccg in self.ccgs)


def turnout(engine: Engine, programme_id: str, now: datetime) -> Turnout:
    """The turnout of each CCG of a programme, localities together. Raises Refused if there is no such programme."""
    with reading(engine) as session:
        row = find_programme(session, programme_id)
        if row is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        programme = read_programme(row.toml)
        by_ccg: dict[str, list[tuple[BallotRow, list[PracticeRow], dict[int, datetime]]]] = {}
        members, times = practices_by_ballot(session, programme_id), times_by_practice(session, programme_id)
        for ballot in list_ballots(session, programme_id):
            mine = members.get(ballot.id, [])
            first = {member.id: times[member.id] for member in mine if member.id in times}
            by_ccg.setdefault(ballot.ccg, []).append((ballot, mine, first))
        names = {ccg.ods: ccg.name for ccg in programme.ccgs}
        ccgs = tuple(_ccg(programme, ccg, names[ccg], parts, now) for ccg, parts in by_ccg.items())
    return Turnout(now, programme, ccgs)


def _ccg(
    programme: Programme,
    ccg: str,
    name: str,
    parts: list[tuple[BallotRow, list[PracticeRow], dict[int, datetime]]],
    now: datetime,
) -> CcgTurnout:
    ballot = parts[0][0]
    places = [(part, [member for member in practices if member.struck_at is None]) for part, practices, _ in parts]
    members = [member for _, practices in places for member in practices]
    first = {id: time for _, _, found in parts for id, time in found.items()}
    return CcgTurnout(
        ccg,
        name,
        state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now),
        ballot.opens_at,
        ballot.closes_at,
        len(members),
        tuple(sorted(first.values())),
        tuple(_quorums(programme, places, set(first))),
        tuple((member.ods, member.called) for member in members if member.id not in first),
    )


def _quorums(
    programme: Programme, places: Sequence[tuple[BallotRow, list[PracticeRow]]], voted: set[int]
) -> Iterator[QuorumStatus]:
    """Each quorum of each question: those of the CCG, then those of each locality."""
    constitution = read_constitution(places[0][0])
    everyone = [member for _, members in places for member in members]
    for question in programme.questions:
        rule = constitution.rule_for(question.id)
        local = [
            (part.quorum, ballot.locality, members) for part in rule.locality_quorums for ballot, members in places
        ]
        for quorum, place, members in [*((quorum, None, everyone) for quorum in rule.quorums), *local]:

            def measured(of: Iterable[PracticeRow], unit: Unit = quorum.unit) -> int:
                return sum(1 if unit is Unit.PRACTICES else constitution.votes(member.list_size) for member in of)

            eligible = measured(members)
            reached: bool | None = quorum.threshold.is_met(
                measured(member for member in members if member.id in voted), eligible
            )
            if reached and quorum.counting is QuorumCounting.FOR_AND_AGAINST:
                reached = None
            where = "" if place is None else f"{place}, "
            noun = unit_noun(quorum.unit, 2, rule.words)
            needed = f"{where}{threshold_phrase(quorum.threshold)} of {eligible} {noun}"
            yield QuorumStatus(question.id, needed, reached)


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """One link of a practice: its number, when it was issued, and when and how it ended."""

    number: int
    issued_at: datetime
    status: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class MemberCard:
    """One practice's details. Messages that reveal whether it voted are left out if the viewer may not see that."""

    ccg: str
    ballot: str
    practice: str
    name: str
    representative: str | None = field(repr=False)
    email: str | None = field(repr=False)
    is_struck: bool
    link: str | None
    """The state of its newest link: live, revoked or superseded. None if none was issued."""
    issues: int
    """How many links it was given, including the first."""
    posted: tuple[MessageStatus, ...]
    problems: tuple[DeliveryProblem, ...]
    letter: LetterNote | None
    """That its letter was handed over, if the letter's link still works."""
    state: State
    """Of its ballot."""
    opens_at: datetime
    closes_at: datetime
    is_final: bool
    """Whether the first vote is final."""
    links: tuple[IssuedLink, ...]
    """Every link it was given, the oldest first."""
    sees_who_voted: bool
    """Whether the viewer may know whether it has voted."""
    voted_at: datetime | None
    """When its newest vote was accepted. None if there is none, or the viewer may not know."""

    @property
    def has_live_link(self) -> bool:
        return self.link == LIVE and not self.is_struck

    @property
    def can_vote(self) -> bool:
        """Whether it can vote now or later, as far as the viewer may know."""
        has_ended = self.voted_at is not None and self.is_final
        return self.has_live_link and self.state in (State.SEALED, State.OPEN) and not has_ended

    @property
    def sent_link(self) -> MessageStatus | None:
        """The newest message with a link to an address that it has now."""
        found = [one for one in self.posted if one.kind in NEEDS_LINK and one.is_present]
        return found[-1] if found else None


def member_card(
    engine: Engine, programme_id: str, ccg: str, practice: str, now: datetime, sees_who_voted: bool = False
) -> MemberCard:
    """The details of this practice in this CCG. Raises Refused if there is none."""
    with reading(engine) as session:
        for ballot in list_ballots_of(session, programme_id, ccg):
            member = find_practice(session, ballot.id, practice)
            if member is None:
                continue
            tokens = list_tokens(session, member.id)
            about = (ccg, ballot.name, member.ods, member.called, member.representative, member.email)
            struck = member.struck_at is not None
            window = (ballot.opens_at, ballot.closes_at)
            state = state_at(State(ballot.state), *window, now)
            row = find_programme(session, programme_id)
            final = row is not None and read_programme(row.toml).policy is Policy.FINAL
            accepted = latest_accepted(session, member.id) if sees_who_voted else None
            break
        else:
            raise Refused(Refusal.NO_SUCH_PRACTICE, f"{practice} is not a member of {ccg}.")
    found = mail_status(engine, programme_id, now, sees_who_voted=sees_who_voted)
    return MemberCard(
        *about,
        struck,
        tokens[-1].status if tokens else None,
        tokens[-1].serial if tokens else 0,
        tuple(one for one in found.posted if (one.ccg, one.practice) == (ccg, practice)),
        tuple(one for one in found.problems if (one.ccg, one.practice) == (ccg, practice)),
        found.letters.get((ccg, practice)),
        state,
        *window,
        final,
        tuple(IssuedLink(each.serial, each.issued_at, each.status, each.ended_at) for each in tokens),
        sees_who_voted,
        None if accepted is None else accepted.time,
    )
