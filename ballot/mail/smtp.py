"""The channel to any SMTP server: STARTTLS or TLS with a checked certificate, one connection for a whole run.

| the server says                          | what happens to the message                                       |
|------------------------------------------|-------------------------------------------------------------------|
| 2xx after the data                       | sent                                                              |
| 4xx to the recipient or the data         | deferred; the next message is tried                               |
| 5xx to the recipient                     | bounced; the next message is tried                                |
| 5xx to the recipient, and it means us    | deferred; the run stops: no relaying, no login (states.py)        |
| 421, any other 5xx, or no answer         | deferred; the run stops, because the next would fail too          |
| anything, too slowly                     | deferred; the run stops, after ten times the timeout              |

Servers close a connection that was idle, or has carried many messages. So if a kept connection turns out to be gone
before any data was sent, a new one is opened at once for the same message. After that point the server may have
accepted the message, so it is not sent again at once: it is deferred, and repeated later with the same Message-ID.

`smtplib` has a timeout for each piece that arrives, so a server that sends a byte now and then could delay all messages
for ever. Here a whole message has a limit. If the server supports delivery status notifications (RFC 3461), it is asked
to return headers only, so that a bounce does not contain a voting link.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import time
from collections.abc import Collection
from typing import Any

from ballot.mail.addresses import ascii_address
from ballot.mail.channel import Delivery, SendOutcome
from ballot.mail.envelope import Envelope, InvalidHeader, mark_of, to_bytes
from ballot.mail.settings import SmtpSettings, Tls
from ballot.mail.states import is_our_fault, short_reason

PIECES = 10
"""A message may take this many timeouts: ten minutes at the longest timeout. It must be less than any CLAIM."""


class _Limited:
    """A mix-in for smtplib's clients that stops reading replies at a deadline."""

    file: object
    sock: socket.socket | None
    timeout: float
    until: float
    sends_data: bool = False
    """Whether the message's data was begun, so that the server may have accepted it."""

    def begin(self, until: float) -> None:
        """Begin a message, with the moment at which it has taken too long."""
        self.until, self.sends_data = until, False

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the data as smtplib does, and remember that."""
        self.sends_data = True
        return super().data(msg)  # type: ignore[misc,no-any-return]

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply as smtplib does, but from a file that knows the deadline."""
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock, self)
        return super().getreply()  # type: ignore[misc,no-any-return]


class _Lines:
    """The lines that a socket receives. Raises TimeoutError if a piece, or the message, takes too long."""

    def __init__(self, sock: socket.socket, limited: _Limited) -> None:
        self._sock, self._limited = sock, limited
        self._rest = b""

    def readline(self, most: int) -> bytes:
        """The next line, or as much of it as is allowed. Empty at the end."""
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
        """Do nothing: smtplib closes the socket itself."""


class Conversation(_Limited, smtplib.SMTP):
    """A connection without TLS, or with STARTTLS."""

    def __init__(self, host: str, port: int, local_hostname: str, *, timeout: float, until: float) -> None:
        self.begin(until)  # the greeting is read while the client is being made
        super().__init__(host, port, local_hostname, timeout=timeout)


class TlsConversation(_Limited, smtplib.SMTP_SSL):
    """A connection with TLS from the start."""

    def __init__(
        self, host: str, port: int, local_hostname: str, *, timeout: float, until: float, context: ssl.SSLContext
    ) -> None:
        self.begin(until)
        super().__init__(host, port, local_hostname, timeout=timeout, context=context)


CLOSING = 421


