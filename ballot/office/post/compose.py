"""Compose a message from its outbox row at the moment it is sent, so that times, states and links are current.

A message that no longer applies is not sent: the practice was struck or has voted, its ballot has ended, or its link
was revoked. A message that covers several practices leaves those out. `preview` shows the office the real words, with
a link that says that it cannot vote.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.phrases import bodies
from ballot.constitution.programme import Policy, Programme
from ballot.db.accepted import find_accepted, has_voted
from ballot.db.ballots import BallotRow
from ballot.db.outbox import MessageRow
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.mail.messages import (
    NEEDS_LINK,
    TAKES_LINK,
    ContactChanged,
    DeclaredResult,
    HasVoted,
    Invitation,
    Kind,
    Message,
    PracticeSeat,
    QuestionOutcome,
    ReceiptMail,
    Reissued,
    Reminder,
    SeatOutcome,
    Sender,
    VotingDocument,
)
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, state_at
from ballot.office.post.outbox import OnePractice, find_recipients
from ballot.office.sealed import counts_for, read_programme
from ballot.protocol.canonical import parse_json
from ballot.record.receipts import parse_receipt
from ballot.record.times import whole_second

LinkOf = Callable[[int], str | None]
"""Returns the voting link of a practice by its id, or None if there is no working link."""

_PAPERS: dict[Kind, Callable[..., Invitation | Reminder | Reissued]] = {
    Kind.INVITATION: Invitation,
    Kind.REMINDER: Reminder,
    Kind.REISSUED: Reissued,
}


class NotDue(Exception):
    """The message must not be sent any more. The text is one word for the reason."""


@dataclass(frozen=True, slots=True)
class MailContext:
    """The programme as it is now, and the sender of its messages."""

    session: Session
    programme: ProgrammeRow
    help_desk: str
    board: str
    """The address of the public board's pages."""
    now: datetime
    preview: bool = False

    @property
    def rules(self) -> Programme:
        return read_programme(self.programme.toml)

    @property
    def documents(self) -> tuple[VotingDocument, ...]:
        return documents_of(self.rules)

    @property
    def sender(self) -> Sender:
        fingerprint = self.programme.fingerprint or "(none before sealing)"
        return Sender(self.rules.name, fingerprint, self.help_desk, self.rules.rehearsal, self.preview)


def documents_of(programme: Programme) -> tuple[VotingDocument, ...]:
    """The documents for the vote, as messages and letters name them."""
    return tuple(VotingDocument(pack.name, pack.url is not None) for pack in programme.voting_packs)


def compose(context: MailContext, row: MessageRow, link_of: LinkOf | None) -> Message:
    """Make the message of an outbox row. `link_of` is None while the registrar is locked. Raises NotDue."""
    kind = Kind(row.kind)
    places = [_place(context.session, each.practice_id) for each in row.practices]
    if kind in _PAPERS:
        return compose_paper(context, kind, places, link_of, row.to)
    if kind is Kind.CONTACT_CHANGED:
        return ContactChanged(context.sender, replace(seat_of(context.programme, *places[0]), representative=None))
    if kind is Kind.RESULT:
        return _result(context, places)
    ballot, practice = places[0]
    accepted = find_accepted(context.session, ballot.id, row.about)
    if accepted is None:
        raise NotDue("no-such-ballot")
    if kind is Kind.HAS_VOTED:
        return HasVoted(context.sender, seat_of(context.programme, ballot, practice), accepted.time)
    receipt, _, _ = parse_receipt(accepted.receipt)
    final = context.rules.policy is Policy.FINAL
    seat = seat_of(context.programme, ballot, practice)
    return ReceiptMail(context.sender, seat, receipt.tracking_number, accepted.time, accepted.receipt, final)


def compose_paper(
    context: MailContext, kind: Kind, places: list[tuple[BallotRow, PracticeRow]], link_of: LinkOf | None, to: str
) -> Message:
    """Make an invitation, a reminder or a re-issued link for those of the practices that can still vote. Raises NotDue.

    It is never sent to an address that is no longer the practice's. What was queued before a change of contact carries
    no new link.
    """
    seats, reasons = [], []
    for ballot, practice in places:
        why = _why_not_due(context, kind, ballot, practice)
        if why is None and (practice.email or "").lower() != to.lower():
            why = "contact-changed"
        link = link_of(practice.id) if why is None and link_of is not None and kind in TAKES_LINK else None
        if why is None and link is None and (kind in NEEDS_LINK or link_of is not None):
            why = "no-live-token"
        if why is None:
            seats.append(seat_of(context.programme, ballot, practice, link))
        else:
            reasons.append(why)
    if not seats:
        raise NotDue(", ".join(dict.fromkeys(reasons)))
    questions = tuple(question.text for question in context.rules.questions)
    return _PAPERS[kind](
        context.sender, questions, tuple(seats), context.rules.policy is Policy.FINAL, context.documents
    )


