"""The pages for uploads: constitutions, the roll; and the e-mail test."""

from __future__ import annotations

import secrets

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ballot.constitution.errors import ConstitutionError
from ballot.constitution.lint import check_constitution
from ballot.constitution.load import load_constitution
from ballot.constitution.reading import read_for_signing
from ballot.constitution.rule import Constitution
from ballot.constitution.write import write_constitution
from ballot.mail.channel import SendOutcome
from ballot.mail.channels import open_channel
from ballot.mail.envelope import LENGTH
from ballot.mail.messages import Kind
from ballot.mail.render import render
from ballot.office.activity import MailTested
from ballot.office.errors import Refusal, Refused
from ballot.office.post.compose import preview
from ballot.office.post.mailings import send_trial_message
from ballot.office.setup.draft import CONSTITUTIONS, ROLL, Draft
from ballot.office.setup.preflight import mail_test, note_mail_test
from ballot.office.setup.roll import choose_roll, preview_roll, upload_roll
from ballot.office.setup.tasks import Task, change_file, tasks
from ballot.office.staff.roles import OFFICERS, READERS
from ballot.record.times import whole_second
from ballot.strict.toml_tables import LARGEST_FILE
from ballot.web.access import AccessRule, allow
from ballot.web.entries import CHANGE, change_entries, is_change
from ballot.web.office.session import signed_in
from ballot.web.office.setting_up import forms
from ballot.web.office.setting_up.constitution_form import (
    ConstitutionForm,
    QuestionsAsked,
    RuleUpload,
    can_say,
    composed,
    filled_form,
    has_options,
)
from ballot.web.office.setting_up.pages import (
    check_not_prepared,
    draft_page,
    is_prepared,
    note_on,
    note_upload,
    the_draft,
    uploaded,
)
from ballot.web.stage import surroundings

files = Blueprint("setting_up_files", __name__)


@files.get("/office/ballots/<programme>/constitutions")
@allow(AccessRule.STAFF, *READERS)
def constitutions(programme: str) -> str:
    """Every CCG, and whether its rule exists."""
    draft = the_draft(programme)
    read = [(ccg, *_read(draft, ccg[0])) for ccg in _ccgs(draft)]
    state = next(state for state in tasks(draft) if state.task is Task.CONSTITUTIONS)
    return draft_page(draft, "constitutions", read=read, state=state)


@files.route("/office/ballots/<programme>/constitutions/<ccg>", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def constitution(programme: str, ccg: str) -> ResponseReturnValue:
    """Upload a rule file or fill in a form; and what the file says in plain English."""
    draft = the_draft(programme)
    name = dict(_ccgs(draft)).get(ccg)
    if name is None:
        abort(404)
    rule, fault = _read(draft, ccg)
    asked = _asked(draft)
    by_file = rule is not None and not can_say(rule, asked)
    upload, form = RuleUpload(formdata=None), filled_form(None if by_file else rule, asked)
    status = 200
    if is_change():
        form = ConstitutionForm()
        change_entries(form, request.form[CHANGE])
        form.offer(asked.with_rule(rule))
    elif request.method == "POST":
        check_not_prepared(draft)
        if "upload" in request.form:
            upload, wrong = (sent := RuleUpload()), sent
        else:
            form, wrong = (sent := ConstitutionForm()), sent
            form.offer(asked.with_rule(rule))
        try:
            data = _sent_rule(sent, rule, by_file, ccg, name)
            if data is not None:
                _keep_rule(draft, ccg, data)
                return redirect(url_for(".constitution", programme=programme, ccg=ccg), 303)
        except Refused as refusal:
            wrong.form_errors.append(refusal.sentence)
        except ConstitutionError as error:
            wrong.form_errors.append(str(error) if wrong is upload else error.sentence)
        status = 400
    given = {
        "ccg": ccg,
        "name": name,
        "upload": upload,
        "filled": form,
        "form": upload if upload.errors else form,
        "fault": fault,
        "asked": asked.with_rule(rule),
        "several": bool(asked.options) or (rule is not None and has_options(rule)),
        "aloud": read_for_signing(rule) if rule else (),
        "odd": list(check_constitution(rule)) if rule else (),
        "by_file": by_file,
        "has_comments": b"#" in (draft.read(f"{CONSTITUTIONS}/{ccg}.toml") or b""),
        "prepared": is_prepared(draft),
    }
    return draft_page(draft, "constitution", **given), status


def _sent_rule(
    sent: RuleUpload | ConstitutionForm, rule: Constitution | None, by_file: bool, ccg: str, name: str
) -> bytes | None:
    """The rule file, uploaded or from the form; None if a field is wrong. Raises: ConstitutionError, Refused."""
    if isinstance(sent, RuleUpload):
        data = uploaded(sent.file.data)[: LARGEST_FILE + 1]
        if not data:
            sent.file.errors = ["Choose the rule file"]
            return None
        _check_ccg(data, ccg)
        return data
    if by_file:
        sentence = "The file has a rule that this form cannot show. Upload another file to replace it."
        raise Refused(Refusal.FILES_DIFFER, sentence)
    if not sent.validate():
        return None
    said = composed(sent, rule, ccg, name, signed_in().name)
    return b"" if said == rule else write_constitution(said)


def _keep_rule(draft: Draft, ccg: str, data: bytes) -> None:
    """Save it in the folder, unless a form changed nothing: then the file stays byte for byte."""
    if data:
        change_file(draft, Task.CONSTITUTIONS, f"{CONSTITUTIONS}/{ccg}.toml", data, surroundings().clock())
        note_upload(draft, "constitution", data)


def _asked(draft: Draft) -> QuestionsAsked:
    """What the programme asks, in whatever state its file is."""
    try:
        listed = draft.programme().values.get("question")
    except ConstitutionError:
        return QuestionsAsked()
    found = [one for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict)]
    options = [one for question in found for one in question.get("option") or [] if isinstance(one, dict)]
    return QuestionsAsked(
        {str(question.get("id")): str(question.get("text")) for question in found},
        {str(option.get("id")): str(option.get("text")) for option in options},
    )


