"""The first page of the office."""

from __future__ import annotations

from flask import Blueprint, render_template

from ballot.office.staff.roles import EVERY_ROLE
from ballot.web.access import AccessRule, allow
from ballot.web.office.home import front_lines, paused_lines

office = Blueprint("office", __name__)


@office.get("/office")
@allow(AccessRule.STAFF, *EVERY_ROLE)
def front() -> str:
    """Who is signed in, what waits for them, what is held up, and every ballot with its phase."""
    waiting, ballots = front_lines()
    return render_template("office/front.html", waiting=waiting, ballots=ballots, held=paused_lines())
