"""Where a passphrase comes from: a file, the environment, a person at the terminal. Never an argument.

--passphrase-file FILE               one line, for every key that the command opens
--passphrase-file deputy=FILE        one line, for the deputy's key only
BALLOT_PASSPHRASE_RETURNING_OFFICER  and so on for each key; BALLOT_PASSPHRASE for the board's, the storage
                                     and the mail key
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ballot.cli.refusals import Unacceptable
from ballot.record.keys import Role
from ballot.registrar.errors import KeyRefused
from ballot.registrar.files import read_private
from ballot.registrar.keyring import MAIL, NAMES, STORAGE
from ballot.registrar.sealing import is_sealed
from ballot.strict.private import why_not_private

TRUSTEE, OFFICER, SCRUTINEER = "trustee", "officer-key", "scrutineer"
"""The passphrases of key files, which are no keys of this installation."""
SHORTEST = 12
"""The least number of characters in a new passphrase."""
_OF_THE_SERVER = (Role.BOARD.value, STORAGE, MAIL)
_EVERY = ""


def add_passphrase_files(parser: argparse.ArgumentParser) -> None:
    """The argument, repeatable."""
    parser.add_argument(
        "--passphrase-file",
        metavar="[KEY=]FILE",
        action="append",
        default=[],
        help="a file with the passphrase of KEY, or of every key needed; otherwise you are asked on the terminal",
    )


class Passphrases:
    """The passphrases given, and a way to ask for the rest."""

    def __init__(self, files: Sequence[str], environment: Mapping[str, str]) -> None:
        self._files: dict[str, Path] = {}
        self._environment = environment
        for given in files:
            name, equals, file = given.partition("=")
            if equals and name in (*NAMES, TRUSTEE, OFFICER, SCRUTINEER):
                self._files[name] = Path(file)
            else:
                self._files[_EVERY] = Path(given)

    def given(self, name: str) -> str | None:
        """The passphrase of a key, if a file or the environment gives it."""
        file = self._files.get(name) or self._files.get(_EVERY)
        if file is not None:
            return _line_of(file)
        own = self._environment.get(f"BALLOT_PASSPHRASE_{name.upper().replace('-', '_')}")
        return own or (self._environment.get("BALLOT_PASSPHRASE") if name in _OF_THE_SERVER else None) or None

    def to_open(self, name: str, key: Path) -> str | None:
        """The passphrase that the key in this file needs; None if it has none. Raises KeyRefused."""
        if not is_sealed(read_private(key)):
            return None
        if (found := self.given(name)) is not None:
            return found
        if sys.stdin.isatty():
            return _ask(f"Passphrase of the key {name}: ")
        raise _none_given(name)

    def needed(self, name: str, *, new: bool = False) -> str:
        """The passphrase of a key that must have one; a new one is typed twice. Raises KeyRefused."""
        if (found := self.given(name)) is not None:
            return found
        if not sys.stdin.isatty():
            raise _none_given(name)
        typed = _ask(f"{'New passphrase' if new else 'Passphrase'} of the key {name}: ")
        if new and _ask("The same again: ") != typed:
            raise Unacceptable(f"The two passphrases for the key {name} differ; no key was made.")
        return typed

    def for_new(self, name: str) -> str | None:
        """The passphrase for a new key; None for none. On a terminal it is typed twice."""
        if (found := self.given(name)) is not None or not sys.stdin.isatty():
            return found
        first = _ask(f"New passphrase for the key {name} (empty: none): ")
        if first and _ask("The same again: ") != first:
            raise Unacceptable(f"The two passphrases for the key {name} differ; no key was made.")
        return first or None


def ask_twice(name: str) -> str:
    """A new passphrase for an existing key, typed twice; a file or the environment has the old one.

    Raises Unacceptable.
    """
    if not sys.stdin.isatty():
        raise Unacceptable("A new passphrase must be typed at a terminal, and this is not a terminal.")
    first = _ask(f"New passphrase for the key {name}: ")
    if len(first) < SHORTEST:
        raise Unacceptable(f"The passphrase must have {SHORTEST} characters or more; the key is as it was.")
    if _ask("The same again: ") != first:
        raise Unacceptable(f"The two passphrases for the key {name} differ; it is as it was.")
    return first


def _none_given(name: str) -> KeyRefused:
    variable = f"BALLOT_PASSPHRASE_{name.upper().replace('-', '_')}"
    return KeyRefused(
        f"The key {name} is kept under a passphrase, and none was given: "
        f"use a terminal, --passphrase-file {name}=FILE, or {variable}."
    )


def _ask(prompt: str) -> str:
    try:
        return getpass.getpass(prompt)
    except EOFError:
        raise Unacceptable("A passphrase was expected, and the input ended.") from None


def _line_of(file: Path) -> str:
    """The first line of a passphrase file, which must be private."""
    if (reason := why_not_private(file)) is not None:
        raise KeyRefused(reason)
    try:
        line = file.read_bytes()[:4096].decode("utf-8").splitlines()
    except UnicodeDecodeError:
        line = []
    if not line or not line[0]:
        raise KeyRefused(f"{file.name} has no passphrase in its first line.")
    return line[0]
