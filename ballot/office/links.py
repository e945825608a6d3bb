"""What the registrar puts into each email: the live token, signed again, and the credential out of the vault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Engine

from ballot.db.ballots import list_ballots
from ballot.db.practices import list_practices
from ballot.db.session import reading
from ballot.db.tokens import LIVE, latest_token
from ballot.office.errors import Refusal, Refused
from ballot.protocol.credentials import PrivateCredential
from ballot.record.keys import SigningKey
from ballot.record.tokens import token_hash
from ballot.registrar.issuing import sign_again, voting_link
from ballot.registrar.vault import VaultEntry


@dataclass(frozen=True, slots=True)
class PracticeLink:
    """One practice's way to its ballot. The token and the credential are secrets."""

    programme: str
    ccg: str
    practice: str
    name: str
    representative: str | None
    email: str | None
    token: str = field(repr=False)
    credential: PrivateCredential = field(repr=False)

    def url(self, base: str) -> str:
        """The link; `base` is such as https://vote.example.org."""
        return voting_link(base, self.programme, self.ccg, self.token, self.credential)


def practice_links(
    engine: Engine, programme_id: str, registrar: SigningKey, vault: Mapping[str, VaultEntry]
) -> list[PracticeLink]:
    """A link for every practice that has a live token, CCG by CCG and, within it, locality by locality.

    Raises: Refused, where the vault lacks a credential, or this is not the key that signed the tokens.
    """
    links = []
    with reading(engine) as session:
        for ballot in list_ballots(session, programme_id):
            for practice in list_practices(session, ballot.id):
                row = latest_token(session, practice.id)
                if row is None or row.status != LIVE or practice.credential is None:
                    continue
                place = (programme_id, ballot.ccg, practice.ods)
                token = sign_again(*place, practice.credential, row.serial, row.expires_at, registrar)
                if token_hash(token) != row.hash:
                    raise Refused(Refusal.FOREIGN_KEY, "This is not the registrar's key that signed the tokens.")
                entry = vault.get(practice.credential)
                if entry is None:
                    raise Refused(Refusal.NOT_ISSUED, f"The vault has no credential of {practice.ods}.")
                people = (practice.name, practice.representative, practice.email)
                links.append(PracticeLink(*place, *people, token, entry.credential))
    return links
