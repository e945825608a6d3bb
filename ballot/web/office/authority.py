"""Who cast each vote: for officers and scrutineer, with a file for a dispute. Never how anyone voted."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.office.authority import prove_statement, statements
from ballot.office.staff.roles import OFFICERS, StaffRole
from ballot.protocol.hashing import is_hash
from ballot.record.authority import CAPACITY_WORDS
from ballot.web.access import AccessRule, allow
from ballot.web.office.programme_page import programme_page
from ballot.web.office.session import sees_who_voted
from ballot.web.stage import surroundings

authority = Blueprint("authority", __name__)


@authority.get("/office/ballots/<programme>/authority")
@allow(AccessRule.STAFF, *OFFICERS, StaffRole.SCRUTINEER)
def votes(programme: str) -> str:
    """Each accepted vote with the name and capacity that came with it. While voting goes on, a setting decides."""
    here = surroundings()
    with reading(here.engine) as session:
        row = find_programme(session, programme) or abort(404)
    found = statements(here.engine, programme)
    return programme_page("running/authority", row, found=found, words=CAPACITY_WORDS, names=sees_who_voted())


@authority.get("/office/ballots/<programme>/authority/<election>/<ballot>.json")
@allow(AccessRule.STAFF, *OFFICERS)
def proof(programme: str, election: str, ballot: str) -> Response:
    """One statement with its salt and its path to the root in the record, to check with `ballot authority check`."""
    if not is_hash(ballot):
        abort(404)
    made = prove_statement(surroundings().engine, programme, election, ballot)
    response = Response(made.to_bytes(), mimetype="application/json")
    filename = f"who-cast-{made.made.practice}-{made.index + 1}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
