"""The pages for uploads: the roll; and the e-mail test."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ballot.constitution.weight import DEFAULT_NOUNS
from ballot.mail.channel import SendOutcome
from ballot.mail.channels import open_channel
from ballot.mail.envelope import LENGTH
from ballot.mail.messages import Kind
from ballot.mail.render import render
from ballot.office.activity import MailTested
from ballot.office.errors import Refused
from ballot.office.post.compose import preview
from ballot.office.post.mailings import send_trial_message
from ballot.office.setup.draft import ROLL, Draft, read_folder
from ballot.office.setup.parts import read_roll
from ballot.office.setup.preflight import mail_test, note_mail_test
from ballot.office.setup.roll import choose_roll, is_unremarkable, preview_roll, upload_roll
from ballot.office.setup.tasks import Task, TaskProgress, tasks
from ballot.office.staff.roles import OFFICERS
from ballot.record.times import whole_second
from ballot.roll.member import Member, Roll
from ballot.roll.persons import LISTED
from ballot.roll.simple import REQUIRED
from ballot.web.access import AccessRule, allow
from ballot.web.nouns import said
from ballot.web.office.session import signed_in
from ballot.web.office.setting_up import forms
from ballot.web.office.setting_up.before_sealing import next_before_sealing
from ballot.web.office.setting_up.ccg_rules import the_rule
from ballot.web.office.setting_up.forms import tables_of
from ballot.web.office.setting_up.pages import (
    check_not_prepared,
    draft_page,
    is_prepared,
    known_values,
    note_on,
    note_upload,
    the_draft,
    uploaded,
)
from ballot.web.stage import surroundings

files = Blueprint("setting_up_files", __name__)


@files.route("/office/ballots/<programme>/roll", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def roll(programme: str) -> ResponseReturnValue:
    """The roll in use, and a form to upload another."""
    draft, form = the_draft(programme), forms.RollUpload()
    if form.validate_on_submit():
        check_not_prepared(draft)
        data, lists, partners = (uploaded(field.data) for field in (form.roll, form.lists, form.partners))
        if data:
            upload_roll(draft, data, lists or None, surroundings().clock(), partners or None)
            note_upload(draft, "roll-to-look-at", data)
            if not is_unremarkable(draft):
                return redirect(url_for(".uploaded_roll", programme=programme), 303)
            _use(draft)
            return redirect(url_for(".roll", programme=programme), 303)
        form.roll.errors = ["Choose the file of {full_members}"]
    state = next(state for state in tasks(draft) if state.task is Task.ROLL)
    given = {"form": form, "state": state, "prepared": is_prepared(draft), "columns": _columns(draft)}
    in_use = read_roll(draft, read_folder(draft.folder)) if state.progress is TaskProgress.DONE else None
    given |= {"rows": _by_ccg(draft, in_use)}
    given["persons"] = draft.codes().persons
    if given["persons"]:
        form.roll.label.text, form.roll.description = "The list of persons", "A CSV file with a header"
    return draft_page(draft, "roll", **given), 400 if form.errors else 200


@files.get("/office/ballots/<programme>/roll/template.csv")
@allow(AccessRule.STAFF, *OFFICERS)
def roll_template(programme: str) -> Response:
    """An empty roll with the columns that this ballot reads."""
    draft = the_draft(programme)
    data = (",".join(name for name, _, _ in _columns(draft)) + "\r\n").encode()
    named = {"Content-Disposition": f"attachment; filename={draft.id}-roll.csv"}
    return Response(data, mimetype="text/csv", headers=named)


_COLUMNS = {
    "ccg_ods_code": "The code of the {body}, such as 00Q",
    "practice_ods_code": "The code of the {member}, such as P81005. Each is there once",
    "practice_name": "Its name, as {members} read it",
    "registered_patients": "A whole number. It may be empty where no vote weighs by patients",
    "representative": "The person who votes for the {member}",
    "email": "The address that gets the voting link. Without one, the {member} gets a letter",
    "notify": "Further addresses that are told when the {member} has voted, separated by spaces",
}


_OF_PERSONS = {
    "ccg_ods_code": "The code of the body that the person is a member of",
    "name": "The person's name, exactly as on the list of electors. It is not published",
    "email": "The address that gets the voting link. Without one, the person gets a letter",
    "notify": "Further addresses that are told when the person has voted, separated by spaces",
}


def _columns(draft: Draft) -> list[tuple[str, str, bool]]:
    """Each column of a roll, what it holds, and whether it must be there."""
    local: dict[str, list[str]] = {}
    weighed: dict[tuple[str, str], list[str]] = {}
    listed = tables_of(known_values(draft), "ccg")
    for ccg in listed:
        rule = the_rule(draft, str(ccg.get("ods"))).rule
        if rule is not None and rule.locality_column is not None:
            local.setdefault(rule.locality_column, []).append(rule.name)
        if rule is not None and rule.weight_column is not None:
            weighed.setdefault((rule.weight_column, rule.nouns.counts.many), []).append(rule.name)
    own = [
        (name, said(f"The number of {counts} of each {{member}} of {', '.join(ccgs)}"), True)
        for (name, counts), ccgs in weighed.items()
    ]
    own += [(name, said(f"The locality of each {{member}} of {', '.join(ccgs)}"), True) for name, ccgs in local.items()]
    if draft.codes().persons:
        return [*((name, said(holds), name in LISTED) for name, holds in _OF_PERSONS.items()), *own]
    usual = dict(_COLUMNS)
    if sum(map(len, weighed.values())) == len(listed) > 0:
        del usual["registered_patients"]  # Every rule weighs by a column of its own
    return [*((name, said(holds), name in REQUIRED) for name, holds in usual.items()), *own]


@files.route("/office/ballots/<programme>/roll/uploaded", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def uploaded_roll(programme: str) -> ResponseReturnValue:
    """Every problem by its line, or what would change; and the choice to use it."""
    draft = the_draft(programme)
    if request.method == "POST":
        check_not_prepared(draft)
        _use(draft)
        return redirect(url_for(".roll", programme=programme), 303)
    preview = preview_roll(draft)
    if preview is None:
        return redirect(url_for(".roll", programme=programme), 303)
    return draft_page(draft, "uploaded_roll", preview=preview, rows=_by_ccg(draft, preview.roll))


def _use(draft: Draft) -> None:
    choose_roll(draft, surroundings().clock())
    note_upload(draft, "roll", draft.read(ROLL) or b"")


@dataclass(frozen=True, slots=True)
class CcgOfRoll:
    """A CCG's name, and its members on a roll."""

    name: str
    members: tuple[Member, ...]
    counts: str
    """What its rule counts, such as registered patients."""

    @property
    def counted(self) -> int:
        """All registered patients of its members, or all of what else its rule counts."""
        return sum(member.list_size or 0 for member in self.members)

    @property
    def without_list(self) -> int:
        """How many members have no list size."""
        return sum(member.list_size is None for member in self.members)

    @property
    def without_address(self) -> int:
        """How many members have no e-mail address."""
        return sum(member.email is None for member in self.members)


def _by_ccg(draft: Draft, roll: Roll | None) -> list[CcgOfRoll]:
    names = {str(ccg.get("ods")): str(ccg.get("name")) for ccg in tables_of(known_values(draft), "ccg")}
    rules = {ccg: the_rule(draft, ccg).rule for ccg in names}
    counts = {ccg: (DEFAULT_NOUNS if rule is None else rule.nouns).counts.many for ccg, rule in rules.items()}
    if roll is None:
        return []
    return [CcgOfRoll(names.get(ccg, ccg), roll.of(ccg), counts.get(ccg, "")) for ccg in roll.ccgs]


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
    return draft_page(draft, "mail_test", following=next_before_sealing(draft), **given), 400 if form.errors else 200
