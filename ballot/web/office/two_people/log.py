"""The activity log: search and export. Nothing here can be changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.constitution.window import NotOneMoment, the_moment
from ballot.db.activity import (
    ActivityChoices,
    ActivityFilter,
    activity_choices,
    count_activity,
    head_of,
    list_activity,
)
from ballot.db.session import reading, transaction
from ballot.office.activity import Downloaded, Who, note_act
from ballot.office.activity_export import to_csv
from ballot.office.staff.roles import OFFICERS, StaffRole
from ballot.record.times import LONDON
from ballot.web.access import AccessRule, allow
from ballot.web.nouns import said
from ballot.web.office.session import signed_in
from ballot.web.office.two_people.log_words import ACTS, LogNames, line_of, read_names
from ballot.web.stage import surroundings

activity = Blueprint("activity", __name__)

SHOWN = 50
"""Entries on a page."""
LONGEST = 320
WORDS = ("actor", "act", "programme", "ccg")
DAYS = ("since", "until")


class NoDay(Exception):
    """The text is not a day; `name` is the field."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@activity.get("/office/activity")
@allow(AccessRule.STAFF, *OFFICERS, StaffRole.OBSERVER, StaffRole.SCRUTINEER)
def entries() -> ResponseReturnValue:
    """The entries that match, newest first, a page at a time."""
    typed = {name: request.args.get(name, "").strip()[:LONGEST] for name in (*WORDS, *DAYS)}
    fault = None
    try:
        sought = read_sought(typed)
    except NoDay as no_day:
        fault, sought = no_day.name, ActivityFilter()
    with reading(surroundings().engine) as session:
        matching = 0 if fault else count_activity(session, sought)
        pages = max(1, -(-matching // SHOWN))
        page = min(pages, max(1, request.args.get("page", 1, type=int)))
        rows = list_activity(session, sought, SHOWN, (page - 1) * SHOWN) if matching else []
        names, choices = read_names(session, rows), activity_choices(session)
        size, head = head_of(session)
    kept: dict[str, Any] = {name: value for name, value in typed.items() if value}
    shown = render_template(
        "office/two_people/activity.html",
        days=[
            (day, list(lines)) for day, lines in groupby((line_of(row, names) for row in rows), lambda line: line.day)
        ],
        typed=typed,
        fault=fault,
        fields=_selects(choices, names, typed),
        matching=matching,
        page=page,
        pages=pages,
        address=lambda number: url_for("activity.entries", **kept, page=number),
        size=size,
        head=head,
    )
    return shown, 400 if fault else 200


def _ccg_said(ods: str, names: LogNames) -> str:
    return f"{names.ccgs[ods]} ({ods})" if ods in names.ccgs else ods


def _selects(
    choices: ActivityChoices, names: LogNames, typed: Mapping[str, str]
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The filters: name, label, and what there is to choose, each with its words; and what is sought, if not there."""
    acts = sorted(((act, said(ACTS.get(act, act))) for act in choices.acts), key=lambda choice: choice[1])
    found = [
        ("actor", "Who", [(actor, actor) for actor in choices.actors]),
        ("act", "What", acts),
        ("programme", "Ballot", [(id, names.programmes.get(id, id)) for id in choices.programmes]),
        ("ccg", said("{Body}"), [(ods, _ccg_said(ods, names)) for ods in choices.ccgs]),
    ]
    for name, _, known in found:
        if typed[name] and typed[name] not in dict(known):
            known.append((typed[name], typed[name]))
    return found


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
