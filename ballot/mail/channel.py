"""What every channel is: it takes one envelope to one address and says, in one of four words, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol, runtime_checkable

from ballot.mail.envelope import Envelope
from ballot.mail.states import DeliveryState


class Outcome(Enum):
    """The channel's word, and the state of the message that follows from it."""

    SENT = DeliveryState.SENT
    DELIVERED = DeliveryState.DELIVERED
    DEFERRED = DeliveryState.DEFERRED
    BOUNCED = DeliveryState.BOUNCED


@dataclass(frozen=True, slots=True)
class Delivery:
    """`answer` is what the other side said; `stop` that there is no point in trying the next message now."""

    outcome: Outcome
    answer: str
    stop: bool = False
    reference: str | None = None
    """The channel's own name for the message, where it has one."""


class Channel(Protocol):
    """SMTP, GOV.UK Notify, or a folder. Never raises for what the other side does."""

    attaches: bool
    """Whether it sends attachments. A message must not promise one that is not sent."""

    def send(self, envelope: Envelope) -> Delivery:
        """Hand over one message."""

    def close(self) -> None:
        """End what is open; a later `send` opens it again."""


@runtime_checkable
class Tells(Protocol):
    """A channel that can be asked later what became of a message."""

    def delivery_of(self, reference: str) -> Delivery | None:
        """None while it is not known yet, or where the channel cannot be reached."""
