"""A practice's side of the demonstration: from the emailed link to a receipt that it has verified itself.

It does in Python, over plain HTTP, what the booth's page does in a browser: the credential never leaves this side.
"""

from __future__ import annotations

import base64
import http.client
import io
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from urllib.parse import urlsplit

from ballot.constitution.programme import STATEMENT
from ballot.protocol.archive import read_header, read_members
from ballot.protocol.ballots import create_ballot, tracking_number
from ballot.protocol.canonical import parse_json
from ballot.protocol.credentials import (
    PrivateCredential,
    PublicCredentials,
    derive_private_key,
    derive_public_credential,
)
from ballot.protocol.elections import Election, parse_election
from ballot.protocol.group import Ed25519, Element
from ballot.record.authority import Authority, Capacity
from ballot.record.keys import PublicKey
from ballot.record.receipts import check_receipt

G = Ed25519()

NO_HEADERS: Mapping[str, str] = {}

OnList = tuple[Election, frozenset[Element]]
"""An election, and its voters."""


SAID = Authority("Dr Ada Ash", Capacity.REPRESENTATIVE, STATEMENT)
"""What a voter of a demonstration says about themselves."""


def authority_header(said: Authority) -> dict[str, str]:
    """The header in which the booth's page says who casts the ballot."""
    return {"Ballot-Authority": base64.b64encode(said.to_bytes()).decode()}


class VoteRefused(Exception):
    """The server did not accept the ballot, and said why."""

    def __init__(self, status: int, word: str, sentence: str) -> None:
        super().__init__(f"{status} {word}: {sentence}")
        self.status = status
        self.word = word


class Voter:
    """Holds one connection to the server, and each election once."""

    def __init__(self, base: str, board: PublicKey, statement: str | None = STATEMENT) -> None:
        """`statement` is what a voter of the programme confirms; None if voters are not asked who they are."""
        parts = urlsplit(base)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=60)
        self._board = board
        self._said = {} if statement is None else authority_header(replace(SAID, statement=statement))
        self._elections: dict[str, list[OnList]] = {}

    def prepare(self, link: str, votes: Sequence[tuple[int, ...]]) -> tuple[str, str, bytes]:
        """The place, the token and the encrypted ballot for a link and plain votes, one for each question."""
        parts = urlsplit(link)
        place = parts.path.removeprefix("/vote/")
        token, _, credential = parts.fragment.rpartition(".")
        election = self._election(place, PrivateCredential(credential))
        key = derive_private_key(G, election.uuid, PrivateCredential(credential))
        return place, token, create_ballot(G, election, key, list(votes), secrets.randbelow).to_bytes()

    def cast(self, place: str, token: str, ballot: bytes) -> bytes:
        """The receipt as issued, verified against the board's key and our own ballot; raises VoteRefused."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **self._said}
        status, body = self._ask("POST", f"/api/programmes/{place}/ballots", ballot, headers)
        if status != 200:
            answer = json.loads(body)
            raise VoteRefused(status, answer["word"], answer["sentence"])
        receipt = check_receipt(body, self._board)
        if receipt.tracking_number != tracking_number(ballot):
            raise VoteRefused(200, "wrong-receipt", "The receipt is for another ballot.")
        return body

    def get(self, path: str) -> bytes:
        """A public file."""
        status, body = self._ask("GET", path)
        if status != 200:
            raise VoteRefused(status, "not-found", f"{path} could not be read.")
        return body

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = NO_HEADERS
    ) -> tuple[int, bytes]:
        """Status and body; retried once if an idle connection was closed. The same ballot may arrive twice."""
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except ConnectionError:
            self._connection.close()
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        return response.status, response.read()

    def _election(self, place: str, credential: PrivateCredential) -> Election:
        """The CCG's election, or the one of its localities that lists this credential; raises VoteRefused."""
        if place not in self._elections:
            self._elections[place] = self._read_elections(place)
        for election, listed in self._elections[place]:
            if derive_public_credential(G, election.uuid, credential) in listed:
                return election
        raise VoteRefused(200, "not-on-the-list", "No election of this CCG has the credential on its list.")

    def _read_elections(self, place: str) -> list[OnList]:
        programme, _, ccg = place.partition("/")
        standing = json.loads(self.get(f"/api/programmes/{programme}"))["ccgs"]
        names = [row["election"] for row in standing if row["ccg"] == ccg]
        return [_read_setup(self.get(f"/api/programmes/{programme}/{name}/election.bel")) for name in names]


def _read_setup(archive: bytes) -> OnList:
    """The election of an archive, and the public credentials that may vote in it."""
    stream = io.BytesIO(archive)
    election, _, credentials = islice(read_members(stream, read_header(stream)), 3)
    listed = PublicCredentials.from_json(parse_json(credentials.body))
    return parse_election(G, election.body), frozenset(entry.credential for entry in listed.entries)
