"""manifest.json: the SHA-256 of every other file of the record, signed by the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ballot.protocol.canonical import Json, array, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash, is_hash
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PublicKey, Purpose, Role, RoleSignature, SigningKey, check_role_signature, sign_as

NAME = "manifest.json"

VERSION = 2
"""The version of the record's format. Version 1 had no strong proofs of decryption, so its totals could be false."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The hash of each file of the record by path, and the programme's fingerprint."""

    programme: str
    fingerprint: Hash
    files: Mapping[str, Hash]
    signatures: tuple[RoleSignature, ...] = ()

    def _unsigned(self) -> dict[str, Json]:
        files = {path: self.files[path] for path in sorted(self.files)}
        return {"version": VERSION, "programme": self.programme, "fingerprint": self.fingerprint, "files": files}

    @property
    def signed_bytes(self) -> bytes:
        return write_json(self._unsigned())

    def to_bytes(self) -> bytes:
        return write_json({**self._unsigned(), "signatures": [s.to_json() for s in self.signatures]}) + b"\n"


def sign_manifest(manifest: Manifest, board: SigningKey) -> Manifest:
    """The manifest with the board's signature."""
    signature = sign_as(board, Purpose.MANIFEST, manifest.signed_bytes)
    return Manifest(manifest.programme, manifest.fingerprint, manifest.files, (signature,))


def check_manifest_signature(manifest: Manifest, keys: Mapping[Role, PublicKey]) -> None:
    """Raise InvalidRecord unless the board signed the manifest, and only the board."""
    if [signature.role for signature in manifest.signatures] != [Role.BOARD]:
        raise InvalidRecord(Reason.SIGNATURE, "expected the board's signature, and only that")
    check_role_signature(dict(keys), manifest.signatures[0], Purpose.MANIFEST, manifest.signed_bytes)


def parse_manifest(data: bytes) -> Manifest:
    """The manifest written as `data`; raises InvalidMessage unless it is canonical and complete."""
    value = fields(parse_json(data), ("version", "programme", "fingerprint", "files", "signatures"))
    if integer(value["version"], 1, VERSION) != VERSION:
        older, newer = (
            f"the record has format {value['version']}",
            f"This version of ballot reads format {VERSION} only",
        )
        raise InvalidRecord(Reason.UNSUPPORTED, f"{older}, whose decryption proofs do not bind the totals. {newer}")
    check_canonical(data[:-1] if data.endswith(b"\n") else b"", value, "the manifest")
    files = value["files"]
    if not isinstance(files, dict) or not all(map(is_hash, [*files.values(), value["fingerprint"]])):
        raise InvalidRecord(Reason.WRONG_TYPE, "expected files and the fingerprint by hash")
    if list(files) != sorted(files):
        raise InvalidRecord(Reason.NOT_CANONICAL, "expected the files in order")
    signatures = tuple(RoleSignature.from_json(entry) for entry in array(value["signatures"]))
    return Manifest(text(value["programme"]), value["fingerprint"], files, signatures)
