"""`registrar.vault`: the one place where private credentials are kept, each sealed to the vault's public key.

Sealing needs no passphrase, opening does. The file only grows: what an interrupted issue left behind is never asked
for again, since entries are found by the public credential that the election lists.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from ballot.protocol.canonical import fields, parse_json, text, write_json
from ballot.protocol.credentials import PrivateCredential
from ballot.protocol.errors import InvalidMessage
from ballot.registrar.errors import KeyRefused
from ballot.registrar.files import append_private, read_private

FIELDS = ("programme", "ccg", "practice", "public", "credential")


@dataclass(frozen=True, slots=True, repr=False)
class VaultEntry:
    """A private credential, with its public one. A secret, never shown."""

    programme: str
    ccg: str
    practice: str
    public: str
    credential: PrivateCredential

    def to_bytes(self) -> bytes:
        return write_json({name: getattr(self, name) for name in FIELDS})


def append_to_vault(path: Path, key: PublicKey, entries: Iterable[VaultEntry]) -> None:
    """Seal each entry and append it to the file. All are on disk when this returns."""
    box = SealedBox(key)
    append_private(path, b"".join(base64.b64encode(box.encrypt(entry.to_bytes())) + b"\n" for entry in entries))


def open_vault(path: Path, key: PrivateKey) -> dict[str, VaultEntry]:
    """Every entry, by public credential. Raises KeyRefused if the file is missing, damaged or for another key."""
    return {entry.public: entry for entry in _entries(path, SealedBox(key))}


def _entries(path: Path, box: SealedBox[PrivateKey]) -> Iterator[VaultEntry]:
    lines = read_private(path).split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        try:
            value = fields(parse_json(box.decrypt(base64.b64decode(line, validate=True))), FIELDS)
            programme, ccg, practice, public, credential = (text(value[name]) for name in FIELDS)
        except (CryptoError, binascii.Error, ValueError):
            raise KeyRefused(f"The vault's key does not open line {number} of {path.name}.") from None
        except InvalidMessage:
            raise KeyRefused(f"Line {number} of {path.name} is not a credential.") from None
        yield VaultEntry(programme, ccg, practice, public, PrivateCredential(credential))
