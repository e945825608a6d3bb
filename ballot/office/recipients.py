"""Whom a message is for: all practices of a programme, those of one CCG, or one practice, always said in so many words.

A message for one practice can never become one for all: there is no default, and a practice that is not on the roll is
refused. Practices that share an address get one message, which lists each of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.practices import PracticeRow, practices_by_ballot
from ballot.office.errors import Refusal, Refused


@dataclass(frozen=True, slots=True)
class Everyone:
    """Every practice of the programme."""


@dataclass(frozen=True, slots=True)
class OneCcg:
    """The practices of one CCG, of all its ballots."""

    ccg: str


@dataclass(frozen=True, slots=True)
class OnePractice:
    """One practice, and nobody who shares its address."""

    practice: str


Whom = Everyone | OneCcg | OnePractice


@dataclass(frozen=True, slots=True)
class Recipient:
    """A practice with the ballot in which it is a member."""

    ballot: BallotRow
    practice: PracticeRow


@dataclass(frozen=True, slots=True)
class Queued:
    """What an act put into the outbox, and whom it had to leave out, each by practice code."""

    messages: int
    practices: tuple[str, ...]
    without_address: tuple[str, ...] = ()
    """Nothing can be sent to these: they must be reached some other way."""
    before: tuple[str, ...] = ()
    """It was queued for these already."""


def find_recipients(session: Session, programme_id: str, whom: Whom) -> list[Recipient]:
    """Those who are meant, struck ones left out; raises Refused where there is no such CCG or practice."""
    practices = practices_by_ballot(session, programme_id)
    found = [
        Recipient(ballot, practice)
        for ballot in list_ballots(session, programme_id)
        if not isinstance(whom, OneCcg) or ballot.ccg == whom.ccg
        for practice in practices.get(ballot.id, [])
        if not isinstance(whom, OnePractice) or practice.ods == whom.practice
    ]
    if not found:
        raise _nobody(programme_id, whom)
    standing = [recipient for recipient in found if recipient.practice.struck_at is None]
    if isinstance(whom, OnePractice) and not standing:
        raise Refused(Refusal.ALREADY_STRUCK, f"{whom.practice} was struck off the roll, and gets no message.")
    return standing


def _nobody(programme_id: str, whom: Whom) -> Refused:
    match whom:
        case OneCcg():
            return Refused(Refusal.NO_SUCH_BALLOT, f"{whom.ccg} is not one of the CCGs of {programme_id}.")
        case OnePractice():
            return Refused(Refusal.NO_SUCH_PRACTICE, f"{whom.practice} is not a member practice in {programme_id}.")
    return Refused(Refusal.NO_SUCH_PRACTICE, f"{programme_id} has no member practices.")


def by_address(recipients: Iterable[Recipient]) -> dict[str, list[Recipient]]:
    """Those who have an address, by it, whatever case it is written in; under the first form of it that was seen."""
    form: dict[str, str] = {}
    groups: dict[str, list[Recipient]] = {}
    for recipient in recipients:
        if (address := recipient.practice.email) is not None:
            groups.setdefault(form.setdefault(address.lower(), address), []).append(recipient)
    return groups
