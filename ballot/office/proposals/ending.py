"""How a proposal ends: approved, if it is still exactly what was shown; declined; or withdrawn.

Everything is checked under the lock of the act, in the transaction that performs it (`office.perform`). If two people
approve at once, one succeeds, and the other learns that the proposal has ended.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ballot.db.programmes import ProgrammeRow
from ballot.db.proposals import APPROVED, DECLINED, DONE, PROPOSED, UNSIGNED, WITHDRAWN, ProposalRow, hold_proposal
from ballot.db.session import transaction
from ballot.office.activity import ActPlace, ProposalEnded, Who, note_act
from ballot.office.acts.act import Act
from ballot.office.acts.proposable import parse_act
from ballot.office.chronicle import Chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.sealed import read_keys
from ballot.office.signing import Approval
from ballot.protocol.canonical import parse_json, write_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.keys import Role, RoleSignature
from ballot.record.proposals import SignedProposal, check_proposal_signature, parse_proposal, salted
from ballot.record.times import whole_second


def shown_bytes(row: ProposalRow) -> bytes:
    """The bytes that are approved: the statement, an empty line, and the canonical bytes that the proposer signed."""
    return row.words.encode() + b"\n" + row.body + b"\n"


def shown_hash(row: ProposalRow) -> Hash:
    """The SHA-256 of the shown bytes, which the approver sends back."""
    return sha256_hex(shown_bytes(row))


def why_of_row(row: ProposalRow) -> Why:
    """The reason that the proposer gave."""
    reason = parse_proposal(parse_json(row.body)).reason
    assert reason is not None  # `propose` refuses a proposal without a reason
    return Why(reason, row.note)


def signed_of_row(row: ProposalRow) -> SignedProposal:
    """The proposal with its proposer's signature, and the approver's if that is kept."""
    approval = None if row.approval is None else RoleSignature.from_json(parse_json(row.approval))
    signature = RoleSignature.from_json(parse_json(row.signature))
    return SignedProposal(parse_proposal(parse_json(row.body)), signature, approval)


def read_row(row: ProposalRow) -> tuple[SignedProposal, Why, Act[Any]]:
    """The signed proposal, its reason and its act. Raises Refused if the row is not what the proposer signed."""
    try:
        return signed_of_row(row), why_of_row(row), parse_act(row.act)
    except InvalidMessage:
        raise Refused(Refusal.SHOWN_DIFFERS, "The proposal is not what its proposer signed.") from None


def take(chronicle: Chronicle, approval: Approval) -> ProposalRow:
    """Lock the proposal for its act, if it may be approved. Raises Refused otherwise.

    It checks in this order: (1) still waiting, (2) in time, (3) another person, (4) the bytes shown and signed.
    Then `finish` checks: (5) every word is still true.
    """
    row = found(hold_proposal(chronicle.session, approval.hash), chronicle.programme.id)
    check_waits(row, chronicle.now, (PROPOSED, APPROVED))
    check_another(row, approval.approver, approval.proposal.roles[-1])
    _check_shown(row, chronicle.programme, approval.shown)
    return row


def finish(row: ProposalRow, words: str, approval: Approval, now: datetime, *, done: bool) -> None:
    """Mark the proposal as done, or as approved where the registrar must still act.

    Raises: Refused, unless the statement made now is the one that both people read.
    """
    if words != row.words:
        raise Refused(Refusal.PROPOSAL_STALE, "What the proposal says is no longer true. Make a new proposal.")
    row.second = approval.approver
    if done:
        row.state, row.ended_at = DONE, now
    else:
        assert approval.proposal.approval is not None
        row.state, row.approval = APPROVED, write_json(approval.proposal.approval.to_json())


def check_waits(row: ProposalRow, now: datetime, states: tuple[str, ...] = (PROPOSED,)) -> None:
    """Raise Refused unless the proposal is in one of these states, and in time."""
    if row.state == UNSIGNED and UNSIGNED not in states:
        raise Refused(Refusal.PROPOSAL_ENDED, "Its proposer has not signed the proposal yet.")
    if row.state not in states:
        raise Refused(Refusal.PROPOSAL_ENDED, f"The proposal was already {row.state}.")
    if now >= row.expires_at:
        raise Refused(Refusal.PROPOSAL_EXPIRED, "The proposal is older than 72 hours. Make a new proposal.")


def check_another(row: ProposalRow, name: str, role: Role) -> None:
    """Raise Refused for the proposer: the same account, or the same role's key."""
    if name == row.proposer or role.value == row.role:
        raise Refused(Refusal.OWN_PROPOSAL, "You cannot approve your own proposal. The other officer must approve it.")


def _check_shown(row: ProposalRow, programme: ProgrammeRow, shown: str) -> None:
    """Raise Refused unless the shown, the stored and the signed proposal are the same."""
    try:
        signed = signed_of_row(row)
        check_proposal_signature(signed, read_keys(programme.keys))
    except InvalidMessage:
        raise Refused(Refusal.SHOWN_DIFFERS, "The proposal is not what its proposer signed.") from None
    proposal = signed.proposal
    note = None if row.note is None else salted(row.note_salt, row.note)
    kept = sha256_hex(row.body) == row.hash and salted(row.salt, row.words) == proposal.words and note == proposal.note
    if not kept or shown != shown_hash(row):
        raise Refused(Refusal.SHOWN_DIFFERS, "The proposal is no longer the one that you were shown. Read it again.")


def decline(desk: Desk, programme_id: str, hash: str, name: str) -> None:
    """Decline another person's proposal. Raises Refused."""
    _end(desk, programme_id, hash, name, DECLINED)


def withdraw(desk: Desk, programme_id: str, hash: str, name: str) -> None:
    """Withdraw one's own proposal. Raises Refused."""
    _end(desk, programme_id, hash, name, WITHDRAWN)


def _end(desk: Desk, programme_id: str, hash: str, name: str, state: str) -> None:
    with transaction(desk.engine) as session:
        row = found(hold_proposal(session, hash), programme_id)
        now = whole_second(desk.clock())
        check_waits(row, now, (UNSIGNED, PROPOSED, APPROVED) if state == WITHDRAWN else (PROPOSED, APPROVED))
        if (state == WITHDRAWN) != (name == row.proposer):
            who = "Only its proposer can withdraw" if state == WITHDRAWN else "Only the other officer can decline"
            raise Refused(Refusal.OWN_PROPOSAL, f"{who} a proposal.")
        row.state, row.second, row.ended_at = state, name, now
        move = parse_proposal(parse_json(row.body)).move.value
        note_act(session, now, Who(name), ProposalEnded(row.hash, move, state), place_of(row))


def place_of(row: ProposalRow) -> ActPlace:
    """The programme, CCG and reason of a proposal, for the activity log."""
    try:
        proposal = parse_proposal(parse_json(row.body))
    except InvalidMessage:
        return ActPlace(row.programme_id)
    return ActPlace(row.programme_id, proposal.ccg, None if proposal.reason is None else proposal.reason.value)


def found(row: ProposalRow | None, programme_id: str) -> ProposalRow:
    """The row itself. Raises Refused if it is None or belongs to another programme."""
    if row is None or row.programme_id != programme_id:
        raise Refused(Refusal.NO_SUCH_PROPOSAL, f"{programme_id} has no such proposal.")
    return row
