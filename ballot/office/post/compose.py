"""Compose a message from its outbox row at the moment it is sent, so that times, states and links are current.

A message that no longer applies is not sent: the practice was struck or has voted, its ballot has ended, or its link
was revoked. A message that covers several practices leaves those out. `preview` shows the office the real words, with
a link that says that it cannot vote.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.phrases import bodies
from ballot.constitution.programme import Policy, Programme
from ballot.db.accepted import find_accepted, has_voted
from ballot.db.authority import find_statement
from ballot.db.ballots import BallotRow
from ballot.db.outbox import MessagePracticeRow, MessageRow
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.mail.messages import (
    NEEDS_LINK,
    TAKES_LINK,
    BallotChanged,
    CalendarFile,
    Change,
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
from ballot.office.post.dates import dates_file, dates_name
from ballot.office.post.outbox import Everyone, OnePractice, find_recipients
from ballot.office.sealed import counts_for, read_programme
from ballot.protocol.canonical import parse_json
from ballot.record.authority import CAPACITY_WORDS, Capacity
from ballot.record.receipts import parse_receipt
from ballot.record.times import time_text, whole_second

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
        return Sender(
            self.rules.name, fingerprint, self.help_desk, self.rules.rehearsal, self.preview, self.rules.words
        )


def documents_of(programme: Programme) -> tuple[VotingDocument, ...]:
    """The documents for the vote, as messages and letters name them."""
    body = programme.words.body
    return tuple(
        VotingDocument(pack.name, pack.url is not None or pack.is_served, body) for pack in programme.voting_packs
    )


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
    if kind is Kind.BALLOT_CHANGED:
        return _ballot_changed(context, row, places)
    ballot, practice = places[0]
    seat, final = seat_of(context.programme, ballot, practice), context.rules.policy is Policy.FINAL
    accepted = find_accepted(context.session, ballot.id, row.about)
    if accepted is None and not context.preview:
        raise NotDue("no-such-ballot")
    at = context.now if accepted is None else accepted.time
    if kind is Kind.HAS_VOTED:
        return HasVoted(context.sender, seat, at, _cast_by(context, ballot, row.about))
    if accepted is None:
        return ReceiptMail(context.sender, seat, "(the tracking number)", at, b"{}", final)
    receipt, _, _ = parse_receipt(accepted.receipt)
    by = _cast_by(context, ballot, row.about)
    return ReceiptMail(context.sender, seat, receipt.tracking_number, at, accepted.receipt, final, by)


def _cast_by(context: MailContext, ballot: BallotRow, payload: str) -> str | None:
    """Who said that they cast the ballot: `Dr Ash, proxy for the representative`."""
    if context.preview:
        return "(the name of who casts it), the representative" if context.rules.statement is not None else None
    made = find_statement(context.session, ballot.id, payload)
    if made is None or made.name is None:
        return None
    return f"{made.name}, {CAPACITY_WORDS[Capacity(made.capacity)]}"


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
    paper = _PAPERS[kind](
        context.sender, questions, tuple(seats), context.rules.policy is Policy.FINAL, context.documents
    )
    return paper if isinstance(paper, Reminder) else replace(paper, calendars=_calendars(context, seats))


def _calendars(context: MailContext, seats: Sequence[PracticeSeat]) -> tuple[CalendarFile, ...]:
    """A file for each CCG in which these practices vote, with the window as it is now."""
    place = f"{context.board}board/{context.programme.id}"
    return tuple(
        CalendarFile(dates_name(ccg), dates_file(context.session, context.programme, ccg), f"{place}/{ccg}/dates.ics")
        for ccg in dict.fromkeys(seat.ccg for seat in seats)
    )


def _why_not_due(context: MailContext, kind: Kind, ballot: BallotRow, practice: PracticeRow) -> str | None:
    if context.preview:
        return None
    if practice.struck_at is not None:
        return "practice-struck"
    state: State = state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, context.now)
    if state not in (State.SEALED, State.OPEN):
        return str(state.value)
    final = context.rules.policy is Policy.FINAL
    if (final or kind is Kind.REMINDER) and has_voted(context.session, practice.id):
        return "has-voted"
    return None


def _ballot_changed(
    context: MailContext, row: MessageRow, places: list[tuple[BallotRow, PracticeRow]]
) -> BallotChanged:
    """Say what changed, to those of the practices for which it is still so. Raises NotDue."""
    word, _, closes = row.about.partition(" ")
    change = Change(word)
    seats, reasons = [], []
    for ballot, practice in places:
        state = state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, context.now)
        why = None
        if practice.struck_at is not None and change is not Change.STRUCK:
            why = "practice-struck"
        elif (practice.email or "").lower() != row.to.lower():
            why = "contact-changed"
        elif change in (Change.OPENED, Change.EXTENDED) and state is not State.OPEN and not context.preview:
            why = str(state.value)
        elif change is Change.EXTENDED and closes != time_text(ballot.closes_at):
            why = "changed-again"
        if why is None:
            seats.append(seat_of(context.programme, ballot, practice))
        else:
            reasons.append(why)
    if not seats:
        raise NotDue(", ".join(dict.fromkeys(reasons)))
    calendars = () if change is Change.STRUCK else _calendars(context, seats)
    return BallotChanged(context.sender, change, tuple(seats), context.rules.policy is Policy.FINAL, calendars)


def _result(context: MailContext, places: list[tuple[BallotRow, PracticeRow]]) -> DeclaredResult:
    place = f"{context.board}board/{context.programme.id}/results"
    if context.programme.decision is None:
        if not context.preview:
            raise NotDue("not-decided")
        unknown = tuple(QuestionOutcome(question.text, "(the outcome)") for question in context.rules.questions)
        to_come = tuple(SeatOutcome(seat_of(context.programme, *each), unknown) for each in places)
        return DeclaredResult(context.sender, to_come, True, "(those that carried)", place)
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
    members = "" if not proceeds else bodies((names.get(ccg, ccg) for ccg in outcome["members"]), context.rules.words)
    return DeclaredResult(context.sender, tuple(results), proceeds, members, place)


def _place(session: Session, practice_id: int) -> tuple[BallotRow, PracticeRow]:
    practice = session.get_one(PracticeRow, practice_id)
    return session.get_one(BallotRow, practice.ballot_id), practice


def seat_of(programme: ProgrammeRow, ballot: BallotRow, practice: PracticeRow, link: str | None = None) -> PracticeSeat:
    """A practice in its ballot, with the ballot's times as they are now."""
    times, words = (ballot.opens_at, ballot.closes_at), counts_for(programme, ballot, practice.ods)
    return PracticeSeat(
        practice.ods, practice.called, ballot.ccg, ballot.name, *times, words, practice.representative, link
    )


