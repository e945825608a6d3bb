"""What this verifier has verified before, so that a run can continue an interrupted one, or one on a shorter archive.

Only the slow part is remembered: that all ballots from the archive's Setup up to an event were checked without a fault.
The file stores that event's hash, which commits to the whole chain before it: setup, credentials and ballots. Every run
does everything else again, also the tally.

The file is trusted only with a valid MAC, whose key is in the user's home and in no record, and only for the same
verifier (by the bytes of its sources) and the same arithmetic. The report counts the ballots not checked again.
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
"""Seconds between two writes of the file."""

ROOMS = ("ballot.audit", "ballot.protocol")
"""The packages whose sources define what a verified ballot is."""


class UntrustedMemory(Exception):
    """This verifier did not write the file for this user; the message says what to do."""


class Memory:
    """A file with the hashes of events up to which everything was verified. `clock` counts seconds."""

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
        """Whether an earlier run verified the ballots up to this event."""
        return event_hash in self._before

    def learn(self, event_hash: bytes) -> None:
        """Remember that the ballots up to this event are verified; the file is written every PAUSE seconds."""
        if event_hash in self._verified:
            return
        self._verified[event_hash] = None
        self._changed = True
        if self._clock() - self._saved >= PAUSE:
            self.save()

    def save(self) -> None:
        """Write what is new. An interruption leaves the older file intact; a failure becomes a note of the report."""
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
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            with temporary.open("xb") as out:
                out.write(f"{self._mac(body)}\n".encode() + body)
            temporary.replace(self.path)
        finally:
            temporary.unlink(missing_ok=True)

    def _mac(self, body: bytes) -> str:
        return hmac.new(self._key, body, hashlib.sha256).hexdigest()

    def _read(self) -> dict[bytes, None]:
        """The hashes in the file, in order. Nothing is parsed before its MAC is checked."""
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
                f"{self.path} was not written by this verifier for this user, or was altered since: "
                "it is not used. Name another file to start again"
            )
        if not body.startswith(self._head.encode()):
            self.notes.append(f"{self.path} is from another version or other arithmetic: everything was verified again")
            return {}
        return {bytes.fromhex(line.decode()): None for line in body[len(self._head.encode()) :].split()}


def sources_hash() -> str:
    """SHA-256 over the sources of ROOMS: another version does not use this one's memory."""
    digest = hashlib.sha256()
    for room in ROOMS:
        for file in sorted(resources.files(room).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".py"):
                body = file.read_bytes()
                digest.update(f"{room} {file.name} {len(body)}\n".encode() + body)
    return digest.hexdigest()


def read_key(home: Path) -> bytes:
    """The user's key in the folder `home`, created at first use, readable by the user only. Raises OSError."""
    path = home / "resume.key"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    key = path.read_bytes()
    if len(key) != 32:
        raise OSError(f"{path} does not hold a key of 32 bytes. Remove it; then earlier runs are forgotten")
    return key


def home_folder() -> Path:
    """The user's folder for state of this software."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "ballot"
