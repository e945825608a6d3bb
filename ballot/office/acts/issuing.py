"""Issue one credential and one token to every practice of a draft. The private credentials go to the vault only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from nacl.public import PublicKey as VaultPublicKey
from sqlalchemy.orm import Session

from ballot.db.ballots import BallotRow
from ballot.db.practices import PracticeRow, list_practices
from ballot.db.tokens import LIVE, TokenRow, append_token_lines, token_lines
from ballot.office.acts.act import Act, Done, Using
from ballot.office.chronicle import Chronicle
from ballot.office.errors import Refusal, Refused
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import Role
from ballot.record.moves import REGISTRAR, Move
from ballot.record.times import whole_second
from ballot.record.tokens import TokenAction, TokenLine, issued_in_order
from ballot.registrar.issuing import LONG_STOP, BallotPlace, Issued, issue_credentials
from ballot.registrar.vault import append_to_vault


@dataclass(frozen=True, slots=True, repr=False)
class Issue(Act[int]):
    """Issue to every practice of a draft, once. Returns how many. Raises KeyRefused if the vault cannot be written."""

    move: ClassVar[Move] = Move.ISSUED
    name: ClassVar[str] = "issue"
    title: ClassVar[str] = "Issue one voting link to every {member}"
    people: ClassVar[frozenset[Role]] = REGISTRAR
    needs_reason: ClassVar[bool] = False
    vault: Path
    vault_key: VaultPublicKey

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[int]:
        assert using.registrar is not None
        session, id = chronicle.session, chronicle.programme.id
        if token_lines(session, id):
            raise Refused(Refusal.ALREADY_ISSUED, "The voting links were already issued. They are issued only once.")
        practices = [(each, row) for each in chronicle.ballots for row in list_practices(session, each.id)]
        places = [BallotPlace(id, each.ccg, each.uuid, practice.ods) for each, practice in practices]
        expires = whole_second(chronicle.rules.closes_at + LONG_STOP)
        issued, secrets = issue_credentials(places, using.registrar, expires, chronicle.desk.rng)
        for (_, practice), entry in zip(practices, issued, strict=True):
            _keep(session, practice, entry, chronicle.now)
        first = (TokenLine(entry.place.ccg, TokenAction.ISSUED, entry.token) for entry in issued)
        lines = [line.to_bytes() for line in issued_in_order(first)]
        append_token_lines(session, id, lines)
        session.flush()
        # written to disk before the transaction ends, so that no credential is lost; the signers were checked earlier
        append_to_vault(self.vault, self.vault_key, secrets)
        return Done({"count": len(lines), "tokens": sha256_hex(b"".join(lines))}, len(issued))


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
