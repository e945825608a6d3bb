"""The words of the office, of proposals and of the activity log, as its pages show them."""

from __future__ import annotations

from ballot.office.proposals.listing import ProposalState
from ballot.web.board.words import Label

STANDINGS = {
    ProposalState.UNSIGNED: Label("Not signed yet", "blue"),
    ProposalState.APPROVED: Label("Approved: waiting for the registrar", "yellow"),
    ProposalState.WAITING: Label("Waiting for the other officer", "yellow"),
    ProposalState.STALE: Label("Out of date: facts have changed", "orange"),
    ProposalState.EXPIRED: Label("Expired", "grey"),
    ProposalState.DONE: Label("Approved and done", "green"),
    ProposalState.WITHDRAWN: Label("Withdrawn", "grey"),
    ProposalState.DECLINED: Label("Declined", "red"),
}
