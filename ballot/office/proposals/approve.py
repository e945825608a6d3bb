"""Approve what another proposed, if it is still exactly what was shown; or decline it; or withdraw one's own.

Everything is looked at under the lock of the act, in the transaction that does it: of two who approve at once, one
succeeds, and the other is told that the proposal has ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.proposals import DECLINED, DONE, PROPOSED, WITHDRAWN, ProposalRow, find_proposal, hold_proposal
from ballot.db.session import reading, transaction
from ballot.office.activity import ApprovalRefused, Place, ProposalEnded, Who, note_act
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.proposals.acts import Act, carry_out, parse_act
from ballot.office.proposals.propose import Officer
from ballot.office.proposals.words import statement
from ballot.office.sealed import read_keys
from ballot.office.signing import Approval
from ballot.protocol.canonical import parse_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.keys import RoleSignature, SigningKey
from ballot.record.proposals import SignedProposal, check_proposal_signature, parse_proposal, salted
from ballot.record.times import whole_second


def shown_bytes(row: ProposalRow) -> bytes:
    """What is approved: the statement, an empty line, and the canonical bytes that the proposer signed."""
    return row.words.encode() + b"\n" + row.body + b"\n"


def shown_hash(row: ProposalRow) -> Hash:
    """Their SHA-256, which the approver sends back."""
    return sha256_hex(shown_bytes(row))


def why_of_row(row: ProposalRow) -> Why:
    """The reason that was given."""
    reason = parse_proposal(parse_json(row.body)).reason
    assert reason is not None  # `propose` takes none without
    return Why(reason, row.note)


def signed_of_row(row: ProposalRow) -> SignedProposal:
    """The proposal with its signature."""
    return SignedProposal(parse_proposal(parse_json(row.body)), RoleSignature.from_json(parse_json(row.signature)))


def approve(
    desk: Desk, programme_id: str, hash: str, shown: str, approver: Officer, registrar: SigningKey | None = None
) -> None:
    """Do what was proposed; raises Refused, and then nothing has changed but the activity log.

    `shown` is the hash of what the approver was shown. Only a changed contact needs the registrar's key.
    """
    with reading(desk.engine) as session:
        row = _found(find_proposal(session, programme_id, hash), programme_id)
    taking = _Taking(programme_id, hash, shown, approver)
    try:
        _check_another(row, approver)
        signed, why, act = _read(row)
        approval = Approval(signed, approver.key, row.proposer, approver.name, row.note_salt, taking.take)
        carry_out(desk, programme_id, act, approval, why, registrar)
    except Refused as refused:
        _note_refused(desk, row, approver, refused.reason)
        raise


@dataclass(frozen=True, slots=True)
class _Taking:
    """What `Approval.take` needs to know."""

    programme_id: str
    hash: str
    shown: str
    approver: Officer

    def take(self, session: Session, now: datetime) -> None:
        """In this order: (1) waits still, (2) in time, (3) another person, (4) the bytes that were shown and signed,
        (5) every word of it still true. Then it is done, if the act is."""
        row = _found(hold_proposal(session, self.hash), self.programme_id)
        programme = find_programme(session, self.programme_id)
        assert programme is not None  # its logs are held
        check_waits(row, now)
        _check_another(row, self.approver)
        _check_shown(row, programme, self.shown)
        if statement(session, programme, parse_act(row.act), why_of_row(row)) != row.words:
            raise Refused(Refusal.PROPOSAL_STALE, "What the proposal says is no longer so; it has to be made anew.")
        row.state, row.second, row.ended_at = DONE, self.approver.name, now


def check_waits(row: ProposalRow, now: datetime) -> None:
    """Raise Refused unless the proposal may still be approved."""
    if row.state != PROPOSED:
        raise Refused(Refusal.PROPOSAL_ENDED, f"The proposal was {row.state} already.")
    if now >= row.expires_at:
        raise Refused(Refusal.PROPOSAL_EXPIRED, "The proposal is older than 72 hours; it has to be made anew.")


def _check_another(row: ProposalRow, approver: Officer) -> None:
    if approver.name == row.proposer or approver.key.role.value == row.role:
        raise Refused(Refusal.OWN_PROPOSAL, "Nobody approves their own proposal: the other officer must.")


def _read(row: ProposalRow) -> tuple[SignedProposal, Why, Act]:
    try:
        return signed_of_row(row), why_of_row(row), parse_act(row.act)
    except InvalidMessage:
        raise Refused(Refusal.SHOWN_DIFFERS, "The proposal is not what its proposer signed.") from None


def _check_shown(row: ProposalRow, programme: ProgrammeRow, shown: str) -> None:
    """What was shown is what is kept, and what is kept is what the proposer signed."""
    try:
        signed = signed_of_row(row)
        check_proposal_signature(signed, read_keys(programme.keys))
    except InvalidMessage:
        raise Refused(Refusal.SHOWN_DIFFERS, "The proposal is not what its proposer signed.") from None
    proposal = signed.proposal
    note = None if row.note is None else salted(row.note_salt, row.note)
    kept = sha256_hex(row.body) == row.hash and salted(row.salt, row.words) == proposal.words and note == proposal.note
    if not kept or shown != shown_hash(row):
        raise Refused(Refusal.SHOWN_DIFFERS, "The proposal is not what was shown; read it again.")


def decline(desk: Desk, programme_id: str, hash: str, name: str) -> None:
    """Say no to another's proposal; raises Refused."""
    _end(desk, programme_id, hash, name, DECLINED)


def withdraw(desk: Desk, programme_id: str, hash: str, name: str) -> None:
    """Take back one's own proposal; raises Refused."""
    _end(desk, programme_id, hash, name, WITHDRAWN)


def _end(desk: Desk, programme_id: str, hash: str, name: str, state: str) -> None:
    with transaction(desk.engine) as session:
        row = _found(hold_proposal(session, hash), programme_id)
        now = whole_second(desk.clock())
        check_waits(row, now)
        if (state == WITHDRAWN) != (name == row.proposer):
            who = "Only its proposer withdraws" if state == WITHDRAWN else "Somebody other than its proposer declines"
            raise Refused(Refusal.OWN_PROPOSAL, f"{who} a proposal.")
        row.state, row.second, row.ended_at = state, name, now
        move = parse_proposal(parse_json(row.body)).move.value
        note_act(session, now, Who(name), ProposalEnded(row.hash, move, state), _place(row))


def _note_refused(desk: Desk, row: ProposalRow, approver: Officer, reason: Refusal) -> None:
    with transaction(desk.engine) as session:
        who = Who(approver.name, acting_for=approver.key.role.value)
        note_act(session, desk.clock(), who, ApprovalRefused(row.hash, reason.value), _place(row))


def _place(row: ProposalRow) -> Place:
    try:
        proposal = parse_proposal(parse_json(row.body))
    except InvalidMessage:
        return Place(row.programme_id)
    return Place(row.programme_id, proposal.ccg, None if proposal.reason is None else proposal.reason.value)


def _found(row: ProposalRow | None, programme_id: str) -> ProposalRow:
    if row is None or row.programme_id != programme_id:
        raise Refused(Refusal.NO_SUCH_PROPOSAL, f"{programme_id} has no such proposal.")
    return row
