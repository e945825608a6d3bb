"""The server's own decryption keys, one for each election, and their backup.

The keys are in a file under the storage key, never in the database. The two officers open the backup together.
Sealing waits until someone has tried to restore it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from pathlib import Path

from ballot.db.ballots import list_ballots
from ballot.db.programmes import find_programme
from ballot.db.session import reading, transaction
from ballot.office.activity import COMMAND_LINE, ActPlace, BackupTried, Downloaded, Who, note_act
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.sealed import GROUP, read_keys
from ballot.protocol.canonical import parse_json, write_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.trustees import TrusteePublicKey
from ballot.record.keys import Role, SigningKey
from ballot.registrar.errors import KeyRefused
from ballot.registrar.files import read_private, write_private
from ballot.registrar.keyring import StorageKey
from ballot.registrar.sealing import open_by_both, seal_to_both


def server_keys_path(instance: Path, programme_id: str) -> Path:
    """The path of the file with the server's keys."""
    return instance / f"{programme_id}.server-keys"


def write_server_keys(instance: Path, programme_id: str, storage: StorageKey, keys: Mapping[str, int]) -> None:
    """Store the private key of each election, by uuid, in addition to those already stored. This never loses a key.

    Raises: KeyRefused, if there is a file that the storage key does not open.
    """
    path = server_keys_path(instance, programme_id)
    kept = read_server_keys(instance, programme_id, storage) if path.exists() else {}
    write_private(path, storage.seal(server_keys_bytes({**kept, **keys})), replace=True)


def read_server_keys(instance: Path, programme_id: str, storage: StorageKey) -> dict[str, int]:
    """The private keys by uuid; they are secrets. Raises KeyRefused if the file is missing or another key's."""
    path = server_keys_path(instance, programme_id)
    return parse_server_keys(storage.open(read_private(path), path.name))


def server_keys_bytes(keys: Mapping[str, int]) -> bytes:
    return write_json({uuid: str(x) for uuid, x in keys.items()})


def parse_server_keys(data: bytes) -> dict[str, int]:
    return {uuid: int(x) for uuid, x in parse_json(data).items()}


TWO_OFFICERS = Who(Role.RETURNING_OFFICER.value, Role.DEPUTY.value)
"""The two officers whose keys opened the backup."""


def backup_server_keys(desk: Desk, programme_id: str, instance: Path, storage: StorageKey, backup: Path) -> None:
    """Write the backup file, to be kept apart from the database's backup. Raises Refused or KeyRefused."""
    write_private(backup, make_backup(desk, programme_id, instance, storage))
    with transaction(desk.engine) as session:
        note_act(session, desk.clock(), COMMAND_LINE, Downloaded("backup"), ActPlace(programme_id))


def make_backup(desk: Desk, programme_id: str, instance: Path, storage: StorageKey) -> bytes:
    """The backup, which neither officer can open alone. Raises Refused or KeyRefused."""
    with reading(desk.engine) as session:
        programme = find_programme(session, programme_id)
        if programme is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        keys = read_keys(programme.keys)
        uuids = [ballot.uuid for ballot in list_ballots(session, programme_id)]
    kept = read_server_keys(instance, programme_id, storage)
    missing = [uuid for uuid in uuids if uuid not in kept]
    if missing:
        raise Refused(Refusal.BACKUP_DIFFERS, f"The server has no key of the election {missing[0]}.")
    secrets = server_keys_bytes({uuid: kept[uuid] for uuid in uuids})
    return seal_to_both(secrets, keys[Role.RETURNING_OFFICER], keys[Role.DEPUTY])


def open_backup(backup: Path, officer: SigningKey, deputy: SigningKey) -> dict[str, int]:
    """The server's keys by election uuid, opened with both officers' private keys; secrets. Raises KeyRefused."""
    return _open(read_private(backup), backup.name, officer, deputy)


def _open(data: bytes, name: str, officer: SigningKey, deputy: SigningKey) -> dict[str, int]:
    data = open_by_both(data, officer, deputy)
    try:
        return parse_server_keys(data)
    except (InvalidMessage, ValueError, AttributeError):
        raise KeyRefused(f"{name} opens, but does not have the server's keys.") from None


def try_restore(desk: Desk, programme_id: str, backup: Path, officer: SigningKey, deputy: SigningKey) -> None:
    """Open the backup, compare every key with its election's, and note the test. Raises Refused, KeyRefused."""
    try_backup(desk, programme_id, read_private(backup), backup.name, officer, deputy)


def try_backup(desk: Desk, programme_id: str, data: bytes, name: str, officer: SigningKey, deputy: SigningKey) -> None:
    """Test a backup given as bytes, as `try_restore` does. `name` is what a refusal calls it."""
    keys = _open(data, name, officer, deputy)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        expected = {
            ballot.uuid: TrusteePublicKey.from_json(GROUP, parse_json(ballot.single)).public_key
            for ballot in list_ballots(session, programme_id)
        }
        if not _are_those(keys, expected):
            raise Refused(Refusal.BACKUP_DIFFERS, "The backup does not have the keys of this programme's elections.")
        chronicle.programme.backup_restored_at = chronicle.now
        note_act(session, chronicle.now, TWO_OFFICERS, BackupTried(), ActPlace(programme_id))


def try_backup_apart(desk: Desk, programme_id: str, instance: Path, storage: StorageKey, proof: str, who: Who) -> None:
    """Note a test that the officers made away from the server, where neither key is. Raises Refused or KeyRefused.

    `proof` is the SHA-256 of what they found in the backup. The server knows it from its own keys, and an officer only
    from a backup that both have opened: each key in it is a random number of 252 bits.
    """
    kept = read_server_keys(instance, programme_id, storage)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        expected = sha256_hex(server_keys_bytes({ballot.uuid: kept[ballot.uuid] for ballot in chronicle.ballots}))
        if not compare_digest(proof.strip().lower().encode(), expected.encode()):
            raise Refused(Refusal.BACKUP_DIFFERS, "The backup does not have the keys of this programme's elections.")
        chronicle.programme.backup_restored_at = chronicle.now
        note_act(session, chronicle.now, who, BackupTried(), ActPlace(programme_id))


def restore_server_keys(
    desk: Desk,
    programme_id: str,
    instance: Path,
    storage: StorageKey,
    backup: Path,
    officer: SigningKey,
    deputy: SigningKey,
) -> int:
    """Put the keys of the backup in the server's file, on a machine that lost them. Raises Refused, KeyRefused.

    Returns how many. Keys already there stay.
    """
    try_restore(desk, programme_id, backup, officer, deputy)
    keys = open_backup(backup, officer, deputy)
    write_server_keys(instance, programme_id, storage, keys)
    return len(keys)


def _are_those(keys: Mapping[str, int], expected: Mapping[str, bytes]) -> bool:
    return {uuid: GROUP.base_power(x % GROUP.q) for uuid, x in keys.items()} == expected