@files.route("/office/ballots/<programme>/roll", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def roll(programme: str) -> ResponseReturnValue:
    """The roll in use, and a form to upload another."""
    draft, form = the_draft(programme), forms.RollUpload()
    if form.validate_on_submit():
        check_not_prepared(draft)
        data, lists = uploaded(form.roll.data), uploaded(form.lists.data)
        if data:
            upload_roll(draft, data, lists or None, surroundings().clock())
            note_upload(draft, "roll-to-look-at", data)
            return redirect(url_for(".uploaded_roll", programme=programme), 303)
        form.roll.errors = ["Choose the file of member practices"]
    state = next(state for state in tasks(draft) if state.task is Task.ROLL)
    page = draft_page(draft, "roll", form=form, state=state, prepared=is_prepared(draft))
    return page, 400 if form.errors else 200


@files.route("/office/ballots/<programme>/roll/uploaded", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def uploaded_roll(programme: str) -> ResponseReturnValue:
    """Every problem by its line, or what would change; and the choice to use it."""
    draft = the_draft(programme)
    if request.method == "POST":
        check_not_prepared(draft)
        choose_roll(draft, surroundings().clock())
        note_upload(draft, "roll", draft.read(ROLL) or b"")
        return redirect(url_for(".roll", programme=programme), 303)
    preview = preview_roll(draft)
    if preview is None:
        return redirect(url_for(".roll", programme=programme), 303)
    return draft_page(draft, "uploaded_roll", preview=preview)


@files.route("/office/ballots/<programme>/mail-test", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def mail_test_page(programme: str) -> ResponseReturnValue:
    """Send me the invitation as a practice would get it."""
    draft, form, here = the_draft(programme), forms.MailTest(), surroundings()
    settings, sent = here.config.mail, None
    if form.validate_on_submit() and settings is not None:
        now, practice = whole_second(here.clock()), (form.practice.data or "").strip().upper()
        base = settings.links or f"https://{here.config.board}"
        to = signed_in().login
        try:
            message = preview(here.engine, here.clock, programme, practice, Kind.INVITATION, base, settings.reply_to)
            channel = open_channel(settings, here.config.board)
            mark = secrets.token_hex(LENGTH // 2)
            rendered = render(message, attaches=channel.attaches)
            delivery = send_trial_message(
                channel, settings, here.config.board, mark, Kind.INVITATION, to, rendered, now
            )
            if delivery.outcome is SendOutcome.SENT:
                note_mail_test(draft, practice, now)
                note_on(draft, MailTested(practice))
                sent = f"The invitation as {practice} would get it was sent to {to}."
            else:
                form.form_errors.append(f"The test message was {delivery.outcome.value.value}: {delivery.answer}.")
        except Refused as refusal:
            form.form_errors.append(refusal.sentence)
    given = {"form": form, "sent": sent, "has_mail": settings is not None, "before": mail_test(draft)}
    return draft_page(draft, "mail_test", **given), 400 if form.errors else 200


def _ccgs(draft: Draft) -> list[tuple[str, str]]:
    try:
        listed = draft.programme().values.get("ccg")
    except ConstitutionError:
        return []
    found = listed if isinstance(listed, list) else []
    return [(str(ccg.get("ods")), str(ccg.get("name"))) for ccg in found if isinstance(ccg, dict)]


def _read(draft: Draft, ccg: str) -> tuple[Constitution | None, str]:
    """A CCG's rule, and its errors."""
    try:
        data = draft.read(f"{CONSTITUTIONS}/{ccg}.toml")
        return (None, "") if data is None else (load_constitution(data, f"{ccg}.toml"), "")
    except ConstitutionError as error:
        return None, str(error)
    except Refused as refusal:
        return None, refusal.sentence


def _check_ccg(data: bytes, ccg: str) -> None:
    """Raise ConstitutionError unless the file is of this CCG."""
    found = load_constitution(data, f"{ccg}.toml")
    if found.ccg != ccg:
        raise ConstitutionError(f"{ccg}.toml", 1, f"This is the rule of {found.ccg}, not of {ccg}.")
