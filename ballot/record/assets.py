"""assets.json: the hash of every script, style and picture of the pages, and of the booth's pages, signed by the board.

The signature makes it evidence. A board that serves one visitor another script has either served what its own list
denies, or signed two lists for one release. It does not prove that the scripts are good: anyone who can change a script
can sign a list of it. That needs a list from elsewhere, from a release or a checkout: `parse_listed` reads the format
of `sha256sum`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ballot.protocol.canonical import Json, array, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash, is_hash, sha256_hex
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PublicKey, Purpose, Role, RoleSignature, SigningKey, check_role_signature, sign_as

SERVED = frozenset({".css", ".ico", ".js", ".png", ".svg", ".woff2"})
"""The suffixes of the files that are served."""

_LISTED = re.compile(r"([0-9a-f]{64}) [ *](?:\./)?([A-Za-z0-9._/@-]{1,300})")


@dataclass(frozen=True, slots=True)
class AssetManifest:
    """Files by their address below /static/<release>/, and the pages that are the same for everyone, by address."""

    programme: str
    files: Mapping[str, Hash]
    pages: Mapping[str, Hash]
    signatures: tuple[RoleSignature, ...] = ()

    @property
    def release(self) -> str:
        """The part of every file's address that names the release: 16 digits of the hash of the list."""
        return release_of(self.files)

    def _unsigned(self) -> dict[str, Json]:
        return {
            "version": 1,
            "programme": self.programme,
            "release": self.release,
            "files": {name: self.files[name] for name in sorted(self.files)},
            "pages": {address: self.pages[address] for address in sorted(self.pages)},
        }

    @property
    def signed_bytes(self) -> bytes:
        return write_json(self._unsigned())

    def to_bytes(self) -> bytes:
        return write_json({**self._unsigned(), "signatures": [s.to_json() for s in self.signatures]}) + b"\n"


def release_of(files: Mapping[str, Hash]) -> str:
    """The first 16 digits of the SHA-256 of the list of all files in the format of `sha256sum`."""
    listed = "".join(f"{hash}  {name}\n" for name, hash in sorted(files.items()))
    return sha256_hex(listed.encode())[:16]


def sign_assets(manifest: AssetManifest, board: SigningKey) -> AssetManifest:
    """The manifest with the board's signature."""
    signature = sign_as(board, Purpose.ASSETS, manifest.signed_bytes)
    return AssetManifest(manifest.programme, manifest.files, manifest.pages, (signature,))


def check_assets_signature(manifest: AssetManifest, board: PublicKey) -> None:
    """Raise InvalidRecord unless the board signed it, and only the board."""
    if [signature.role for signature in manifest.signatures] != [Role.BOARD]:
        raise InvalidRecord(Reason.SIGNATURE, "expected the board's signature, and only that")
    check_role_signature({Role.BOARD: board}, manifest.signatures[0], Purpose.ASSETS, manifest.signed_bytes)


def parse_assets(data: bytes) -> AssetManifest:
    """The manifest written as `data`; raises InvalidMessage unless it is canonical and complete."""
    value = fields(parse_json(data), ("version", "programme", "release", "files", "pages", "signatures"))
    check_canonical(data[:-1] if data.endswith(b"\n") else b"", value, "the list of assets")
    integer(value["version"], 1, 1)
    for listed in (value["files"], value["pages"]):
        if not isinstance(listed, dict) or not all(map(is_hash, listed.values())):
            raise InvalidRecord(Reason.WRONG_TYPE, "expected files and pages by hash")
        if list(listed) != sorted(listed):
            raise InvalidRecord(Reason.NOT_CANONICAL, "expected them in order")
    signatures = tuple(RoleSignature.from_json(entry) for entry in array(value["signatures"]))
    manifest = AssetManifest(text(value["programme"]), value["files"], value["pages"], signatures)
    if value["release"] != manifest.release:
        raise InvalidRecord(Reason.WRONG_FIELDS, "the release is not that of the files")
    return manifest


def parse_listed(data: bytes) -> dict[str, Hash]:
    """The hashes by file in the output of `sha256sum`; raises InvalidRecord for any other line."""
    found: dict[str, Hash] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        match = _LISTED.fullmatch(line)
        if match is None:
            raise InvalidRecord(Reason.WRONG_SHAPE, "expected lines as sha256sum writes them")
        found[match[2]] = Hash(match[1])
    return found
