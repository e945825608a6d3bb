"""Elections: the parameters that every ballot is made for.

Spec: Messages, Elections; Basic types (uuid). Ballots name the hash of the election's *bytes*, so parsing accepts only
bytes that `to_bytes` gives back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ballot.protocol.canonical import (
    Json,
    array,
    check_canonical,
    check_version,
    fields,
    kind_of,
    parse_json,
    text,
    write_json,
)
from ballot.protocol.credentials import generate_base58
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.group import Ed25519, Element, Group, Rng, check_key, element_text, parse_element
from ballot.protocol.hashing import Hash, sha256_base64, sha256_hex
from ballot.protocol.kinds import Question, parse_question
from ballot.protocol.questions import HomomorphicQuestion
from ballot.protocol.spec import BASE58, PROTOCOL_VERSION

FIELDS = (
    "version",
    "description",
    "name",
    "group",
    "public_key",
    "questions",
    "uuid",
    "administrator",
    "credential_authority",
    "language",
)
OPTIONAL = ("administrator", "credential_authority", "language")

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Election:
    """The election structure, with the fields in the specification's order."""

    description: str
    name: str
    public_key: Element
    questions: tuple[Question, ...]
    uuid: str
    administrator: str | None = None
    credential_authority: str | None = None
    language: tuple[str, str] | None = None
    """Not in the specification's text; the 3.3.0 tool writes it: a language code and "ltr" or "rtl"."""
    fingerprint: str = field(init=False, repr=False, compare=False)
    """The hash of the election's bytes in Base64 (the specification's phi), as ballots and challenges name it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fingerprint", sha256_base64(self.to_bytes()))

    def to_bytes(self) -> bytes:
        value: dict[str, Json] = {
            "version": PROTOCOL_VERSION,
            "description": self.description,
            "name": self.name,
            "group": Ed25519.name,
            "public_key": element_text(self.public_key),
            "questions": [question.to_json() for question in self.questions],
            "uuid": self.uuid,
        }
        if self.administrator is not None:
            value["administrator"] = self.administrator
        if self.credential_authority is not None:
            value["credential_authority"] = self.credential_authority
        if self.language is not None:
            value["language"] = list(self.language)
        return write_json(value)

    @property
    def hash(self) -> Hash:
        """SHA-256 of the election's bytes, as the Setup event names it."""
        return sha256_hex(self.to_bytes())

    @property
    def homomorphic_questions(self) -> tuple[HomomorphicQuestion, ...]:
        """The questions, all homomorphic as those of our own elections; raises InvalidMessage if one is not."""
        found = tuple(question for question in self.questions if isinstance(question, HomomorphicQuestion))
        if len(found) < len(self.questions):
            raise InvalidMessage(Reason.UNSUPPORTED, "only homomorphic questions are supported for this")
        return found


def parse_election(G: Group, data: bytes) -> Election:
    """The election written as `data`; raises InvalidMessage unless it is canonical and supported here."""
    value = parse_json(data)
    if isinstance(value, dict):
        _check_supported(G, value)
    value = fields(value, FIELDS, optional=OPTIONAL)
    public_key = parse_element(value["public_key"])
    questions = tuple(parse_question(question) for question in array(value["questions"]))
    language = [text(part) for part in array(value["language"], 2)] if "language" in value else None
    election = Election(
        text(value["description"]),
        text(value["name"]),
        public_key,
        questions,
        parse_uuid(value["uuid"]),
        text(value["administrator"]) if "administrator" in value else None,
        text(value["credential_authority"]) if "credential_authority" in value else None,
        (language[0], language[1]) if language else None,
    )
    check_canonical(data, value, "the election")
    check_key(G, public_key)
    return election


def _check_supported(G: Group, value: dict[str, Json]) -> None:
    """Raise UNSUPPORTED for another version or group, whose fields could have another meaning."""
    if "version" in value:
        check_version(value["version"], PROTOCOL_VERSION, "protocol")
    if "group" in value and not isinstance(value["group"], str):
        raise InvalidMessage(Reason.WRONG_TYPE, f"group: expected a string, found {kind_of(value['group'])}")
    if "group" in value and value["group"] != G.name:
        raise InvalidMessage(Reason.UNSUPPORTED, f"the group {_shown(value['group'])} is not supported, only {G.name}")


def _shown(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else repr(name[:40])


def generate_uuid(rng: Rng) -> str:
    """A fresh election identifier: 14 Base58 characters."""
    return generate_base58(14, rng)


def parse_uuid(value: Json) -> str:
    """The election identifier `value`; raises InvalidMessage unless it is 14 to 100 Base58 characters."""
    uuid = text(value)
    if not 14 <= len(uuid) <= 100 or any(c not in BASE58 for c in uuid):
        raise InvalidMessage(Reason.ELECTION_UUID, "expected 14 or more Base58 characters")
    return uuid
