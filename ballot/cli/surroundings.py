"""From settings (--config FILE, BALLOT_... in the environment) to database, clock and keys.

Each is opened when it is first needed.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from nacl.public import PrivateKey as VaultPrivateKey
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError

from ballot.cli.passphrases import Passphrases
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.cli.settings import read_settings
from ballot.config import Config, InvalidConfig
from ballot.db.engine import connect
from ballot.db.programmes import list_programmes
from ballot.db.session import reading
from ballot.db.upgrade import revisions
from ballot.mail.envelope import MailKey
from ballot.office.desk import Desk
from ballot.record.keys import Role, SigningKey
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import (
    MAIL,
    STORAGE,
    VAULT,
    StorageKey,
    open_mail_secret,
    open_signing_key,
    open_storage_key,
    open_vault_key,
)


def clock() -> datetime:
    """The time now, from the only clock of the command line."""
    return datetime.now(UTC)


def connect_to(database: str) -> Engine:
    """The engine for a setting; raises InvalidConfig without repeating the setting, which may hold a password."""
    try:
        return connect(database)
    except (ArgumentError, ValueError):
        raise InvalidConfig('The setting "database" must be sqlite:///FILE or postgresql://HOST/NAME.') from None


def sqlite_file(engine: Engine) -> Path | None:
    """The file of an SQLite database; None for any other database."""
    name = make_url(engine.url).database
    return Path(name) if engine.dialect.name == "sqlite" and name else None


def check_tables(engine: Engine) -> None:
    """Raise Unacceptable unless the tables exist and have this version."""
    file = sqlite_file(engine)
    if file is not None and not file.is_file():
        raise Unacceptable(f"There is no database {file} yet: make it with ballot db upgrade.")
    found, expected = revisions(engine)
    if found != expected:
        raise Unacceptable(
            f"The database's tables are of version {found or 'none'}, and {expected} was expected: "
            "run ballot db upgrade, with the server stopped."
        )


@dataclass
class Surroundings:
    """One installation, and how to open its keys. As a context manager, it closes the database."""

    config: Config
    passphrases: Passphrases

    def __enter__(self) -> Surroundings:
        return self

    def __exit__(self, *fault: object) -> None:
        if (engine := self.__dict__.get("engine")) is not None:
            engine.dispose()

    @cached_property
    def engine(self) -> Engine:
        """The database, with the tables of this version."""
        engine = connect_to(self.config.database)
        try:
            check_tables(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine

    @cached_property
    def board(self) -> SigningKey:
        """The board's key, which signs every checkpoint."""
        return self.key(Role.BOARD)

    @cached_property
    def storage(self) -> StorageKey:
        """The key that opens the server's own decryption keys."""
        return open_storage_key(self.config.keys, self._passphrase(STORAGE))

    @property
    def desk(self) -> Desk:
        """The desk that every act needs."""
        return Desk(self.engine, clock, secrets.randbelow, self.board)

    @property
    def vault(self) -> Path:
        """The registrar's store of private credentials."""
        return self.config.instance / "registrar.vault"

    @property
    def record(self) -> Path:
        """The folder of published records, where the server looks for them."""
        return self.config.instance / "records"

    def key(self, role: Role) -> SigningKey:
        """The private key of a role; raises KeyRefused."""
        return open_signing_key(self.config.keys, role, self._passphrase(role.value))

    def vault_key(self) -> VaultPrivateKey:
        """The key that opens the vault; raises KeyRefused."""
        return open_vault_key(self.config.keys, self._passphrase(VAULT))

    @cached_property
    def mail_key(self) -> MailKey:
        """The key that marks e-mails; raises KeyRefused."""
        try:
            return MailKey(open_mail_secret(self.config.keys, self._passphrase(MAIL)))
        except KeyRefused as refused:
            if not (self.config.keys / "private" / f"{MAIL}.key").exists():
                raise KeyRefused(f"{refused.sentence} Make it with ballot keys init --name {MAIL}.") from None
            raise

    def officers(self, what: str) -> tuple[SigningKey, SigningKey]:
        """Both officers' keys, for an act of two people; the passphrase prompt first says what it is for."""
        if sys.stdin.isatty():
            say(f"The returning officer proposes, and the deputy approves: {what}.", sys.stderr)
        return self.key(Role.RETURNING_OFFICER), self.key(Role.DEPUTY)

    def programme(self, given: str | None) -> str:
        """The named programme, or the only one there is. Raises Unacceptable."""
        with reading(self.engine) as session:
            there = [row.id for row in list_programmes(session)]
        if given is None and len(there) == 1:
            return there[0]
        if given not in there:
            listed = ", ".join(there) or "none yet"
            raise Unacceptable(f"Say with --programme which programme is meant; there are: {listed}.")
        return given

    def _passphrase(self, name: str) -> str | None:
        return self.passphrases.to_open(name, self.config.keys / "private" / f"{name}.key")


def surroundings_of(options: argparse.Namespace, *, sends: bool = False) -> Surroundings:
    """The installation that the arguments and the environment describe; raises InvalidConfig."""
    return Surroundings(*read_settings(options, sends=sends))


def each(ccgs: Sequence[str], act: Callable[[str], None]) -> None:
    """Do the act for every CCG, also after a refusal; then raise Unacceptable with all refusals."""
    from ballot.cli.refusals import sentence_of

    refused = []
    for ccg in ccgs:
        try:
            act(ccg)
        except Exception as error:
            if len(ccgs) == 1 or (sentence := sentence_of(error)) is None:
                raise
            refused.append(f"{ccg}: {sentence}")
    if refused:
        raise Unacceptable("\n".join(refused))
