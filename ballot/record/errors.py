"""What can be wrong with a file of the record, or with a token or receipt.

Hostile bytes raise only these and their base class, the protocol's `InvalidMessage`.
"""

from __future__ import annotations

from ballot.protocol.errors import InvalidMessage


class InvalidRecord(InvalidMessage):
    """A file of the published record is invalid."""


class InvalidToken(InvalidMessage):
    """A token was not issued by the registrar for this purpose."""


class InvalidReceipt(InvalidMessage):
    """A receipt was not signed by the board, or the record does not have its ballot."""
