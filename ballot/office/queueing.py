"""Putting messages into the outbox, in the transaction of the act that causes them: both happen, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ballot.db.appending import NewRow
from ballot.db.casting import Holder
from ballot.db.outbox import MessagePracticeRow, MessageRow, practices_with
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow
from ballot.mail.kinds import Kind
from ballot.mail.marks import make_name
from ballot.mail.states import DeliveryState
from ballot.office.recipients import Queued, Recipient, Whom, by_address, find_recipients


def message_values(
    programme_id: str,
    kind: Kind,
    to: str,
    practices: Sequence[int],
    now: datetime,
    about: str = "",
    once: str | None = None,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The columns of one message to one address, and of its practices. `once` is what each can get only one of."""
    only = once if once is not None else f"{kind.value} {about}".strip()
    ids = sorted(practices)
    message = {
        "programme_id": programme_id,
        "kind": kind.value,
        "to": to,
        "about": about,
        "name": make_name(kind, programme_id, to.lower(), only, *map(str, ids)),
        "mark": None,
        "state": DeliveryState.QUEUED.value,
        "attempts": 0,
        "queued_at": now,
        "next_at": now,
        "dated_at": None,
        "changed_at": now,
        "answer": "",
        "reference": None,
    }
    return message, [{"practice_id": id, "once": only} for id in ids]


def enqueue(
    session: Session,
    programme: ProgrammeRow,
    kind: Kind,
    to: str,
    practices: Sequence[int],
    now: datetime,
    about: str = "",
    once: str | None = None,
) -> None:
    """One message to one address about these practices."""
    message, of = message_values(programme.id, kind, to, practices, now, about, once)
    session.add(MessageRow(**message, practices=[MessagePracticeRow(**practice) for practice in of]))


def enqueue_for_each(
    session: Session, programme: ProgrammeRow, kind: Kind, recipients: Sequence[Recipient], now: datetime, about: str
) -> Queued:
    """One message for every address among the recipients that this was not queued for before."""
    once = f"{kind.value} {about}".strip()
    before = practices_with(session, [recipient.practice.id for recipient in recipients], once)
    left = [recipient for recipient in recipients if recipient.practice.id not in before]
    groups = by_address(left)
    for address, group in groups.items():
        enqueue(session, programme, kind, address, [recipient.practice.id for recipient in group], now, about)
    session.flush()
    return Queued(
        len(groups),
        tuple(recipient.practice.ods for group in groups.values() for recipient in group),
        tuple(recipient.practice.ods for recipient in left if recipient.practice.email is None),
        tuple(recipient.practice.ods for recipient in recipients if recipient.practice.id in before),
    )


def receipt_messages(programme_id: str, holder: Holder, payload: str, now: datetime) -> list[NewRow]:
    """The receipt to the practice that has just voted, and a notice to each further address that it registered."""

    def message(kind: Kind, to: str, once: str | None = None) -> NewRow:
        values, practices = message_values(programme_id, kind, to, [holder.practice_id], now, payload, once)
        return NewRow(MessageRow, values, tuple(NewRow(MessagePracticeRow, practice) for practice in practices))

    messages = [] if holder.email is None else [message(Kind.RECEIPT, holder.email)]
    for address in (holder.notify or "").split():
        once = f"{Kind.HAS_VOTED.value} {payload} {address.lower()}"
        messages.append(message(Kind.HAS_VOTED, address, once))
    return messages


def queue_contact_changed(
    session: Session, programme: ProgrammeRow, practice: PracticeRow, before: str | None, serial: int, now: datetime
) -> None:
    """Word that the contact changed, to the address there was and to the one there is, neither naming the other."""
    addresses = {address.lower(): address for address in (before, practice.email) if address is not None}
    for address in addresses.values():
        once = f"{Kind.CONTACT_CHANGED.value} {serial} {address.lower()}"
        enqueue(session, programme, Kind.CONTACT_CHANGED, address, [practice.id], now, str(serial), once)


def queue_reissued(
    session: Session, programme: ProgrammeRow, practice: PracticeRow, serial: int, now: datetime
) -> None:
    """The new link, to the practice whose older one has just been superseded, and to nobody else."""
    if practice.email is not None:
        enqueue(session, programme, Kind.REISSUED, practice.email, [practice.id], now, str(serial))


def queue_results(session: Session, programme: ProgrammeRow, now: datetime, whom: Whom) -> Queued:
    """The result, to those of these practices that were not told yet."""
    return enqueue_for_each(session, programme, Kind.RESULT, find_recipients(session, programme.id, whom), now, "")
