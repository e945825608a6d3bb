"""The first page of the office."""

from __future__ import annotations

from flask import Blueprint, render_template

from ballot.office.staff.roles import EVERY_ROLE
from ballot.web.access import Rule, allow

office = Blueprint("office", __name__)


@office.get("/office")
@allow(Rule.STAFF, *EVERY_ROLE)
def front() -> str:
    """Who is signed in, and what there is to do."""
    return render_template("office/front.html")
