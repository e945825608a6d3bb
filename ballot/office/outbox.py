"""How the e-mails of a programme stand, practice by practice. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from ballot.db.outbox import list_deliveries
from ballot.db.session import reading
from ballot.mail.kinds import Kind
from ballot.mail.states import DeliveryState
from ballot.office.recipients import Whom, find_recipients


@dataclass(frozen=True, slots=True)
class Posted:
    """One message about one practice; `kind` is None for a practice that got none at all."""

    ccg: str
    practice: str
    to: str | None
    kind: Kind | None
    state: DeliveryState | None
    at: datetime | None
    attempts: int
    answer: str


def outbox(engine: Engine, programme_id: str, whom: Whom) -> list[Posted]:
    """Every message, by CCG, practice and time, and every practice without one; raises Refused for nobody there is."""
    with reading(engine) as session:
        recipients = find_recipients(session, programme_id, whom)
        messages = list_deliveries(session, programme_id)
    by_practice: dict[int, list[Posted]] = {}
    places = {recipient.practice.id: recipient.ballot.ccg for recipient in recipients}
    for row in messages:
        if row.practice_id in places:
            posted = Posted(
                places[row.practice_id],
                row.ods,
                row.to,
                Kind(row.kind),
                DeliveryState(row.state),
                row.changed_at,
                row.attempts,
                row.answer,
            )
            by_practice.setdefault(row.practice_id, []).append(posted)
    nothing = {
        recipient.practice.id: Posted(
            recipient.ballot.ccg, recipient.practice.ods, recipient.practice.email, None, None, None, 0, ""
        )
        for recipient in recipients
    }
    return [posted for id, none in nothing.items() for posted in by_practice.get(id, [none])]
