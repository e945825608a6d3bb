"""An SMTP conversation that ends, however slowly the other side talks.

`smtplib` waits so long for each piece that comes. A server that sends a byte now and then, or lines without an end, is
within that for ever, and would hold up every other message; on PostgreSQL its message would in the end be taken for
abandoned by another worker (office/send.py, CLAIM) and sent twice. Here a whole message has a limit of its own.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import time

PIECES = 10
"""A message may take as long as so many pieces: at the longest timeout there is, ten minutes. Less than any CLAIM."""


class _Limited:
    """Mixed into a client of smtplib's: replies are read until a moment, and not beyond."""

    file: object
    sock: socket.socket | None
    timeout: float
    until: float = 0

    def begin(self) -> None:
        """A message begins now, and with it its time."""
        self.until = time.monotonic() + PIECES * self.timeout

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib's, from a file that knows the limit."""
        if not self.until:  # the greeting, read while the client is being made
            self.begin()
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock, self)
        return super().getreply()  # type: ignore[misc,no-any-return]


class _Lines:
    """The lines that a socket receives; raises TimeoutError where a piece, or the message, takes too long."""

    def __init__(self, sock: socket.socket, limited: _Limited) -> None:
        self._sock, self._limited = sock, limited
        self._rest = b""

    def readline(self, most: int) -> bytes:
        """The next line, or as much of it as is allowed; empty at the end."""
        while b"\n" not in self._rest[:most] and len(self._rest) < most:
            if not (received := self._receive()):
                break
            self._rest += received
        end = self._rest.find(b"\n", 0, most) + 1 or most
        line, self._rest = self._rest[:end], self._rest[end:]
        return line

    def _receive(self) -> bytes:
        left = self._limited.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole message took too long")
        self._sock.settimeout(min(left, self._limited.timeout))
        try:
            return self._sock.recv(4096)
        except TimeoutError:
            if left < self._limited.timeout:
                raise TimeoutError("the whole message took too long") from None
            raise
        finally:
            self._sock.settimeout(self._limited.timeout)

    def close(self) -> None:
        """smtplib closes the socket by itself."""


class Conversation(_Limited, smtplib.SMTP):
    """Without TLS, or with STARTTLS."""


class TlsConversation(_Limited, smtplib.SMTP_SSL):
    """With TLS from the start."""

    def __init__(self, host: str, port: int, local_hostname: str, *, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(host, port, local_hostname, timeout=timeout, context=context)
