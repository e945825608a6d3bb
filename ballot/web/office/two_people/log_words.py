"""The activity log in words: one line for an entry, and the rest of it by label, for whoever unfolds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ballot.constitution.words import DEFAULT_WORDS, Words
from ballot.db.activity import NamedEntry
from ballot.db.ballots import BallotRow
from ballot.db.practices import PracticeRow
from ballot.db.programmes import list_programmes
from ballot.office.acts.proposable import PROPOSABLE
from ballot.office.sealed import read_programme
from ballot.office.staff.roles import StaffRole
from ballot.office.tally import SERVER
from ballot.protocol.canonical import parse_json
from ballot.protocol.errors import InvalidMessage
from ballot.record.moves import REASON_WORDS, ReasonCode
from ballot.record.times import short_time, wall_day
from ballot.web.board.words import MOVES

ACTS: Mapping[str, str] = {
    "signed-in": "Signed in",
    "sign-in-failed": "Failed to sign in",
    "proved-again": "Confirmed their identity",
    "signed-out": "Signed out",
    "account-changed": "Account changed",
    "account-change-asked": "Change to an account asked for",
    "account-change-refused": "Change to an account refused",
    "proposed": "Proposal made",
    "approved": "Proposal approved, for the registrar to carry out",
    "proposal-ended": "Proposal ended",
    "approval-refused": "Approval refused",
    "key-refused": "Passphrase did not open a key",
    "key-added": "Signing key made in a browser",
    "worker-lock-changed": "Sending of voting links",
    "uploaded": "File uploaded, or written from a form",
    "mail-queued": "E-mails queued",
    "mail-tested": "Test invitation sent",
    "incident-noted": "Incident noted",
    "scrutineer-signed": "Scrutineer's report signed",
    "letter-handed-over": "Letter handed over or posted",
    "downloaded": "Private file downloaded",
    "share-given": "Share of a total added",
    "record-published": "Record published",
    "backup-tried": "Backup of the server's keys tested",
    "personal-data-removed": "Personal data removed",
    "names-removed": "Names removed from this log",
    "backups-removed": "Old backups removed",
    "rehearsal-wiped": "Rehearsal wiped",
    "trustee-seated": "Account became a trustee",
    "ceremony-restarted": "Trustees' ceremony begun again",
    "draft-deleted": "Draft deleted",
    **{move.value: words for move, words in MOVES.items()},
}
"""Each act that the log knows. A test compares them with the kinds of entries."""
_TITLES = {act.move.value: act.title for act in PROPOSABLE if act.move is not None}
_LABELS = {
    "way": "How",
    "word": "What",
    "account": "Account",
    "role": "Role",
    "attempts": "Attempts in a row",
    "proposal": "Proposal",
    "move": "Act",
    "key": "Key",
    "height": "Place in the programme's events",
    "locality": "Locality",
    "kind": "Kind",
    "sha256": "SHA-256",
    "messages": "Messages",
    "practice": "{Member}",
    "what": "What",
    "election": "Election",
    "owner": "Share of",
    "manifest": "SHA-256 of manifest.json",
}


@dataclass(frozen=True, slots=True)
class LogNames:
    """The names behind the codes of an entry."""

    programmes: Mapping[str, str]
    ccgs: Mapping[str, str]
    practices: Mapping[tuple[str, str], str]
    """By programme and ODS code."""
    words: Mapping[str, Words]
    """What each programme calls things."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry: the line that is always shown, and what is folded."""

    time: datetime
    day: str
    clock: str
    who: str
    what: str
    where: str
    rest: tuple[tuple[str, str], ...]


