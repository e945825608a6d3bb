"""The NHS's macros, called from Python: the one place that knows where each of them stands.

They take one mapping and escape every text in it (`ballot.web.templating` sees to that). What is None is left out,
since to them a thing that is None was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from markupsafe import Markup

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
"""Component -> the macro's name in it."""


def render(component: str, params: Mapping[str, Any]) -> Markup:
    """The component as HTML. Raises: KeyError for one that is not listed."""
    template = current_app.jinja_env.get_template(f"nhsuk/components/{component}/macro.jinja")
    return Markup(getattr(template.module, MACROS[component])(without_none(params)))  # noqa: S704  (escaped there)


def without_none(value: Any) -> Any:
    """The same without any entry that is None, all the way down."""
    if isinstance(value, Mapping):
        return {key: without_none(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [without_none(entry) for entry in value if entry is not None]
    return value
