"""The voting links of the practices, while the registrar's key and the vault are open; looked up at each sending.

Signing a token again for every practice of a programme takes a moment, so what `links.practice_links` gives is kept;
but a link is handed out only if its token is, by its hash, the live one of this very moment. After a re-issue it is
not, and all are looked up anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.tokens import LIVE, latest_token
from ballot.office.links import PracticeLink, practice_links
from ballot.record.keys import SigningKey
from ballot.record.tokens import token_hash
from ballot.registrar.vault import VaultEntry


class VotingLinks:
    """The registrar, unlocked for as long as this lives."""

    def __init__(self, engine: Engine, registrar: SigningKey, vault: Mapping[str, VaultEntry]) -> None:
        self._engine = engine
        self._registrar = registrar
        self._vault = vault
        self._known: dict[str, PracticeLink] = {}

    def of(self, session: Session, programme_id: str, practice_id: int) -> PracticeLink | None:
        """The link of a practice's live token; None if it has none. Raises Refused for a foreign key or vault."""
        token = latest_token(session, practice_id)
        if token is None or token.status != LIVE:
            return None
        if token.hash not in self._known:
            links = practice_links(self._engine, programme_id, self._registrar, self._vault)
            self._known |= {token_hash(link.token): link for link in links}
        return self._known.get(token.hash)
