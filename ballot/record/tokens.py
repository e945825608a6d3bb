"""Tokens: the registrar's signed statement that a practice may vote in a CCG under a public credential.

The fragment of a voting link is `token.credential`; only the token reaches the server. The record shows the SHA-256 of
each token and what was done with it, never the token itself or its owner.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ballot.protocol.canonical import Json, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.group import Element, element_text, parse_element
from ballot.protocol.hashing import Hash, is_hash, sha256_hex
from ballot.record.errors import InvalidRecord, InvalidToken
from ballot.record.keys import PublicKey, Purpose, SigningKey, signed_bytes
from ballot.record.times import parse_time, time_text

MAX_LENGTH = 1000
"""Characters. Longer tokens are refused unread; none is nearly as long."""


@dataclass(frozen=True, slots=True)
class Token:
    """`serial` counts the tokens of this practice in this CCG from 1; only the newest is valid."""

    programme: str
    ccg: str
    practice: str
    credential: Element
    serial: int
    expires: datetime

    def to_json(self) -> Json:
        return {
            "programme": self.programme,
            "ccg": self.ccg,
            "practice": self.practice,
            "credential": element_text(self.credential),
            "serial": self.serial,
            "expires": time_text(self.expires),
        }


def sign_token(token: Token, key: SigningKey) -> str:
    """The signed token: payload and signature, each in URL-safe Base64."""
    payload = write_json(token.to_json())
    return f"{_encode(payload)}.{_encode(key.sign(Purpose.TOKEN, payload))}"


def open_token(signed: str, registrar: PublicKey) -> Token:
    """The token in `signed`; raises InvalidToken unless the registrar's key signed it."""
    payload, dot, signature = signed.partition(".")
    if not dot or len(signed) > MAX_LENGTH:
        raise InvalidToken(Reason.WRONG_SHAPE, "expected a token: two parts with a dot between them")
    data = _decode(payload)
    if not registrar.is_signature(_decode(signature), signed_bytes(Purpose.TOKEN, data)):
        raise InvalidToken(Reason.SIGNATURE, "the registrar did not sign this token")
    try:
        value = fields(parse_json(data), ("programme", "ccg", "practice", "credential", "serial", "expires"))
        check_canonical(data, value, "the token")
        return Token(
            text(value["programme"]),
            text(value["ccg"]),
            text(value["practice"]),
            parse_element(value["credential"]),
            integer(value["serial"], 1),
            parse_time(value["expires"]),
        )
    except InvalidMessage as fault:
        raise InvalidToken(fault.reason, fault.detail) from None


def token_hash(signed: str) -> Hash:
    """The SHA-256 of a token, as shown in the record."""
    return sha256_hex(signed.encode("utf-8", "surrogatepass"))


class TokenAction(Enum):
    """What was done with a token."""

    ISSUED = "issued"
    REISSUED = "reissued"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A line of tokens.jsonl; a re-issued token names the one that it replaces."""

    ccg: str
    action: TokenAction
    token: Hash
    replaces: Hash | None = None

    def to_bytes(self) -> bytes:
        value = {"ccg": self.ccg, "action": self.action.value, "token": self.token}
        if self.replaces is not None:
            value["replaces"] = self.replaces
        return write_json(value) + b"\n"


def issued_in_order(lines: Iterable[TokenLine]) -> list[TokenLine]:
    """The members' first tokens in the order of tokens.jsonl: by hash, as the roll's order would reveal owners."""
    return sorted(lines, key=lambda line: line.token)


def parse_token_line(line: bytes) -> TokenLine:
    """The entry in a line without its newline; raises InvalidMessage for another form."""
    value = fields(parse_json(line), ("ccg", "action", "token", "replaces"), optional=("replaces",))
    check_canonical(line, value, "a line of tokens.jsonl")
    try:
        action = TokenAction(value["action"])
    except ValueError:
        raise InvalidRecord(Reason.WRONG_FIELDS, "expected issued, reissued or revoked") from None
    if not is_hash(value["token"]) or not is_hash(value.get("replaces", value["token"])):
        raise InvalidRecord(Reason.WRONG_TYPE, "expected the hash of a token")
    if ("replaces" in value) != (action is TokenAction.REISSUED):
        raise InvalidRecord(Reason.WRONG_FIELDS, "a re-issued token, and only that, names the one it replaces")
    return TokenLine(text(value["ccg"]), action, Hash(value["token"]), value.get("replaces"))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _decode(part: str) -> bytes:
    try:
        data = base64.b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidToken(Reason.WRONG_SHAPE, "expected URL-safe Base64 in a token") from None
    if _encode(data) != part:
        raise InvalidToken(Reason.NOT_CANONICAL, "a token is not written in its one form")
    return data
