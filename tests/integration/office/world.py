"""A small programme with everybody in it: three CCGs that count heads, both measures, and patients."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.programme import STATEMENT
from ballot.db.ballots import BallotRow, find_ballot, list_ballots, list_ballots_of
from ballot.db.practices import find_practice
from ballot.db.session import reading
from ballot.office.activity import COMMAND_LINE
from ballot.office.acts.counting import GiveShare
from ballot.office.acts.issuing import Issue
from ballot.office.acts.sealing import Seal
from ballot.office.casting.archives import read_archive
from ballot.office.casting.cast import CastAnswer, cast
from ballot.office.desk import Desk, Why
from ballot.office.on_time import close_on_time
from ballot.office.perform import perform
from ballot.office.post.voting_links import PracticeLink, practice_links
from ballot.office.setup.prepare import Installation, prepare
from ballot.office.setup.server_keys import backup_server_keys, try_restore
from ballot.office.setup.trial_decryption import add_trial_decryption
from ballot.office.tally import SERVER, server_share, to_decrypt
from ballot.protocol.ballots import create_ballot
from ballot.protocol.credentials import derive_private_key
from ballot.protocol.elections import Election, parse_election
from ballot.protocol.strong_decryption import create_share
from ballot.protocol.trial_decryption import create_trial_decryption
from ballot.protocol.trustees import ThresholdParameters
from ballot.record.authority import Authority, Capacity
from ballot.record.keys import Role, SigningKey
from ballot.record.programme_events import ReasonCode
from ballot.registrar.keyring import (
    keys_held,
    open_signing_key,
    open_storage_key,
    open_vault_key,
    read_public_keys,
    read_vault_public_key,
)
from ballot.registrar.vault import VaultEntry, open_vault
from ballot.roll.member import Member, Roll
from tests.integration.office import snapshot
from tests.support.simulator import FOR, G, run_ceremony

OPENS = datetime(2020, 5, 11, 8, tzinfo=UTC)
CLOSES = datetime(2020, 5, 29, 16, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WHY = Why(ReasonCode.AGREED_BY_MEMBERS, "as minuted on the day")
CCGS = ("00A", "00B", "00C")
NO_LOCALITIES: Mapping[str, Sequence[str]] = {}
THREE: Mapping[str, Sequence[str]] = {"00B": ("U12", "U11", "n-east")}
"""00B, which counts both measures, votes in three localities."""

PROGRAMME = """
programme = "{id}"
name = "A merger"
policy = "{policy}"
rehearsal = true
count = "each"

[window]
opens = 2020-05-11T09:00:00
closes = 2020-05-29T17:00:00
zone = "Europe/London"

{ccgs}

[[question]]
id = "merge"
text = "Do you agree?"
answers = ["For", "Against", "Abstain"]

[secrecy]
at_most = "100%"

[trustees]
threshold = 2
names = ["One", "Two", "Three"]

[outcome]
questions = ["merge"]
require = {{ at_least = 1 }}
otherwise = "proceed-with-those-carried"
"""

SOURCE = """
ccg = "{ccg}"
name = "CCG {ccg}"

[source]
document = "made up"
clause = "1"
wording = "made up"
encoded_by = "nobody"
approved_by = "nobody"
"""
WEIGHT = '[weight]\nper = 1\nsnapshot = 2020-04-01\nmissing = "zero"\n'
TEST = '[[test]]\nmeasure = "{measure}"\nof = "for-and-against"\nmore_than = "1/2"\n'
LOCALITY_TEST = '[[locality_test]]\ncolumn = "pcn_code"\nrequire = "all"\n' + TEST.removeprefix("[[test]]\n")
RULES = {
    "00A": TEST.format(measure="practices"),
    "00B": WEIGHT + TEST.format(measure="weight") + TEST.format(measure="practices"),
    "00C": WEIGHT + TEST.format(measure="weight"),
}


SAID = Authority("Dr A", Capacity.REPRESENTATIVE, STATEMENT).to_bytes()
"""What every voter says about themselves, unless a test says otherwise."""


@dataclass
class Clock:
    """A clock that stands where it is put; `script` is read first, one entry a reading."""

    now: datetime = OPENS - timedelta(days=7)
    script: list[datetime] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.script.pop(0) if self.script else self.now


@cache
def ceremony() -> tuple[ThresholdParameters, list[int]]:
    return run_ceremony(2, 3, random.Random(5))


@cache
def practices() -> list[bytes]:
    """Every trustee's trial decryption."""
    parameters, keys = ceremony()
    return [create_trial_decryption(G, parameters, key, random.Random(key).randrange).to_bytes() for key in keys]