class SmtpChannel:
    """An SMTP channel. It connects at the first message, and again when the connection is lost."""

    attaches = True

    def __init__(self, settings: SmtpSettings, host: str) -> None:
        """`host` is the name we greet the server with: the board's name, without a port."""
        self._settings = settings
        self._host = host
        self._server: Conversation | TlsConversation | None = None

    def send(self, envelope: Envelope) -> Delivery:
        """Send one message to the server."""
        try:
            message = to_bytes(envelope)
            recipient = ascii_address(envelope.to)
        except (InvalidHeader, ValueError) as fault:
            return Delivery(SendOutcome.BOUNCED, str(fault))
        try:
            refused = self._hand_over(envelope, recipient, message)
        except smtplib.SMTPResponseException as fault:
            stop = fault.smtp_code == CLOSING or fault.smtp_code >= 500 or not isinstance(fault, smtplib.SMTPDataError)
            self._after(stop)
            return Delivery(SendOutcome.DEFERRED, _answer(fault.smtp_code, fault.smtp_error, envelope), stop)
        except (OSError, smtplib.SMTPException) as fault:
            self.close()
            return Delivery(SendOutcome.DEFERRED, _said(fault, envelope), stop=True)
        if refused is None:
            return Delivery(SendOutcome.SENT, "accepted by the mail server")
        code, said = refused
        ours = is_our_fault(code, said.decode("utf-8", "replace"))
        stop = ours or code == CLOSING
        self._after(stop)
        outcome = SendOutcome.BOUNCED if code >= 500 and not ours else SendOutcome.DEFERRED
        return Delivery(outcome, _answer(code, said, envelope), stop)

    def try_connection(self, sender: str, recipients: Collection[str]) -> str | None:
        """Connect as the settings say, and ask whether we may send to these addresses. Sends nothing.

        Returns None, or why it does not work. An unknown recipient address does not count.
        """
        try:
            server = self._connection(self._limit())
            if (answer := _sending_refused(server, sender, recipients)) is not None:
                return f"the mail server does not let us send: {answer}"
        except (OSError, smtplib.SMTPException) as fault:
            if isinstance(fault, ssl.SSLCertVerificationError):
                return f"the server's certificate was not accepted: {fault.verify_message}"
            if isinstance(fault, smtplib.SMTPResponseException):
                return f"the mail server answered {fault.smtp_code}"
            return f"the mail server cannot be reached: {getattr(fault, 'strerror', None) or type(fault).__name__}"
        finally:
            self.close()
        return None

    def close(self) -> None:
        """Close the connection politely if it is still there."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _limit(self) -> float:
        """The moment at which a message that begins now has taken too long, whatever connections it needs."""
        return time.monotonic() + PIECES * self._settings.timeout

    def _hand_over(self, envelope: Envelope, recipient: str, message: bytes) -> tuple[int, bytes] | None:
        """None if the server accepted the message, else its answer to the recipient."""
        until, kept = self._limit(), self._server
        if kept is not None:
            kept.begin(until)
            try:
                refused = self._say(kept, envelope, recipient, message)
                if refused is None or refused[0] != CLOSING:
                    return refused
            except (OSError, smtplib.SMTPException) as fault:
                if kept.sends_data or not _is_gone(fault):
                    raise
            self.close()
        return self._say(self._connection(until), envelope, recipient, message)

    def _say(
        self, server: smtplib.SMTP, envelope: Envelope, recipient: str, message: bytes
    ) -> tuple[int, bytes] | None:
        """Hand the message over on this connection. None if it was accepted, else the answer to the recipient."""
        knows_dsn = server.has_extn("dsn")
        mark = mark_of(envelope.message_id) or envelope.message_id.strip("<>")
        mail = ["RET=HDRS", f"ENVID={mark}"] if knows_dsn else []  # RFC 3461 allows 100 characters for ENVID
        rcpt = ["NOTIFY=FAILURE,DELAY"] if knows_dsn else []
        try:
            server.sendmail(envelope.sender.return_path, [recipient], message, mail, rcpt)
        except smtplib.SMTPRecipientsRefused as refusal:
            return refusal.recipients[recipient]
        return None

    def _connection(self, until: float) -> Conversation | TlsConversation:
        """Open a new connection."""
        settings = self._settings
        place = (settings.host, settings.port, self._host)
        if settings.tls is Tls.TLS:
            server: Conversation | TlsConversation = TlsConversation(
                *place, timeout=settings.timeout, until=until, context=self._context()
            )
        else:
            server = Conversation(*place, timeout=settings.timeout, until=until)
        try:
            if settings.tls is Tls.STARTTLS:
                server.starttls(context=self._context())
            if settings.user is not None and settings.password is not None:
                server.login(settings.user, settings.password)
        except BaseException:
            server.close()
            raise
        self._server = server
        return server

    def _context(self) -> ssl.SSLContext:
        """The TLS context: checks the certificate and the name in it; TLS 1.2 or newer."""
        context = ssl.create_default_context(cafile=self._settings.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _after(self, stop: bool) -> None:
        """Close the connection if it may be in an unknown state, so that the next message opens a new one."""
        if stop:
            self.close()


def _is_gone(fault: Exception) -> bool:
    """Whether this means that the connection is closed or dead, so that a new one may work."""
    if isinstance(fault, smtplib.SMTPResponseException):
        return fault.smtp_code == CLOSING
    return isinstance(fault, (OSError, smtplib.SMTPServerDisconnected))


def _sending_refused(server: smtplib.SMTP, sender: str, recipients: Collection[str]) -> str | None:
    """Name sender and recipients, and stop before the data. Returns the answer if it refuses us as a sender."""
    server.ehlo_or_helo_if_needed()
    for recipient in recipients:
        try:
            address = ascii_address(recipient)
        except ValueError:
            continue
        code, said = server.mail(sender)
        if code < 500:
            code, said = server.rcpt(address)
            if not is_our_fault(code, said.decode("utf-8", "replace")):
                server.rset()
                continue
        return short_reason(f"{code} {said.decode('utf-8', 'replace')}")
    return None


def _answer(code: int, said: bytes | str, envelope: Envelope) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return short_reason(f"{code} {text}", envelope.secrets)


def _said(fault: Exception, envelope: Envelope) -> str:
    """Why the connection failed. Certificates and names have their own sentences, because different people fix them."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return short_reason(f"the server's certificate was not accepted: {fault.verify_message}")
    if isinstance(fault, TimeoutError):
        return "the mail server did not answer in time"
    if isinstance(fault, OSError) and fault.strerror:
        return short_reason(f"the mail server cannot be reached: {fault.strerror}")
    return short_reason(f"the mail server closed the connection: {fault}", envelope.secrets)
