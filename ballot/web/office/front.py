"""The first page of the office."""

from __future__ import annotations

from flask import Blueprint, render_template

from ballot.db.programmes import list_programmes
from ballot.db.session import reading
from ballot.office.sealed import read_programme
from ballot.office.staff.roles import EVERY_ROLE, StaffRole
from ballot.web.access import AccessRule, allow
from ballot.web.office.session import signed_in
from ballot.web.stage import surroundings

office = Blueprint("office", __name__)

LISTED_FOR = (StaffRole.REGISTRAR, StaffRole.OBSERVER)
"""Roles that begin no ballot; the page lists the prepared ones for them."""


@office.get("/office")
@allow(AccessRule.STAFF, *EVERY_ROLE)
def front() -> str:
    """Who is signed in, and what there is to do."""
    shown: tuple[tuple[str, str], ...] = ()
    if signed_in().role in LISTED_FOR:
        with reading(surroundings().engine) as session:
            shown = tuple((row.id, read_programme(row.toml).name) for row in list_programmes(session))
    return render_template("office/front.html", ballots=shown)
