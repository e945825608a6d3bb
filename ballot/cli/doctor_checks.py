"""The doctor's checks of this machine: database and its clock, outbox, keys, folders, disk. Each says what to mend."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ballot.cli.refusals import Unacceptable, sentence_of
from ballot.cli.surroundings import Surroundings, connect_to, sqlite_file
from ballot.db.activity import verify_chain
from ballot.db.append_only import excess_rights
from ballot.db.outbox import newest_recipient, queue_figures, refused_by_relay
from ballot.db.session import database_time, newest_time, reading
from ballot.db.upgrade import revisions
from ballot.mail.states import DUE, UNDELIVERED, DeliveryState
from ballot.office.desk import Clock
from ballot.record.keys import Role
from ballot.registrar.errors import KeyRefused
from ballot.registrar.files import check_private
from ballot.registrar.keyring import MAIL, NAMES, STORAGE, has_passphrase, read_public_key
from ballot.strict.private import why_not_private


class Health(Enum):
    """The state of one thing."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"
    NA = "N/A"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One finding. `mend` is an instruction, empty if nothing needs doing."""

    name: str
    health: Health
    found: str
    mend: str = ""


def judged(name: str, is_good: bool, good: str, bad: str, mend: str, worst: Health = Health.FAIL) -> Diagnosis:
    """OK with `good`; otherwise `worst` with `bad` and what to mend."""
    return Diagnosis(name, Health.OK, good) if is_good else Diagnosis(name, worst, bad, mend)


SKEW = timedelta(seconds=2)
WAITING = timedelta(minutes=15)
FREE = 2**30
REFUSED = (DeliveryState.DEFERRED, DeliveryState.FAILED)
MAKE_PROGRAMMES = "make it, for the service's user; each programme is a folder in it"
OF_THE_SERVER = (Role.BOARD.value, STORAGE, MAIL)
"""Keys that the server opens without a person."""
ELSEWHERE = {
    Role.RETURNING_OFFICER.value: "move it to its owner: two people, two machines",
    Role.DEPUTY.value: "move it to its owner: two people, two machines",
    Role.REGISTRAR.value: "move it to the registrar's machine; if ballot worker --unlock runs here, only for that time",
}
"""Keys that belong on another machine than the server, and what to do."""


def database(here: Surroundings, clock: Clock) -> Iterator[Diagnosis]:
    """Check that the database answers, has this version, agrees on the time, is protected and sends its outbox."""
    engine = connect_to(here.config.database)
    try:
        file = sqlite_file(engine)
        if file is not None and not file.is_file():
            yield Diagnosis("database", Health.FAIL, f"there is no {file}", "run ballot db upgrade")
            return
        found, expected = revisions(engine)
        yield Diagnosis("database", Health.OK, f"{engine.dialect.name} answers")
        yield judged(
            "tables",
            found == expected,
            f"of version {found}",
            f"of version {found or 'none'}, and {expected} was expected",
            "stop the server, make a backup, run ballot db upgrade",
        )
        if found == expected:
            yield from _inside(engine, clock)
    except SQLAlchemyError as error:
        yield Diagnosis(
            "database",
            Health.FAIL,
            sentence_of(error) or type(error).__name__,
            'start it, or mend the setting "database"; the password may come from BALLOT_DATABASE_FILE; '
            "where a permission is missing, ballot db roles --apply NAME as the owner",
        )
    finally:
        engine.dispose()


def _inside(engine: Engine, clock: Clock) -> Iterator[Diagnosis]:
    now, theirs = clock(), database_time(engine)
    if theirs is None:
        yield Diagnosis("clock of the database", Health.NA, "SQLite has none of its own")
    else:
        yield clock_finding(now, theirs)
    newest = newest_time(engine)
    yield judged(
        "clock and chains",
        newest is None or newest <= now + SKEW,
        "no event is later than now",
        f"the newest event is of {newest}, later than now: times stand still until then",
        "set this machine's clock by NTP; find out which clock was wrong, and tell the returning officer",
    )
    with reading(engine) as session:
        refused, answer = refused_by_relay(session, [state.value for state in REFUSED])
        queue = queue_figures(session, [s.value for s in DUE], [s.value for s in UNDELIVERED], now)
        broken = next(verify_chain(session), None)
    yield judged("activity log", broken is None, "its chain is whole", f"{broken}", "see Incidents in the handbook")
    yield judged(
        "outbox",
        queue.oldest is None or now - queue.oldest < WAITING,
        f"{queue.due} e-mails are due, none for long",
        f"{queue.due} e-mails are due, the oldest since {queue.oldest}",
        "start ballot worker, with --unlock for voting links; ballot mail status says what each waits for",
        Health.WARN,
    )
    yield judged(
        "e-mails refused",
        not refused,
        "none by our own mail server",
        f"{refused} wait or were given up, since our own mail server does not let us send: {answer}",
        "mend relaying, login or sender at that server; then ballot mail retry for what was given up",
    )
    if engine.dialect.name == "postgresql":
        many = excess_rights(engine)
        yield judged(
            "role of the app",
            not many,
            "cannot change or remove a row of the board",
            f"could change or remove rows of {', '.join(many)}",
            "ballot db roles --apply NAME as the owner; then name that role in the settings of serve and worker",
            Health.WARN,
        )


def newest_address(here: Surroundings) -> str | None:
    """The recipient of the newest message; None if there is no message or no database."""
    try:
        with reading(here.engine) as session:
            return newest_recipient(session)
    except (SQLAlchemyError, Unacceptable):
        return None


def clock_finding(ours: datetime, theirs: datetime) -> Diagnosis:
    """The difference between the two clocks."""
    apart = abs(theirs - ours)
    return judged(
        "clock of the database",
        apart <= SKEW,
        f"{apart.total_seconds():.1f} s from ours",
        f"{apart.total_seconds():.1f} s from ours, and at most {SKEW.seconds} were expected",
        "let both machines keep time by NTP; votes count by the application's clock",
    )


def keys(here: Surroundings) -> Iterator[Diagnosis]:
    """Check that the keys exist, are private, and open with the passphrases given."""
    folder = here.config.keys
    for role in Role:
        try:
            read_public_key(folder, role)
        except KeyRefused as refused:
            yield Diagnosis(
                f"public key {role.value}", Health.FAIL, refused.sentence, "ballot keys init, or copy the .pub here"
            )
    needed: dict[str, Callable[[], object]] = {Role.BOARD.value: lambda: here.board, STORAGE: lambda: here.storage}
    if here.config.mail is not None:
        needed[MAIL] = lambda: here.mail_key
    for name, opened in needed.items():
        try:
            check_private(folder / "private" / f"{name}.key")
            opened()
            yield Diagnosis(f"key {name}", Health.OK, "private, and opens")
        except KeyRefused as refused:
            mend = f"chmod 600 the file; its passphrase in BALLOT_PASSPHRASE or the credential passphrase ({name})"
            if not (folder / "private" / f"{name}.key").is_file():
                mend = "copy it from where it is kept; only for a new installation: ballot keys init"
            yield Diagnosis(f"key {name}", Health.FAIL, refused.sentence, mend)
    for path in sorted((folder / "private").glob("*.key")):
        name = f"key {path.stem}"
        if (reason := why_not_private(path)) is not None:
            yield Diagnosis(name, Health.FAIL, reason.removesuffix("."), f"chmod 600 {path}")
            continue
        if path.stem in ELSEWHERE:
            yield Diagnosis(name, Health.WARN, "lies on this machine", ELSEWHERE[path.stem])
        if path.stem in NAMES and not _has_passphrase(folder, path.stem):
            mend = f"ballot keys passphrase --name {path.stem}: without one, whoever copies the file has the key"
            looked_at = f"passphrase {path.stem}" if path.stem in OF_THE_SERVER else name
            yield Diagnosis(looked_at, Health.WARN, "has no passphrase", mend)


def _has_passphrase(folder: Path, name: str) -> bool:
    """Whether a key has a passphrase. A file that is no key is reported by the check that opens it."""
    try:
        return has_passphrase(folder, name)
    except KeyRefused:
        return True


def files(here: Surroundings) -> Iterator[Diagnosis]:
    """Check that the instance's folder is writable, private and has room."""
    folder = here.config.instance
    if not folder.is_dir():
        yield Diagnosis(
            "instance", Health.FAIL, f"there is no folder {folder}", "make it, for the service's user alone"
        )
        return
    loose = [path.name for path in _private_files(folder) if why_not_private(path) is not None]
    yield judged(
        "instance", not loose, "its files are private", f"others may read {', '.join(loose)}", "chmod 600 them"
    )
    file = sqlite_file(connect_to(here.config.database))
    for name, place in (("disk", folder), ("disk of the database", None if file is None else file.parent)):
        if place is not None and place.is_dir():
            free = shutil.disk_usage(place).free
            yield judged(
                name,
                free >= FREE,
                f"{free / 2**30:.1f} GiB are free",
                f"{free / 2**30:.1f} GiB are free, and 1 was expected",
                "make room before voting: a full disk refuses votes, and loses none",
            )
    if not here.config.programmes.is_dir():
        yield Diagnosis("programmes", Health.FAIL, f"there is no folder {here.config.programmes}", MAKE_PROGRAMMES)


def _private_files(folder: Path) -> Iterator[Path]:
    for pattern in ("*.server-keys", "*.vault", "*.db"):
        yield from sorted(folder.glob(pattern))
