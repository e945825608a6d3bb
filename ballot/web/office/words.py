"""What the words of the office are called on its pages.

What the words of proposals and of the activity log are called on their pages.
"""

from __future__ import annotations

from ballot.office.proposals.listing import Standing
from ballot.office.staff.roles import StaffRole
from ballot.record.keys import Role
from ballot.web.board.words import Label

ROLES = {
    StaffRole.RETURNING_OFFICER: "returning officer",
    StaffRole.DEPUTY: "deputy returning officer",
    StaffRole.REGISTRAR: "registrar",
    StaffRole.TRUSTEE: "trustee",
    StaffRole.OBSERVER: "observer",
}


STANDINGS = {
    Standing.WAITING: Label("Waits for the other officer", "yellow"),
    Standing.STALE: Label("No longer as it was proposed", "orange"),
    Standing.EXPIRED: Label("Expired", "grey"),
    Standing.DONE: Label("Approved and done", "green"),
    Standing.WITHDRAWN: Label("Withdrawn", "grey"),
    Standing.DECLINED: Label("Declined", "red"),
}
PROPOSERS = {Role.RETURNING_OFFICER.value: "returning officer", Role.DEPUTY.value: "deputy returning officer"}
