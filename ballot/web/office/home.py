"""What waits in a ballot, on its home and on the front page: in words, for whom, and with a link for those who may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from ballot.db.programmes import list_programmes
from ballot.db.session import reading
from ballot.office.next_steps import BallotProgress, NextStep, OfficePlaces, Phase, StepKind, progress_of
from ballot.office.post.mail_status import HoldUp, hold_ups
from ballot.office.sealed import read_programme
from ballot.office.staff.account_changes import waiting_changes
from ballot.office.staff.accounts import seats_of
from ballot.office.staff.roles import OFFICERS
from ballot.web.board.words import Label
from ballot.web.office.session import may_open, sees_who_voted, signed_in, the_door
from ballot.web.stage import surroundings

PHASES = {
    Phase.SETTING_UP: Label("Being set up", "grey"),
    Phase.SEALED: Label("Sealed, not open yet", "blue"),
    Phase.OPEN: Label("Voting is open", "green"),
    Phase.CLOSED: Label("Closed, not counted yet", "yellow"),
    Phase.COUNTED: Label("Counted, not declared yet", "yellow"),
    Phase.DECLARED: Label("Declared, not published yet", "yellow"),
    Phase.PUBLISHED: Label("Result published", "purple"),
    Phase.ABANDONED: Label("Abandoned", "red"),
}
_PAGES: Mapping[StepKind, tuple[str, Mapping[str, str]]] = {
    StepKind.SET_UP: ("setting_up.task_list", {}),
    StepKind.CEREMONY: ("trustee.own", {}),
    StepKind.TRIAL_DECRYPTION: ("trustee.own", {}),
    StepKind.PREPARE: ("preparing.prepare_it", {}),
    StepKind.BACK_UP: ("preparing.backup", {}),
    StepKind.ISSUE: ("registrar.issue_all", {}),
    StepKind.SEAL: ("two_people.new", {"slug": "seal"}),
    StepKind.SIGN: ("two_people.one", {}),
    StepKind.APPROVE: ("two_people.one", {}),
    StepKind.COMPLETE: ("two_people.one", {}),
    StepKind.INVITE: ("running.send", {"kind": "invitation"}),
    StepKind.UNLOCK: ("vault.page", {}),
    StepKind.MEND: ("running.mail", {}),
    StepKind.SERVER_SHARE: ("count.page", {}),
    StepKind.SHARE: ("trustee.own", {}),
    StepKind.CASTING_VOTE: ("two_people.new", {"slug": "casting-vote"}),
    StepKind.DECIDE: ("count.page", {}),
    StepKind.DECLARE: ("two_people.new", {"slug": "declare"}),
    StepKind.PUBLISH: ("count.page", {}),
}
"""The page on which each step is done."""
_OF_PROPOSALS = (StepKind.SIGN, StepKind.APPROVE, StepKind.COMPLETE)


@dataclass(frozen=True, slots=True)
class WaitingStep:
    """A step as a page shows it: a link for those who may open its page, and whether it waits for the reader."""

    words: str
    detail: str
    who: str
    due: datetime | None
    href: str | None
    mine: bool


@dataclass(frozen=True, slots=True)
class BallotLine:
    """A ballot in the list on the front page."""

    id: str
    name: str
    label: Label
    rehearsal: bool


def office_places() -> OfficePlaces:
    """Where this installation keeps its ballots."""
    here = surroundings()
    return OfficePlaces(here.engine, here.config.programmes, here.config.instance / "records")


def front_lines() -> tuple[list[tuple[str, WaitingStep]], list[BallotLine]]:
    """For the reader: each step that waits for them, with its ballot's name; and the ballots that they may open."""
    places, now, seats = office_places(), surroundings().clock(), _seats()
    mine: list[tuple[str, WaitingStep]] = []
    lines = []
    for id in places.ids():
        progress = progress_of(places, id, now, sees_who_voted=sees_who_voted())
        mine += [(progress.name, step) for step in shown_steps(progress, seats) if step.mine]
        if may_open("setting_up.task_list"):
            lines.append(BallotLine(id, progress.name, PHASES[progress.phase], progress.rehearsal))
    return mine, lines


def changes_to_confirm() -> int:
    """How many changes of accounts the other officer asked for, which the reader may confirm."""
    reader = signed_in()
    if reader.role not in OFFICERS:
        return 0
    asked = [(by, role) for _, _, by, role in waiting_changes(the_door())]
    return sum(by != reader.login and role != reader.role.value for by, role in asked)


def paused_lines() -> list[tuple[str, HoldUp]]:
    """For those who may see the e-mails: each ballot whose sending is paused, by its name, and by what."""
    here = surroundings()
    if not may_open("running.mail"):
        return []
    with reading(here.engine) as session:
        return [
            (read_programme(row.toml).name, held)
            for row in list_programmes(session)
            for held in hold_ups(session, row.id, here.clock())
            if held.is_paused
        ]


def shown_steps(progress: BallotProgress, seats: Mapping[str, int] | None = None) -> list[WaitingStep]:
    """Each step of a ballot, the reader's own first. Steps of one kind that wait for several trustees are one line."""
    seats = _seats() if seats is None else seats
    shown = [_shown(progress.id, step, seats) for step in progress.steps if step.trustee is None]
    by_kind: dict[StepKind, list[NextStep]] = {}
    for step in progress.steps:
        if step.trustee is not None:
            by_kind.setdefault(step.kind, []).append(step)
    for steps in by_kind.values():
        own = [step for step in steps if seats.get(progress.id) == step.trustee]
        shown += [_shown(progress.id, step, seats) for step in own] or [_of_trustees(steps)]
    return sorted(shown, key=lambda step: not step.mine)


def _shown(id: str, step: NextStep, seats: Mapping[str, int]) -> WaitingStep:
    role = signed_in().role
    mine = role in step.roles and (step.trustee is None or seats.get(id) == step.trustee)
    endpoint, values = _PAGES[step.kind]
    given: dict[str, Any] = {
        **values,
        "programme": id,
        **({"hash": step.about} if step.kind in _OF_PROPOSALS else {}),
    }
    href = url_for(endpoint, **given) if may_open(endpoint) else None
    detail = "" if step.trustee is not None else step.detail
    return WaitingStep(step.words, detail, "You" if mine else step.who, step.due, href, mine)


def _of_trustees(steps: list[NextStep]) -> WaitingStep:
    names = ", ".join(step.detail for step in steps)
    return WaitingStep(
        steps[0].words, "", f"{'Trustee' if len(steps) == 1 else 'Trustees'}: {names}", None, None, False
    )


def _seats() -> dict[str, int]:
    """The trustee's number in each programme in which the reader is one."""
    return {seat.programme_id: seat.number for seat in seats_of(surroundings().engine, signed_in().id)}
