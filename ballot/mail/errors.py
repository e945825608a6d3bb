"""What this room refuses. Imports nothing, so that a command that sends no mail needs none of its packages."""

from __future__ import annotations


class NoMailbox(Exception):
    """There is no mailbox there that can be read; the sentence says why, and holds no secret."""
