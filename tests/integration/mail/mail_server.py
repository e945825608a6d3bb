"""A real SMTP server on a free port of the loopback address, which keeps what it gets and answers as it is told."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "ballot", "hunter2"


@dataclass(frozen=True)
class Got:
    """A message as it came: who it was from and for on the wire, and all its bytes."""

    sender: str
    recipients: list[str]
    data: bytes
    encrypted: bool
    mail_options: list[str]

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.data, policy=default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class MailServer:
    """What came, and what to answer: by recipient, and to the data of a recipient's message."""

    got: list[Got] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    refuse_data: dict[str, str] = field(default_factory=dict)
    at: Callable[[str, int], None] = lambda step, number: None
    """Told each step, `RCPT` or `DATA`, with the number of messages that came before."""
    port: int = 0
    ca_file: Path | None = None

    def to(self, address: str) -> list[Got]:
        return [got for got in self.got if got.recipients == [address]]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        self.at("RCPT", len(self.got))
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        (recipient,) = envelope.rcpt_tos
        if recipient in self.refuse_data:
            return self.refuse_data[recipient]
        encrypted = server.transport.get_extra_info("ssl_object") is not None
        data = envelope.content
        assert isinstance(data, bytes)
        sender = envelope.mail_from or ""
        self.got.append(Got(sender, list(envelope.rcpt_tos), data, encrypted, list(envelope.mail_options)))
        self.at("DATA", len(self.got) - 1)
        return "250 OK"


def authenticate(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
    good = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@contextmanager
def serving(tls: str = "none", login: bool = False, folder: Path | None = None) -> Iterator[MailServer]:
    """The server until the block ends: `none`, `starttls` (and nothing before it) or `tls`."""
    handler = MailServer()
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": 0, "ready_timeout": 30}
    if tls != "none":
        assert folder is not None
        handler.ca_file = folder / "certificate.pem"
        context = server_context(folder)
        options |= {"ssl_context": context} if tls == "tls" else {"tls_context": context, "require_starttls": True}
    if login:
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": tls == "starttls"}
    controller = Server(handler, **options)
    controller.start()
    try:
        handler.port = controller.port
        yield handler
    finally:
        controller.stop(no_assert=True)


class Server(Controller):
    """On any free port, which aiosmtpd must be told to find out whether it runs."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def server_context(folder: Path) -> ssl.SSLContext:
    """A context with a certificate that only this folder's own file vouches for."""
    certificate, key = throw_away_certificate()
    (folder / "certificate.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


@cache
def throw_away_certificate() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private
