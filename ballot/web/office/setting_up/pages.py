"""The task list of a ballot that is being set up, a page for each part of programme.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from ballot.constitution.errors import ConstitutionError
from ballot.db.programmes import find_programme
from ballot.db.session import reading, transaction
from ballot.office.activity import Activity, ActPlace, Uploaded, Who, note_act
from ballot.office.errors import Refusal, Refused
from ballot.office.next_steps import Phase, progress_of
from ballot.office.practices import turnout
from ballot.office.setup.ceremony import check_not_begun
from ballot.office.setup.draft import CONSTITUTIONS, PACKS, PROGRAMME, TRUSTEES, Draft, new_draft, open_draft
from ballot.office.setup.packs import format_of, scan
from ballot.office.setup.preflight import mail_test
from ballot.office.setup.tasks import (
    TITLES,
    PartRefused,
    Task,
    TaskProgress,
    TaskState,
    change_file,
    change_part,
    how_far,
    is_complete,
    past_times,
    tasks,
)
from ballot.office.staff.roles import OFFICERS, READERS
from ballot.protocol.hashing import sha256_hex
from ballot.web.access import AccessRule, allow
from ballot.web.entries import CHANGE, change_entries, is_change
from ballot.web.nouns import said
from ballot.web.office.home import PHASES, front_lines, office_places, shown_steps
from ballot.web.office.programme_page import held_up
from ballot.web.office.session import may_open, sees_who_voted, signed_in
from ballot.web.office.setting_up import forms
from ballot.web.office.setting_up.before_sealing import ceremony_label, preflight_label
from ballot.web.office.setting_up.forms import tables_of
from ballot.web.office.setting_up.outcome_form import OutcomeForm
from ballot.web.office.setting_up.question_form import Questions
from ballot.web.office.setting_up.seats import ask_for_accounts, show_accounts
from ballot.web.stage import surroundings

setting_up = Blueprint("setting_up", __name__)

PARTS: dict[str, tuple[Task, type[forms.ProgrammePart]]] = {
    "about": (Task.ABOUT, forms.About),
    "question": (Task.QUESTION, Questions),
    "ccgs": (Task.CCGS, forms.Ccgs),
    "window": (Task.WINDOW, forms.WindowForm),
    "outcome": (Task.OUTCOME, OutcomeForm),
    "trustees": (Task.TRUSTEES, forms.TrusteesForm),
}
NEXT = "next"
"""The button that saves and goes on to the next task."""
PAGES = {"question": "questions", "outcome": "outcome"}
"""Parts that have a page of their own; the page of another part would show them as fields."""
_OWN_PAGES = {
    Task.PACK: "setting_up.voting_pack",
    Task.CONSTITUTIONS: "constitutions.every",
    Task.ROLL: "setting_up_files.roll",
    Task.SECRECY: "secrecy.meter",
}
"""Tasks that are not a form of one part."""
_IS_REBALLOT = "This is a re-ballot. The rule of the earlier programme decides the outcome."
COLOURS = {
    TaskProgress.DONE: "",
    TaskProgress.TO_DO: "blue",
    TaskProgress.BEGUN: "blue",
    TaskProgress.WRONG: "red",
    TaskProgress.WAITS: "grey",
    TaskProgress.OPTIONAL: "white",
}


@setting_up.route("/office/ballots", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def ballots() -> ResponseReturnValue:
    """Every ballot that has a folder, and a form to begin another."""
    here, form = surroundings(), forms.NewBallot()
    if form.validate_on_submit():
        try:
            draft = new_draft(here.config.programmes, form.id.data or "", form.name.data or "", here.clock())
            note_upload(draft, "programme", draft.read(PROGRAMME) or b"")
            return back_to_tasks(draft, Task.ABOUT)
        except Refused as refusal:
            form.mark(form.id, refusal.sentence)
    page = render_template("office/setting_up/ballots.html", ballots=front_lines()[1], form=form)
    return page, 400 if form.errors else 200


@setting_up.get("/office/ballots/<programme>")
@allow(AccessRule.STAFF, *READERS)
def task_list(programme: str) -> str:
    """The home of a ballot: what is next, how far it is, and what is done, missing and wrong in setting it up."""
    draft, here = the_draft(programme), surroundings()
    progress = progress_of(office_places(), draft.id, here.clock(), sees_who_voted=sees_who_voted())
    sealed = progress.phase is not Phase.SETTING_UP
    steps = how_far(here.engine, draft.id)
    said = {
        "progress": progress,
        "phase": PHASES[progress.phase],
        "waiting": [("", step) for step in shown_steps(progress)],
        "sealed": sealed,
        "held": held_up(draft.id) if sealed else (),
        "found": turnout(here.engine, draft.id, here.clock()) if sealed else None,
        "tasks": tasks(draft),
        "past": past_times(draft, here.clock()),
        "colours": COLOURS,
        "complete": is_complete(draft),
        "page_of": page_of,
        "ceremony": ceremony_label(draft),
        "has_mail": here.config.mail is not None,
        "preflight": preflight_label(draft, steps),
        "ccg_names": {str(ccg.get("ods")): str(ccg.get("name")) for ccg in tables_of(known_values(draft), "ccg")},
    }
    return draft_page(draft, "home", **said, prepared=steps.prepared, steps=steps, tested=mail_test(draft))


@setting_up.route("/office/ballots/<programme>/<part>", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def change(programme: str, part: str) -> ResponseReturnValue:
    """Show one part of programme.toml as a form, and write it."""
    draft = the_draft(programme)
    if part not in PARTS:
        abort(404)
    task, of = PARTS[part]
    form, known = of(), known_values(draft)
    instead = _IS_REBALLOT if task is Task.OUTCOME and "reballot" in known else ""
    form.offer(known)
    if is_change():
        change_entries(form, request.form[CHANGE])
        form.offer(known)
    elif instead and request.method == "POST":
        raise Refused(Refusal.FILES_DIFFER, instead)
    elif form.validate_on_submit():
        check_not_prepared(draft)
        try:
            values = form.values(known)
            if task is Task.TRUSTEES and known.get("trustees") not in (None, values["trustees"]):
                check_not_begun(surroundings().engine, draft)
            change_part(draft, task, values, surroundings().clock())
            note_upload(draft, "programme", draft.read(PROGRAMME) or b"")
            if isinstance(form, forms.TrusteesForm):
                _add_key(draft, form)
                ask_for_accounts(draft, form)
            if not form.errors:
                return back_to_tasks(draft, task)
        except PartRefused as refusal:
            form.mark(form.field_at(refusal.path), refusal.sentence)
        except Refused as refusal:
            form.form_errors.append(refusal.sentence)
    elif request.method == "GET":
        form.load(known)
        form.offer(known)
        if isinstance(form, forms.TrusteesForm):
            show_accounts(draft, form)
    past = past_times(draft, surroundings().clock()) if task is Task.WINDOW else ""
    return _form(draft, form, said(TITLES[task]), PAGES.get(part, "part"), says_instead=instead, past=past)


@setting_up.route("/office/ballots/<programme>/voting-pack", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def voting_pack(programme: str) -> ResponseReturnValue:
    """Add a document by its hash."""
    draft, form = the_draft(programme), forms.Pack()
    if form.validate_on_submit():
        check_not_prepared(draft)
        data, here = uploaded(form.file.data), surroundings()
        now, kind = here.clock(), None
        try:
            kind = format_of(getattr(form.file.data, "filename", None) or "", data)
            scan(here.config.scan_uploads, data)
        except Refused as refusal:
            form.file.errors = [refusal.sentence]
        if kind is not None and not form.file.errors:
            hash = str(sha256_hex(data))
            draft.keep(f"{PACKS}/{hash[:16]}.{kind.value}", data, now)
            others = [
                pack for pack in known_values(draft).get("voting_pack") or [] if pack.get("name") != form.name.data
            ]
            try:
                new = {"name": form.name.data, "sha256": hash, "format": kind.value, "size": len(data)}
                packs = [*others, new]
                change_part(draft, Task.PACK, {"voting_pack": packs}, now)
                note_upload(draft, "voting-pack", data)
                return back_to_tasks(draft, Task.PACK)
            except Refused as refusal:
                form.mark(form.name, refusal.sentence)
    return _form(
        draft, form, said(TITLES[Task.PACK]), there=next(s for s in tasks(draft) if s.task is Task.PACK).sentences
    )


def the_draft(programme: str) -> Draft:
    """The folder that the address names, or 404."""
    try:
        return open_draft(surroundings().config.programmes, programme)
    except Refused:
        abort(404)


def is_prepared(draft: Draft) -> bool:
    """Whether the database has its own copy, so that the files no longer change anything."""
    with reading(surroundings().engine) as session:
        return find_programme(session, draft.id) is not None


def check_not_prepared(draft: Draft) -> None:
    """Raise Refused if the ballot is prepared."""
    if is_prepared(draft):
        sentence = "This ballot is prepared. Its settings can no longer be changed."
        raise Refused(Refusal.ALREADY_PREPARED, sentence)


def note_upload(draft: Draft, kind: str, data: bytes) -> None:
    """Record an upload in the activity log: by whom, of which kind, and the hash."""
    note_on(draft, Uploaded(kind, str(sha256_hex(data))))


def note_on(draft: Draft, what: Activity) -> None:
    """Record an act on a draft in the activity log."""
    here, staff = surroundings(), signed_in()
    with transaction(here.engine) as session:
        note_act(session, here.clock(), Who(staff.login, acting_for=staff.role.value), what, ActPlace(draft.id))


def uploaded(file: Any) -> bytes:
    """The bytes of a file field; empty if no file was chosen."""
    return file.read() if isinstance(file, FileStorage) else b""


def known_values(draft: Draft) -> Mapping[str, Any]:
    """The content of programme.toml, in whatever state it is."""
    try:
        return draft.programme().values
    except ConstitutionError:
        return {}


def _add_key(draft: Draft, form: forms.TrusteesForm) -> None:
    if data := uploaded(form.key.data):
        try:
            change_file(draft, Task.TRUSTEES, TRUSTEES, data, surroundings().clock())
        except Refused as refusal:
            form.mark(form.key, refusal.sentence)
            return
        note_upload(draft, "trustees", data)


def page_of(draft: Draft, task: Task) -> str | None:
    """The address of a task's page; None for those who may not open it."""
    page = _OWN_PAGES.get(task)
    part: dict[str, Any] = {} if page else {"part": task.value}
    endpoint = page or "setting_up.change"
    return url_for(endpoint, programme=draft.id, **part) if may_open(endpoint) else None


