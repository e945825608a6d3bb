"""The roles of the people who sign in. Each route of the office declares which roles may use it."""

from __future__ import annotations

from enum import Enum

from ballot.record.keys import ROLE_WORDS, Role


class StaffRole(Enum):
    """A person has one role. The first three hold a key of the same name. Trustees' keys are never on the server, and
    neither is the scrutineer's, which signs a report and nothing that counts."""

    RETURNING_OFFICER = "returning-officer"
    DEPUTY = "deputy"
    REGISTRAR = "registrar"
    TRUSTEE = "trustee"
    OBSERVER = "observer"
    SCRUTINEER = "scrutineer"

    @property
    def words(self) -> str:
        """What the role is called in sentences, without an article."""
        return next((ROLE_WORDS[role] for role in Role if role.value == self.value), self.value)


EVERY_ROLE = frozenset(StaffRole)
OFFICERS = (StaffRole.RETURNING_OFFICER, StaffRole.DEPUTY)
"""The roles that run a ballot. Acts of two people need both."""
READERS = (*OFFICERS, StaffRole.REGISTRAR, StaffRole.OBSERVER, StaffRole.SCRUTINEER)
"""The roles that may read about a ballot: all but trustees."""
WATCHERS = (*OFFICERS, StaffRole.REGISTRAR, StaffRole.SCRUTINEER)
"""The roles that note incidents and read the scrutineer's report."""