def write_folder(
    folder: Path, id: str, policy: str, ccgs: Sequence[str] = CCGS, by_locality: Sequence[str] = ()
) -> Path:
    """The programme's files; each CCG of `by_locality` has a test of its localities."""
    (folder / "constitutions").mkdir(parents=True)
    tables = "\n".join(f'[[ccg]]\nods = "{ccg}"\nname = "NHS {ccg} CCG"\n' for ccg in ccgs)
    (folder / "programme.toml").write_text(PROGRAMME.format(id=id, policy=policy, ccgs=tables))
    for ccg in ccgs:
        rule = SOURCE.format(ccg=ccg) + RULES[ccg]
        rule += LOCALITY_TEST.format(measure="practices") if ccg in by_locality else ""
        (folder / "constitutions" / f"{ccg}.toml").write_text(rule)
    return folder


def make_roll(
    ccgs: Sequence[str] = CCGS, practices: int = 4, localities: Mapping[str, Sequence[str]] = NO_LOCALITIES
) -> Roll:
    """So many practices of each CCG; where it has localities, one after the other in each of them."""

    def locality(ccg: str, i: int) -> str | None:
        return localities[ccg][i % len(localities[ccg])] if ccg in localities else None

    members = tuple(
        Member(
            ccg,
            f"Y{c}{i:04d}",
            f"Practice {c}-{i}",
            1000 * (i + 1),
            "Dr A",
            f"y{c}{i}@example.org",
            i + 2,
            locality(ccg, i),
        )
        for c, ccg in enumerate(ccgs)
        for i in range(practices)
    )
    return Roll(tuple(ccgs), members)


