"""From a message in the bounce mailbox to a report: which message of ours it is about, and what became of it.

The mark (envelope.py) tells which message, wherever it is: in the return path that the report came to, in the returned
message, its headers, the status part or the text, encoded or not. An address alone proves nothing, since the practices'
addresses are known. The status part (RFC 3464) tells what became of it. It is read as text, whatever its type or
encoding, one block of fields after another. For servers that do not send one, flufl.bounce (Mailman's library) looks
at a few short lines. The report's own text is never stored: it may contain the whole message with its voting link.
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
from ballot.mail.measure import LARGEST, TooMuch, check_measure, shortened, time_limit
from ballot.mail.states import short_reason

MOST_BLOCKS = 100
_LONGEST = 2000
"""Characters of a field that are read."""
_COMMENT = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"\s*([a-z]+)", re.IGNORECASE)
_CLASS = re.compile(r"\s*([245])\.")


class Fate(Enum):
    """What became of the message for one recipient; the one that comes first here is what counts for all of them."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    PASSED_ON = "passed on"
    """Relayed to a server that sends no reports, or expanded to others: whether it arrived is not known."""


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
"""By the status alone, where no action is named. A success may have been delivered, or relayed."""


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """What became of it for one recipient, by every address that the report has for it, in small letters."""

    addresses: tuple[str, ...]
    fate: Fate
    reason: str


def read_statuses(text: str) -> list[RecipientStatus]:
    """What a status part says, in its order."""
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
    """The address in `rfc822; <a@example.org> (comment)`, in small letters; None if none is fit to be shown."""
    bare = _COMMENT.sub("", value).rpartition(";")[2].strip().strip("<>\"' ").lower()
    return bare if "@" in bare and len(bare) <= 254 and bare.isprintable() and " " not in bare else None


def _reason(fields: Message) -> str:
    """The other server's words, in one line."""
    for name in ("Diagnostic-Code", "Status"):
        if said := _field(fields, name):
            return short_reason(said)
    return "returned by the recipient's mail server"


def _field(fields: Message, name: str) -> str:
    """A field on one line; with odd bytes it is no string."""
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
_log.propagate = False  # what a hostile message makes it stumble over belongs into no log


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What was heard: the marks that stand in it, and what it says of each recipient.

    No status: a mail server reported something that was not understood.
    """

    marks: tuple[str, ...]
    statuses: tuple[RecipientStatus, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that it names as a recipient."""
        return tuple(dict.fromkeys(address for status in self.statuses for address in status.addresses))

    def fate_of(self, to: str) -> RecipientStatus | None:
        """What counts for a message to this address: what is said of it, or, where it is not named, of all others."""
        named = [status for status in self.statuses if to.lower() in status.addresses]
        order = list(Fate)
        return min(named or self.statuses, key=lambda status: order.index(status.fate), default=None)


def read_bounce(data: bytes) -> BounceReport | None:
    """The report in a message, or None if it is none: an answer, an automatic reply. Raises TooMuch."""
    data = data[:LARGEST]
    check_measure(data)
    try:
        with time_limit():
            return _read(data)
    except TooMuch:
        raise
    except Exception:  # of a parser, or of a detector of the library, that meets what it did not foresee
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
    """The bytes as they are, with no line ended by a quoted-printable `=`, and what stands in encoded words."""
    words = [_base64(word) for word in _ENCODED_WORD.findall(data)]
    return [each.decode("latin-1") for each in (data, quopri.decodestring(data), *words)]


def _is_report(message: Message) -> bool:
    """Whether a mail server wrote it, as far as anybody can tell: none writes as a person does."""
    if message.get_content_type() == "multipart/report":
        kind = str(message.get_param("report-type", ""))
        return "delivery-status" in kind.lower() or kind == ""
    if message["X-Failed-Recipients"]:
        return True
    return _DAEMON.search(str(message.get("From", ""))[:300]) is not None


def _by_library(message: Message) -> list[RecipientStatus]:
    try:
        temporary, permanent = all_failures(message)
    except TooMuch:
        raise
    except Exception:  # a detector that meets what it did not foresee
        return []
    found = [(Fate.FAILED, each) for each in sorted(permanent)] + [(Fate.DELAYED, each) for each in sorted(temporary)]
    addresses = [(fate, plain_address(bytes(each).decode("ascii", "replace"))) for fate, each in found]
    return [RecipientStatus((address,) if address else (), fate, _UNSAID) for fate, address in addresses]


def _content(part: Message) -> str:
    """The text of a part, decoded: of a text, and of a message inside this one as it stands."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        data = part.get_payload(decode=True)
        return data.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(data, bytes) else ""
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if part.get_content_type() not in _STATUS and encoding not in _ENCODINGS:
        return ""  # its own parts are looked at
    inside = b"\n".join(inner.as_bytes() for inner in payload if isinstance(inner, Message))
    decoded = _ENCODINGS[encoding](inside) if encoding in _ENCODINGS else inside
    return decoded.decode("utf-8", "replace").replace("\r\n", "\n")


def _base64(data: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    return binascii.a2b_base64(letters[: len(letters) // 4 * 4])


_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {"base64": _base64, "quoted-printable": quopri.decodestring}
"""RFC 2046 allows neither for a message inside a message; servers use them all the same."""
