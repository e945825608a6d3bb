"""What a practice would get, shown to the office: the real words, and a link that says itself that it cannot vote."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine

from ballot.constitution.programme import Policy
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.mail.kinds import TAKES_LINK, Kind
from ballot.mail.messages import (
    ContactChanged,
    HasVoted,
    Invitation,
    Message,
    QuestionOutcome,
    ReceiptMail,
    Reissued,
    Reminder,
    Result,
    SeatOutcome,
)
from ballot.office.compose import Occasion, seat_of
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.recipients import OnePractice, find_recipients
from ballot.record.times import whole_second

DUMMY = "THIS-IS-A-PREVIEW-AND-CANNOT-VOTE"
"""Stands where a token and a credential would."""


def preview(
    engine: Engine, clock: Clock, programme_id: str, practice: str, kind: Kind, base: str, help_desk: str
) -> Message:
    """The message of a kind to one practice; raises Refused. Opens no vault, and needs none."""
    with reading(engine) as session:
        programme = find_programme(session, programme_id)
        if programme is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        recipient = find_recipients(session, programme_id, OnePractice(practice))[0]
        occasion = Occasion(session, programme, help_desk, f"{base}/", whole_second(clock()), preview=True)
        seat = seat_of(programme, recipient.ballot, recipient.practice)
        if kind in TAKES_LINK:
            seat = replace(seat, link=f"{base}/vote/{programme_id}/{recipient.ballot.ccg}#{DUMMY}")
        questions = tuple(question.text for question in occasion.rules.questions)
        final, sender = occasion.rules.policy is Policy.FINAL, occasion.sender
        match kind:
            case Kind.INVITATION:
                return Invitation(sender, questions, (seat,), final)
            case Kind.REMINDER:
                return Reminder(sender, questions, (seat,), final)
            case Kind.REISSUED:
                return Reissued(sender, questions, (seat,), final)
            case Kind.CONTACT_CHANGED:
                return ContactChanged(sender, seat)
            case Kind.RECEIPT:
                return ReceiptMail(sender, seat, "(the tracking number)", occasion.now, b"{}", final)
            case Kind.HAS_VOTED:
                return HasVoted(sender, seat, occasion.now)
            case Kind.RESULT:
                outcomes = tuple(QuestionOutcome(text, "(the outcome)") for text in questions)
                place = f"{occasion.board}board/{programme_id}/results"
                return Result(sender, (SeatOutcome(seat, outcomes),), True, ("(those that carried)",), place)
