"""What can be wrong with a file of the record, or with a token or receipt.

Hostile bytes raise `InvalidRecord` (or the protocol's `InvalidMessage`, of which it is a kind) and nothing else.
"""

from __future__ import annotations

from ballot.protocol.errors import InvalidMessage


class InvalidRecord(InvalidMessage):
    """A file of the published record that does not hold."""


class InvalidToken(InvalidMessage):
    """A token that was not issued by the registrar for this place."""


class InvalidReceipt(InvalidMessage):
    """A receipt that the board did not sign, or that the record does not honour."""