def back_to_tasks(draft: Draft, task: Task) -> ResponseReturnValue:
    """Go back to the ballot's page; or, if that was asked for, to the next task that is left to do."""
    order, following = list(Task), None
    if NEXT in request.form:
        later = [state for state in tasks(draft) if order.index(state.task) > order.index(task)]
        due = [state.task for state in later if _is_due(state)]
        following = _first_page_of(draft, due[0]) if due else None
    return redirect(following or url_for("setting_up.task_list", programme=draft.id), 303)


def _is_due(state: TaskState) -> bool:
    """Whether an officer can go on with it. Trustees who are named make their key themselves."""
    begun = state.progress is TaskProgress.BEGUN and state.task is not Task.TRUSTEES
    return begun or state.progress in (TaskProgress.TO_DO, TaskProgress.WRONG)


def _first_page_of(draft: Draft, task: Task) -> str | None:
    """The page on which a task begins: of the constitutions, the first one that is missing."""
    codes = [str(ccg.get("ods")) for ccg in tables_of(known_values(draft), "ccg")]
    missing = [code for code in codes if draft.read(f"{CONSTITUTIONS}/{code}.toml") is None]
    if task is Task.CONSTITUTIONS and missing:
        return url_for("constitutions.one", programme=draft.id, ccg=missing[0])
    return page_of(draft, task)


def _form(draft: Draft, form: Any, title: str, template: str = "part", **said: Any) -> ResponseReturnValue:
    page = draft_page(draft, template, form=form, heading=title, prepared=is_prepared(draft), **said)
    return page, 400 if form.errors else 200


def draft_page(draft: Draft, page: str, /, **given: object) -> str:
    """A page on setting up a ballot, with what programme.toml says and its rehearsal banner."""
    known = known_values(draft)
    about = {"draft": draft, "known": known, "rehearsal": known.get("rehearsal") is True}
    return render_template(f"office/setting_up/{page}.html", **about, **given)
