"""Voting links, while the registrar's key and the vault are open: for e-mails and letters.

A link contains the live token, signed again, and the private credential from the vault. Signing again for every
practice is slow, so links are cached. A cached link is used only if the hash of its token is the live one at that
moment; after a re-issue it is not, and all links are made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.ballots import list_ballots
from ballot.db.practices import list_practices
from ballot.db.session import reading
from ballot.db.tokens import LIVE, latest_token
from ballot.office.errors import Refusal, Refused
from ballot.protocol.credentials import PrivateCredential
from ballot.record.keys import SigningKey
from ballot.record.tokens import token_hash
from ballot.registrar.issuing import sign_again, voting_code, voting_link, voting_page
from ballot.registrar.vault import VaultEntry


@dataclass(frozen=True, slots=True)
class PracticeLink:
    """One practice's link to its ballot. The token and the credential are secrets."""

    programme: str
    ccg: str
    practice: str
    name: str
    representative: str | None
    email: str | None
    token: str = field(repr=False)
    credential: PrivateCredential = field(repr=False)

    def url(self, base: str) -> str:
        """The link as a URL. `base` looks like https://vote.example.org."""
        return voting_link(base, self.programme, self.ccg, self.token, self.credential)

    def page(self, base: str) -> str:
        """The address of the voting page alone, short enough to type and no secret."""
        return voting_page(base, self.programme, self.ccg)

    def code(self) -> str:
        """The voting code, a secret: what follows the `#` of the link."""
        return voting_code(self.token, self.credential)


def practice_links(
    engine: Engine, programme_id: str, registrar: SigningKey, vault: Mapping[str, VaultEntry]
) -> list[PracticeLink]:
    """A link for every practice that has a live token, by CCG and then by locality.

    Raises: Refused, if the vault lacks a credential, or this key did not sign the tokens.
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
                people = (practice.called, practice.representative, practice.email)
                links.append(PracticeLink(*place, *people, token, entry.credential))
    return links


class VotingLinks:
    """The voting links while the registrar is unlocked."""

    def __init__(self, engine: Engine, registrar: SigningKey, vault: Mapping[str, VaultEntry]) -> None:
        self._engine = engine
        self._registrar = registrar
        self._vault = vault
        self._known: dict[str, PracticeLink] = {}

    def of(self, session: Session, programme_id: str, practice_id: int) -> PracticeLink | None:
        """The link of a practice's live token, or None if it has none. Raises Refused for a wrong key or vault."""
        token = latest_token(session, practice_id)
        if token is None or token.status != LIVE:
            return None
        if token.hash not in self._known:
            links = practice_links(self._engine, programme_id, self._registrar, self._vault)
            self._known |= {token_hash(link.token): link for link in links}
        return self._known.get(token.hash)


def one_link(links: list[PracticeLink], ccg: str | None, practice: str) -> PracticeLink:
    """The link of exactly this practice, in this CCG if one is given. Raises Refused if it has none."""
    found = [link for link in links if link.practice == practice and ccg in (None, link.ccg)]
    if len(found) != 1:
        sentence = f"{practice} has no working voting link: not a member, struck, revoked or not issued."
        raise Refused(Refusal.NO_LIVE_TOKEN, sentence)
    return found[0]
