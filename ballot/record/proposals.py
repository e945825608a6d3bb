"""A proposal: one officer signs a request for a move, and another approves it later with their own key.

    the proposer signs the proposal            purpose "proposal"
    the approver signs the proposal's hash     purpose "approval"
    the board signs the event                  purpose "event"; the event carries the proposal and both signatures

The event's time and heads are not known before it is written, and the officers' keys need not be on the server. So both
officers sign what is known, each in their own time and place: the move, its CCG and its arguments. The board writes the
event at once or, where the registrar must act too, later, and the proposal's `expires` is the latest time. The text
that the two officers read may contain names and addresses, so the record has only its salted hash, `words`, which the
signatures cover too.

What is *not* done here: describing a move in words, and deciding whether it is possible (the office).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ballot.protocol.canonical import Json, fields, text, write_json
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash, is_hash, sha256_hex
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PublicKey, Purpose, Role, RoleSignature, SigningKey, check_role_signature, sign_as
from ballot.record.moves import ARGUMENTS, TWO_PEOPLE, Move, ReasonCode
from ballot.record.times import parse_time, time_text

FIELDS = ("programme", "type", "ccg", "arguments", "reason", "note", "words", "after", "time", "expires")
_OPTIONAL = ("ccg", "reason", "note")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed. `after` is the last event of the log at that time, which ties the proposal to one programme."""

    programme: str
    move: Move
    ccg: str | None
    arguments: Mapping[str, Json]
    reason: ReasonCode | None
    note: Hash | None
    words: Hash
    after: Hash
    time: datetime
    expires: datetime

    def to_json(self) -> dict[str, Json]:
        value: dict[str, Json] = {
            "programme": self.programme,
            "type": self.move.value,
            "ccg": self.ccg,
            "arguments": dict(self.arguments),
            "reason": None if self.reason is None else self.reason.value,
            "note": self.note,
            "words": self.words,
            "after": self.after,
            "time": time_text(self.time),
            "expires": time_text(self.expires),
        }
        return {name: entry for name, entry in value.items() if entry is not None}

    def to_bytes(self) -> bytes:
        """The bytes that the proposer signs."""
        return write_json(self.to_json())

    @property
    def hash(self) -> Hash:
        """Its identifier. No two are equal, because `words` is salted."""
        return sha256_hex(self.to_bytes())


@dataclass(frozen=True, slots=True)
class SignedProposal:
    """A proposal with its proposer's signature and, as an event carries it, the approver's."""

    proposal: Proposal
    signature: RoleSignature
    approval: RoleSignature | None = None

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that signed: the proposer, then the approver."""
        return (self.signature.role,) if self.approval is None else (self.signature.role, self.approval.role)

    def to_json(self) -> Json:
        """As an event has it. Raises ValueError before it is approved."""
        if self.approval is None:
            raise ValueError("the proposal is not approved")
        signatures = {"signature": self.signature.to_json(), "approval": self.approval.to_json()}
        return {"body": self.proposal.to_json(), **signatures}

    @classmethod
    def from_json(cls, value: Json) -> SignedProposal:
        value = fields(value, ("body", "signature", "approval"))
        signatures = (RoleSignature.from_json(value[name]) for name in ("signature", "approval"))
        return cls(parse_proposal(value["body"]), *signatures)


def approval_bytes(hash: Hash) -> bytes:
    """What the approver signs: the hash of the proposal."""
    return write_json({"proposal": hash})


def salted(salt: bytes, words: str) -> Hash:
    """The public hash of private words."""
    return sha256_hex(salt + words.encode())


def sign_proposal(proposal: Proposal, proposer: SigningKey) -> SignedProposal:
    """Sign a proposal in the role of the key; raises ValueError for a role that may not propose."""
    if proposer.role not in TWO_PEOPLE:
        raise ValueError(f"{proposer.role.value} is not one of the two who propose and approve")
    return SignedProposal(proposal, sign_as(proposer, Purpose.PROPOSAL, proposal.to_bytes()))


def sign_approval(hash: Hash, approver: SigningKey) -> RoleSignature:
    """Approve the proposal of this hash in the role of the key. `check_proposal_signature` says whether it may."""
    return sign_as(approver, Purpose.APPROVAL, approval_bytes(hash))


def check_proposal_signature(signed: SignedProposal, keys: Mapping[Role, PublicKey]) -> None:
    """Raise InvalidRecord unless one of the two officers signed exactly this proposal.

    If it is approved: unless the other officer approved exactly it.
    """
    if not TWO_PEOPLE.issuperset(signed.roles) or len(set(signed.roles)) != len(signed.roles):
        raise InvalidRecord(Reason.SIGNATURE, f"a proposal signed as {_names(signed.roles)}")
    check_role_signature(dict(keys), signed.signature, Purpose.PROPOSAL, signed.proposal.to_bytes())
    if signed.approval is not None:
        check_role_signature(dict(keys), signed.approval, Purpose.APPROVAL, approval_bytes(signed.proposal.hash))


def _names(roles: Iterable[Role]) -> str:
    return " and ".join(role.value for role in roles)


def parse_proposal(value: Json) -> Proposal:
    """The proposal in `value`; raises InvalidMessage for another form."""
    value = fields(value, FIELDS, optional=_OPTIONAL)
    for name in ("note", "words", "after"):
        if name in value and not is_hash(value[name]):
            raise InvalidRecord(Reason.WRONG_TYPE, f"expected a hash as {name} of a proposal")
    try:
        move = Move(value["type"])
        reason = ReasonCode(value["reason"]) if "reason" in value else None
        names = ARGUMENTS[move]
    except (ValueError, KeyError):
        raise InvalidRecord(Reason.WRONG_FIELDS, "expected a proposal of a known type and reason") from None
    return Proposal(
        text(value["programme"]),
        move,
        text(value["ccg"]) if "ccg" in value else None,
        fields(value["arguments"], names),
        reason,
        value.get("note"),
        value["words"],
        value["after"],
        parse_time(value["time"]),
        parse_time(value["expires"]),
    )
