"""Who signs an act: the keys of all who must, opened at one desk; or two signatures, each made in its own place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ballot.record.keys import Role, RoleSignature, SigningKey
from ballot.record.programme_events import ProgrammeEvent, sign_event
from ballot.record.proposals import SignedProposal


@dataclass(frozen=True, slots=True)
class Approval:
    """A proposal that the other officer has signed too. `shown` is the hash of what the approver was shown."""

    hash: str
    """The hash that identifies the proposal."""
    proposal: SignedProposal
    """With both signatures."""
    proposer: str
    approver: str
    note_salt: bytes = field(repr=False)
    shown: str


@dataclass(frozen=True, slots=True)
class SignedApart:
    """One person's signature over an event whose every byte was known beforehand: the first event of a programme."""

    signature: RoleSignature


Signers = Sequence[SigningKey] | Approval | SignedApart


def sign_with(event: ProgrammeEvent, signers: Signers, board: SigningKey) -> ProgrammeEvent:
    """The event with its signatures: the board's, if two people have signed the proposal that it carries."""
    if isinstance(signers, SignedApart):
        return replace(event, signatures=(signers.signature,))
    return sign_event(event, (board,) if isinstance(signers, Approval) else tuple(signers))


def roles_of(signers: Signers) -> list[Role]:
    """The roles of everyone whose act it is, the proposer first."""
    if isinstance(signers, SignedApart):
        return [signers.signature.role]
    return list(signers.proposal.roles) if isinstance(signers, Approval) else [key.role for key in signers]


def proposal_of(signers: Signers) -> SignedProposal | None:
    """The proposal that the event contains, if there is one."""
    return signers.proposal if isinstance(signers, Approval) else None
