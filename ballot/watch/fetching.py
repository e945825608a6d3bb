"""HTTP for reading what a hostile server says: every answer bounded in size and in time, as a whole.

No redirect is followed, nothing packed is unpacked, no cookie is kept. A server that drips a byte at a time, in the
handshake, the headers or the body, is cut off by a timer that shuts the socket. Certificates are verified.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from ballot.watch.alarms import Trouble

AGENT = "Mozilla/5.0"
"""Says nothing: a board must not know a watcher from a visitor by this."""
CONNECT_SECONDS = 20.0
PIECE = 2**16
_OF_STATUS = {404: Trouble.NOT_FOUND, 503: Trouble.NOT_NOW, 429: Trouble.NOT_NOW}


class NotFetched(Exception):
    """There is no answer that could be read; `trouble` is one word."""

    def __init__(self, trouble: Trouble, detail: str) -> None:
        super().__init__(f"{trouble.value}: {detail}")
        self.trouble = trouble
        self.detail = detail


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What a server answered to something sent, whatever the status."""

    status: int
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class BoardSite:
    """A server by its base address, which may have a path. `seconds` is for a whole small answer."""

    base: str
    seconds: float = 60.0
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"expected an address such as https://vote.example.org, found {self.base[:200]}")
        if parts.username or parts.password:
            raise ValueError("an address with a password in it is never used")

    def get(self, path: str, limit: int) -> bytes:
        """The body of an answer 200; raises NotFetched for anything else, or more than `limit` bytes."""
        body = io.BytesIO()
        self._get(path, limit, self.seconds, body)
        return body.getvalue()

    def save(self, path: str, to: Path, limit: int, seconds: float) -> None:
        """The same into a file, for what is large."""
        with to.open("wb") as stream:
            self._get(path, limit, seconds, stream)

    def post(self, path: str, data: bytes, limit: int) -> PostAnswer:
        """Send something, and the answer whatever its status; raises NotFetched where there is none."""
        body = io.BytesIO()
        status, type = self._talk("POST", path, limit, self.seconds, body, data)
        return PostAnswer(status, type, body.getvalue())

    def _get(self, path: str, limit: int, seconds: float, sink: IO[bytes]) -> None:
        status, _ = self._talk("GET", path, limit, seconds, sink, None)
        if 300 <= status < 400:
            raise NotFetched(Trouble.REDIRECTED, f"{path} answers {status} and points elsewhere; not followed")
        if status != 200:
            raise NotFetched(_OF_STATUS.get(status, Trouble.STATUS), f"{path} answers {status}")

    def _talk(
        self, method: str, path: str, limit: int, seconds: float, sink: IO[bytes], data: bytes | None
    ) -> tuple[int, str]:
        deadline = _Deadline(seconds)
        try:
            connection = self._connect(deadline)
            try:
                headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Accept": "*/*", "Connection": "close"}
                connection.request(method, urlsplit(self.base).path.rstrip("/") + path, data, headers)
                with connection.getresponse() as response:
                    answer = _read(response, path, limit, sink)
            finally:
                connection.close()
            if deadline.fired:  # a body without a length looks whole when it is cut
                raise NotFetched(Trouble.UNREACHABLE, f"{path} broke off")
            return answer
        except Exception as error:  # sockets, TLS and http.client raise many kinds for garbage
            if deadline.fired:
                raise NotFetched(Trouble.TOO_SLOW, f"{path} took more than {seconds:.0f} seconds") from None
            if isinstance(error, NotFetched):
                raise
            raise NotFetched(Trouble.UNREACHABLE, f"{path}: {type(error).__name__}") from None
        finally:
            deadline.cancel()

    def _connect(self, deadline: _Deadline) -> http.client.HTTPConnection:
        parts = urlsplit(self.base)
        host = parts.hostname or ""
        secure = parts.scheme == "https"
        plain = socket.create_connection((host, parts.port or (443 if secure else 80)), CONNECT_SECONDS)
        deadline.watch(plain)
        connection = http.client.HTTPConnection(host, parts.port or (443 if secure else 80))
        if not secure:
            connection.sock = plain
            return connection
        wrapped = plain
        try:
            wrapped = self.context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
            deadline.watch(wrapped)
            wrapped.do_handshake()
        except Exception:
            wrapped.close()
            raise
        connection.sock = wrapped
        return _named_like_https(connection, host, parts.port)


def _named_like_https(
    connection: http.client.HTTPConnection, host: str, port: int | None
) -> http.client.HTTPConnection:
    """The Host header without the port that https has anyway."""
    connection.host, connection.port = host, port or 443
    connection.default_port = 443
    return connection


def _read(response: http.client.HTTPResponse, path: str, limit: int, sink: IO[bytes]) -> tuple[int, str]:
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise NotFetched(Trouble.PACKED, f"{path} is packed, though nobody asked for that")
    read = 0
    while piece := response.read(PIECE):
        read += len(piece)
        if read > limit:
            raise NotFetched(Trouble.TOO_LARGE, f"{path} has more than {limit} bytes")
        sink.write(piece)
    if response.length:
        raise NotFetched(Trouble.UNREACHABLE, f"{path} broke off")
    return response.status, response.headers.get("Content-Type", "")


class _Deadline:
    """Shuts whatever socket is watched when the time is over."""

    def __init__(self, seconds: float) -> None:
        self.fired = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, opened: socket.socket) -> None:
        """From now on this one; the time began before."""
        self._socket = opened
        if self.fired:
            self._shut()

    def cancel(self) -> None:
        self._timer.cancel()

    def _shut(self) -> None:
        self.fired = True
        if self._socket is not None:
            try:
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # past TLS, which may be in the middle
            except OSError:
                return  # it is closed already