DUMMY = "THIS-IS-A-PREVIEW-AND-CANNOT-VOTE"
"""In the place of a token and a credential."""


_TOGETHER = (Kind.INVITATION, Kind.REMINDER, Kind.RESULT)
"""Practices that share an address get one message of these for all of them."""


def preview(
    engine: Engine,
    clock: Clock,
    programme_id: str,
    practice: str,
    kind: Kind,
    base: str,
    help_desk: str,
    *,
    with_link: bool = True,
    change: Change = Change.EXTENDED,
) -> Message:
    """Make the message of this kind to one practice, by the code that makes the real one. Needs no vault.

    It shows what would be sent if it were due, to all practices that share the address. Secrets are replaced: token and
    credential, and what does not exist yet, such as the outcome. `with_link` matters to a reminder: the real one has no
    link while the registrar is locked. `change` is what a message about a changed ballot says. Raises Refused.
    """
    with reading(engine) as session:
        programme = find_programme(session, programme_id)
        if programme is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        recipient = find_recipients(session, programme_id, OnePractice(practice))[0]
        context = MailContext(session, programme, help_desk, f"{base}/", whole_second(clock()), preview=True)
        to = recipient.practice.email or ""
        others = find_recipients(session, programme_id, Everyone()) if kind in _TOGETHER and to else [recipient]
        ids = [each.practice.id for each in others if (each.practice.email or "").lower() == to.lower()]
        closes = f" {time_text(recipient.ballot.closes_at)}" if change is Change.EXTENDED else ""
        about = f"{change.value}{closes}" if kind is Kind.BALLOT_CHANGED else ""
        practices = [MessagePracticeRow(practice_id=id, once="") for id in ids]
        row = MessageRow(kind=kind.value, to=to, about=about, practices=practices)

        def link_of(practice_id: int) -> str:
            ccg = _place(session, practice_id)[0].ccg
            return f"{base}/vote/{programme_id}/{ccg}#{DUMMY}"

        return compose(context, row, link_of if with_link or kind in NEEDS_LINK else None)
