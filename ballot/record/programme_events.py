"""events.jsonl: every move of a programme, signed by those who made it, in a hash chain.

Each line is one canonical JSON object. It names its parent (the SHA-256 of the line before) and carries the head and
height of every `.bel` at that moment. It contains no free text: a reason is a code, a note a salted hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ballot.protocol.canonical import Json, array, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash, is_hash, sha256_hex
from ballot.record.elections import election_name, parse_locality
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PublicKey, Purpose, Role, RoleSignature, SigningKey, check_role_signature, sign_as
from ballot.record.moves import BOARD, DATA_FIELDS, OPTIONAL_FIELDS, SIGNERS, TWO_PEOPLE, Move, ReasonCode
from ballot.record.proposals import SignedProposal, check_proposal_signature
from ballot.record.times import parse_time, time_text

__all__ = [
    "DATA_FIELDS",
    "SIGNERS",
    "TWO_PEOPLE",
    "Head",
    "Move",
    "ProgrammeEvent",
    "ReasonCode",
    "check_event_signatures",
    "parse_programme_event",
    "proposal_differs",
    "sign_event",
]

FIELDS = (
    "parent",
    "height",
    "time",
    "type",
    "programme",
    "ccg",
    "locality",
    "data",
    "reason",
    "note",
    "heads",
    "proposal",
    "signatures",
)


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a `.bel`: its hash and height."""

    hash: Hash
    height: int


@dataclass(frozen=True, slots=True)
class ProgrammeEvent:
    """One move; `ccg` is None for a move of the whole programme, `locality` where the CCG has none.

    `heads` has the head of every archive, by the election's name. `proposal` is set if two people acted one after the
    other: both signed it, and the board signs the event that carries it.
    """

    parent: Hash | None
    height: int
    time: datetime
    move: Move
    programme: str
    ccg: str | None
    data: Mapping[str, Json]
    reason: ReasonCode | None
    note: Hash | None
    heads: Mapping[str, Head]
    signatures: tuple[RoleSignature, ...] = ()
    locality: str | None = None
    proposal: SignedProposal | None = None

    @property
    def election_name(self) -> str | None:
        """The election's name; None for a move of the whole programme."""
        return None if self.ccg is None else election_name(self.ccg, self.locality)

    @property
    def signers(self) -> tuple[Role, ...]:
        """The roles of the people whose move it is, the proposer first; or the board's, for what it does alone."""
        if self.proposal is not None:
            return self.proposal.roles
        return tuple(signature.role for signature in self.signatures)

    def _unsigned(self) -> dict[str, Json]:
        optional = {
            "ccg": self.ccg,
            "locality": self.locality,
            "reason": None if self.reason is None else self.reason.value,
            "note": self.note,
            "parent": self.parent,
            "proposal": None if self.proposal is None else self.proposal.to_json(),
        }
        value = {
            "height": self.height,
            "time": time_text(self.time),
            "type": self.move.value,
            "programme": self.programme,
            "data": dict(self.data),
            "heads": {name: {"hash": head.hash, "height": head.height} for name, head in self.heads.items()},
            **{name: entry for name, entry in optional.items() if entry is not None},
        }
        return {name: value[name] for name in FIELDS if name in value}

    @property
    def signed_bytes(self) -> bytes:
        """What the signatures sign: the event without them."""
        return write_json(self._unsigned())

    def to_bytes(self) -> bytes:
        """The line, without its newline."""
        return write_json({**self._unsigned(), "signatures": [s.to_json() for s in self.signatures]})

    @property
    def hash(self) -> Hash:
        return sha256_hex(self.to_bytes())


def sign_event(event: ProgrammeEvent, signers: tuple[SigningKey, ...]) -> ProgrammeEvent:
    """The event with the signatures of these people; raises ValueError unless the move needs exactly these roles.

    If it carries a proposal, both people have signed that, and the board signs the event.
    """
    roles = frozenset(key.role for key in signers)
    if event.proposal is not None and roles != BOARD:
        raise ValueError("the board signs an event that was proposed and approved")
    people = roles if event.proposal is None else frozenset(event.proposal.roles)
    if people not in SIGNERS[event.move]:
        raise ValueError(f"{event.move.value} is not signed by {', '.join(role.value for role in people)}")
    signatures = tuple(sign_as(key, Purpose.EVENT, event.signed_bytes) for key in signers)
    return replace(event, signatures=signatures)


