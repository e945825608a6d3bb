"""The words of the office, of proposals and of the activity log, as its pages show them."""

from __future__ import annotations

from ballot.office.proposals.listing import ProposalState
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
    ProposalState.WAITING: Label("Waiting for the other officer", "yellow"),
    ProposalState.STALE: Label("Out of date: facts have changed", "orange"),
    ProposalState.EXPIRED: Label("Expired", "grey"),
    ProposalState.DONE: Label("Approved and done", "green"),
    ProposalState.WITHDRAWN: Label("Withdrawn", "grey"),
    ProposalState.DECLINED: Label("Declined", "red"),
}
PROPOSERS = {Role.RETURNING_OFFICER.value: "returning officer", Role.DEPUTY.value: "deputy returning officer"}
