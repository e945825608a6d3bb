"""The settings of an installation, read once from a TOML file and the environment, and handed on as an argument.

    database   = "sqlite:///instance/ballot.db"      BALLOT_DATABASE     or postgresql://...
    instance   = "instance"                          BALLOT_INSTANCE     files of its own: server keys, vault, records
    board      = "vote.example.org"                  BALLOT_BOARD        the name under which the board signs
    programmes = "config"                            BALLOT_PROGRAMMES   one folder for each programme
    keys       = "keys"                              BALLOT_KEYS         what `ballot keys init` made

The environment wins over the file. A passphrase is read from BALLOT_PASSPHRASE only, never from a file. Table [mail]
says how e-mail is sent, and may be left out where none is (ballot/mail/settings.py has its keys).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ballot.mail.settings import InvalidMailSettings, MailSettings, read_mail

SETTINGS = ("database", "instance", "board", "programmes", "keys")
MAIL = "mail"
_PREFIX = "BALLOT_"
_BOARD = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?")


class InvalidConfig(Exception):
    """A setting is missing or wrong; the sentence says which, and stops the start."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything an installation must be told."""

    database: str = field(repr=False)
    """May hold a password, hence not shown."""
    instance: Path
    board: str
    programmes: Path
    keys: Path
    passphrase: str | None = field(default=None, repr=False)
    """Opens the keys that the server itself needs: the board's and the storage key."""
    mail: MailSettings | None = None
    """How e-mail is sent; None: not at all."""


def load_config(file: Path | None, environment: Mapping[str, str]) -> Config:
    """The settings in `file`, if one is given, and in the environment; raises InvalidConfig."""
    values, mail = ({}, None) if file is None else _read(file)
    for name in SETTINGS:
        if given := environment.get(_PREFIX + name.upper()):
            values[name] = given
    for name in SETTINGS:
        if not values.get(name):
            raise InvalidConfig(
                f'The setting "{name}" is missing: write it in the file, or set {_PREFIX}{name.upper()}.'
            )
    if not _BOARD.fullmatch(values["board"]):
        raise InvalidConfig('The setting "board" must be a host name, such as vote.example.org.')
    return Config(
        values["database"],
        Path(values["instance"]),
        values["board"],
        Path(values["programmes"]),
        Path(values["keys"]),
        environment.get("BALLOT_PASSPHRASE") or None,
        mail=None if mail is None else _mail(mail, environment),
    )


def _mail(table: dict[str, Any], environment: Mapping[str, str]) -> MailSettings:
    try:
        return read_mail(table, environment)
    except InvalidMailSettings as fault:
        raise InvalidConfig(str(fault)) from None


def _read(file: Path) -> tuple[dict[str, str], dict[str, Any] | None]:
    """The settings in the file, and its table [mail], if it has one."""
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise InvalidConfig(f"The file of settings {file} is missing.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise InvalidConfig(f"The file of settings {file} cannot be read as TOML.") from None
    mail = found.pop(MAIL, None)
    if mail is not None and not isinstance(mail, dict):
        raise InvalidConfig(f'The setting "{MAIL}" in {file} must be a table: [{MAIL}].')
    for name, value in found.items():
        if name not in SETTINGS:
            raise InvalidConfig(f'There is no setting "{name[:60]}" in {file}; there are {", ".join(SETTINGS)}.')
        if not isinstance(value, str):
            raise InvalidConfig(f'The setting "{name}" in {file} must be text in quotation marks.')
    return found, mail
