"""The personal data kept about one person under their e-mail address, for them to have. Nothing about anyone else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.activity import read_entries
from ballot.db.activity_names import list_names
from ballot.db.authority import statements_of_practices
from ballot.db.ballots import list_ballots
from ballot.db.outbox import list_messages
from ballot.db.practices import PracticeRow, list_practices
from ballot.db.programmes import list_programmes
from ballot.db.session import reading
from ballot.db.sessions import list_sessions_of
from ballot.db.staff import AccountRow, find_account, list_passkeys, list_recoveries
from ballot.record.authority import Capacity
from ballot.record.commitments import commit_name
from ballot.record.times import time_text


def personal_data_of(engine: Engine, email: str) -> dict[str, object]:
    """Everything that the database keeps under an e-mail address, for the person who has that address."""
    wanted = email.strip().lower()
    with reading(engine) as session:
        practices: list[dict[str, object]] = []
        messages: list[dict[str, object]] = []
        for programme in list_programmes(session):
            for ballot in list_ballots(session, programme.id):
                for practice in list_practices(session, ballot.id):
                    addresses = {(practice.email or "").lower(), *(practice.notify or "").lower().split()}
                    if wanted in addresses:
                        practices.append(
                            {
                                "programme": programme.id,
                                "ccg": ballot.ccg,
                                "practice": practice.ods,
                                "name": practice.name,
                                "representative": practice.representative,
                                "email": practice.email,
                                "told_of_votes": (practice.notify or "").split(),
                                "votes": _votes(session, practice),
                                **_commitment(practice),
                            }
                        )
            messages += [
                {
                    "programme": programme.id,
                    "practice": of.ods,
                    "kind": row.kind,
                    "to": row.to,
                    "state": row.state,
                    "queued_at": time_text(row.queued_at),
                    "changed_at": time_text(row.changed_at),
                    "answer": row.answer,
                }
                for row, of in list_messages(session, programme.id)
                if row.to.lower() == wanted
            ]
        account = find_account(session, wanted)
        staff = None if account is None else _account(session, account)
        activity = _activity(session, wanted)
    found = {"practices": practices, "messages": messages, "account": staff, "activity": activity}
    return {"email": email.strip(), **found}


def _votes(session: Session, practice: PracticeRow) -> list[dict[str, object]]:
    """The practice's votes with who cast them. The name of a proxy is another person's, and stays out."""
    return [
        {
            "accepted_at": time_text(vote.time),
            "capacity": vote.capacity,
            "name": vote.name if vote.capacity == Capacity.REPRESENTATIVE.value else None,
        }
        for vote in statements_of_practices(session, [practice.id])
    ]


def _commitment(practice: PracticeRow) -> dict[str, object]:
    """Of a person on the roll: what the record has in place of the name, and the salt with which to check it."""
    if practice.salt is None or practice.representative is None:
        return {}
    commitment = commit_name(bytes.fromhex(practice.salt), practice.representative)
    return {"commitment": commitment, "salt": practice.salt}


def _account(session: Session, account: AccountRow) -> dict[str, object]:
    """Everything about an account except what could be used to sign in."""
    return {
        "login": account.login,
        "name": account.name,
        "role": account.role,
        "created_at": time_text(account.created_at),
        "disabled_at": None if account.disabled_at is None else time_text(account.disabled_at),
        "has_password": account.password is not None,
        "passkeys": [
            {"name": row.label, "created_at": time_text(row.created_at), "used_at": _time(row.used_at)}
            for row in list_passkeys(session, account.id)
        ],
        "sessions": [
            {"created_at": time_text(row.created_at), "seen_at": time_text(row.seen_at)}
            for row in list_sessions_of(session, account.id)
        ],
        "recovery_codes_left": sum(row.used_at is None for row in list_recoveries(session, account.id)),
    }


def _activity(session: Session, name: str) -> list[dict[str, object]]:
    """Where the activity log names this person: as actor, second person, or the account that an act was about."""
    named = list_names(session, name)
    rows = {row.position: row for row in read_entries(session, [row.position for row in named])}
    return [
        {
            "time": time_text(rows[of.position].time),
            "as": of.part,
            "act": rows[of.position].act,
            "acting_for": rows[of.position].acting_for,
            "programme": rows[of.position].programme,
            "ccg": rows[of.position].ccg,
            "reason": rows[of.position].reason,
        }
        for of in named
        if of.position in rows
    ]


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)
