"""Cosignatures: a witness's statement that it has only seen a log grow; and verifier keys.

C2SP `tlog-cosignature`, the Ed25519 type (0x04), and `signed-note`. A witness signs the checkpoint's whole text with
the time; it vouches for origin, size and root. A key signs under one name only. The newer ML-DSA-44 type (0x06) is not
supported, because no library used here can check it yet. Its lines are skipped, as the specification requires for
unknown keys.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ballot.protocol.backends import choose
from ballot.protocol.canonical import check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.group import Element, check_key
from ballot.record.checkpoints import ED25519_ALGORITHM
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PublicKey, base64_text, parse_base64
from ballot.record.times import whole_second

if TYPE_CHECKING:  # only a witness has a private key; checking needs no library
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

COSIGNATURE_ALGORITHM = b"\x04"
MAX_LINES = 64
"""Signature lines read from one answer; the specification requires at least 16."""
LAST_MOMENT = 253402300799
"""The end of the year 9999 in seconds since 1970: the last moment of a datetime."""

_NAME = re.compile(r"[^\s+\x00-\x1f]{1,200}")


@dataclass(frozen=True, slots=True)
class Witness:
    """An outsider who watches a log: the name under which it signs, and its key."""

    name: str
    key: PublicKey

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a note names the key."""
        return _key_id(self.name, COSIGNATURE_ALGORITHM, self.key)

    @property
    def vkey(self) -> str:
        """The key as C2SP writes it: name, key ID, algorithm and key."""
        return _vkey(self.name, COSIGNATURE_ALGORITHM, self.key)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A checked signature line of a witness: its stated time of signing, and the line without its newline."""

    witness: Witness
    time: datetime
    line: str


@dataclass(frozen=True, slots=True)
class RecordedCosignature:
    """A line of cosignatures.jsonl: the checkpoint, the witness's key, and its signature line as received."""

    log: str
    size: int
    vkey: str
    line: str

    def to_bytes(self) -> bytes:
        """The line, with its newline."""
        value = {"log": self.log, "size": self.size, "witness": self.vkey, "signature": self.line}
        return write_json(value) + b"\n"


def log_vkey(origin: str, key: PublicKey) -> str:
    """The board's key for one log, in the form that witnesses use."""
    return _vkey(origin, ED25519_ALGORITHM, key)


def parse_vkey(written: str) -> Witness:
    """The witness of a verifier key; raises InvalidRecord for another algorithm, or an id that does not fit the key."""
    if written.count("+") < 2:
        raise InvalidRecord(Reason.WRONG_SHAPE, "expected a verifier key: name+id+key")
    name, id, encoded = written.split("+", 2)  # only the Base64 at the end may contain a plus sign
    raw = parse_base64(encoded, 33)
    if raw[:1] != COSIGNATURE_ALGORITHM:
        raise InvalidRecord(Reason.UNSUPPORTED, "expected an Ed25519 cosignature key, of type 4")
    check_key(choose(), Element(raw[1:]))
    witness = Witness(name, PublicKey(raw[1:]))
    if not _NAME.fullmatch(name) or id != witness.key_id.hex():
        raise InvalidRecord(Reason.PUBLIC_KEY, "the verifier key's id is not that of its name and key")
    return witness


def cosign(body: str, name: str, key: Ed25519PrivateKey, time: datetime) -> str:
    """A witness's signature line for the text of a checkpoint, without its newline."""
    seconds = int(whole_second(time).timestamp())
    public = PublicKey(key.public_key().public_bytes_raw())
    signature = Witness(name, public).key_id + seconds.to_bytes(8) + key.sign(_signed(body, seconds))
    return f"— {name} {base64_text(signature)}"


def check_cosignature(line: str, body: str, witness: Witness) -> Cosignature:
    """The cosignature in a line; raises InvalidRecord unless this witness made it over exactly this text."""
    prefix = f"— {witness.name} "
    if not line.startswith(prefix):
        raise InvalidRecord(Reason.SIGNATURE, f"the line is not signed in the name of {witness.name}")
    raw = parse_base64(line[len(prefix) :], 76)
    seconds = int.from_bytes(raw[4:12])
    if raw[:4] != witness.key_id or not 0 < seconds <= LAST_MOMENT:
        raise InvalidRecord(Reason.SIGNATURE, f"the line is not signed with the key of {witness.name}, or at no time")
    if not witness.key.is_signature(raw[12:], _signed(body, seconds)):
        raise InvalidRecord(Reason.SIGNATURE, f"{witness.name} did not sign this checkpoint")
    return Cosignature(witness, datetime.fromtimestamp(seconds, UTC), line)


def accept_cosignatures(answer: str, body: str, witnesses: Iterable[Witness]) -> list[Cosignature]:
    """The cosignatures of known witnesses in an answer, one of each; lines of unknown keys are skipped.

    Raises InvalidRecord if a line names a known key and its signature is invalid: then the whole answer is refused.
    """
    found: dict[str, Cosignature] = {}
    known = list(witnesses)
    for line in answer.split("\n")[:MAX_LINES]:
        for witness in known:
            if _names(line, witness):
                found[witness.vkey] = check_cosignature(line, body, witness)
    return list(found.values())


def parse_cosignature_line(data: bytes) -> RecordedCosignature:
    """The cosignature in a line of cosignatures.jsonl without its newline; raises InvalidMessage for another form."""
    value = fields(parse_json(data), ("log", "size", "witness", "signature"))
    check_canonical(data, value, "a line of cosignatures.jsonl")
    size = integer(value["size"], 1)
    return RecordedCosignature(text(value["log"]), size, text(value["witness"]), text(value["signature"]))


def _names(line: str, witness: Witness) -> bool:
    prefix = f"— {witness.name} "
    if not line.startswith(prefix):
        return False
    try:
        return parse_base64(line[len(prefix) :], 76)[:4] == witness.key_id
    except InvalidMessage:
        return False


def _signed(body: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{body}".encode()


def _key_id(name: str, algorithm: bytes, key: PublicKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + algorithm + key.raw).digest()[:4]


def _vkey(name: str, algorithm: bytes, key: PublicKey) -> str:
    return f"{name}+{_key_id(name, algorithm, key).hex()}+{base64_text(algorithm + key.raw)}"