def read_names(session: Session, entries: Sequence[NamedEntry]) -> LogNames:
    """The names of all programmes and CCGs, and of the practices that these entries name."""
    read = [read_programme(row.toml) for row in list_programmes(session)]
    codes = {str(found) for entry in entries if (found := _details(entry).get("practice"))}
    rows = session.execute(
        select(BallotRow.programme_id, PracticeRow.ods, PracticeRow.name)
        .join(BallotRow, BallotRow.id == PracticeRow.ballot_id)
        .where(PracticeRow.ods.in_(codes))
    )
    return LogNames(
        {programme.id: programme.name for programme in read},
        {ccg.ods: ccg.name for programme in read for ccg in programme.ccgs},
        {(programme, ods): name for programme, ods, name in rows},
        {programme.id: programme.words for programme in read},
    )


def line_of(entry: NamedEntry, names: LogNames) -> LogLine:
    """An entry in words."""
    details = _details(entry)
    who = entry.actor if entry.second is None else f"{entry.actor} and {entry.second}"
    words = names.words.get(entry.programme or "", DEFAULT_WORDS)
    what, more = words.said(ACTS.get(entry.act, entry.act)), words.said(_more(entry.act, details))
    return LogLine(
        entry.time,
        wall_day(entry.time),
        short_time(entry.time, entry.time).partition(", ")[2],
        who,
        f"{what}: {more}" if more else what,
        _where(entry, details, names),
        (
            ("Entry", f"{entry.position:,}"),
            *((("Acting for", _role(entry.acting_for)),) if entry.acting_for else ()),
            *((("Reason", words.said(_reason(entry.reason))),) if entry.reason else ()),
            *((words.said(_LABELS.get(name, name.capitalize())), str(value)) for name, value in details.items()),
            ("Word in the log", entry.act),
            ("Hash", entry.hash),
        ),
    )


def _where(entry: NamedEntry, details: Mapping[str, Any], names: LogNames) -> str:
    """The practice, the CCG and the ballot, as far as the entry has them, by name."""
    parts = []
    if practice := details.get("practice"):
        name = names.practices.get((entry.programme or "", str(practice)))
        parts.append(f"{name} ({practice})" if name else str(practice))
    if entry.ccg:
        parts.append(names.ccgs.get(entry.ccg, entry.ccg))
    if entry.programme:
        parts.append(names.programmes.get(entry.programme, entry.programme))
    return ", ".join(parts)


def _more(act: str, details: Mapping[str, Any]) -> str:
    """The detail that the line itself needs; empty if there is none."""
    match act:
        case "proposed" | "approved":
            return _title(details)
        case "proposal-ended":
            return f"{details.get('word')}, {_title(details)}"
        case "worker-lock-changed":
            return str(details.get("word"))
        case "account-changed" | "account-change-asked" | "account-change-refused":
            return f"{details.get('account')}, {str(details.get('word')).replace('-', ' ')}"
        case "trustee-seated":
            return f"{details.get('account')}, trustee {details.get('number')}"
        case "mail-queued":
            return f"{details.get('messages')}, {details.get('kind')}"
        case "share-given":
            owner = details.get("owner")
            whose = "the server's" if owner == SERVER else f"trustee {int(owner or 0) - SERVER}'s"
            election = str(details.get("election"))
            return f"{whose}, {election}" if "." in election else whose
        case "uploaded":
            return str(details.get("kind", "")).replace("-", " ")
        case "downloaded":
            return str(details.get("what", ""))
        case "key-refused" | "key-added":
            return str(details.get("key", "")).replace("-", " ")
        case "approval-refused":
            return str(details.get("word", "")).replace("-", " ")
    return ""


def _title(details: Mapping[str, Any]) -> str:
    return _TITLES.get(str(details.get("move")), str(details.get("move")))


def _role(value: str) -> str:
    return StaffRole(value).words if value in {role.value for role in StaffRole} else value


def _reason(value: str) -> str:
    return REASON_WORDS[ReasonCode(value)] if value in {code.value for code in ReasonCode} else value


def _details(entry: NamedEntry) -> Mapping[str, Any]:
    """The details; empty if someone overwrote them with other text, which the chain's hash shows."""
    try:
        found = parse_json(entry.details.encode())
    except InvalidMessage:
        return {}
    return found if isinstance(found, dict) else {}
