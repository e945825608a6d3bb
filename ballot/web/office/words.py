"""The words of the office, of proposals and of the activity log, as its pages show them."""

from __future__ import annotations

from ballot.mail.messages import Kind
from ballot.mail.states import DeliveryState
from ballot.office.post.outbox import MessageStatus
from ballot.office.post.send import WAITS
from ballot.office.proposals.listing import ProposalState
from ballot.record.times import wall_time
from ballot.web.board.words import Label
from ballot.web.nouns import said

STANDINGS = {
    ProposalState.UNSIGNED: Label("Not signed yet", "blue"),
    ProposalState.APPROVED: Label("Approved: waiting for the registrar", "yellow"),
    ProposalState.WAITING: Label("Waiting for approval", "yellow"),
    ProposalState.STALE: Label("Out of date: facts have changed", "orange"),
    ProposalState.EXPIRED: Label("Expired", "grey"),
    ProposalState.DONE: Label("Approved and done", "green"),
    ProposalState.WITHDRAWN: Label("Withdrawn", "grey"),
    ProposalState.DECLINED: Label("Declined", "red"),
}

MAIL_KINDS = {
    Kind.INVITATION: "Invitation",
    Kind.REMINDER: "Reminder",
    Kind.REISSUED: "New voting link",
    Kind.CONTACT_CHANGED: "Notice of a changed contact",
    Kind.RECEIPT: "Receipt",
    Kind.HAS_VOTED: "Notice that it has voted",
    Kind.RESULT: "Result",
    Kind.BALLOT_CHANGED: "Notice of a changed ballot",
}
MAIL_STATES = {
    None: Label("No e-mail yet", "grey"),
    DeliveryState.QUEUED: Label("Waiting to be sent", "yellow"),
    DeliveryState.SENDING: Label("Being sent", "blue"),
    DeliveryState.SENT: Label("Sent", "green"),
    DeliveryState.DEFERRED: Label("Will be tried again", "yellow"),
    DeliveryState.DELIVERED: Label("Delivered", "green"),
    DeliveryState.BOUNCED: Label("Not delivered", "red"),
    DeliveryState.FAILED: Label("Given up", "red"),
    DeliveryState.DROPPED: Label("No longer needed", "grey"),
}
_DROPPED = {
    "practice-struck": "The {member} was struck off the roll",
    "contact-changed": "The {member} has another address now",
    "no-live-token": "Its voting link was revoked",
    "has-voted": "The {member} has voted",
    "changed-again": "It was changed again since",
    "closed": "Voting has closed",
    "tallied": "Voting has closed",
    "declared": "The result is declared",
    "abandoned": "The ballot was abandoned",
}


def why_unsent(one: MessageStatus) -> str:
    """Why a message is in its state, in words; empty if it is sent. Answers of mail servers may name addresses."""
    match one.state:
        case None:
            return "" if one.to else said("This {member} has no e-mail address")
        case DeliveryState.QUEUED | DeliveryState.DEFERRED if one.answer == WAITS:
            return "Its voting link is missing until the registrar unlocks sending"
        case DeliveryState.DEFERRED if one.next_at is not None:
            return f"{one.answer}. Next try: {wall_time(one.next_at)}"
        case DeliveryState.DROPPED:
            return "; ".join(said(_DROPPED.get(word, word)) for word in one.answer.split(", "))
        case DeliveryState.BOUNCED | DeliveryState.FAILED:
            return one.answer
    return ""
