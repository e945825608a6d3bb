"""What comes next in a ballot: its phase, the steps that wait, and who must do each. Reads only.

The home of a ballot, the front page of the office and the e-mails to its people all say what is found here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.errors import ConstitutionError
from ballot.constitution.words import DEFAULT_WORDS, Words
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.outbox import has_message
from ballot.db.programmes import ProgrammeRow, find_programme, list_programmes
from ballot.db.session import reading
from ballot.mail.messages import Kind
from ballot.office.acts.act import Act
from ballot.office.acts.counting import CastingVote, Declare
from ballot.office.acts.sealing import Seal
from ballot.office.board.publish import find_declaration
from ballot.office.count import CountDay, ElectionProgress, read_count_day
from ballot.office.lifecycle import State, state_at
from ballot.office.post.mail_status import HoldUpCause, hold_ups, mail_status
from ballot.office.proposals.listing import ListedProposal, ProposalState, all_proposals
from ballot.office.sealed import read_programme
from ballot.office.setup.ceremony import Step, read_ceremony
from ballot.office.setup.draft import Draft, draft_ids, open_draft
from ballot.office.setup.tasks import how_far, is_complete
from ballot.office.setup.trial_decryption import trustees_key, without_trial_decryption
from ballot.office.staff.roles import OFFICERS, StaffRole
from ballot.office.tally import SERVER


class Phase(Enum):
    """The phases of a programme, in order. It is in the phase of its ballot that is furthest behind."""

    SETTING_UP = "setting up"
    SEALED = "sealed"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"
    DECLARED = "declared"
    PUBLISHED = "published"
    ABANDONED = "abandoned"
    """Every ballot of it was abandoned."""


class StepKind(Enum):
    """Something that waits for a person. The value names it in what tells one notice from another."""

    SET_UP = "set-up"
    CEREMONY = "ceremony"
    TRIAL_DECRYPTION = "trial-decryption"
    PREPARE = "prepare"
    BACK_UP = "backup"
    ISSUE = "issue"
    SEAL = "seal"
    SIGN = "sign"
    APPROVE = "approve"
    COMPLETE = "complete"
    INVITE = "invite"
    UNLOCK = "unlock"
    MEND = "mend"
    SERVER_SHARE = "server-share"
    SHARE = "share"
    CASTING_VOTE = "casting-vote"
    DECIDE = "decide"
    DECLARE = "declare"
    PUBLISH = "publish"


WORDS = {
    StepKind.SET_UP: "Finish setting up the ballot",
    StepKind.CEREMONY: "Make the trustees' key: the next step of the ceremony",
    StepKind.TRIAL_DECRYPTION: "Decrypt the trial, to show that the saved key works",
    StepKind.PREPARE: "Prepare the ballot",
    StepKind.BACK_UP: "Back up the server's keys, and test the backup",
    StepKind.ISSUE: "Issue the voting links",
    StepKind.SEAL: "Propose to seal the ballot",
    StepKind.SIGN: "Sign the proposal that you prepared",
    StepKind.APPROVE: "Approve or decline a proposal",
    StepKind.COMPLETE: "Carry out what both officers approved",
    StepKind.INVITE: "Send the invitations",
    StepKind.UNLOCK: "Unlock sending: e-mails with voting links wait for the registrar's key",
    StepKind.MEND: "Help the {members} that an e-mail did not reach",
    StepKind.SERVER_SHARE: "Add the server's share of the decryption",
    StepKind.SHARE: "Decrypt the totals",
    StepKind.CASTING_VOTE: "Propose to record the casting vote in a tie",
    StepKind.DECIDE: "Apply the rules to the totals",
    StepKind.DECLARE: "Propose to declare the result",
    StepKind.PUBLISH: "Publish the result",
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step that waits for anyone with one of `roles`; for a trustee's step, only for trustee `trustee`.

    `about` tells two steps of one kind apart, such as the hash of a proposal.
    """

    kind: StepKind
    roles: frozenset[StaffRole]
    detail: str = ""
    due: datetime | None = None
    trustee: int | None = None
    about: str = ""
    nouns: Words = DEFAULT_WORDS

    @property
    def words(self) -> str:
        return self.nouns.said(WORDS[self.kind])

    @property
    def who(self) -> str:
        """Who must do it, as the beginning of a sentence."""
        if self.trustee is not None:
            return f"Trustee {self.detail}"
        if self.roles == frozenset(OFFICERS):
            return "Either officer"
        return f"The {' or the '.join(sorted(role.words for role in self.roles))}"


