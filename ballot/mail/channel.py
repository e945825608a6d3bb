"""What every channel does: it takes one envelope to one address, and returns one of four outcomes.

`MaildirChannel` is for trials: it writes every message to a file in a folder, as a mail program would.
"""

from __future__ import annotations

import mailbox
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol, runtime_checkable

from ballot.mail.envelope import Envelope, InvalidHeader, to_bytes
from ballot.mail.states import DeliveryState


class SendOutcome(Enum):
    """The channel's answer, and the state of the message that follows from it."""

    SENT = DeliveryState.SENT
    DELIVERED = DeliveryState.DELIVERED
    DEFERRED = DeliveryState.DEFERRED
    BOUNCED = DeliveryState.BOUNCED


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of one message. `answer` is the other side's; `stop` means that the next message would fail too."""

    outcome: SendOutcome
    answer: str
    stop: bool = False
    reference: str | None = None
    """The channel's own id for the message, if it has one."""


class Channel(Protocol):
    """SMTP, GOV.UK Notify, or a folder. Never raises because of what the other side does."""

    attaches: bool
    """Whether it sends attachments. A message must not promise one that is not sent."""

    def send(self, envelope: Envelope) -> Delivery:
        """Send one message."""

    def close(self) -> None:
        """Close any open connection. A later `send` opens it again."""


@runtime_checkable
class DeliveryLookup(Protocol):
    """A channel that can say later what happened to a message."""

    def delivery_of(self, reference: str) -> Delivery | None:
        """The delivery with this id. None if it is not known yet, or the channel cannot be reached."""


class MaildirChannel:
    """A maildir, made for the first message. Anyone who can read the folder can vote."""

    attaches = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._box: mailbox.Maildir | None = None

    def send(self, envelope: Envelope) -> Delivery:
        """Write the message to the folder."""
        try:
            if self._box is None:
                self._folder.parent.mkdir(parents=True, exist_ok=True)
                self._box = mailbox.Maildir(self._folder, create=True)
                self._folder.chmod(0o700)
            self._box.add(to_bytes(envelope))
        except InvalidHeader as fault:
            return Delivery(SendOutcome.BOUNCED, str(fault))
        except OSError as error:
            return Delivery(SendOutcome.DEFERRED, f"the folder cannot be written: {error.strerror}", stop=True)
        return Delivery(SendOutcome.SENT, "put into the folder")

    def close(self) -> None:
        if self._box is not None:
            self._box.close()
            self._box = None