def check_event_signatures(event: ProgrammeEvent, keys: Mapping[Role, PublicKey]) -> None:
    """Raise InvalidRecord unless exactly the roles that the move needs signed it, each once, with their own keys.

    (1) Every signature over the event is valid. (2) If it carries a proposal, the signatures of the proposer and the
    approver are valid too, the proposal is for this move, and the board alone signed the event. (3) The people are
    those whom the move needs. Not checked here: whether the proposal was used before, which needs the whole log.
    """
    for signature in event.signatures:
        check_role_signature(dict(keys), signature, Purpose.EVENT, event.signed_bytes)
    if event.proposal is not None:
        check_proposal_signature(event.proposal, keys)
        _check_proposal_is_of(event, event.proposal)
        if [signature.role for signature in event.signatures] != [Role.BOARD]:
            raise InvalidRecord(Reason.SIGNATURE, "the board, and no one else, signs an event that was proposed")
    roles = list(event.signers)
    if frozenset(roles) not in SIGNERS[event.move] or len(roles) != len(set(roles)):
        raise InvalidRecord(Reason.SIGNATURE, f"{event.move.value} needs other signers than {_names(roles)}")


def proposal_differs(event: ProgrammeEvent, signed: SignedProposal) -> list[str]:
    """The fields in which proposal and event differ; empty if it is for exactly this move and was approved in time."""
    proposal = signed.proposal
    same = {
        "programme": proposal.programme == event.programme,
        "type": proposal.move is event.move,
        "ccg": proposal.ccg == event.ccg,
        "reason": proposal.reason is event.reason,
        "note": proposal.note == event.note,
        "time": proposal.time <= event.time < proposal.expires,
    }
    same |= {name: event.data.get(name) == value for name, value in proposal.arguments.items()}
    return [name for name, holds in same.items() if not holds]


def _check_proposal_is_of(event: ProgrammeEvent, signed: SignedProposal) -> None:
    if wrong := proposal_differs(event, signed):
        raise InvalidRecord(Reason.SIGNATURE, f"the proposal is of something else: its {', '.join(wrong)}")


def _names(roles: list[Role]) -> str:
    return ", ".join(role.value for role in roles) or "no one"


def parse_programme_event(line: bytes) -> ProgrammeEvent:
    """The event in a line without its newline; raises InvalidMessage for another form."""
    value = fields(parse_json(line), FIELDS, optional=("parent", "ccg", "locality", "reason", "note", "proposal"))
    check_canonical(line, value, "a line of events.jsonl")
    for name in ("parent", "note"):
        if name in value and not is_hash(value[name]):
            raise InvalidRecord(Reason.WRONG_TYPE, f"expected a hash as {name}")
    try:
        move = Move(value["type"])
        reason = ReasonCode(value["reason"]) if "reason" in value else None
    except ValueError:
        raise InvalidRecord(Reason.WRONG_FIELDS, "expected a known type and reason") from None
    heads = value["heads"]
    if not isinstance(heads, dict):
        raise InvalidRecord(Reason.WRONG_TYPE, "expected heads by election")
    if "locality" in value and ("ccg" not in value or value["locality"] is None):
        raise InvalidRecord(Reason.WRONG_FIELDS, "expected a locality of a CCG")
    return ProgrammeEvent(
        value.get("parent"),
        integer(value["height"]),
        parse_time(value["time"]),
        move,
        text(value["programme"]),
        text(value["ccg"]) if "ccg" in value else None,
        fields(value["data"], DATA_FIELDS[move], optional=OPTIONAL_FIELDS.get(move, ())),
        reason,
        value.get("note"),
        {name: _head(entry) for name, entry in heads.items()},
        tuple(RoleSignature.from_json(entry) for entry in array(value["signatures"])),
        parse_locality(value.get("locality")),
        SignedProposal.from_json(value["proposal"]) if "proposal" in value else None,
    )


def _head(value: Json) -> Head:
    value = fields(value, ("hash", "height"))
    if not is_hash(value["hash"]):
        raise InvalidRecord(Reason.WRONG_TYPE, "expected the hash of an event")
    return Head(value["hash"], integer(value["height"]))
