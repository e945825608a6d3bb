"""The templates of the NHS design system and ours, and their filters.

The NHS's macros come from the package nhsuk-frontend-jinja. They read attributes that may be missing, hence
ChainableUndefined. They take one mapping; `render` leaves out what is None, because the macros treat None as a value.
Every template is escaped whatever its name: Flask alone escapes only `.html`, and the macros end with `.jinja`. Plain
text (`.txt`, for e-mails) is the one exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from jinja2 import ChainableUndefined, ChoiceLoader, FileSystemLoader, PackageLoader
from markupsafe import Markup

from ballot.config import Site
from ballot.constitution.findings import CountedShare
from ballot.constitution.words import capitalised
from ballot.installed import TEMPLATES
from ballot.record.times import short_time, time_text, utc_time, wall_time
from ballot.web.stage import surroundings

MACROS = {
    "radios": "radios",
    "checkboxes": "checkboxes",
    "input": "input",
    "textarea": "textarea",
    "select": "select",
    "date-input": "dateInput",
    "file-upload": "fileUpload",
    "password-input": "passwordInput",
    "button": "button",
    "error-summary": "errorSummary",
}
"""Component to the name of its macro."""


def render(component: str, params: Mapping[str, Any]) -> Markup:
    """The component as HTML. Raises: KeyError if it is not listed."""
    template = current_app.jinja_env.get_template(f"nhsuk/components/{component}/macro.jinja")
    return Markup(getattr(template.module, MACROS[component])(without_none(params)))  # noqa: S704  (escaped there)


def without_none(value: Any) -> Any:
    """A copy without any None, at every level."""
    if isinstance(value, Mapping):
        return {key: without_none(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [without_none(entry) for entry in value if entry is not None]
    return value


def install(app: Flask, site: Site) -> None:
    """Set up the app's templates, before anything uses them."""
    app.jinja_options = {
        "undefined": ChainableUndefined,
        "loader": ChoiceLoader([FileSystemLoader(TEMPLATES), PackageLoader("nhsuk_frontend_jinja")]),
        "autoescape": is_escaped,
        "extensions": ["jinja2.ext.do"],
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.jinja_env.filters.update(
        wall=wall_time,
        short=short,
        utc=utc_time,
        moment=time_text,
        number=number,
        share=share,
        capitalised=capitalised,
    )
    app.context_processor(lambda: _said_on_every_page(site))


def is_escaped(name: str | None) -> bool:
    """Whether values in the template with this name are escaped as HTML."""
    return name is None or not name.endswith(".txt")


def short(moment: datetime, *, seconds: bool = False) -> str:
    """`29 May, 5:00pm`: British time, as the foot of every page says."""
    return short_time(moment, surroundings().clock(), seconds=seconds)


def number(value: int) -> str:
    """`1,284,013`."""
    return f"{value:,}"


def share(written: str) -> str:
    """The exact fraction, always with its rounded percentage: `20/24 (about 83.33%)`.

    `written` is a share as decision.json has it. Raises: ValueError for anything else.
    """
    part, base = written.split("/")
    return CountedShare(int(part), int(base)).with_percentage()


def _said_on_every_page(site: Site) -> dict[str, Any]:
    return {"site": site}