@dataclass(frozen=True, slots=True)
class BallotProgress:
    """How far a programme is. Once sealed: the first opening, and the first and the last closing."""

    id: str
    name: str
    rehearsal: bool
    phase: Phase
    steps: tuple[NextStep, ...]
    opens_at: datetime | None = None
    first_closes_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfficePlaces:
    """Where the office keeps its ballots: the database, the folders of programmes, and the published records."""

    engine: Engine
    programmes: Path
    records: Path

    def ids(self) -> list[str]:
        """Every programme that has a folder or is sealed."""
        with reading(self.engine) as session:
            sealed = {row.id for row in list_programmes(session) if row.fingerprint is not None}
        return sorted({*draft_ids(self.programmes), *sealed})


def progress_of(
    places: OfficePlaces, programme_id: str, now: datetime, *, sees_who_voted: bool, looks_at_tasks: bool = True
) -> BallotProgress:
    """The phase of a programme and the steps that wait. Raises Refused if there is no such folder.

    A vote ends the task of reaching its practice, so the number of those tasks is counted for who may know who voted,
    or not (`sees_who_voted`). Without `looks_at_tasks` it leaves out whether setting up is complete, which means
    reading the whole roll.
    """
    with reading(places.engine) as session:
        row = find_programme(session, programme_id)
        if row is not None and row.fingerprint is not None:
            return _sealed(session, places, row, now, sees_who_voted)
        proposals = [] if row is None else _waiting(session, row.id, now)
        opens_at = min((ballot.opens_at for ballot in list_ballots(session, programme_id)), default=None)
    draft = open_draft(places.programmes, programme_id)
    steps = tuple(_before_sealing(places, draft, proposals, opens_at))
    if row is None and looks_at_tasks:
        steps += (_set_up(draft),)
    try:
        known = draft.programme().values
    except ConstitutionError:  # the task list says what is wrong with the file
        known = {}
    name, rehearsal = str(known.get("name") or draft.id), known.get("rehearsal") is True
    return BallotProgress(draft.id, name, rehearsal, Phase.SETTING_UP, steps)


def _set_up(draft: Draft) -> NextStep:
    if is_complete(draft):
        return NextStep(StepKind.PREPARE, frozenset({StaffRole.RETURNING_OFFICER}))
    return NextStep(StepKind.SET_UP, frozenset(OFFICERS))


def _before_sealing(
    places: OfficePlaces, draft: Draft, proposals: list[ListedProposal], opens_at: datetime | None
) -> Iterator[NextStep]:
    yield from _approvals(proposals)
    yield from _trustees(places.engine, draft)
    done = how_far(places.engine, draft.id)
    if not done.prepared:
        return
    if not done.backup_tried:
        yield NextStep(StepKind.BACK_UP, frozenset(OFFICERS), "it needs both officers' keys")
    if not done.issued:
        yield NextStep(StepKind.ISSUE, frozenset({StaffRole.REGISTRAR}))
    if done.backup_tried and done.issued and not _proposed(proposals, Seal):
        yield NextStep(StepKind.SEAL, frozenset(OFFICERS), due=opens_at)


def _trustees(engine: Engine, draft: Draft) -> Iterator[NextStep]:
    """What each trustee has to do before sealing."""
    try:
        ceremony = read_ceremony(engine, draft)
    except ConstitutionError:
        return
    parameters = trustees_key(engine, draft.id, draft)
    due: dict[int, Step | None]
    if parameters is not None:
        with reading(engine) as session:
            missing = without_trial_decryption(session, draft.id, parameters)
        due = {number: Step.TRIAL_DECRYPTION for number in ceremony.numbers if number in missing}
    else:
        due = {number: ceremony.due(number) for number in ceremony.numbers}
    for number, step in due.items():
        if step is not None:
            kind = StepKind.TRIAL_DECRYPTION if step is Step.TRIAL_DECRYPTION else StepKind.CEREMONY
            yield _of_trustee(kind, number, ceremony.name(number), step.value)


def _of_trustee(kind: StepKind, number: int, name: str, about: str) -> NextStep:
    return NextStep(kind, frozenset({StaffRole.TRUSTEE}), name, trustee=number, about=f"{number} {about}")


def first_step_of(number: int) -> str:
    """What tells the step with which this trustee's ceremony begins from others (`NextStep.about`)."""
    return f"{number} {Step.CERTIFICATE.value}"


def _sealed(
    session: Session, places: OfficePlaces, row: ProgrammeRow, now: datetime, sees_who_voted: bool
) -> BallotProgress:
    ballots, programme = list_ballots(session, row.id), read_programme(row.toml)
    proposals = _waiting(session, row.id, now)
    states = {state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now) for ballot in ballots}
    phase = _phase(states - {State.ABANDONED})
    if phase is Phase.DECLARED and find_declaration(places.records, row.id) is not None:
        phase = Phase.PUBLISHED
    steps = [*_approvals(proposals)]
    if phase in (Phase.SEALED, Phase.OPEN):
        steps += _while_voting(session, places.engine, row.id, ballots, now, sees_who_voted, programme.words)
    if states & {State.CLOSED, State.TALLIED} and phase is not Phase.ABANDONED:
        steps += _counting(read_count_day(places.engine, row.id, now), proposals)
    if phase is Phase.DECLARED:
        steps.append(NextStep(StepKind.PUBLISH, frozenset(OFFICERS)))
    opens, closings = min(ballot.opens_at for ballot in ballots), [ballot.closes_at for ballot in ballots]
    window = (opens, min(closings), max(closings))
    return BallotProgress(row.id, programme.name, programme.rehearsal, phase, tuple(steps), *window)


