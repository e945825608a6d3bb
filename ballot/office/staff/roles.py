"""The roles of the people who sign in. Each route of the office declares which roles may use it."""

from __future__ import annotations

from enum import Enum


class StaffRole(Enum):
    """A person has one role. The first three hold a key of the same name. Trustees' keys are never on the server."""

    RETURNING_OFFICER = "returning-officer"
    DEPUTY = "deputy"
    REGISTRAR = "registrar"
    TRUSTEE = "trustee"
    OBSERVER = "observer"


EVERY_ROLE = frozenset(StaffRole)
