"""`ballot verify`: the auditor's command under our name; the same as scripts/verify_tally.py."""

from __future__ import annotations

from ballot.audit.command import main


def verify_command(argv: list[str]) -> int:
    """0 verified, 1 not, 2 nothing to audit."""
    return main(argv, prog="ballot verify")
