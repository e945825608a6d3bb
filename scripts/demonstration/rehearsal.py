"""A programme from its files to sealed, with its own keys and trustees: the start of demo and benchmarks."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ballot.db.engine import connect
from ballot.db.upgrade import upgrade
from ballot.office.activity import COMMAND_LINE
from ballot.office.acts.issuing import Issue
from ballot.office.acts.sealing import Seal
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.post.voting_links import PracticeLink, VotingLinks, practice_links
from ballot.office.setup.draft import ProgrammeFiles, read_folder
from ballot.office.setup.prepare import Installation, prepare
from ballot.office.setup.server_keys import backup_server_keys, try_restore
from ballot.office.setup.trial_decryption import add_trial_decryption
from ballot.record.keys import Role, SigningKey
from ballot.record.programme_events import ReasonCode
from ballot.registrar import keyring
from ballot.registrar.vault import open_vault
from ballot.roll.member import Roll
from scripts.demonstration.server import free_address
from scripts.demonstration.trustees import Trustees, hold_ceremony, make_trial_decryptions

Say = Callable[[str, str], None]
"""Called for each act: a word, and what happened."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A sealed programme with everyone's keys in one place, as only a rehearsal may have."""

    instance: Path
    files: ProgrammeFiles
    desk: Desk
    database: str
    address: str
    officers: tuple[SigningKey, SigningKey]
    registrar: SigningKey
    storage: keyring.StorageKey
    trustees: Trustees
    fingerprint: str

    @property
    def id(self) -> str:
        return self.files.programme.id

    def settings(self) -> dict[str, str]:
        """The settings for `ballot serve`."""
        return {
            "database": self.database,
            "instance": str(self.instance),
            "board": self.address,
            "programmes": str(self.instance),
            "keys": str(self.instance / "keys"),
        }

    @property
    def mail(self) -> Path:
        """The maildir that stands in for every mailbox."""
        return self.instance / "mail"

    def voting_links(self) -> VotingLinks:
        """The registrar, unlocked."""
        vault = open_vault(self.instance / "registrar.vault", keyring.open_vault_key(self.instance / "keys"))
        return VotingLinks(self.desk.engine, self.registrar, vault)

    def links(self) -> list[PracticeLink]:
        """The links that the registrar would send to each practice."""
        vault = open_vault(self.instance / "registrar.vault", keyring.open_vault_key(self.instance / "keys"))
        return practice_links(self.desk.engine, self.id, self.registrar, vault)


def open_window(folder: Path, instance: Path) -> Path:
    """A copy of the programme in `folder`, with a window that has just opened and lasts a day."""
    copy = instance / "programme"
    shutil.copytree(folder, copy)
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    window = {"opens": now.isoformat(), "closes": (now + timedelta(days=1)).isoformat(), "zone": '"UTC"'}
    file = copy / "programme.toml"
    text = file.read_text("utf-8")
    for key, value in window.items():
        text = re.sub(rf"(?m)^{key}(\s*)=.*$", rf"{key}\1= {value}", text)
    file.write_text(text, "utf-8")
    return copy


def rehearse(instance: Path, programme: Path, roll: Roll, say: Say, database: str | None = None) -> Rehearsal:
    """Make keys, hold the ceremony, prepare, try the backup, issue, seal; in an SQLite file unless given a URL."""
    keys = instance / "keys"
    keyring.init_keys(keys)
    board, registrar = (keyring.open_signing_key(keys, role) for role in (Role.BOARD, Role.REGISTRAR))
    officers = (keyring.open_signing_key(keys, Role.RETURNING_OFFICER), keyring.open_signing_key(keys, Role.DEPUTY))
    storage = keyring.open_storage_key(keys)
    files = read_folder(programme)
    count = files.programme.trustees
    trustees = hold_ceremony(count.threshold, len(count.names))
    say("Trustees", f"{len(trustees.keys)} made one key together; any {count.threshold} of them can decrypt")

    database, address = database or f"sqlite:///{instance / 'ballot.db'}", free_address()
    engine = connect(database)
    upgrade(engine)
    desk = Desk(engine, lambda: datetime.now(UTC), secrets.randbelow, board)
    here = Rehearsal(instance, files, desk, database, address, officers, registrar, storage, trustees, "")
    return bring_to_seal(here, programme, roll, say)


def bring_to_seal(here: Rehearsal, programme: Path, roll: Roll, say: Say) -> Rehearsal:
    """Prepare a programme with existing keys and trustees, try the backup, issue, seal."""
    desk, keys, storage = here.desk, here.instance / "keys", here.storage
    held, scrutineer = keyring.keys_held(keys), keyring.read_scrutineer_key(keys)
    installation = Installation(here.address, here.instance, storage, held, scrutineer)
    parameters, public = here.trustees.parameters, keyring.read_public_keys(keys)
    id = prepare(desk, installation, programme, roll, parameters, public, here.officers[0])
    for body in make_trial_decryptions(here.trustees):
        add_trial_decryption(desk.engine, desk.clock, id, COMMAND_LINE, body)
    say("Keys tried", "every trustee decrypted a trial ciphertext with its saved key")
    backup = here.instance / f"{id}-server-keys.backup"
    backup_server_keys(desk, id, here.instance, storage, backup)
    try_restore(desk, id, backup, *here.officers)
    issued = perform(
        desk, id, Issue(here.instance / "registrar.vault", keyring.read_vault_public_key(keys)), (here.registrar,)
    )
    say("Issued", f"{issued} tokens and credentials, one for each practice; the credentials are in the vault only")
    fingerprint = seal_or_say_why(desk, id, here.officers, say)
    say("Sealed", f"by two people; programme fingerprint {fingerprint}")
    return replace(here, files=read_folder(programme), fingerprint=fingerprint)


def seal_or_say_why(desk: Desk, id: str, officers: tuple[SigningKey, SigningKey], say: Say) -> str:
    """Seal; if the totals would reveal too much about single votes, override because this is a rehearsal."""
    try:
        return perform(desk, id, Seal(), officers)
    except Refused as refusal:
        if refusal.reason is not Refusal.TOO_REVEALING:
            raise
        *elections, rule, _ = refusal.sentence.replace("; ", ". ").split(". ")
        say("Secrecy", f"sealing is refused at first. {rule}:")
        for sentence in elections:
            say("", sentence)
        say("", "two people override that, and say why: a rehearsal, with made-up votes")
        return perform(desk, id, Seal(), officers, Why(ReasonCode.REHEARSAL))
