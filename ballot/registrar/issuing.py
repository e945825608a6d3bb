"""One credential and one signed token for each practice: the part for the server, and the part for the vault only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ballot.protocol.credentials import PrivateCredential, derive_public_credential, generate_credential
from ballot.protocol.group import Ed25519, Rng, element_text, parse_element
from ballot.protocol.hashing import Hash
from ballot.record.keys import SigningKey
from ballot.record.tokens import Token, sign_token, token_hash
from ballot.registrar.vault import VaultEntry

GROUP = Ed25519()

LONG_STOP = timedelta(days=180)
"""A token expires this long after the planned closing. The ballot's state, not the token, decides the window."""


@dataclass(frozen=True, slots=True)
class BallotPlace:
    """Where a practice votes: one election of one programme."""

    programme: str
    ccg: str
    uuid: str
    practice: str


@dataclass(frozen=True, slots=True)
class Issued:
    """What the server may know: the public credential, and the hash of the token."""

    place: BallotPlace
    credential: str
    token: Hash
    serial: int
    expires: datetime


def issue_credentials(
    places: Iterable[BallotPlace], key: SigningKey, expires: datetime, rng: Rng
) -> tuple[list[Issued], list[VaultEntry]]:
    """Make a new credential and the first token for each place. Returns the parts for the server and for the vault."""
    issued, secrets = [], []
    for place in places:
        credential = generate_credential(rng)
        public = element_text(derive_public_credential(GROUP, place.uuid, credential))
        token = sign_again(place.programme, place.ccg, place.practice, public, 1, expires, key)
        issued.append(Issued(place, public, token_hash(token), 1, expires))
        secrets.append(VaultEntry(place.programme, place.ccg, place.practice, public, credential))
    return issued, secrets


def sign_again(
    programme: str, ccg: str, practice: str, credential: str, serial: int, expires: datetime, key: SigningKey
) -> str:
    """Sign the token with this serial. Ed25519 is deterministic: the token is the same each time, so is not stored."""
    return sign_token(Token(programme, ccg, practice, parse_element(credential), serial, expires), key)


def voting_link(base: str, programme: str, ccg: str, token: str, credential: PrivateCredential) -> str:
    """The link for the e-mail. The secret is after the `#`. `base` looks like https://vote.example.org."""
    return f"{voting_page(base, programme, ccg)}#{voting_code(token, credential)}"


def voting_page(base: str, programme: str, ccg: str) -> str:
    """The address of the page where a CCG votes, which is no secret."""
    return f"{base}/vote/{programme}/{ccg}"


def voting_code(token: str, credential: PrivateCredential) -> str:
    """What a practice votes with, a secret: its token and its private credential."""
    return f"{token}.{credential}"
