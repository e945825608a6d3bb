"""What the office's pages on a programme have in common."""

from __future__ import annotations

from flask import render_template, request

from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.office.post.mail_status import HoldUp, hold_ups
from ballot.office.sealed import read_programme
from ballot.web.stage import surroundings


def programme_page(template: str, row: ProgrammeRow, /, **given: object) -> str:
    """Render a page with the programme, whether it is sealed, what holds up its e-mails, and its rehearsal banner."""
    programme = read_programme(row.toml)
    about = {"id": row.id, "programme": programme, "sealed": row.fingerprint is not None, "held": held_up(row.id)}
    return render_template(f"office/{template}.html", rehearsal=programme.rehearsal, **about, **given)


def held_up(programme_id: str) -> tuple[HoldUp, ...]:
    """What holds up the e-mails of a programme, for `running/page.html`."""
    here = surroundings()
    with reading(here.engine) as session:
        return hold_ups(session, programme_id, here.clock())


def sealed_fingerprint() -> str | None:
    """The fingerprint of the programme in the page's address; None before sealing. The foot of every page shows it."""
    id = (request.view_args or {}).get("programme")
    if id is None:
        return None
    with reading(surroundings().engine) as session:
        row = find_programme(session, id)
        return None if row is None else row.fingerprint
