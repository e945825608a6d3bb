"""A proposal: one officer signs a request for a move, and another approves it later with their own key.

    the proposer signs the proposal      purpose "proposal"
    the approver signs the event         purpose "event"; the event carries the proposal and its signature

The event's time and heads are not known when it is proposed, so the two cannot sign the same bytes. Both sign what is
known: the move, its CCG and its arguments. The text that the two officers read may contain names and addresses, so
the record has only its salted hash, `words`, which the signature covers too.

What is *not* done here: describing a move in words, and deciding whether it is possible (the office).
"""

from __future__ import annotations

from collections.abc import Mapping
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
    """A proposal with its proposer's signature, as an event carries it."""

    proposal: Proposal
    signature: RoleSignature

    def to_json(self) -> Json:
        return {"body": self.proposal.to_json(), "signature": self.signature.to_json()}

    @classmethod
    def from_json(cls, value: Json) -> SignedProposal:
        value = fields(value, ("body", "signature"))
        return cls(parse_proposal(value["body"]), RoleSignature.from_json(value["signature"]))


def salted(salt: bytes, words: str) -> Hash:
    """The public hash of private words."""
    return sha256_hex(salt + words.encode())


def sign_proposal(proposal: Proposal, proposer: SigningKey) -> SignedProposal:
    """Sign a proposal in the role of the key; raises ValueError for a role that may not propose."""
    if proposer.role not in TWO_PEOPLE:
        raise ValueError(f"{proposer.role.value} is not one of the two who propose and approve")
    return SignedProposal(proposal, sign_as(proposer, Purpose.PROPOSAL, proposal.to_bytes()))


def check_proposal_signature(signed: SignedProposal, keys: Mapping[Role, PublicKey]) -> None:
    """Raise InvalidRecord unless one of the two officers signed exactly this proposal."""
    if signed.signature.role not in TWO_PEOPLE:
        raise InvalidRecord(Reason.SIGNATURE, f"a proposal signed as {signed.signature.role.value}")
    check_role_signature(dict(keys), signed.signature, Purpose.PROPOSAL, signed.proposal.to_bytes())


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
