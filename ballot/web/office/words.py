"""What the words of the office are called on its pages."""

from __future__ import annotations

from ballot.office.staff.roles import StaffRole

ROLES = {
    StaffRole.RETURNING_OFFICER: "returning officer",
    StaffRole.DEPUTY: "deputy returning officer",
    StaffRole.REGISTRAR: "registrar",
    StaffRole.TRUSTEE: "trustee",
    StaffRole.OBSERVER: "observer",
}
