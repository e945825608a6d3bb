"""What this verifier remembers having verified, so that an interrupted run, or one on a grown archive, goes on.

Only the dear part is remembered: that the ballots up to an event, every one since the archive's Setup, were checked
without a fault. What is kept is that event's hash, which commits to the whole chain before it: setup, credentials and
ballots. Everything else, the tally included, is done again in every run.

The file is believed only under a MAC whose key lies in the user's home and in nobody's record, and only for the same
verifier (by the bytes of its sources) and the same arithmetic. The report says how many ballots it did not check again.
See docs/adr/0018-resuming.md. What is *not* done here: deciding when a chain is whole enough to ask (elections.py).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path

TITLE = "ballot resume v1"
MAX_FILE = 2**28
PAUSE = 5.0
"""Seconds between two savings."""

ROOMS = ("ballot.audit", "ballot.protocol")
"""Whose sources decide what it means that a ballot was verified."""


class UntrustedMemory(Exception):
    """The file named is not one that this verifier wrote for this user; the message says what to do."""


class Memory:
    """Hashes of events up to which everything was verified, in a file. `clock` counts seconds."""

    def __init__(
        self, path: Path, key: bytes, backend: str, clock: Callable[[], float] = time.monotonic, verifier: str = ""
    ) -> None:
        self.path = path
        self.notes: list[str] = []
        self._key, self._clock, self._saved = key, clock, clock()
        self._head = f"{TITLE}\nverifier {verifier or sources_hash()}\nbackend {backend}\n"
        self._verified = self._read()
        self._before = frozenset(self._verified)
        self._changed = False

    def knows(self, event_hash: bytes) -> bool:
        """Whether the ballots up to this event were verified in an earlier run."""
        return event_hash in self._before

    def learn(self, event_hash: bytes) -> None:
        """The ballots up to this event are verified; written down now and then."""
        if event_hash in self._verified:
            return
        self._verified[event_hash] = None
        self._changed = True
        if self._clock() - self._saved >= PAUSE:
            self.save()

    def save(self) -> None:
        """Write down what is new; whoever stops us meanwhile leaves the older file whole. What fails is a note."""
        if not self._changed:
            return
        self._changed, self._saved = False, self._clock()
        try:
            self._write()
        except OSError as error:
            note = f"{self.path} could not be written ({error.strerror}): nothing is remembered for a later run"
            self.notes += [] if note in self.notes else [note]

    def _write(self) -> None:
        body = (self._head + "".join(f"{hash.hex()}\n" for hash in self._verified)).encode()
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            with beside.open("xb") as out:
                out.write(f"{self._mac(body)}\n".encode() + body)
            beside.replace(self.path)
        finally:
            beside.unlink(missing_ok=True)

    def _mac(self, body: bytes) -> str:
        return hmac.new(self._key, body, hashlib.sha256).hexdigest()

    def _read(self) -> dict[bytes, None]:
        """What the file says, in order; nothing of it is looked at before its MAC holds."""
        try:
            if not stat.S_ISREG(self.path.stat().st_mode):
                raise UntrustedMemory(f"{self.path} is not a file")
            with self.path.open("rb") as stream:
                data = stream.read(MAX_FILE)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise UntrustedMemory(f"{self.path} cannot be read: {error.strerror}") from None
        mac, _, body = data.partition(b"\n")
        if not hmac.compare_digest(mac, self._mac(body).encode()):
            raise UntrustedMemory(
                f"{self.path} was not written by this verifier for this user, or was changed since: "
                "nothing in it is believed. Name another file to begin anew"
            )
        if not body.startswith(self._head.encode()):
            self.notes.append(f"{self.path} is of another version or another arithmetic: everything was verified anew")
            return {}
        return {bytes.fromhex(line.decode()): None for line in body[len(self._head.encode()) :].split()}


def sources_hash() -> str:
    """SHA-256 over the sources of the rooms that verify: another version remembers nothing of this one's work."""
    digest = hashlib.sha256()
    for room in ROOMS:
        for file in sorted(resources.files(room).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".py"):
                body = file.read_bytes()
                digest.update(f"{room} {file.name} {len(body)}\n".encode() + body)
    return digest.hexdigest()


def read_key(home: Path) -> bytes:
    """The user's own key in the folder `home`, made there once, readable by the user only. Raises OSError."""
    path = home / "resume.key"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    key = path.read_bytes()
    if len(key) != 32:
        raise OSError(f"{path} does not hold a key of 32 bytes; remove it, and nothing is remembered of before")
    return key


def home_folder() -> Path:
    """Where the user's programs keep such things."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "ballot"
