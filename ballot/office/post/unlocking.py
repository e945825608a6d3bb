"""Unlock the worker from a page: the server hands the registrar's passphrases over a socket in the instance's folder.

The socket `worker.sock` has mode 0600, and the worker answers only processes of its own user. One line of JSON each
way. The worker opens the registrar's key and the vault, keeps the voting links in its memory until it is locked or
ends, and forgets the passphrases. Neither side writes or logs one. Where server and worker run on different machines,
the page cannot reach the worker, and the registrar uses `ballot worker --unlock`.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from ballot.office.post.voting_links import VotingLinks
from ballot.protocol.canonical import fields, parse_json, text, write_json
from ballot.protocol.errors import InvalidMessage
from ballot.registrar.errors import KeyRefused

SOCKET = "worker.sock"
LONGEST = 16_384
"""Bytes of a question or an answer."""
_FIELDS = ("do", "registrar", "vault", "state", "refused")
PATIENCE = 60.0
"""Seconds: two passphrases are stretched meanwhile, and the vault is read."""

Open = Callable[[str, str], VotingLinks]
"""Opens the registrar's key and the vault with their passphrases. Raises KeyRefused."""


class WorkerState(Enum):
    """Whether voting links are sent at the moment."""

    AWAY = "away"
    """No worker of this machine answers."""
    LOCKED = "locked"
    UNLOCKED = "unlocked"


class Lock:
    """The worker's side: voting links while it is unlocked, and the thread that answers at the socket."""

    def __init__(self, folder: Path, opened_with: Open, links: VotingLinks | None) -> None:
        self.links = links
        self._path, self._opened_with = folder / SOCKET, opened_with

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answer at the socket inside the block. There is none if another worker answers, or it cannot be made."""
        if worker_state(self._path.parent) is not WorkerState.AWAY:
            yield
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            if bound := self._bind(listener):
                threading.Thread(target=self._serve, args=(listener,), name="unlocking", daemon=True).start()
            try:
                yield
            finally:
                if bound:
                    self._path.unlink(missing_ok=True)

    def _bind(self, listener: socket.socket) -> bool:
        before = os.umask(0o177)
        try:
            self._path.unlink(missing_ok=True)
            with _address(self._path.parent) as address:
                listener.bind(address)
            listener.listen(4)
        except OSError:
            return False
        finally:
            os.umask(before)
        return True

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:  # The worker ends
                return
            with peer, contextlib.suppress(OSError, InvalidMessage):
                peer.settimeout(PATIENCE)
                if _is_own(peer):
                    peer.sendall(write_json(self._answer(_line(peer))) + b"\n")

    def _answer(self, asked: dict[str, str]) -> dict[str, str]:
        refused = ""
        if asked.get("do") == "unlock":
            try:
                self.links = self._opened_with(asked.get("registrar", ""), asked.get("vault", ""))
            except KeyRefused as refusal:
                refused = refusal.sentence
        elif asked.get("do") == "lock":
            self.links = None
        state = WorkerState.LOCKED if self.links is None else WorkerState.UNLOCKED
        return {"state": state.value, "refused": refused}


def worker_state(folder: Path) -> WorkerState:
    """Whether the worker of this instance is unlocked."""
    return _ask(folder, {"do": "say"})


def lock_worker(folder: Path) -> WorkerState:
    """Make the worker forget the voting links."""
    return _ask(folder, {"do": "lock"})


def unlock_worker(folder: Path, registrar: str, vault: str) -> WorkerState:
    """Hand both passphrases to the worker. Raises KeyRefused, in its words, if a key does not open."""
    return _ask(folder, {"do": "unlock", "registrar": registrar, "vault": vault})


def _ask(folder: Path, question: dict[str, str]) -> WorkerState:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            peer.settimeout(PATIENCE)
            with _address(folder) as address:
                peer.connect(address)
            if not _is_own(peer):
                return WorkerState.AWAY
            peer.sendall(write_json(question) + b"\n")
            answer = _line(peer)
            state = WorkerState(answer.get("state"))
    except (OSError, ValueError, InvalidMessage):
        return WorkerState.AWAY
    if refused := answer.get("refused"):
        raise KeyRefused(refused)
    return state


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """The socket's path. A socket's is at most 107 bytes long, so it goes by the open folder where there is /proc."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{SOCKET}" if Path("/proc/self/fd").exists() else str(folder / SOCKET)
    finally:
        os.close(opened)


def _is_own(peer: socket.socket) -> bool:
    """Whether the other end is of our own user. Where the system cannot say, the socket's mode has to do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    _, user, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return bool(user == os.getuid())


def _line(peer: socket.socket) -> dict[str, str]:
    """The fields of a question or an answer, all text. Raises InvalidMessage for anything else."""
    data = b""
    while not data.endswith(b"\n") and len(data) <= LONGEST:
        piece = peer.recv(LONGEST)
        if not piece:
            break
        data += piece
    value = fields(parse_json(data), _FIELDS, optional=_FIELDS)
    return {name: text(entry) for name, entry in value.items()}
