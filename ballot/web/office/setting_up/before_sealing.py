"""What is left before a prepared ballot can be sealed: the checks, the page that mends each, and what comes next."""

from __future__ import annotations

from typing import Any

from flask import url_for

from ballot.constitution.errors import ConstitutionError
from ballot.db.session import reading
from ballot.office.errors import Refused
from ballot.office.setup.ceremony import read_ceremony
from ballot.office.setup.draft import Draft, open_draft
from ballot.office.setup.preflight import (
    PreflightCheck,
    PreflightSources,
    PreflightVerdict,
    is_clear,
    mail_test,
    preflight,
)
from ballot.office.setup.tasks import TaskSteps, how_far
from ballot.office.setup.trial_decryption import trustees_key, without_trial_decryption
from ballot.web.board.words import Label
from ballot.web.office.session import may_open
from ballot.web.stage import surroundings

_PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "tasks": ("setting_up.task_list", {}),
    "files": ("setting_up.task_list", {}),
    "prepared": ("preparing.prepare_it", {}),
    "issued": ("registrar.links", {}),
    "backup": ("preparing.backup", {}),
    "practice": ("trustee.ceremony_page", {}),
    "window": ("setting_up.change", {"part": "window"}),
    "window-length": ("setting_up.change", {"part": "window"}),
    "secrecy": ("secrecy.meter", {}),
    "mail": ("setting_up_files.mail_test_page", {}),
    "addresses": ("setting_up_files.roll", {}),
    "voting-pack": ("setting_up.voting_pack", {}),
}
"""The page on which each check can be put right, or looked at."""
NOT_YET, TO_DO, BEGUN = Label("Cannot start yet", "grey"), Label("Not started", "blue"), Label("In progress", "blue")
WRONG, DONE = Label("There is a problem", "red"), Label("Completed", "")


def page_of_check(draft: Draft, check: PreflightCheck) -> str | None:
    """The address of the page on which a check can be put right; None if there is none yet, or not for the reader."""
    endpoint, values = _PAGES.get(check.id, ("", {}))
    if check.id == "issued" and not how_far(surroundings().engine, draft.id).prepared:
        return None  # a ballot that is not prepared has no list of links
    return url_for(endpoint, programme=draft.id, **values) if endpoint and may_open(endpoint) else None


def checks_of(draft: Draft) -> list[PreflightCheck]:
    """Every pre-flight check of a ballot."""
    here = surroundings()
    premises = PreflightSources(draft, here.engine, here.config.keys, here.config.mail is not None)
    return preflight(premises, here.clock())


def warnings_before(programme: str) -> list[PreflightCheck]:
    """What pre-flight says to look at once more before a ballot is sealed; nothing if its folder is gone."""
    try:
        draft = open_draft(surroundings().config.programmes, programme)
    except Refused:
        return []
    return [check for check in checks_of(draft) if check.verdict is PreflightVerdict.WARNS]


def next_before_sealing(draft: Draft) -> tuple[str, str]:
    """What an officer does next with a prepared ballot, in words, and the address of its page."""
    here, id = surroundings(), draft.id
    done = how_far(here.engine, id)
    if not done.backup_tried:
        return "back up the server's keys", url_for("preparing.backup", programme=id)
    if here.config.mail is not None and mail_test(draft) is None:
        return "send me the invitation", url_for("setting_up_files.mail_test_page", programme=id)
    if done.issued and not done.sealed:
        return "propose to seal the ballot", url_for("two_people.new", programme=id, slug="seal")
    return "pre-flight checks", url_for("preparing.preflight_page", programme=id)


def ceremony_label(draft: Draft) -> Label:
    """How far the trustees are: completed when each has shown that the saved key opens."""
    engine = surroundings().engine
    try:
        ceremony = read_ceremony(engine, draft)
    except ConstitutionError:
        return NOT_YET
    parameters = trustees_key(engine, draft.id, draft)
    if parameters is not None:
        with reading(engine) as session:
            return BEGUN if without_trial_decryption(session, draft.id, parameters) else DONE
    return BEGUN if ceremony.parts else TO_DO


def preflight_label(draft: Draft, steps: TaskSteps) -> Label:
    """Whether the checks can pass yet, and whether they do. They are made only when every step before is done."""
    if steps.sealed:
        return DONE
    if not (steps.prepared and steps.backup_tried and steps.issued):
        return NOT_YET
    return DONE if is_clear(checks_of(draft)) else WRONG
