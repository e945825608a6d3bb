"""Who signs an act: the keys of all who must, opened at one desk, or one key that approves what another proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ballot.record.keys import Role, SigningKey
from ballot.record.proposals import SignedProposal


@dataclass(frozen=True, slots=True)
class Approval:
    """A proposal, and the key of the officer who approves it. `shown` is the hash of what the approver was shown."""

    hash: str
    """The hash that identifies the proposal."""
    proposal: SignedProposal
    key: SigningKey
    proposer: str
    approver: str
    note_salt: bytes = field(repr=False)
    shown: str


Signers = Sequence[SigningKey] | Approval


def keys_of(signers: Signers) -> tuple[SigningKey, ...]:
    """The keys that sign the event."""
    return (signers.key,) if isinstance(signers, Approval) else tuple(signers)


def roles_of(signers: Signers) -> list[Role]:
    """The roles of everyone who signs the act, the proposer first."""
    proposer = [signers.proposal.signature.role] if isinstance(signers, Approval) else []
    return proposer + [key.role for key in keys_of(signers)]


def proposal_of(signers: Signers) -> SignedProposal | None:
    """The proposal that the event contains, if there is one."""
    return signers.proposal if isinstance(signers, Approval) else None
