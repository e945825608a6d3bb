"""One message to one address, as MIME: text and HTML, and the headers that let mail systems trust it.

Headers come from settings, enums and checked values only. `check_header` and the standard library's policy both refuse
a line break. There is one recipient, the same in `To` and in SMTP. The outgoing server signs (DKIM).

A *mark* is in the Message-ID and the return path, and a bounce must quote it to be believed. It is made from the
message's name with a secret of the installation (`mail.key`), so no one else can make one up. The same name gives the
same mark, so a message that is sent again keeps its Message-ID. Older marks were hashes without a secret; they had
fewer digits and are not believed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from ballot.mail.addresses import ascii_address
from ballot.mail.messages import UNSUBSCRIBABLE, Kind
from ballot.mail.render import Rendered

LENGTH = 40
"""Hexadecimal digits: 160 bits."""
MOST = 100
"""How many marks of one report are looked up."""
_HOST = re.compile(r"[A-Za-z0-9.-]+")
_MARK = re.compile(rf"(?<![0-9A-Za-z])[0-9A-Fa-f]{{{LENGTH}}}(?![0-9A-Za-z])")
_OURS = re.compile(r"<[a-z-]{1,20}\.([0-9a-f]{32}|[0-9a-f]{40})@[A-Za-z0-9.-]{1,253}>")


@dataclass(frozen=True, slots=True, repr=False)
class MailKey:
    """The secret in `mail.key`. Never shown."""

    raw: bytes

    def mark(self, name: str) -> str:
        """The mark of the message with this name."""
        return hmac.new(self.raw, name.encode(), hashlib.sha256).hexdigest()[:LENGTH]


def make_name(kind: Kind, *about: str) -> str:
    """The name of a message in the outbox: the same for the same subject. It is not secret."""
    return f"{kind.value}.{hashlib.sha256(chr(10).join((kind.value, *about)).encode()).hexdigest()[:32]}"


def make_message_id(kind: str, mark: str, board: str) -> str:
    """The Message-ID. Drops the board's port. Raises ValueError if the board is not a host name."""
    host = board.partition(":")[0]
    if not _HOST.fullmatch(host):
        raise ValueError("the board's name is not a host name")
    return f"<{kind}.{mark}@{host}>"


def mark_of(message_id: str) -> str | None:
    """The mark in one of our Message-IDs, including older ones. None if it is not one of ours."""
    found = _OURS.fullmatch(message_id)
    return found[1] if found else None


def marks_in(text: str) -> list[str]:
    """Possible marks in a text from outside, in order, each once. Takes time linear in the text's length."""
    return list(dict.fromkeys(found.lower() for found in _MARK.findall(text)))[:MOST]


_SHORT_LINES, _LONG_HEADERS = SMTP.clone(max_line_length=76), SMTP.clone(max_line_length=200)


class _OnTheWire(EmailPolicy):
    """A policy that writes non-ASCII headers as encoded words of at most 75 characters, a line each (RFC 2047).

    The policies of the standard library sometimes lose a space between two encoded words; its older Header class does
    not. An ASCII header is not folded inside an address.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Fold one header for the wire."""
        text = str(value)
        if text.isascii() and "=?" not in text:
            return _LONG_HEADERS.fold_binary(name, value)
        addresses = getattr(value, "addresses", ())
        words = addresses[0].display_name if addresses else text
        encoded = Header(words, "utf-8", maxlinelen=75, header_name=name).encode(linesep="\r\n")
        address = f"\r\n <{addresses[0].addr_spec}>" if addresses else ""
        return f"{name}: {encoded}{address}\r\n".encode("ascii")


_WIRE = _OnTheWire(linesep="\r\n", max_line_length=200)


class InvalidHeader(ValueError):
    """A value that must not be in a header. Nothing is sent."""


@dataclass(frozen=True, slots=True)
class From:
    """The sender: the address shown, the help desk that gets the answers, and the address that gets the bounces."""

    name: str
    address: str
    reply_to: str
    return_path: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a channel is given. Text, HTML and attachments may contain a voting link, so they are not shown."""

    kind: Kind | None
    to: str
    message_id: str
    date: datetime
    sender: From
    rendered: Rendered = field(repr=False)
    attempt: int = 1
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must never be repeated from the other side's answer."""


def to_bytes(envelope: Envelope) -> bytes:
    """The whole message as sent, the same bytes each time. Raises InvalidHeader."""
    message = to_mime(envelope)
    digest = hashlib.sha256(envelope.message_id.encode()).hexdigest()[:32]
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{number}_{digest}")
    return message.as_bytes(policy=_WIRE)


def to_mime(envelope: Envelope) -> EmailMessage:
    """The message with its headers and parts. Raises InvalidHeader."""
    message = EmailMessage(policy=_SHORT_LINES)
    message["Date"] = format_datetime(envelope.date.astimezone(UTC))
    message["From"] = _address(envelope.sender.address, envelope.sender.name)
    message["To"] = _address(envelope.to)
    message["Reply-To"] = _address(envelope.sender.reply_to)
    message["Subject"] = check_header(envelope.rendered.subject)
    message["Message-ID"] = check_header(envelope.message_id)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # Exchange obeys only this one
    if envelope.kind in UNSUBSCRIBABLE:
        subject = quote(f"unsubscribe {envelope.message_id}")
        message["List-Unsubscribe"] = f"<mailto:{envelope.sender.reply_to}?subject={subject}>"
    message.set_content(envelope.rendered.text, cte="quoted-printable")
    message.add_alternative(envelope.rendered.html, subtype="html", cte="quoted-printable")
    for name, data in envelope.rendered.attachments:
        if name.endswith(".ics"):
            how = {"charset": "utf-8", "method": "PUBLISH"}
            message.add_attachment(data, maintype="text", subtype="calendar", filename=name, params=how)
        else:
            message.add_attachment(data, maintype="application", subtype="json", filename=name)
    return message


def check_header(value: str) -> str:
    """Return `value`, unless it could end a header and begin another. Raises InvalidHeader."""
    if not value or not value.isprintable():
        raise InvalidHeader("a header value must be one line of printable text")
    return value


def _address(address: str, name: str = "") -> Address:
    """Make one address. Raises InvalidHeader for anything more or less."""
    try:
        return Address(check_header(name) if name else "", addr_spec=ascii_address(address))
    except Exception:  # the standard library's address parser raises IndexError and others for odd text
        raise InvalidHeader("one e-mail address was expected") from None
