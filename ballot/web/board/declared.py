"""A declaration in HTML: its pictures, and the page as one file that needs no server.

The SVG bars have the exact fractions of `ballot.declaration.bars`, and a pattern for each part. Colour says nothing
that the pattern does not, and one sentence says all of it. The legend is HTML beside the picture, so that its words
stay large on a phone. No script and no inline style: a strict policy forbids both.
"""

from __future__ import annotations

import re
from base64 import b64encode
from fractions import Fraction
from functools import cache
from typing import Any

from flask import Flask, render_template
from markupsafe import Markup, escape

from ballot.config import Site
from ballot.constitution.phrases import citation
from ballot.constitution.rule import Unit
from ballot.declaration.bars import Bar, BarPart, Segment
from ballot.declaration.model import Declaration, QuestionResult
from ballot.declaration.support import measure_of
from ballot.record.keys import ROLE_WORDS, base64_text
from ballot.web import templating
from ballot.web.assets import STATIC
from ballot.web.board import words

WIDTH, HEIGHT, OVER, SIDE = 640, 40, 12, 10
"""Sizes in units of the picture: the bar, the mark's overhang above it, and the margin."""
PATTERNS = {
    BarPart.AGAINST: '<path d="M-3,3l6,-6M0,12l12,-12M9,15l6,-6" stroke="#b85400" stroke-width="4"/>',
    BarPart.ABSTAINED: '<circle cx="3" cy="3" r="2" fill="#4c6272"/><circle cx="9" cy="9" r="2" fill="#4c6272"/>',
}


def bar_svg(bar: Bar, id: str) -> Markup:
    """The picture of a bar; `id` must be unique on the page."""
    whole = WIDTH + 2 * SIDE
    parts = "".join(_part(segment, id) for segment in bar.segments)
    mark = "" if bar.mark is None or bar.mark.at is None else _mark(bar.mark.at)
    box = f"0 0 {whole} {HEIGHT + OVER + 6}"
    return Markup(  # noqa: S704  (numbers and ids of ours, and a sentence that is escaped)
        f'<svg class="app-bar" viewBox="{box}" role="img" aria-labelledby="{escape(id)}-words">'
        f'<title id="{escape(id)}-words">{escape(bar.sentence)}</title>{_patterns(id)}{parts}'
        f'<rect x="{SIDE}" y="{OVER}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#212b32" stroke-width="2"/>'
        f"{mark}</svg>"
    )


def swatch_svg(segment: Segment, id: str) -> Markup:
    """A sample of a part's pattern for the legend, hidden from screen readers: the words are beside it."""
    return Markup(  # noqa: S704  (numbers and ids of ours)
        f'<svg class="app-swatch" viewBox="0 0 36 20" width="36" height="20" aria-hidden="true" focusable="false">'
        f'{_patterns(id)}<rect x="1" y="1" width="34" height="18" fill="{_paint(segment.part, id)}" stroke="#212b32" '
        f'stroke-width="2"/></svg>'
    )


def _part(segment: Segment, id: str) -> str:
    start, end = _x(segment.start), _x(segment.end)
    return (
        f'<rect x="{start}" y="{OVER}" width="{_number(WIDTH * (segment.end - segment.start))}" height="{HEIGHT}" '
        f'fill="{_paint(segment.part, id)}"/>'
        f'<path d="M{end},{OVER}v{HEIGHT}" stroke="#212b32" stroke-width="2"/>'
    )


def _paint(part: BarPart, id: str) -> str:
    if part in PATTERNS:
        return f"url(#{escape(id)}-{part.name.lower()})"
    return "#005eb8" if part in (BarPart.FOR, BarPart.RETURNED) else "#ffffff"


def _patterns(id: str) -> str:
    return "".join(
        f'<pattern id="{escape(id)}-{part.name.lower()}" width="12" height="12" patternUnits="userSpaceOnUse">'
        f'<rect width="12" height="12" fill="#ffffff"/>{drawn}</pattern>'
        for part, drawn in PATTERNS.items()
    )


def _mark(at: Fraction) -> str:
    """A black line with white on both sides, so that it shows on every pattern, and a triangle above."""
    x = _x(at)
    return (
        f'<path d="M{x},{OVER - 4}v{HEIGHT + 10}" stroke="#ffffff" stroke-width="7"/>'
        f'<path d="M{x},{OVER - 4}v{HEIGHT + 10}" stroke="#212b32" stroke-width="3"/>'
        f'<path d="M{x},{OVER}l-8,-11h16z" fill="#212b32"/>'
    )


def _x(at: Fraction) -> str:
    return _number(SIDE + WIDTH * at)


def _number(value: Fraction) -> str:
    """To a hundredth of a unit, enough for the eye."""
    return f"{float(value):.2f}"


NHS_STYLE = STATIC / "vendor" / "nhsuk-frontend" / "nhsuk-frontend.min.css"
STYLES = (NHS_STYLE, STATIC / "ballot.css")


def page_values(declaration: Declaration) -> dict[str, Any]:
    """The variables of `board/declared.html`."""
    return {
        "declaration": declaration,
        "words": words,
        "returned": _returned,
        "bar_svg": bar_svg,
        "swatch_svg": swatch_svg,
        "measure_of": measure_of,
        "citation": citation,
        "roles": ROLE_WORDS,
        "base64_text": base64_text,
    }


def page_alone(declaration: Declaration) -> str:
    """The declaration as one HTML file with its style and pictures inside: it loads nothing."""
    app = Flask("ballot.web", template_folder=None, static_folder=None)
    templating.install(app, Site())
    given = {"nouns": declaration.programme.words, "alone": True, "style": _style()}
    with app.app_context():
        return render_template("board/declaration_alone.html", **page_values(declaration), **given)


@cache
def _style() -> Markup:
    text = "\n".join(path.read_text("utf-8") for path in STYLES)
    return Markup(re.sub(r"url\((images/[\w-]+\.svg)\)", _inline, text))  # noqa: S704  (files of the package)


def _inline(found: re.Match[str]) -> str:
    picture = (NHS_STYLE.parent / found[1]).read_bytes()
    return f"url(data:image/svg+xml;base64,{b64encode(picture).decode('ascii')})"


def _returned(result: QuestionResult) -> str:
    """`4 of 5`, in practices."""
    returned, eligible = result.counts.turnout(Unit.PRACTICES), result.counts.eligible.practices
    return "" if returned is None or eligible is None else f"{returned:,} of {eligible:,}"
