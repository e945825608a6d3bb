"""The people of the office: who has an account, and changes that one officer asks for and the other confirms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired, Length

from ballot.constitution.errors import ConstitutionError
from ballot.db.session import reading
from ballot.db.staff import AccountRow, list_accounts
from ballot.office.errors import Refused
from ballot.office.setup.ceremony import read_ceremony
from ballot.office.setup.draft import draft_ids, open_draft
from ballot.office.staff.account_changes import ask_for_change, confirm_change, refuse_change, waiting_changes
from ballot.office.staff.accounts import AccountChange, Change, account_state, end_sessions, seats_of
from ballot.office.staff.roles import OFFICERS, READERS, StaffRole
from ballot.web.access import AccessRule, allow
from ballot.web.forms import Form, RadioField, StringField, SubmitField, choice
from ballot.web.office.keys import who
from ballot.web.office.session import is_loopback, signed_in, the_door
from ballot.web.stage import surroundings

people = Blueprint("people", __name__)

SIGN_OUT = "sign-out"
ROLES = [choice(role.value, role.words.capitalize()) for role in StaffRole]


class NewPerson(Form):
    """Somebody who is to have an account."""

    name = StringField("Name", [InputRequired("Enter the name"), Length(max=100, message="Enter a shorter name")])
    login = StringField(
        "E-mail address",
        [InputRequired("Enter the e-mail address"), Length(max=320, message="Enter a shorter e-mail address")],
        description="The person signs in with it. When something waits, we write to it, without a link that signs in",
    )
    role = RadioField("Role", [InputRequired("Choose a role")], choices=ROLES)
    send = SubmitField("Ask the other officer")

    def read(self) -> AccountChange:
        """The account that is asked for."""
        return AccountChange(Change.ADDED, self.login.data or "", self.name.data or "", StaffRole(self.role.data))


class ChangePerson(Form):
    """What should change about the account in the address."""

    what = RadioField("What should change?", [InputRequired("Choose what should change")])
    send = SubmitField("Continue")

    def __init__(self, account: AccountRow, seats: Iterable[tuple[str, int, str]], **given: Any) -> None:
        super().__init__(**given)
        others = [role for role in StaffRole if role.value != account.role]
        self.what.choices = [
            choice(SIGN_OUT, "Sign this person out of every browser now. They can sign in again"),
            choice(Change.RESET.value, "Give a new enrolment code: nothing they sign in with now works any more"),
            choice(Change.DISABLED.value, "Stop this person from signing in"),
            *(choice(f"{Change.ROLE.value}:{role.value}", f"Make this person {role.words}") for role in others),
            *(
                choice(f"{Change.SEATED.value}:{number}:{id}", f"Make this person trustee {number} of {id}: {name}")
                for id, number, name in (seats if account.role == StaffRole.TRUSTEE.value else ())
            ),
        ]

    def read(self, login: str) -> AccountChange:
        """The change that was chosen."""
        kind, _, value = self.what.data.partition(":")
        if kind == Change.SEATED.value:
            number, _, id = value.partition(":")
            return AccountChange(Change.SEATED, login, programme_id=id, number=int(number))
        return AccountChange(Change(kind), login, role=StaffRole(value) if value else None)


@people.get("/office/people")
@allow(AccessRule.STAFF, *READERS)
def everyone() -> ResponseReturnValue:
    """Every account, and the changes that wait."""
    return _list()


@people.route("/office/people/add", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def add() -> ResponseReturnValue:
    """Ask for an account for somebody."""
    form = NewPerson()
    if form.validate_on_submit():
        try:
            ask_for_change(the_door(), form.read(), signed_in())
            return redirect(url_for(".everyone"), 303)
        except Refused as refusal:
            form.form_errors.append(refusal.sentence)
    return render_template("office/people/add.html", form=form), 400 if form.errors else 200


@people.route("/office/people/<int:id>", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def one(id: int) -> ResponseReturnValue:
    """Ask for a change to an account; or sign its holder out, at once."""
    here = surroundings()
    with reading(here.engine) as session:
        account = session.get(AccountRow, id) or abort(404)
    form = ChangePerson(account, _seats())
    if form.validate_on_submit():
        try:
            if form.what.data == SIGN_OUT:
                end_sessions(the_door(), account.login, who())
            else:
                ask_for_change(the_door(), form.read(account.login), signed_in())
            return redirect(url_for(".everyone"), 303)
        except Refused as refusal:
            form.form_errors.append(refusal.sentence)
    said = {"account": account, "state": account_state(account, here.clock()), "seats": seats_of(here.engine, id)}
    return render_template("office/people/one.html", form=form, **said), 400 if form.errors else 200


@people.post("/office/people/changes/<id>/confirm")
@allow(AccessRule.STAFF, *OFFICERS, recent=True)
def confirm(id: str) -> ResponseReturnValue:
    """Make the change that the other officer asked for. An enrolment code is shown once."""
    try:
        change, code = confirm_change(the_door(), id, signed_in())
    except Refused as refusal:
        return _list(refusal.sentence)
    if code is None:
        return redirect(url_for(".everyone"), 303)
    board = surroundings().config.board
    link = f"{'http' if is_loopback(board) else 'https'}://{board}{url_for('enrolment.enrol_page')}#{code}"
    return render_template("office/people/code.html", login=change.login, link=link)


@people.post("/office/people/changes/confirm-places")
@allow(AccessRule.STAFF, *OFFICERS, recent=True)
def confirm_places() -> ResponseReturnValue:
    """Give trustees the places that the other officer asked for: those that the page named, and no others."""
    try:
        for id in _places(request.form.getlist("place")):
            confirm_change(the_door(), id, signed_in())
    except Refused as refusal:
        return _list(refusal.sentence)
    return redirect(url_for(".everyone"), 303)


def _places(ids: Iterable[str]) -> list[str]:
    """Those of these changes that give a trustee's place. Another change is confirmed on its own."""
    asked = set(ids)
    return [id for id, change, _, _ in waiting_changes(the_door()) if change.kind is Change.SEATED and id in asked]


