"""Tell the people of the office by e-mail what waits for them: each of them once, whenever a step begins to wait.

It is sent if the step still waits two minutes later, so that nobody is written to about what is being done at that
moment. A notice is deleted once its step no longer waits; if the step waits again, such as a ceremony that begins
again, it is a new notice. As in `post.send`, a crash can repeat an e-mail, and never loses one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ballot.db.notices import NoticeRow, add_notice, claim_notice, hold_notice, list_notices
from ballot.db.session import reading, transaction
from ballot.db.staff import find_account, list_accounts
from ballot.mail.channel import Delivery, SendOutcome
from ballot.mail.envelope import Envelope, make_message_id
from ballot.mail.messages import Sender, StaffNotice
from ballot.mail.render import render
from ballot.mail.states import DUE, DeliveryState
from ballot.office.errors import Refused
from ballot.office.next_steps import BallotProgress, NextStep, OfficePlaces, StepKind, first_step_of, progress_of
from ballot.office.post.send import CLAIM_LASTS, MOST_ATTEMPTS, Mailroom, pause_after
from ballot.office.setup.draft import draft_ids
from ballot.office.staff.accounts import seats_of
from ballot.record.times import time_text, whole_second

SETTLES = timedelta(minutes=2)
NOT_TOLD = (StepKind.SET_UP, StepKind.PREPARE, StepKind.MEND, StepKind.PUBLISH)
"""Steps of whoever is at work on the ballot anyway, and one that comes and goes with every bounce."""
_DUE = [state.value for state in DUE]


@dataclass(frozen=True, slots=True)
class Due:
    """A step that waits for one person."""

    account_id: int
    login: str
    name: str
    ballot: BallotProgress
    step: NextStep

    @property
    def key(self) -> str:
        """The same for the same account, ballot and step."""
        return _name_of(self.account_id, self.ballot.id, self.step.kind, self.step.about)


def _name_of(account_id: int, programme_id: str, kind: StepKind, about: str) -> str:
    return hashlib.sha256("\n".join((str(account_id), programme_id, kind.value, about)).encode()).hexdigest()


def notify(room: Mailroom, places: OfficePlaces, ended: Callable[[], bool] = lambda: False) -> Counter[DeliveryState]:
    """Queue what is new and send what is due. Returns the states of what was tried."""
    ballots = list(_ballots(room, places))
    waiting = {due.key: due for due in _waiting(room, ballots)}
    _queue(room, [ballot.id for ballot in ballots], waiting)
    done = Counter[DeliveryState]()
    while not ended() and (row := _claim(room, waiting)) is not None:
        delivery = room.channel.send(_envelope(room, row, waiting[row.name]))
        done[_record(room, row, delivery)] += 1
        if delivery.stop:
            break
    return done


def note_told_to_begin(engine: Engine, now: datetime, programme_id: str, told: Mapping[int, str]) -> None:
    """Note that these trustees, by number, were told at these addresses that their ceremony begins, and need no notice.

    An e-mail of its own says that a ceremony begins again, and what is lost.
    """
    sent = {"state": DeliveryState.SENT.value, "attempts": 1, "answer": "", "queued_at": now, "next_at": now}
    with transaction(engine) as session:
        known = {row.name: row for row in list_notices(session, [programme_id])}
        for number, login in told.items():
            account = find_account(session, login)
            if account is None:
                continue
            name = _name_of(account.id, programme_id, StepKind.CEREMONY, first_step_of(number))
            if name in known:
                known[name].state = DeliveryState.SENT.value
            else:
                add_notice(session, {**sent, "account_id": account.id, "programme_id": programme_id, "name": name})


def _ballots(room: Mailroom, places: OfficePlaces) -> Iterator[BallotProgress]:
    """The ballots with a folder here: a worker on another machine does not know all that waits, and leaves them."""
    for id in draft_ids(places.programmes):
        with suppress(Refused):  # it was deleted just now, and nothing waits in it
            yield progress_of(places, id, room.clock(), sees_who_voted=False, looks_at_tasks=False)


def _waiting(room: Mailroom, ballots: Iterable[BallotProgress]) -> Iterator[Due]:
    with reading(room.engine) as session:
        accounts = [account for account in list_accounts(session) if account.disabled_at is None]
    seats = {
        account.id: {(s.programme_id, s.number) for s in seats_of(room.engine, account.id)} for account in accounts
    }
    for ballot in ballots:
        for step in ballot.steps:
            for account in accounts if step.kind not in NOT_TOLD else ():
                seated = step.trustee is None or (ballot.id, step.trustee) in seats[account.id]
                if seated and any(role.value == account.role for role in step.roles):
                    yield Due(account.id, account.login, account.name, ballot, step)


def _queue(room: Mailroom, programmes: Collection[str], waiting: Mapping[str, Due]) -> None:
    now = whole_second(room.clock())
    with transaction(room.engine) as session:
        known = {row.name: row for row in list_notices(session, programmes)}
        for name, row in known.items():
            if name not in waiting and row.state != DeliveryState.SENDING.value:
                session.delete(row)
        for key, due in waiting.items():
            if key not in known:
                about = {"account_id": due.account_id, "programme_id": due.ballot.id, "name": key}
                times = {"queued_at": now, "next_at": now + SETTLES}
                fresh = {"state": DeliveryState.QUEUED.value, "attempts": 0, "answer": ""}
                add_notice(session, {**about, **times, **fresh})


def _claim(room: Mailroom, names: Collection[str]) -> NoticeRow | None:
    with transaction(room.engine) as session:
        now = whole_second(room.clock())
        return claim_notice(session, names, _DUE, now, DeliveryState.SENDING.value, now + CLAIM_LASTS)


def _envelope(room: Mailroom, row: NoticeRow, due: Due) -> Envelope:
    mark = room.key.mark(f"notice.{row.name}.{time_text(row.queued_at)}")  # new when the step waits again
    sender = Sender(due.ballot.name, "", room.settings.reply_to, due.ballot.rehearsal)
    detail = "" if due.step.trustee is not None else due.step.detail
    message = StaffNotice(sender, due.name, due.step.words, detail, due.step.due, f"https://{room.board}/office")
    return Envelope(
        kind=None,
        to=due.login,
        message_id=make_message_id("notice", mark, room.board),
        date=row.queued_at,
        sender=room.sender(mark),
        rendered=render(message),
        attempt=row.attempts,
    )


def _record(room: Mailroom, row: NoticeRow, delivery: Delivery) -> DeliveryState:
    """Keep the outcome, unless the claim expired and another process has the notice."""
    gives_up = delivery.outcome is SendOutcome.DEFERRED and row.attempts >= MOST_ATTEMPTS
    state = DeliveryState.FAILED if gives_up else delivery.outcome.value
    with transaction(room.engine) as session:
        held = hold_notice(session, row.id)
        if held is not None and held.state == DeliveryState.SENDING.value and held.attempts == row.attempts:
            held.state, held.answer = state.value, delivery.answer
            held.next_at = whole_second(room.clock()) + pause_after(held.attempts)
    return state