def _why_not_due(context: MailContext, kind: Kind, ballot: BallotRow, practice: PracticeRow) -> str | None:
    if practice.struck_at is not None:
        return "practice-struck"
    state: State = state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, context.now)
    if state not in (State.SEALED, State.OPEN):
        return str(state.value)
    final = context.rules.policy is Policy.FINAL
    if (final or kind is Kind.REMINDER) and has_voted(context.session, practice.id):
        return "has-voted"
    return None


def _result(context: MailContext, places: list[tuple[BallotRow, PracticeRow]]) -> DeclaredResult:
    if context.programme.decision is None:
        raise NotDue("not-decided")
    decision = parse_json(context.programme.decision.strip())
    results = []
    for ballot, practice in places:
        if practice.struck_at is not None:
            continue
        answers = decision["ccgs"].get(ballot.ccg, {})
        outcomes = [
            QuestionOutcome(question.text, answers[question.id]["outcome"])
            for question in context.rules.questions
            if question.id in answers
        ]
        results.append(SeatOutcome(seat_of(context.programme, ballot, practice), tuple(outcomes)))
    if not results:
        raise NotDue("practice-struck")
    outcome = decision["outcome"]
    proceeds = None if outcome is None else outcome["proceeds"]
    names = {ccg.ods: ccg.name for ccg in context.rules.ccgs}
    members = "" if not proceeds else bodies(names.get(ccg, ccg) for ccg in outcome["members"])
    place = f"{context.board}board/{context.programme.id}/results"
    return DeclaredResult(context.sender, tuple(results), proceeds, members, place)


def _place(session: Session, practice_id: int) -> tuple[BallotRow, PracticeRow]:
    practice = session.get_one(PracticeRow, practice_id)
    return session.get_one(BallotRow, practice.ballot_id), practice


def seat_of(programme: ProgrammeRow, ballot: BallotRow, practice: PracticeRow, link: str | None = None) -> PracticeSeat:
    """A practice in its ballot, with the ballot's times as they are now."""
    times, words = (ballot.opens_at, ballot.closes_at), counts_for(programme, ballot, practice.ods)
    return PracticeSeat(
        practice.ods, practice.name, ballot.ccg, ballot.name, *times, words, practice.representative, link
    )


DUMMY = "THIS-IS-A-PREVIEW-AND-CANNOT-VOTE"
"""In the place of a token and a credential."""


def preview(
    engine: Engine, clock: Clock, programme_id: str, practice: str, kind: Kind, base: str, help_desk: str
) -> Message:
    """Make the message of this kind to one practice. Needs no vault. Raises Refused."""
    with reading(engine) as session:
        programme = find_programme(session, programme_id)
        if programme is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        recipient = find_recipients(session, programme_id, OnePractice(practice))[0]
        context = MailContext(session, programme, help_desk, f"{base}/", whole_second(clock()), preview=True)
        seat = seat_of(programme, recipient.ballot, recipient.practice)
        if kind in TAKES_LINK:
            seat = replace(seat, link=f"{base}/vote/{programme_id}/{recipient.ballot.ccg}#{DUMMY}")
        questions = tuple(question.text for question in context.rules.questions)
        final, sender = context.rules.policy is Policy.FINAL, context.sender
        match kind:
            case Kind.INVITATION:
                return Invitation(sender, questions, (seat,), final, context.documents)
            case Kind.REMINDER:
                return Reminder(sender, questions, (seat,), final, context.documents)
            case Kind.REISSUED:
                return Reissued(sender, questions, (seat,), final, context.documents)
            case Kind.CONTACT_CHANGED:
                return ContactChanged(sender, seat)
            case Kind.RECEIPT:
                return ReceiptMail(sender, seat, "(the tracking number)", context.now, b"{}", final)
            case Kind.HAS_VOTED:
                return HasVoted(sender, seat, context.now)
            case Kind.RESULT:
                outcomes = tuple(QuestionOutcome(text, "(the outcome)") for text in questions)
                place = f"{context.board}board/{programme_id}/results"
                return DeclaredResult(sender, (SeatOutcome(seat, outcomes),), True, "(those that carried)", place)
