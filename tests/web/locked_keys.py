"""The keys of a world, each under a passphrase of its own, as they should be."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ballot.record.keys import SigningKey
from ballot.registrar.keyring import VAULT, open_vault_key
from ballot.registrar.sealing import Stretch, seal_secret
from tests.integration.office.world import World


def passphrase_of(name: str) -> str:
    """Of a role's key, or of the vault's."""
    return f"{name}, and nobody else"


def lock_keys(world: World) -> World:
    """Put the officers', the registrar's and the vault's keys under passphrases."""
    keys: tuple[SigningKey, ...] = (world.officer, world.deputy, world.registrar)
    secrets = {
        key.role.value: key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()) for key in keys
    }
    secrets[VAULT] = bytes(open_vault_key(world.keys))
    for name, secret in secrets.items():
        sealed = seal_secret(name, secret, passphrase_of(name), Stretch(1, 8192))
        (world.keys / "private" / f"{name}.key").write_bytes(sealed)
    return world
