"""Read a message in the bounce mailbox as a report: which of our messages it is about, and what happened to it.

The mark (envelope.py) identifies the message. It can be anywhere: in the return path that the report came to, or in the
returned message, its headers, the status part or the text, encoded or not. An address alone proves nothing, because the
practices' addresses are known. The status part (RFC 3464) says what happened. It is read as text, whatever its type or
encoding, one block of fields after another. For servers that do not send one, flufl.bounce (Mailman's library) reads a
few short lines. The report's own text is never stored: it may contain the whole message with its voting link.
"""

from __future__ import annotations

import binascii
import logging
import quopri
import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import HeaderParser
from enum import Enum

from flufl.bounce import all_failures

from ballot.mail.envelope import marks_in
from ballot.mail.report_limits import LARGEST, ReportTooLarge, check_limits, shortened, time_limit
from ballot.mail.states import short_reason
from ballot.strict.email_syntax import LONGEST_ADDRESS

MOST_BLOCKS = 100
_LONGEST = 2000
"""How many characters of a field are read."""
_COMMENT = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"\s*([a-z]+)", re.IGNORECASE)
_CLASS = re.compile(r"\s*([245])\.")


class Fate(Enum):
    """What happened to the message for one recipient. If a report has several, the first in this order counts."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    PASSED_ON = "passed on"
    """Relayed to a server that sends no reports, or expanded to several recipients: it may have arrived or not."""


_ACTIONS = {
    "failed": Fate.FAILED,
    "failure": Fate.FAILED,
    "error": Fate.FAILED,  # OpenSMTPD
    "delayed": Fate.DELAYED,
    "delivered": Fate.DELIVERED,
    "relayed": Fate.PASSED_ON,
    "expanded": Fate.PASSED_ON,
}
_CLASSES = {"5": Fate.FAILED, "4": Fate.DELAYED, "2": Fate.PASSED_ON}
"""Used if no action is given. With status class 2 the message may have been delivered, or relayed."""


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """What happened for one recipient, with every address that the report gives for it, in lower case."""

    addresses: tuple[str, ...]
    fate: Fate
    reason: str


def read_statuses(text: str) -> list[RecipientStatus]:
    """The statuses in a status part, in its order."""
    found = []
    for block in re.split(r"\n[ \t\r]*\n", text.strip(), maxsplit=MOST_BLOCKS)[:MOST_BLOCKS]:
        fields = HeaderParser().parsestr(block.lstrip())
        fate = _fate(fields)
        if fate is not None:
            addresses = dict.fromkeys(filter(None, map(plain_address, _values(fields))))
            found.append(RecipientStatus(tuple(addresses), fate, _reason(fields)))
    return found


def _values(fields: Message) -> list[str]:
    return [_field(fields, name) for name in ("Original-Recipient", "Final-Recipient", "X-Actual-Recipient")]


def _fate(fields: Message) -> Fate | None:
    if word := _WORD.match(_field(fields, "Action")):
        return _ACTIONS.get(word[1].lower())
    number = _CLASS.match(_field(fields, "Status"))
    return _CLASSES[number[1]] if number else None


def plain_address(value: str) -> str | None:
    """The address in `rfc822; <a@example.org> (comment)`, in lower case. None if there is none that can be shown."""
    bare = _COMMENT.sub("", value).rpartition(";")[2].strip().strip("<>\"' ").lower()
    return bare if "@" in bare and len(bare) <= LONGEST_ADDRESS and bare.isprintable() and " " not in bare else None


def _reason(fields: Message) -> str:
    """The other server's answer, in one line."""
    for name in ("Diagnostic-Code", "Status"):
        if said := _field(fields, name):
            return short_reason(said)
    return _UNSAID


def _field(fields: Message, name: str) -> str:
    """A field on one line. A field with odd bytes is not a string, hence str()."""
    return " ".join(str(fields.get(name, ""))[:_LONGEST].split())


