"""A bounce message to a report on a message of ours.

Whose failure it is, and whether it is for good, is found by flufl.bounce (Mailman's library): delivery status
notifications by RFC 3464, and the many forms of servers that never read it. Which message it was is told by the
Message-ID in the headers that came back, or the envelope id we gave. The bounce's own text is never stored: a server
may return the whole message, voting link and all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from flufl.bounce import all_failures

from ballot.mail.channel import Delivery, Outcome
from ballot.mail.reasons import short_reason

LARGEST = 2**20
"""What of a bounce is read; the returned message behind it is of no interest."""
_MESSAGE_ID = re.compile(r"<[a-z-]{1,20}\.[0-9a-f]{32}@[A-Za-z0-9.-]{1,253}>")
_ENVELOPE_ID = re.compile(r"[a-z-]{1,20}\.[0-9a-f]{32}@[A-Za-z0-9.-]{1,253}")
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers")


@dataclass(frozen=True, slots=True)
class Report:
    """What was heard about one message, found by its Message-ID; `delivery` is None for a mere delay."""

    message_id: str
    delivery: Delivery | None
    answer: str


def read_bounce(data: bytes) -> Report | None:
    """The report in a message, or None if it is no bounce of a message of ours."""
    message = message_from_bytes(data[:LARGEST])
    id = _original_id(message)
    if id is None:
        return None
    if _actions(message) and _actions(message) <= {"delivered", "relayed", "expanded"}:
        return Report(id, Delivery(Outcome.DELIVERED, "the recipient's server says so"), "delivered")
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # a detector of the library that meets a message it did not foresee
        return None
    answer = _diagnosis(message)
    if permanent:
        return Report(id, Delivery(Outcome.BOUNCED, answer), answer)
    return Report(id, None, answer) if temporary else None


def _original_id(message: Message) -> str | None:
    """The Message-ID of what came back: in returned headers, in the envelope id, in a reference, or in the text."""
    for part in message.walk():
        if part.get_content_type() in _RETURNED:
            inner = part.get_payload()
            first = inner[0] if isinstance(inner, list) and inner else None
            inner_id = first.get("Message-ID") if isinstance(first, Message) else None
            if found := _MESSAGE_ID.search(str(inner_id or _decoded(part))):  # with odd bytes, a header is no string
                return found.group()
    for part in message.walk():
        if found := _ENVELOPE_ID.fullmatch(str(part.get("Original-Envelope-Id", "")).strip()):
            return f"<{found.group()}>"
    for header in ("In-Reply-To", "References", "X-Original-Message-ID"):
        if found := _MESSAGE_ID.search(str(message.get(header, ""))):
            return found.group()
    for part in message.walk():
        if part.get_content_maintype() == "text" and (found := _MESSAGE_ID.search(_decoded(part))):
            return found.group()
    return None


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _status_blocks(message: Message) -> list[Message]:
    blocks: list[Message] = []
    for part in message.walk():
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            inner = part.get_payload()
            blocks += [block for block in inner if isinstance(block, Message)] if isinstance(inner, list) else []
    return blocks


def _actions(message: Message) -> set[str]:
    return {str(block["Action"]).strip().lower() for block in _status_blocks(message) if block["Action"]}


def _diagnosis(message: Message) -> str:
    """The other server's reason, in one line."""
    for block in _status_blocks(message):
        for header in ("Diagnostic-Code", "Status"):
            if block[header]:
                return short_reason(str(block[header]))
    return "returned by the recipient's mail server"
