"""The scrutineer's report as the office makes it: the office's figures, the newest record, and signed reports."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.audit.run import Options
from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.ballots import list_ballots
from ballot.db.incidents import list_incidents, list_refused_casts
from ballot.db.programmes import find_programme
from ballot.db.scrutiny import ScrutinyRow, newest_scrutiny
from ballot.db.session import reading, transaction
from ballot.declaration.errors import NotVerified
from ballot.declaration.office_figures import Channels, Delivery, NotedIncident, OfficeFigures, RefusedCasts
from ballot.declaration.scrutiny import ScrutinyReport, write_signed
from ballot.declaration.scrutiny_record import RecordFigures, read_figures
from ballot.mail.messages import NEEDS_LINK
from ballot.mail.states import UNDELIVERED, DeliveryState
from ballot.office.activity import ActPlace, Downloaded, LetterHandedOver, ScrutineerSigned, Who, note_act
from ballot.office.authority import proxies
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.post.mail_status import mail_status
from ballot.protocol.canonical import parse_json
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import PublicKey
from ballot.record.terms import parse_terms
from ballot.record.times import whole_second

_LEFT = (DeliveryState.SENT, DeliveryState.DELIVERED)


def office_figures(engine: Engine, programme_id: str, now: datetime) -> OfficeFigures:
    """The figures that rest on the office's word. Raises Refused if there is no such programme."""
    with reading(engine) as session:
        row = find_programme(session, programme_id)
        if row is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        asked = row.terms is not None and parse_terms(row.terms).statement is not None
        by_proxy = sum(proxies(session, ballot.id) for ballot in list_ballots(session, programme_id))
        refused = list_refused_casts(session, programme_id)
        incidents = list_incidents(session, programme_id)
        made = _practices(session, programme_id, Downloaded.act, "letters")
        handed = _practices(session, programme_id, LetterHandedOver.act)
    status = mail_status(engine, programme_id, now, sees_who_voted=True)
    messages: dict[str, Counter[str]] = {}
    reached, lost = set(), set()
    for one in status.posted:
        if one.kind is None or one.state is None:
            continue
        messages.setdefault(one.kind.value, Counter())[one.state.value] += 1
        if one.kind in NEEDS_LINK and one.state in _LEFT:
            reached.add((one.ccg, one.practice))
        if one.state in UNDELIVERED:
            lost.add((one.ccg, one.practice))
    unmended = {(each.ccg, each.practice) for each in status.problems}
    return OfficeFigures(
        programme_id,
        whole_second(now),
        Channels(len(reached), len(made), len(handed)),
        {kind: dict(sorted(messages[kind].items())) for kind in sorted(messages)},
        Delivery(len(lost | unmended), len(unmended)),
        tuple(RefusedCasts(row.election, row.reason, row.count) for row in refused),
        tuple(
            NotedIncident(row.happened_at, row.noted_at, row.role, row.ccg, row.practice, row.what, row.done)
            for row in incidents
        ),
        by_proxy if asked else None,
    )


def _practices(session: Session, programme_id: str, act: str, what: str | None = None) -> set[tuple[str, str]]:
    """The practices that entries of this act name, by CCG and code."""
    found = set()
    for entry in list_activity(session, ActivityFilter(act=act, programme=programme_id)):
        details = parse_json(entry.details.encode())
        if details.get("practice") and (what is None or details.get("what") == what):
            found.add((entry.ccg or "", details["practice"]))
    return found


def record_figures(packed: Path) -> RecordFigures:
    """The figures of a record of ours, kept until its file changes. Raises NotVerified if a check failed."""
    stat = packed.stat()
    return _record_figures(packed, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _record_figures(packed: Path, _modified: int, _size: int) -> RecordFigures:
    figures, report = read_figures(packed, Options())
    if report.failed() or report.skipped():
        raise NotVerified(report)
    return figures


def signed_report(engine: Engine, programme_id: str) -> bytes | None:
    """The file of the report that the scrutineer signed last; None before that."""
    with reading(engine) as session:
        row = newest_scrutiny(session, programme_id)
        return None if row is None else row.report


def keep_signed(
    engine: Engine, clock: Clock, report: ScrutinyReport, key: PublicKey, signature: bytes, who: Who
) -> bytes:
    """Keep a report with the signature that the scrutineer's browser made. Raises BadSignature, InvalidRecord."""
    written = write_signed(report, key, signature)
    programme_id = report.record.programme.id
    with transaction(engine) as session:
        now = whole_second(clock())
        session.add(ScrutinyRow(programme_id=programme_id, report=written, signed_at=now))
        note_act(session, now, who, ScrutineerSigned(sha256_hex(written)), ActPlace(programme_id))
    return written
