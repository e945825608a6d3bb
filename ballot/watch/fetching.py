"""HTTP for reading from a hostile server: every answer has a limit of size and of total time.

Redirects are not followed, compressed answers are refused, cookies are not stored. A timer shuts the socket of a server
that sends too slowly, in the handshake, the headers or the body. Certificates are verified.
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
"""Anonymous: a board must not recognise a watcher by this."""
CONNECT_SECONDS = 20.0
PIECE = 2**16
_OF_STATUS = {404: Trouble.NOT_FOUND, 503: Trouble.NOT_NOW, 429: Trouble.NOT_NOW}


class NotFetched(Exception):
    """There is no usable answer; `trouble` is one word for the reason."""

    def __init__(self, trouble: Trouble, detail: str) -> None:
        super().__init__(f"{trouble.value}: {detail}")
        self.trouble = trouble
        self.detail = detail


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """A server's answer to a POST, with any status."""

    status: int
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class BoardSite:
    """A server by its base address, which may have a path. `seconds` is the time limit of a small answer."""

    base: str
    seconds: float = 60.0
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"expected an address such as https://vote.example.org, found {self.base[:200]}")
        if parts.username or parts.password:
            raise ValueError("an address with a password in it is not allowed")

    def get(self, path: str, limit: int) -> bytes:
        """The body of an answer with status 200; raises NotFetched for another, or more than `limit` bytes."""
        body = io.BytesIO()
        self._get(path, limit, self.seconds, body)
        return body.getvalue()

    def save(self, path: str, to: Path, limit: int, seconds: float) -> None:
        """Like `get`, but writes a large answer to a file within `seconds`."""
        with to.open("wb") as stream:
            self._get(path, limit, seconds, stream)

    def post(self, path: str, data: bytes, limit: int) -> PostAnswer:
        """POST `data`; returns the answer with any status. Raises NotFetched if there is none."""
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
            if deadline.fired:  # a body without a length looks complete when it is cut off
                raise NotFetched(Trouble.UNREACHABLE, f"{path} broke off")
            return answer
        except Exception as error:  # sockets, TLS and http.client raise many kinds
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
    """Leave the default port of https out of the Host header."""
    connection.host, connection.port = host, port or 443
    connection.default_port = 443
    return connection


def _read(response: http.client.HTTPResponse, path: str, limit: int, sink: IO[bytes]) -> tuple[int, str]:
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise NotFetched(Trouble.PACKED, f"{path} is compressed, which was not asked for")
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
    """Shuts the watched socket after a number of seconds."""

    def __init__(self, seconds: float) -> None:
        self.fired = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, opened: socket.socket) -> None:
        """Watch this socket from now on; the timer is already running."""
        self._socket = opened
        if self.fired:
            self._shut()

    def cancel(self) -> None:
        self._timer.cancel()

    def _shut(self) -> None:
        self.fired = True
        if self._socket is not None:
            try:
                socket.socket.shutdown(
                    self._socket, socket.SHUT_RDWR
                )  # below TLS, which may be in the middle of a handshake
            except OSError:
                return  # it is already closed
