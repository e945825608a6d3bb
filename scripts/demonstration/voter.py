"""A practice's side of the demonstration: from the emailed link to a receipt that it has verified itself.

What the booth's page does in a browser, in Python, over plain HTTP: the credential never leaves this side.
"""

from __future__ import annotations

import http.client
import json
import secrets
from urllib.parse import urlsplit

from ballot.protocol.ballots import create_ballot, tracking_number
from ballot.protocol.credentials import PrivateCredential, derive_private_key
from ballot.protocol.elections import Election, parse_election
from ballot.protocol.group import Ed25519
from ballot.record.keys import PublicKey
from ballot.record.receipts import check_receipt

G = Ed25519()


class VoteRefused(Exception):
    """The server did not accept the ballot, and said why."""

    def __init__(self, status: int, word: str, sentence: str) -> None:
        super().__init__(f"{status} {word}: {sentence}")
        self.status = status
        self.word = word


class Voter:
    """Holds one connection to the server, and each election once."""

    def __init__(self, base: str, board: PublicKey) -> None:
        parts = urlsplit(base)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=60)
        self._board = board
        self._elections: dict[str, Election] = {}

    def prepare(self, link: str, vote: tuple[int, ...]) -> tuple[str, str, bytes]:
        """The place, the token and the encrypted ballot for a link and a plain vote."""
        parts = urlsplit(link)
        place = parts.path.removeprefix("/vote/")
        token, _, credential = parts.fragment.rpartition(".")
        election = self._election(place)
        key = derive_private_key(G, election.uuid, PrivateCredential(credential))
        return place, token, create_ballot(G, election, key, [vote], secrets.randbelow).to_bytes()

    def cast(self, place: str, token: str, ballot: bytes) -> bytes:
        """The receipt as handed out, verified against the board's key and our own ballot; raises VoteRefused."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection.request("POST", f"/api/programmes/{place}/ballots", ballot, headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            answer = json.loads(body)
            raise VoteRefused(response.status, answer["word"], answer["sentence"])
        receipt = check_receipt(body, self._board)
        if receipt.tracking_number != tracking_number(ballot):
            raise VoteRefused(200, "wrong-receipt", "The receipt is for another ballot.")
        return body

    def get(self, path: str) -> bytes:
        """A public file."""
        self._connection.request("GET", path)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise VoteRefused(response.status, "not-found", f"{path} could not be read.")
        return body

    def _election(self, place: str) -> Election:
        if place not in self._elections:
            self._elections[place] = parse_election(G, self.get(f"/api/programmes/{place}/election.json"))
        return self._elections[place]
