"""Bounces that an officer saved from a mailbox and sends to the page, for an office whose server reads no mailbox.

A report is believed as little here as from the command line: only for the mark of one of our messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from ballot.db.programmes import find_programme
from ballot.db.session import reading, transaction
from ballot.mail.errors import NoMailbox
from ballot.mail.mailboxes import saved_messages
from ballot.office.activity import Uploaded, note_act
from ballot.office.post.delivery_reports import read_bounces
from ballot.office.post.mail_status import TELL_WHO_VOTED
from ballot.office.sealed import read_programme
from ballot.office.staff.roles import OFFICERS
from ballot.web.access import AccessRule, allow
from ballot.web.forms import FileField, Form, SubmitField
from ballot.web.office.keys import who
from ballot.web.office.session import sees_who_voted
from ballot.web.stage import surroundings

bounces = Blueprint("bounces", __name__)


class Bounces(Form):
    """Saved messages, or a mailbox in one file."""

    files = FileField(
        "Returned e-mails",
        description="One or more .eml files, or a mailbox exported as .mbox. Together at most 4 MB",
    )
    send = SubmitField("Read them")


@bounces.route("/office/bounces", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def read() -> ResponseReturnValue:
    """Read returned e-mails, and show what each changed."""
    here, form, found = surroundings(), Bounces(), None
    sent = [file for file in request.files.getlist("files") if file.filename]
    if form.validate_on_submit() and not sent:
        form.files.errors = ["Choose one or more files"]
    elif form.is_submitted() and not form.errors:
        try:
            found = read_bounces(here.engine, here.clock, _messages(sent))
        except NoMailbox as fault:
            form.files.errors = [str(fault).removesuffix(".")]
    kinds = {kind.value for kind in (() if sees_who_voted() else TELL_WHO_VOTED)}
    news = [one for one in (found.news if found else ()) if one.kind not in kinds]
    page = render_template("office/running/bounces.html", form=form, found=found, news=news, ballot=_ballot())
    return page, 400 if form.errors else 200


def _ballot() -> tuple[str, str] | None:
    """The id and the name of the ballot from whose e-mails the reader came; None if the address names none."""
    with reading(surroundings().engine) as session:
        row = find_programme(session, request.args.get("ballot", ""))
        return None if row is None else (row.id, read_programme(row.toml).name)


def _messages(sent: list[FileStorage]) -> Iterator[bytes]:
    """Every message of the files, each file noted in the activity log before it is read."""
    here = surroundings()
    for file in sent:
        data = file.read()
        with transaction(here.engine) as session:
            note_act(session, here.clock(), who(), Uploaded("bounces", hashlib.sha256(data).hexdigest()))
        yield from saved_messages(data, file.filename or "The file")
