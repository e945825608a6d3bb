"""The roles of the people who sign in. What each may do, every route of the office says for itself."""

from __future__ import annotations

from enum import Enum


class StaffRole(Enum):
    """A person has one. The first three hold a key of the same name; trustees' keys never come near the server."""

    RETURNING_OFFICER = "returning-officer"
    DEPUTY = "deputy"
    REGISTRAR = "registrar"
    TRUSTEE = "trustee"
    OBSERVER = "observer"


EVERY_ROLE = frozenset(StaffRole)
