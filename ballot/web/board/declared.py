"""A declaration in HTML: what its template is given, and the page that is one file and needs no server to be read."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from typing import Any

from flask import Flask, render_template
from markupsafe import Markup

from ballot.config import Site
from ballot.constitution.phrases import citation
from ballot.constitution.rule import Unit
from ballot.declaration.model import ROLES, Declaration, Result
from ballot.declaration.support import measure_of
from ballot.record.keys import base64_text
from ballot.web import templating
from ballot.web.assets import STATIC
from ballot.web.board import words
from ballot.web.board.bar_svg import bar_svg, swatch_svg

NHS_STYLE = STATIC / "vendor" / "nhsuk-frontend" / "nhsuk-frontend.min.css"
STYLES = (NHS_STYLE, STATIC / "ballot.css")


def told_of(declaration: Declaration) -> dict[str, Any]:
    """What `board/declared.html` is given."""
    return {
        "declaration": declaration,
        "words": words,
        "returned": _returned,
        "bar_svg": bar_svg,
        "swatch_svg": swatch_svg,
        "measure_of": measure_of,
        "citation": citation,
        "roles": ROLES,
        "base64_text": base64_text,
    }


def page_alone(declaration: Declaration) -> str:
    """The declaration as one HTML file, with its style and pictures in it: it asks nobody for anything."""
    app = Flask("ballot.web", template_folder=None, static_folder=None)
    templating.install(app, Site())
    with app.app_context():
        return render_template("board/declaration_alone.html", **told_of(declaration), alone=True, style=_style())


@cache
def _style() -> Markup:
    text = "\n".join(path.read_text("utf-8") for path in STYLES)
    return Markup(re.sub(r"url\((images/[\w-]+\.svg)\)", _inline, text))  # noqa: S704  (files of the package)


def _inline(found: re.Match[str]) -> str:
    picture = (NHS_STYLE.parent / found[1]).read_bytes()
    return f"url(data:image/svg+xml;base64,{b64encode(picture).decode('ascii')})"


def _returned(result: Result) -> str:
    """`4 of 5`, in practices."""
    returned, eligible = result.counts.turnout(Unit.PRACTICES), result.counts.eligible.practices
    return "" if returned is None or eligible is None else f"{returned:,} of {eligible:,}"
