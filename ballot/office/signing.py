"""Who signs an act: the keys of all who must, opened at one desk; or two signatures, each made in its own place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ballot.record.keys import Role, SigningKey
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


Signers = Sequence[SigningKey] | Approval


def keys_of(signers: Signers, board: SigningKey) -> tuple[SigningKey, ...]:
    """The keys that sign the event: the board's, if two people have signed the proposal that it carries."""
    return (board,) if isinstance(signers, Approval) else tuple(signers)


def roles_of(signers: Signers) -> list[Role]:
    """The roles of everyone whose act it is, the proposer first."""
    return list(signers.proposal.roles) if isinstance(signers, Approval) else [key.role for key in signers]


def proposal_of(signers: Signers) -> SignedProposal | None:
    """The proposal that the event contains, if there is one."""
    return signers.proposal if isinstance(signers, Approval) else None
