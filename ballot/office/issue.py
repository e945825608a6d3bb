"""Issue one credential and one token to every practice of a draft. The registrar's act.

The private credentials go to the vault only.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from nacl.public import PublicKey as VaultPublicKey
from sqlalchemy.orm import Session

from ballot.db.practices import PracticeRow, list_practices
from ballot.db.session import transaction
from ballot.db.tokens import LIVE, TokenRow, append_token_lines, token_lines
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, next_state
from ballot.office.sealed import read_programme
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import SigningKey
from ballot.record.programme_events import Move
from ballot.record.times import whole_second
from ballot.record.tokens import TokenAction, TokenLine, issued_in_order
from ballot.registrar.issuing import LONG_STOP, Issued, Place, issue_credentials
from ballot.registrar.vault import append_to_vault


def issue(desk: Desk, programme_id: str, registrar: SigningKey, vault: Path, vault_key: VaultPublicKey) -> int:
    """Issue to all, and answer how many; raises Refused, or KeyRefused where the vault cannot be written."""
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        for ballot in chronicle.ballots:
            ballot.state = next_state(State(ballot.state), Move.ISSUED).value
        if token_lines(session, programme_id):
            raise Refused(Refusal.ALREADY_ISSUED, "Credentials were issued already, and are never made twice.")
        practices = [(ballot, row) for ballot in chronicle.ballots for row in list_practices(session, ballot.id)]
        places = [Place(programme_id, ballot.ccg, ballot.uuid, practice.ods) for ballot, practice in practices]
        expires = whole_second(read_programme(chronicle.programme.toml).closes_at + LONG_STOP)
        issued, secrets = issue_credentials(places, registrar, expires, desk.rng)
        for (_, practice), entry in zip(practices, issued, strict=True):
            _keep(session, practice, entry, chronicle.now)
        first = (TokenLine(entry.place.ccg, TokenAction.ISSUED, entry.token) for entry in issued)
        lines = [line.to_bytes() for line in issued_in_order(first)]
        append_token_lines(session, programme_id, lines)
        data = {"count": len(lines), "tokens": sha256_hex(b"".join(lines))}
        chronicle.write(Move.ISSUED, None, data, (registrar,))
        append_to_vault(vault, vault_key, secrets)  # on disk before the transaction ends: never a credential lost
    return len(issued)


def _keep(session: Session, practice: PracticeRow, entry: Issued, now: datetime) -> None:
    practice.credential = entry.credential
    token = TokenRow(
        practice_id=practice.id,
        serial=entry.serial,
        hash=entry.token,
        status=LIVE,
        issued_at=now,
        expires_at=entry.expires,
    )
    session.add(token)
