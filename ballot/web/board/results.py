"""The declared result: a page, the signed PDF, data, and the evidence pack, all from the published record alone."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from flask import Blueprint, Response, abort, render_template, send_file
from werkzeug.wrappers import Response as BaseResponse

from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.declaration.as_csv import to_csv
from ballot.declaration.as_json import to_json
from ballot.declaration.model import Declaration
from ballot.office.board.publish import EVIDENCE, PAPER, SIGNATURE, find_declaration, published_path
from ballot.web.access import AccessRule, allow
from ballot.web.board.contents import ShownProgramme, show_programme
from ballot.web.board.declared import page_values
from ballot.web.stage import surroundings

results = Blueprint("results", __name__)


@results.get("/board/<programme>/results")
@allow(AccessRule.PUBLIC)
def results_page(programme: str) -> str:
    """The declaration, CCG by CCG; before that, the progress."""
    shown = _programme(programme)
    found = find_declaration(_records(), shown.id) if shown.is_declared else None
    given = {"programme": shown, "rehearsal": shown.read.rehearsal, "fingerprint": shown.fingerprint}
    if found is None:
        return render_template("board/not_declared.html", **given)
    return render_template(
        "board/results.html",
        **given,
        **page_values(found),
        has_files=published_path(_records(), shown.id, PAPER).is_file(),
    )


@results.get("/board/<programme>/declaration.pdf")
@allow(AccessRule.PUBLIC)
def paper(programme: str) -> BaseResponse:
    """The declaration as a PDF, as the board signed it."""
    return _file(programme, PAPER, "application/pdf")


@results.get("/board/<programme>/declaration.sig.json")
@allow(AccessRule.PUBLIC)
def signature(programme: str) -> BaseResponse:
    """The board's signature over that PDF."""
    return _file(programme, SIGNATURE, "application/json")


@results.get("/board/<programme>/evidence.zip")
@allow(AccessRule.PUBLIC)
def evidence(programme: str) -> BaseResponse:
    """The pack for a merger application."""
    return _file(programme, EVIDENCE, "application/zip")


@results.get("/board/<programme>/declaration.json")
@allow(AccessRule.PUBLIC)
def as_json(programme: str) -> Response:
    """The declaration as data."""
    return Response(to_json(_declaration(programme)), mimetype="application/json")


@results.get("/board/<programme>/declaration.csv")
@allow(AccessRule.PUBLIC)
def as_csv(programme: str) -> Response:
    """Every count, one line for each number."""
    response = Response(to_csv(_declaration(programme)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="declaration-{programme}.csv"'
    return response


def _file(programme: str, what: str, mimetype: str) -> BaseResponse:
    path = published_path(_records(), _programme(programme).id, what)
    if not path.is_file():
        abort(404)
    stem, _, ending = what.partition(".")
    name = f"{stem}-{programme}.{ending}"
    return send_file(path.resolve(), mimetype, as_attachment=True, download_name=name)


def _declaration(programme: str) -> Declaration:
    return find_declaration(_records(), _programme(programme).id) or _missing()


def _programme(programme: str) -> ShownProgramme:
    here = surroundings()
    with reading(here.engine) as session:
        return show_programme(session, find_programme(session, programme) or _missing(), here.clock())


def _records() -> Path:
    return surroundings().config.instance / "records"


def _missing() -> NoReturn:
    abort(404)
