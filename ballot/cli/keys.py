"""`ballot keys`: make the installation's keys, and show their public fingerprints."""

from __future__ import annotations

import argparse
from pathlib import Path

from ballot.cli.passphrases import Passphrases, ask_twice
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.cli.settings import read_settings, settings_parser
from ballot.record.keys import Role
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import NAMES, has_passphrase, init_keys, read_public_key, set_passphrase


def keys_command(argv: list[str]) -> int:
    """`ballot keys init [--name KEY ...]`, `ballot keys show` and `ballot keys passphrase --name KEY`."""
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
    if not found:
        raise Unacceptable(f"There are no public keys in {folder}: make them with ballot keys init.")