_PHASES = {
    State.OPEN: Phase.OPEN,
    State.SEALED: Phase.SEALED,
    State.CLOSED: Phase.CLOSED,
    State.TALLIED: Phase.COUNTED,
    State.DECLARED: Phase.DECLARED,
}
"""The phase of a programme with ballots in several states: that of the first state in this order."""


def _phase(states: set[State]) -> Phase:
    return next((phase for state, phase in _PHASES.items() if state in states), Phase.ABANDONED)


def _while_voting(
    session: Session,
    engine: Engine,
    id: str,
    ballots: list[BallotRow],
    now: datetime,
    sees_who_voted: bool,
    words: Words,
) -> Iterator[NextStep]:
    if any(held.cause is HoldUpCause.LOCKED for held in hold_ups(session, id, now)):
        yield NextStep(StepKind.UNLOCK, frozenset({StaffRole.REGISTRAR}))
    if not has_message(session, id, Kind.INVITATION.value):
        opens = min(ballot.opens_at for ballot in ballots)
        yield NextStep(StepKind.INVITE, frozenset(OFFICERS), due=opens if opens > now else None)
        return
    problems = mail_status(engine, id, now, sees_who_voted=sees_who_voted).problems
    if unreached := {(problem.ccg, problem.practice) for problem in problems}:
        detail = words.member.counted(len(unreached))
        yield NextStep(
            StepKind.MEND, frozenset(OFFICERS), detail, max(ballot.closes_at for ballot in ballots), nouns=words
        )


def _counting(day: CountDay, proposals: list[ListedProposal]) -> Iterator[NextStep]:
    closed = [each for each in day.elections if each.state is State.CLOSED]
    if closed and not day.still_voting:
        if any(each.shares[0].given is None for each in closed):
            yield NextStep(StepKind.SERVER_SHARE, frozenset(OFFICERS))
        yield from _shares(closed, sum(each.state in CLOSED_OR_LATER for each in day.elections))
    if day.tied and not day.waiting and not _proposed(proposals, CastingVote):
        yield NextStep(StepKind.CASTING_VOTE, frozenset(OFFICERS), ", ".join(day.tied_names))
    if day.can_decide:
        yield NextStep(StepKind.DECIDE, frozenset(OFFICERS))
    if day.is_decided and not day.is_declared and not _proposed(proposals, Declare):
        yield NextStep(StepKind.DECLARE, frozenset(OFFICERS))


CLOSED_OR_LATER = (State.CLOSED, State.TALLIED, State.DECLARED)


def _shares(closed: list[ElectionProgress], ever_closed: int) -> Iterator[NextStep]:
    """Each trustee whose share is still of use. `ever_closed` makes a later closing a step of its own."""
    names = {share.owner: share.name for each in closed for share in each.shares[1:]}
    for owner, name in names.items():
        missing = [each for each in closed if each.lacks(owner)]
        if missing:
            yield _of_trustee(StepKind.SHARE, owner - SERVER, name, str(ever_closed))


_STEPS = {
    ProposalState.UNSIGNED: StepKind.SIGN,
    ProposalState.WAITING: StepKind.APPROVE,
    ProposalState.APPROVED: StepKind.COMPLETE,
}


def _waiting(session: Session, programme_id: str, now: datetime) -> list[ListedProposal]:
    listed = all_proposals(session, programme_id, now)
    return [proposal for proposal in listed if proposal.standing in _STEPS]


def _approvals(proposals: Iterable[ListedProposal]) -> Iterator[NextStep]:
    for proposal in proposals:
        kind = _STEPS[proposal.standing]
        roles = {
            StepKind.SIGN: frozenset(role for role in OFFICERS if role.value == proposal.role),
            StepKind.APPROVE: frozenset(role for role in OFFICERS if role.value != proposal.role),
            StepKind.COMPLETE: frozenset({StaffRole.REGISTRAR}),
        }[kind]
        yield NextStep(kind, roles, proposal.title, proposal.expires_at, about=proposal.hash)


def _proposed(proposals: Iterable[ListedProposal], act: type[Act[Any]]) -> bool:
    return any(isinstance(proposal.act, act) for proposal in proposals)
