"""The activity log: search and export. Nothing here can be changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ballot.constitution.window import NotOneMoment, the_moment
from ballot.db.activity import ActivityFilter, head_of, list_activity
from ballot.db.session import reading, transaction
from ballot.office.activity import Downloaded, Who, note_act
from ballot.office.activity_export import to_csv
from ballot.office.staff.roles import OFFICERS, StaffRole
from ballot.record.times import LONDON
from ballot.web.access import AccessRule, allow
from ballot.web.office.session import signed_in
from ballot.web.stage import surroundings

activity = Blueprint("activity", __name__)

SHOWN = 200
LONGEST = 320
WORDS = ("actor", "act", "programme", "ccg")
DAYS = ("since", "until")


class NoDay(Exception):
    """The text is not a day; `name` is the field."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@activity.get("/office/activity")
@allow(AccessRule.STAFF, *OFFICERS, StaffRole.OBSERVER)
def entries() -> ResponseReturnValue:
    """The newest entries that match."""
    typed = {name: request.args.get(name, "").strip()[:LONGEST] for name in (*WORDS, *DAYS)}
    fault = None
    try:
        sought = read_sought(typed)
    except NoDay as no_day:
        fault, sought = no_day.name, ActivityFilter()
    with reading(surroundings().engine) as session:
        rows = [] if fault else list_activity(session, sought, SHOWN)
        size, head = head_of(session)
    page = render_template(
        "office/two_people/activity.html", rows=rows, typed=typed, fault=fault, size=size, head=head, most=SHOWN
    )
    return page, 400 if fault else 200


@activity.post("/office/activity/export")
@allow(AccessRule.STAFF, *OFFICERS)
def export() -> ResponseReturnValue:
    """The matching entries as a CSV. The export itself is recorded: it contains names and leaves the office."""
    here, staff = surroundings(), signed_in()
    try:
        sought = read_sought({name: request.form.get(name, "").strip()[:LONGEST] for name in (*WORDS, *DAYS)})
    except NoDay:
        sought = ActivityFilter()
    with transaction(here.engine) as session:
        body = to_csv(list_activity(session, sought)[::-1])
        note_act(session, here.clock(), Who(staff.login, acting_for=staff.role.value), Downloaded("activity"))
    headers = {"Content-Disposition": 'attachment; filename="activity.csv"'}
    return Response(body, mimetype="text/csv", headers=headers)


def read_sought(typed: dict[str, str]) -> ActivityFilter:
    """The search in the form; raises NoDay."""
    actor, act, programme, ccg = (typed[name] or None for name in WORDS)
    return ActivityFilter(actor, act, programme, ccg, _day("since", typed["since"]), _day("until", typed["until"], 1))


def _day(name: str, written: str, further: int = 0) -> datetime | None:
    """The moment at which a day, or the day `further` days later, begins in Britain."""
    if not written:
        return None
    try:
        day = date.fromisoformat(written) + timedelta(days=further)
        return the_moment(datetime(day.year, day.month, day.day), LONDON)  # noqa: DTZ001  (a wall time)
    except (ValueError, OverflowError, NotOneMoment):
        raise NoDay(name) from None
