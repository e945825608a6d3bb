"""Proposals as pages and commands show them: who proposed what, and whether it still waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy.orm import Session

from ballot.constitution.words import DEFAULT_WORDS
from ballot.db.ballots import list_ballots
from ballot.db.programmes import find_programme
from ballot.db.proposals import APPROVED, PROPOSED, UNSIGNED, ProposalRow, find_proposal, list_proposals
from ballot.office.acts.act import Act
from ballot.office.acts.proposable import parse_act
from ballot.office.errors import Refused
from ballot.office.proposals.ending import shown_bytes, shown_hash, why_of_row
from ballot.office.proposals.propose import statement
from ballot.office.sealed import read_programme
from ballot.office.situation import Situation
from ballot.protocol.hashing import Hash


class ProposalState(Enum):
    """The state of a proposal at a moment."""

    UNSIGNED = "unsigned"
    WAITING = "waiting"
    APPROVED = "approved"
    """By both officers; the registrar is still to act."""
    STALE = "stale"
    EXPIRED = "expired"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class ListedProposal:
    """A proposal with everything that is shown of it. `words` and `shown` may contain names and addresses."""

    hash: Hash
    title: str
    act: Act[Any] = field(repr=False)
    reason: str
    proposer: str
    role: str
    proposed_at: datetime
    expires_at: datetime
    standing: ProposalState
    second: str | None
    ended_at: datetime | None
    words: str = field(repr=False)
    body: str
    shown: bytes = field(repr=False)
    shown_hash: Hash

    @property
    def needs_registrar(self) -> bool:
        """Whether approving it needs the registrar's key."""
        return self.act.needs_registrar


def all_proposals(session: Session, programme_id: str, now: datetime) -> list[ListedProposal]:
    """Every proposal of a programme, newest first."""
    return [_shown(session, row, now) for row in list_proposals(session, programme_id)]


def one_proposal(session: Session, programme_id: str, hash: str, now: datetime) -> ListedProposal | None:
    """The proposal with this hash; None if there is none."""
    row = find_proposal(session, programme_id, hash)
    return None if row is None else _shown(session, row, now)


def _shown(session: Session, row: ProposalRow, now: datetime) -> ListedProposal:
    act, programme = parse_act(row.act), find_programme(session, row.programme_id)
    words = DEFAULT_WORDS if programme is None else read_programme(programme.toml).words
    return ListedProposal(
        Hash(row.hash),
        words.said(act.title),
        act,
        why_of_row(row).code.value,
        row.proposer,
        row.role,
        row.proposed_at,
        row.expires_at,
        _standing(session, row, act, now),
        row.second,
        row.ended_at,
        row.words,
        row.body.decode(),
        shown_bytes(row),
        shown_hash(row),
    )


def _standing(session: Session, row: ProposalRow, act: Act[Any], now: datetime) -> ProposalState:
    waits = {UNSIGNED: ProposalState.UNSIGNED, PROPOSED: ProposalState.WAITING, APPROVED: ProposalState.APPROVED}
    if row.state not in waits:
        return ProposalState(row.state)
    if now >= row.expires_at:
        return ProposalState.EXPIRED
    programme = find_programme(session, row.programme_id)
    if programme is None:
        return ProposalState.STALE
    situation = Situation(session, programme, list_ballots(session, row.programme_id), now)
    try:
        why = why_of_row(row)
        same = statement(situation, act, act.check(situation, why), why) == row.words
    except Refused:
        same = False
    return waits[row.state] if same else ProposalState.STALE
