"""The first page of the office."""

from __future__ import annotations

from flask import Blueprint, render_template

from ballot.db.programmes import list_programmes
from ballot.db.session import reading
from ballot.office.post.mail_status import hold_ups
from ballot.office.sealed import read_programme
from ballot.office.staff.roles import EVERY_ROLE, READERS, StaffRole
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
    here, role = surroundings(), signed_in().role
    with reading(here.engine) as session:
        rows = list_programmes(session) if role in READERS else []
        there = tuple((row.id, read_programme(row.toml).name) for row in rows)
        held = [(*of, each) for of in there for each in hold_ups(session, of[0], here.clock()) if each.is_paused]
    return render_template("office/front.html", ballots=there if role in LISTED_FOR else (), held=held)
