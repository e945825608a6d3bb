"""The server's own decryption keys, one for each election: in a file under the storage key, never in the database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ballot.protocol.canonical import parse_json, write_json
from ballot.registrar.files import read_private, write_private
from ballot.registrar.keyring import StorageKey


def server_keys_path(instance: Path, programme_id: str) -> Path:
    """Where they are kept."""
    return instance / f"{programme_id}.server-keys"


def write_server_keys(instance: Path, programme_id: str, storage: StorageKey, keys: Mapping[str, int]) -> None:
    """Keep the private key of each election, by uuid, beside those that are there: no key is ever lost by this.

    Raises: KeyRefused, where there is a file that the storage key does not open.
    """
    path = server_keys_path(instance, programme_id)
    kept = read_server_keys(instance, programme_id, storage) if path.exists() else {}
    write_private(path, storage.seal(server_keys_bytes({**kept, **keys})), replace=True)


def read_server_keys(instance: Path, programme_id: str, storage: StorageKey) -> dict[str, int]:
    """The private keys, by uuid; raises KeyRefused if the file is missing or another key's. Secrets."""
    path = server_keys_path(instance, programme_id)
    return parse_server_keys(storage.open(read_private(path), path.name))


def server_keys_bytes(keys: Mapping[str, int]) -> bytes:
    return write_json({uuid: str(x) for uuid, x in keys.items()})


def parse_server_keys(data: bytes) -> dict[str, int]:
    return {uuid: int(x) for uuid, x in parse_json(data).items()}