@dataclass
class World:
    """One installation, and the hands of everybody who works with it."""

    engine: Engine
    folder: Path
    policy: str = "final"
    ccgs: Sequence[str] = CCGS
    practices: int = 4
    id: str = "merger"
    localities: Mapping[str, Sequence[str]] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    keys_of: Path | None = None
    """The folder of keys of an installation that is there already."""

    def __post_init__(self) -> None:
        self.keys = self.keys_of or self.folder / "keys"
        self.instance = self.folder / "instance"
        self.instance.mkdir(parents=True)
        if self.keys_of is None:
            shutil.copytree(snapshot.keys(), self.keys)
        self.board, self.registrar, self.officer, self.deputy = (
            open_signing_key(self.keys, role)
            for role in (Role.BOARD, Role.REGISTRAR, Role.RETURNING_OFFICER, Role.DEPUTY)
        )
        self.two: tuple[SigningKey, ...] = (self.officer, self.deputy)
        self.storage = open_storage_key(self.keys)
        self.random = random.Random(7)
        self.rng = self.random.randrange
        self.desk = Desk(self.engine, self.clock, self.rng, self.board)
        self.programme_folder = write_folder(
            self.folder / "config", self.id, self.policy, self.ccgs, tuple(self.localities)
        )
        self.roll = make_roll(self.ccgs, self.practices, self.localities)
        self.installation = Installation("vote.example.org", self.instance, self.storage, keys_held(self.keys))
        self.vault = self.instance / "registrar.vault"
        self.backup = self.folder / "elsewhere" / "server.backup"
        self.trustee_keys = ceremony()[1]

    def prepare(self) -> World:
        keys = read_public_keys(self.keys)
        folder = self.programme_folder
        id = prepare(self.desk, self.installation, folder, self.roll, ceremony()[0], keys, self.officer)
        for body in practices():
            add_trial_decryption(self.engine, self.clock, id, COMMAND_LINE, body)
        return self

    def make_backup(self) -> World:
        backup_server_keys(self.desk, self.id, self.instance, self.storage, self.backup)
        try_restore(self.desk, self.id, self.backup, *self.two)
        return self

    def issue(self) -> World:
        perform(self.desk, self.id, Issue(self.vault, read_vault_public_key(self.keys)), (self.registrar,))
        return self

    def seal(self) -> World:
        """From the beginning; from a snapshot where the same was sealed before."""
        if not isinstance(self.clock, Clock):
            self._seal()
            return self
        who = ([key.public for key in (self.board, self.registrar, *self.two)], self.roll)
        snapshot.sealed_once(self.engine, self.folder, self.random, self.clock.now, who, self._seal)
        return self

    def _seal(self) -> None:
        self.prepare().make_backup().issue()
        perform(self.desk, self.id, Seal(), self.two)

    def open(self) -> World:
        self.seal()
        self.clock.now = OPENS
        return self

    @cached_property
    def entries(self) -> dict[str, VaultEntry]:
        return open_vault(self.vault, open_vault_key(self.keys))

    def links(self, ccg: str = "00A") -> list[PracticeLink]:
        found = practice_links(self.engine, self.id, self.registrar, self.entries)
        return [link for link in found if link.ccg == ccg]

    def row(self, ccg: str = "00A") -> BallotRow:
        with reading(self.engine) as session:
            row = find_ballot(session, self.id, ccg)
            assert row is not None
            return row

    def election(self, ccg: str = "00A") -> Election:
        return parse_election(G, self.row(ccg).election or b"")

    @property
    def elections(self) -> list[str]:
        """The names of all elections, in their order."""
        with reading(self.engine) as session:
            return [row.election_name for row in list_ballots(session, self.id)]

    def election_of(self, link: PracticeLink) -> str:
        """The name of the election in which the practice votes."""
        with reading(self.engine) as session:
            rows = list_ballots_of(session, self.id, link.ccg)
            return next(row.election_name for row in rows if find_practice(session, row.id, link.practice))

    def ballot(self, link: PracticeLink, vote: Sequence[int] = FOR, *more: Sequence[int]) -> bytes:
        """A ballot with one vote for each question."""
        election = self.election(self.election_of(link))
        key = derive_private_key(G, election.uuid, link.credential)
        return create_ballot(G, election, key, [vote, *more], self.rng).to_bytes()

    def cast(
        self, link: PracticeLink, body: bytes | None = None, token: str | None = None, said: bytes | None = SAID
    ) -> CastAnswer:
        data = self.ballot(link) if body is None else body
        return cast(self.engine, self.clock, self.id, link.ccg, token or link.token, data, self.board, said)

    def archive(self, ccg: str = "00A") -> bytes:
        with self.reading() as session:
            row = find_ballot(session, self.id, ccg)
            assert row is not None
            return b"".join(read_archive(session, row))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with reading(self.engine) as session:
            yield session

    def share(self, election: str, owner: int) -> bytes:
        task = to_decrypt(self.desk, self.id, election)
        key = self.trustee_keys[owner - 2]
        return create_share(G, task.election, task.tally, owner, key, self.rng).to_bytes()

    def close(self, *ccgs: str) -> None:
        self.clock.now = CLOSES
        for ccg in ccgs or self.ccgs:
            close_on_time(self.desk, self.id, ccg)

    def close_due(self, *ccgs: str) -> None:
        """Close at the time that the clock shows."""
        for ccg in ccgs:
            close_on_time(self.desk, self.id, ccg)

    def give(self, election: str, owner: int) -> bool:
        """Add the share of a trustee, or the server's; answers whether it completed the count."""
        if owner == SERVER:
            body = server_share(self.desk, self.id, election, self.instance, self.storage)
        else:
            body = self.share(election, owner)
        return perform(self.desk, self.id, GiveShare(election, owner, body))

    def tally(self, *elections: str) -> None:
        for name in elections or self.elections:
            for owner in (SERVER, 2, 4):
                self.give(name, owner)
