"""One function for the office's pages on a prepared programme."""

from __future__ import annotations

from flask import render_template

from ballot.db.programmes import ProgrammeRow
from ballot.office.sealed import read_programme


def programme_page(template: str, row: ProgrammeRow, /, **given: object) -> str:
    """Render a page with the programme, whether it is sealed, and its rehearsal banner."""
    programme = read_programme(row.toml)
    about = {"id": row.id, "programme": programme, "sealed": row.fingerprint is not None}
    return render_template(f"office/{template}.html", rehearsal=programme.rehearsal, **about, **given)
