"""Putting messages into the outbox, in the transaction of the act that causes them: both happen, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from ballot.db.outbox import MessagePracticeRow, MessageRow, practices_with
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow
from ballot.mail.envelope import make_message_id
from ballot.mail.kinds import Kind
from ballot.mail.states import DeliveryState
from ballot.office.recipients import Queued, Recipient, by_address


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
    """One message to one address about these practices. `once` is what each of them can get only one of."""
    only = once if once is not None else f"{kind.value} {about}".strip()
    ids = sorted(practices)
    subject = (programme.id, to.lower(), only, *map(str, ids))
    row = MessageRow(
        programme_id=programme.id,
        kind=kind.value,
        to=to,
        about=about,
        message_id=make_message_id(programme.board, kind, *subject),
        state=DeliveryState.QUEUED.value,
        attempts=0,
        queued_at=now,
        next_at=now,
        changed_at=now,
        answer="",
        practices=[MessagePracticeRow(practice_id=id, once=only) for id in ids],
    )
    session.add(row)


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


def queue_receipt(session: Session, programme: ProgrammeRow, practice_id: int, payload: str, now: datetime) -> None:
    """The receipt to the practice that has just voted, and a notice to each further address that it registered."""
    practice = session.get(PracticeRow, practice_id)  # in the session already: admission has just looked at it
    if practice is None:
        return
    if practice.email is not None:
        enqueue(session, programme, Kind.RECEIPT, practice.email, [practice_id], now, payload)
    for address in (practice.notify or "").split():
        once = f"{Kind.HAS_VOTED.value} {payload} {address.lower()}"
        enqueue(session, programme, Kind.HAS_VOTED, address, [practice_id], now, payload, once)


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