@people.post("/office/people/changes/<id>/refuse")
@allow(AccessRule.STAFF, *OFFICERS)
def refuse(id: str) -> ResponseReturnValue:
    """Refuse the other officer's request, or withdraw one's own."""
    try:
        refuse_change(the_door(), id, signed_in())
    except Refused as refusal:
        return _list(refusal.sentence)
    return redirect(url_for(".everyone"), 303)


def _list(fault: str | None = None) -> ResponseReturnValue:
    here = surroundings()
    with reading(here.engine) as session:
        rows = [(row, account_state(row, here.clock())) for row in list_accounts(session)]
    own = (signed_in().login, signed_in().role.value)
    changes = sorted(waiting_changes(the_door()), key=lambda each: (each[1].programme_id or "", each[1].number or 0))
    seats = {(id, number): name for id, number, name in _seats()} if changes else {}
    waiting = [
        (id, _words(change, seats), asked_by, own[0] == asked_by or own[1] == asked_role)
        for id, change, asked_by, asked_role in changes
    ]
    places = set(_places(id for id, _, _, mine in waiting if not mine))
    said = {"accounts": rows, "waiting": waiting, "places": places, "fault": fault}
    page = render_template("office/people/list.html", **said)
    return page, 409 if fault else 200


def _words(change: AccountChange, seats: Mapping[tuple[str, int], str]) -> str:
    """What the other officer confirms. `seats` has the trustees' names, by ballot and number."""
    match change:
        case AccountChange(Change.ADDED, login, str(name), StaffRole() as role):
            return f"Add {name}, {login}, as {role.words}"
        case AccountChange(Change.ROLE, login, role=StaffRole() as role):
            return f"Make {login} {role.words}"
        case AccountChange(Change.SEATED, login, programme_id=id, number=number):
            holder = seats.get((str(id), int(number or 0)))
            return f"Make {login} trustee {number} of {id}{f': {holder}' if holder else ''}"
        case AccountChange(Change.DISABLED, login):
            return f"Stop {login} from signing in"
    return f"Give {change.login} a new enrolment code"


def _seats() -> list[tuple[str, int, str]]:
    """Every trustee's place that there is: the ballot, the number and the name in its settings."""
    here, found = surroundings(), []
    for id in draft_ids(here.config.programmes):
        try:
            ceremony = read_ceremony(here.engine, open_draft(here.config.programmes, id))
            found += [(id, number, ceremony.name(number)) for number in ceremony.numbers]
        except (Refused, ConstitutionError):  # Its trustees are not written down yet
            continue
    return found