_STATUS = ("message/delivery-status", "message/global-delivery-status")
_DAEMON = re.compile(
    r"mailer.?daemon|mail.?daemon|postmaster|mail delivery|system administrator|microsoftexchange|^\s*<>\s*$",
    re.IGNORECASE,
)
_ENCODED_WORD = re.compile(rb"=\?[A-Za-z0-9-]{1,20}\?[Bb]\?([A-Za-z0-9+/=]{1,400})\?=")
_UNSAID = "returned by the recipient's mail server"
_log = logging.getLogger("flufl.bounce")
_log.addHandler(logging.NullHandler())
_log.propagate = False  # keep errors about hostile messages out of every log


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What a bounce says: the marks in it, and the status of each recipient.

    No status means that a mail server reported something that we did not understand.
    """

    marks: tuple[str, ...]
    statuses: tuple[RecipientStatus, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that it names as a recipient."""
        return tuple(dict.fromkeys(address for status in self.statuses for address in status.addresses))

    def fate_of(self, to: str) -> RecipientStatus | None:
        """The status of a message to this address: its own or, if the report does not name it, all recipients'."""
        named = [status for status in self.statuses if to.lower() in status.addresses]
        order = list(Fate)
        return min(named or self.statuses, key=lambda status: order.index(status.fate), default=None)


def read_bounce(data: bytes) -> BounceReport | None:
    """Read the report in a message. None for an answer or an automatic reply. Raises ReportTooLarge."""
    data = data[:LARGEST]
    check_limits(data)
    try:
        with time_limit():
            return _read(data)
    except ReportTooLarge:
        raise
    except Exception:  # a parser, or a detector of the library, met input that it does not handle
        return None


def _read(data: bytes) -> BounceReport | None:
    message = message_from_bytes(data)
    parts = list(message.walk())
    contents = {part: _content(part) for part in parts if part.get_content_maintype() != "multipart"}
    marks = marks_in("\n".join([*_readings(data), *contents.values()]))
    statuses = [
        status for part in parts if part.get_content_type() in _STATUS for status in read_statuses(contents[part])
    ]
    is_report = _is_report(message)
    if not statuses and is_report:
        texts = {part: text for part, text in contents.items() if part.get_content_maintype() == "text"}
        statuses = _by_library(shortened(message, texts))
    return BounceReport(tuple(marks), tuple(statuses)) if statuses or is_report else None


def _readings(data: bytes) -> list[str]:
    """The bytes as text: as they are, with quoted-printable line ends joined, and with encoded words decoded."""
    words = [_base64(word) for word in _ENCODED_WORD.findall(data)]
    return [each.decode("latin-1") for each in (data, quopri.decodestring(data), *words)]


def _is_report(message: Message) -> bool:
    """Whether a mail server wrote the message, as far as one can tell. No server writes as a person does."""
    if message.get_content_type() == "multipart/report":
        kind = str(message.get_param("report-type", ""))
        return "delivery-status" in kind.lower() or kind == ""
    if message["X-Failed-Recipients"]:
        return True
    return _DAEMON.search(str(message.get("From", ""))[:300]) is not None


def _by_library(message: Message) -> list[RecipientStatus]:
    try:
        temporary, permanent = all_failures(message)
    except ReportTooLarge:
        raise
    except Exception:  # a detector met input that it does not handle
        return []
    found = [(Fate.FAILED, each) for each in sorted(permanent)] + [(Fate.DELAYED, each) for each in sorted(temporary)]
    addresses = [(fate, plain_address(bytes(each).decode("ascii", "replace"))) for fate, each in found]
    return [RecipientStatus((address,) if address else (), fate, _UNSAID) for fate, address in addresses]


def _content(part: Message) -> str:
    """The decoded text of a part, or of a message inside this one as it is."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        data = part.get_payload(decode=True)
        return data.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(data, bytes) else ""
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if part.get_content_type() not in _STATUS and encoding not in _ENCODINGS:
        return ""  # its own parts are read one by one
    inside = b"\n".join(inner.as_bytes() for inner in payload if isinstance(inner, Message))
    decoded = _ENCODINGS[encoding](inside) if encoding in _ENCODINGS else inside
    return decoded.decode("utf-8", "replace").replace("\r\n", "\n")


def _base64(data: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    return binascii.a2b_base64(letters[: len(letters) // 4 * 4])


_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {"base64": _base64, "quoted-printable": quopri.decodestring}
"""RFC 2046 forbids both for a message inside a message, but servers use them."""
