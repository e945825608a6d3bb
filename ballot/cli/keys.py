"""`ballot keys`: make the installation's keys, and show their public fingerprints."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

from ballot.cli.passphrases import OFFICER, Passphrases, ask_twice
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.cli.settings import read_settings, settings_parser
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import Role, SigningKey
from ballot.registrar.errors import KeyRefused
from ballot.registrar.files import read_private, write_private
from ballot.registrar.keyring import (
    NAMES,
    SCRUTINEER,
    add_private_key,
    has_passphrase,
    init_keys,
    open_copied_key,
    open_signing_key,
    private_path,
    read_public_key,
    read_scrutineer_key,
    set_passphrase,
)
from ballot.registrar.officer_key import open_officer_key, seal_officer_key
from ballot.registrar.sealing import MAGIC, open_by_both

OFFICER_NAMES = (Role.RETURNING_OFFICER.value, Role.DEPUTY.value)


def keys_command(argv: list[str]) -> int:
    """`ballot keys init|show|passphrase|take-away|put-back|open-backup`."""
    parser = argparse.ArgumentParser(prog="ballot keys", description="The keys of this installation.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    parents = [settings_parser()]
    init = commands.add_parser(
        "init",
        parents=parents,
        help="make keys that are not there yet",
        description="Make keys, each under a passphrase if one is given. A key that is there is never overwritten.",
    )
    init.add_argument(
        "--name", metavar="KEY", action="append", choices=NAMES, help=f"only this key (repeatable): {', '.join(NAMES)}"
    )
    init.set_defaults(run=_init)
    show = commands.add_parser("show", parents=parents, help="print the fingerprint of every public key")
    show.set_defaults(run=_show)
    changed = commands.add_parser(
        "passphrase",
        parents=parents,
        help="keep a key under another passphrase, or under one at last",
        description="The key and its fingerprint stay; the new passphrase is typed twice at the terminal.",
    )
    changed.add_argument("--name", metavar="KEY", choices=NAMES, required=True, help=f"one of {', '.join(NAMES)}")
    changed.set_defaults(run=_passphrase)
    away = commands.add_parser(
        "take-away",
        parents=parents,
        help="write an officer's key file, which a browser opens, and remove the key from this machine",
        description="The passphrase of the key file is typed twice. Do this before a ballot is prepared.",
    )
    away.add_argument("--name", choices=OFFICER_NAMES, required=True)
    away.add_argument("--to", metavar="FILE", type=Path, required=True, help="the officer takes it, in two copies")
    away.set_defaults(run=_take_away)
    back = commands.add_parser(
        "put-back", parents=parents, help="put an officer's key from a key file onto this machine, for other commands"
    )
    back.add_argument("--from", dest="file", metavar="FILE", type=Path, required=True)
    back.set_defaults(run=_put_back)
    opened = commands.add_parser(
        "open-backup",
        parents=parents,
        help="open a backup of the server's keys with both officers' keys, and print the SHA-256 of its contents",
    )
    opened.add_argument("backup", metavar="FILE", type=Path)
    of_server = "key file, or a copy of the server's file"
    opened.add_argument(
        "--officer", metavar="FILE", type=Path, required=True, help=f"the returning officer's {of_server}"
    )
    opened.add_argument("--deputy", metavar="FILE", type=Path, required=True, help=f"the deputy's {of_server}")
    opened.set_defaults(run=_open_backup)
    options = parser.parse_args(argv)
    config, passphrases = read_settings(options)
    options.run(config.keys, passphrases, options)
    return 0


def _init(folder: Path, passphrases: Passphrases, options: argparse.Namespace) -> None:
    names = tuple(dict.fromkeys(options.name or NAMES))
    given = {name: passphrase for name in names if (passphrase := passphrases.for_new(name))}
    init_keys(folder, given, names)
    open_ones = [name for name in names if name not in given]
    say(f"Made {', '.join(names)} in {folder}; the private ones are in {folder / 'private'} with mode 0600.")
    if open_ones:
        say(f"Without a passphrase, so that only that mode protects them: {', '.join(open_ones)}.")
    say("Next: ballot keys show, and give everybody the fingerprints on paper.")


def _passphrase(folder: Path, passphrases: Passphrases, options: argparse.Namespace) -> None:
    name = str(options.name)
    had = has_passphrase(folder, name)
    before = passphrases.to_open(name, folder / "private" / f"{name}.key")
    say(f"The key {name} is kept under a passphrase." if had else f"The key {name} is kept without a passphrase.")
    set_passphrase(folder, name, before, ask_twice(name))
    say("It is kept under the new one from now on; its fingerprint is the same. Older backups open with the older one.")


def _take_away(folder: Path, passphrases: Passphrases, options: argparse.Namespace) -> None:
    role, private = Role(options.name), private_path(folder, options.name)
    key = open_signing_key(folder, role, passphrases.to_open(role.value, private))
    written = seal_officer_key(key, passphrases.needed(OFFICER, new=True), secrets.token_bytes)
    write_private(options.to, written)
    private.unlink()
    say(f"{options.to} is the key file of {role.value}. The key is no longer on this machine; its fingerprint stays.")
    say("Old backups of this machine may still hold the key: delete them, or make a new key.")


def _put_back(folder: Path, passphrases: Passphrases, options: argparse.Namespace) -> None:
    key = open_officer_key(read_private(options.file), passphrases.needed(OFFICER))
    add_private_key(folder, key, passphrases.for_new(key.role.value))
    say(f"The key of {key.role.value} is on this machine. Pages use it only for ballots whose terms say so.")


def _open_backup(folder: Path, passphrases: Passphrases, options: argparse.Namespace) -> None:
    officer, deputy = (
        _key_of(role, read_private(file), passphrases)
        for role, file in ((Role.RETURNING_OFFICER, options.officer), (Role.DEPUTY, options.deputy))
    )
    say(sha256_hex(open_by_both(read_private(options.backup), officer, deputy)))


def _key_of(role: Role, data: bytes, passphrases: Passphrases) -> SigningKey:
    """An officer's key, from their key file or from a copy of the file that the server keeps."""
    passphrase = passphrases.needed(role.value)
    if data.startswith(MAGIC.encode()):
        return open_copied_key(role, data, passphrase)
    return open_officer_key(data, passphrase)


def _show(folder: Path, passphrases: Passphrases, options: argparse.Namespace) -> None:
    found = {}
    for role in Role:
        try:
            found[role] = read_public_key(folder, role).fingerprint
        except KeyRefused as refusal:
            if (folder / f"{role.value}.pub").exists():
                raise
            say(f"{role.value:<18} {refusal.sentence}")
        else:
            say(f"{role.value:<18} {found[role]}")
    if (scrutineer := read_scrutineer_key(folder)) is not None:
        say(f"{SCRUTINEER:<18} {scrutineer.fingerprint}")
    if not found:
        raise Unacceptable(f"There are no public keys in {folder}: make them with ballot keys init.")
