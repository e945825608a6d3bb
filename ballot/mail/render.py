"""A message to subject, text and HTML, from templates/email/<kind>.txt and .html.

The first line of the text template is the subject. HTML is escaped. A name that a template uses and the message lacks
is an error, never an empty space in someone's inbox.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ballot import installed
from ballot.constitution.words import capitalised
from ballot.mail.messages import BallotChanged, Invitation, Message, OfficeMessage, ReceiptMail, Reissued
from ballot.record.times import utc_time, wall_time

TEMPLATES = installed.TEMPLATES / "email"
RECEIPT_FILE = "receipt-{practice}-{ccg}.json"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the recipient reads. It may contain a voting link."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    attachments: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)


def render(message: Message | OfficeMessage, attaches: bool = True) -> Rendered:
    """The text of a message. A channel that does not attach files must not promise any: `attaches` is then False."""
    name = message.template if isinstance(message, OfficeMessage) else message.kind.value
    # one level only: `dataclasses.asdict` would turn the seats inside into dictionaries
    values = {each.name: getattr(message, each.name) for each in fields(message)} | {"attaches": attaches}
    values["nouns"] = message.sender.words
    subject, _, text = _texts().get_template(f"{name}.txt").render(values).partition("\n")
    html = _pages().get_template(f"{name}.html").render(values, subject=subject.strip())
    attachments: tuple[tuple[str, bytes], ...] = ()
    if attaches and isinstance(message, ReceiptMail):
        file = RECEIPT_FILE.format(practice=message.seat.practice, ccg=message.seat.ccg)
        attachments = ((file, message.receipt),)
    elif attaches and isinstance(message, (Invitation, Reissued, BallotChanged)):
        attachments = tuple((calendar.name, calendar.data) for calendar in message.calendars)
    return Rendered(subject.strip(), text.strip() + "\n", html.strip() + "\n", attachments)


@cache
def _texts() -> Environment:
    return _environment(autoescape=False)


@cache
def _pages() -> Environment:
    return _environment(autoescape=True)


def _environment(*, autoescape: bool) -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,  # noqa: S701  (plain text is not escaped)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["moment"] = lambda moment: f"{wall_time(moment)} ({utc_time(moment)})"
    made.filters["capitalised"] = capitalised
    return made
