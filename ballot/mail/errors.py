"""The errors of this room. Imports nothing, so that a command that sends no mail needs none of its packages."""

from __future__ import annotations


class NoMailbox(Exception):
    """A mailbox that does not exist or cannot be read. The message says why, and contains no secret."""
