"""What can become of a message. One table; whatever is not in it does not happen.

Nothing is ever removed from the outbox: a message that did not arrive is a state somebody can see.
"""

from __future__ import annotations

from enum import Enum


class DeliveryState(Enum):
    """`SENT`: the channel took it. `DELIVERED`: the channel says that it arrived."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    """Given up after the last attempt."""
    DROPPED = "dropped"
    """No longer due when its turn came: the practice has voted, was struck, the ballot has ended."""


_S = DeliveryState
TABLE: dict[DeliveryState, frozenset[DeliveryState]] = {
    _S.QUEUED: frozenset({_S.SENDING}),
    _S.SENDING: frozenset({_S.SENDING, _S.SENT, _S.DEFERRED, _S.BOUNCED, _S.FAILED, _S.DROPPED, _S.DELIVERED}),
    _S.DEFERRED: frozenset({_S.SENDING, _S.BOUNCED, _S.DELIVERED}),
    _S.SENT: frozenset({_S.DELIVERED, _S.BOUNCED}),
    _S.DELIVERED: frozenset({_S.BOUNCED}),  # a mail server may take a message, and return it later
    _S.BOUNCED: frozenset({_S.QUEUED, _S.DELIVERED}),
    _S.FAILED: frozenset({_S.QUEUED, _S.DELIVERED, _S.BOUNCED}),
    _S.DROPPED: frozenset(),
}
"""From `SENDING` to `SENDING`: the process that was sending has died, and another takes the message over."""

DUE = frozenset(state for state, following in TABLE.items() if _S.SENDING in following)
"""The states from which a message is sent, once its time has come."""
UNDELIVERED = frozenset({_S.BOUNCED, _S.FAILED})
"""What a person must look at."""


def can_become(state: DeliveryState, following: DeliveryState) -> bool:
    """Whether a message may go from one state to the other."""
    return following in TABLE[state]
