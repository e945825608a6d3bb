"""From closed to published: the shares, what is missing, and a button for each next step.

Declaring takes two people, on the pages of proposals. Either officer can do everything else here: the server's share
opens nothing by itself, deciding only applies the rules, and publishing verifies first.
"""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileRequired  # type: ignore[import-untyped]
from wtforms.validators import InputRequired

from ballot.db.ballots import list_ballots
from ballot.db.session import reading
from ballot.declaration.errors import NotVerified
from ballot.office.acts.counting import Decide, GiveShare
from ballot.office.board.publish import find_declaration, publish_verified
from ballot.office.count import CountDay, read_count_day
from ballot.office.errors import Refused
from ballot.office.lifecycle import State
from ballot.office.on_time import close_on_time
from ballot.office.perform import perform
from ballot.office.sealed import words_of
from ballot.office.staff.roles import OFFICERS, READERS
from ballot.office.tally import SERVER, server_share
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import StorageKey
from ballot.web import forms
from ballot.web.access import AccessRule, allow
from ballot.web.board import words
from ballot.web.board.contents import show_answers
from ballot.web.forms import choice
from ballot.web.office.keys import the_desk, who
from ballot.web.office.programme_page import held_up
from ballot.web.office.session import signed_in
from ballot.web.stage import surroundings

count = Blueprint("count", __name__)


class ShareUpload(forms.Form):
    """Upload a trustee's share, a file from `ballot trustee decrypt`."""

    election = forms.SelectField("Election", validators=[InputRequired("Choose the election")])
    owner = forms.SelectField("Trustee", coerce=int)
    share = forms.FileField("The trustee's share", [FileRequired("Choose the file")])
    add = forms.SubmitField("Add this share")

    def of(self, day: CountDay) -> ShareUpload:
        """The form with a programme's choices: its closed elections and its trustees."""
        closed = [each for each in day.elections if each.state is State.CLOSED]
        self.election.choices = [choice(each.election_name, each.name) for each in closed]
        names = day.programme.trustees.names
        self.owner.choices = [choice(str(owner), name) for owner, name in enumerate(names, start=SERVER + 1)]
        return self


@count.get("/office/ballots/<programme>/count")
@allow(AccessRule.STAFF, *READERS)
def page(programme: str) -> ResponseReturnValue:
    """How far the count is."""
    return _page(programme)


@count.post("/office/ballots/<programme>/count/server-shares")
@allow(AccessRule.STAFF, *OFFICERS)
def server_shares(programme: str) -> ResponseReturnValue:
    """Add the server's share of every closed election that lacks it."""
    here = surroundings()
    day = _count(programme)
    try:
        closed = [each for each in day.elections if each.state is State.CLOSED]
        for ccg in dict.fromkeys(each.ccg for each in closed):
            close_on_time(the_desk(), programme, ccg)  # Its time is over, but this may not be recorded yet
        for each in closed:
            if each.shares[0].given is None:
                body = server_share(the_desk(), programme, each.election_name, here.config.instance, _storage())
                perform(the_desk(), programme, GiveShare(each.election_name, SERVER, body), who=who())
    except (Refused, KeyRefused) as refused:
        return _page(programme, refused.sentence)
    return _back(programme)


@count.post("/office/ballots/<programme>/count/share")
@allow(AccessRule.STAFF, *OFFICERS)
def share(programme: str) -> ResponseReturnValue:
    """Add a trustee's share from a file; the last one needed counts the election."""
    day = _count(programme)
    form = ShareUpload().of(day)
    if not form.validate_on_submit():
        return _page(programme, form=form)
    name, owner = form.election.data, form.owner.data
    try:
        perform(the_desk(), programme, GiveShare(name, owner, form.share.data.read()), who=who())
    except Refused as refused:
        form.share.errors = [refused.sentence]
        return _page(programme, form=form)
    return _back(programme)


@count.post("/office/ballots/<programme>/count/decide")
@allow(AccessRule.STAFF, *OFFICERS)
def decide_it(programme: str) -> ResponseReturnValue:
    """Write decision.json, once only."""
    try:
        perform(the_desk(), _count(programme).id, Decide())
    except Refused as refused:
        return _page(programme, refused.sentence)
    return _back(programme)


@count.post("/office/ballots/<programme>/count/publish")
@allow(AccessRule.STAFF, *OFFICERS)
def publish_it(programme: str) -> ResponseReturnValue:
    """Verify and publish. If it does not verify, show each fault and keep the previous publication."""
    records = surroundings().config.instance / "records"
    try:
        published = publish_verified(the_desk(), _count(programme).id, records, who=who())
    except NotVerified as refused:
        return _page(programme, str(refused), lines=refused.lines)
    except Refused as refused:
        return _page(programme, refused.sentence)
    return _back(programme, verdict=published.verdict)


def _page(
    programme: str, refusal: str | None = None, lines: list[str] | None = None, form: ShareUpload | None = None
) -> ResponseReturnValue:
    """The page, with a refusal at the top if there was one."""
    here, day = surroundings(), _count(programme)
    records = here.config.instance / "records"
    with reading(here.engine) as session:
        called = words_of(list_ballots(session, day.id))
    uploading = form or ShareUpload(formdata=None).of(day)
    shown = render_template(
        "office/running/count.html",
        id=day.id,
        held=held_up(day.id),
        programme=day.programme,
        rehearsal=day.programme.rehearsal,
        day=day,
        answers={code: show_answers(day.programme, day.decision, code, own) for code, own in called.items()},
        form=uploading,
        refusal=refusal,
        lines=lines or [],
        is_officer=signed_in().role in OFFICERS,
        declares=find_declaration(records, day.id) is not None,
        words=words,
    )
    if refusal is not None:
        return shown, 409
    return shown, 400 if uploading.errors else 200


def _count(programme: str) -> CountDay:
    here = surroundings()
    try:
        return read_count_day(here.engine, programme, here.clock())
    except Refused:
        abort(404)


def _storage() -> StorageKey:
    """The key that opens the server's own decryption keys; an office always has it."""
    door = surroundings().door
    assert door is not None
    return door.storage


def _back(programme: str, verdict: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("count.page", programme=programme, verdict=verdict), 303)
