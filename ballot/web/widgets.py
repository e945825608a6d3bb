"""WTForms fields in the NHS design system: label or legend, hint, error message, and the links between them.

A template writes `{{ form.answer() }}`; `heading="l"` makes the label or legend the heading of the page. A field's
`description` is its hint. Labels, hints, choices and errors may have slots for the programme's nouns, such as
`{member}`. Any other argument goes unchanged to the NHS's macro.
"""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup
from wtforms import Field

from ballot.web.nouns import said
from ballot.web.templating import render


class Widget:
    """The base of all widgets; `component` is the name in the design system."""

    component: str
    validation_attrs = ("required", "disabled")
    """The flags WTForms passes on. None reach the browser: the server reports errors."""

    def __call__(self, field: Field, **extra: Any) -> Markup:
        heading = extra.pop("heading", None)
        for flag in self.validation_attrs:
            extra.pop(flag, None)
        return render(self.component, {**self.params(field, heading), **extra})

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        raise NotImplementedError

    def _shared(self, field: Field) -> dict[str, Any]:
        return {
            "name": field.name,
            "hint": text_of(said(field.description or "")),
            "errorMessage": text_of(error_of(field)),
        }


class _Labelled(Widget):
    """One control with a label."""

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        return {
            **self._shared(field),
            "id": field.id,
            "label": title_of(field, heading),
            "value": _value(field),
        }


class _Grouped(Widget):
    """Several controls in a fieldset with a legend."""

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        return {**self._shared(field), "idPrefix": field.id, "fieldset": {"legend": title_of(field, heading)}}


class TextInput(_Labelled):
    """One line; `type`, `width`, `autocomplete` and `inputmode` may be given."""

    component = "input"


class PasswordInput(_Labelled):
    """One line that is hidden, with a button to show it; never filled in by the server."""

    component = "password-input"

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        return {**super().params(field, heading), "value": None}


class TextArea(_Labelled):
    """Several lines; `rows` may be given."""

    component = "textarea"

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        """A browser drops the first line break of the text, so one that belongs to it is doubled."""
        params = super().params(field, heading)
        value = params["value"]
        return {**params, "value": f"\n{value}"} if value and value.startswith(("\n", "\r")) else params


class Select(_Labelled):
    """One of many in a list that opens."""

    component = "select"

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        return {**super().params(field, heading), "items": _choices(field, "selected")}


class FileUpload(_Labelled):
    """One file; a browser never shows again which one was chosen."""

    component = "file-upload"

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        return {**super().params(field, heading), "value": None}


_BY_SCRIPT = re.compile(r' data-aria-controls="[^"]*"| nhsuk-radios__conditional--hidden')
"""What makes the NHS's script hide conditional fields: it sets aria-expanded on a radio, which ARIA does not allow. Our
style sheet hides them instead in browsers with `:has`, and shows them in others.
"""


class Radios(_Grouped):
    """One of several."""

    component = "radios"

    def __call__(self, field: Field, **extra: Any) -> Markup:
        """`reveals` maps a choice to the field shown while it is selected; without `:has`, always shown."""
        reveals = extra.pop("reveals", {})
        items = [
            {**item, "conditional": {"html": reveals[item["value"]]} if item["value"] in reveals else None}
            for item in _choices(field, "checked")
        ]
        shown = super().__call__(field, **{"items": items, **extra})
        return Markup(_BY_SCRIPT.sub("", shown)) if reveals else shown  # noqa: S704  (it was escaped before)

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        return {**super().params(field, heading), "items": _choices(field, "checked")}


class Checkboxes(_Grouped):
    """Any of several."""

    component = "checkboxes"

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        return {**super().params(field, heading), "items": _choices(field, "checked")}


class Tick(Widget):
    """One box; its label says what for."""

    component = "checkboxes"

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        item = {"value": "y", "text": said(field.label.text), "checked": bool(field.data), "id": field.id}
        return {**self._shared(field), "idPrefix": field.id, "items": [item]}


class Button(Widget):
    """A button that sends the form, only once even if pressed twice; `variant` may be `secondary` or `warning`."""

    component = "button"

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        return {
            "text": said(field.label.text),
            "name": field.name,
            "id": field.id,
            "value": "y",
            "preventDoubleClick": True,
        }


def error_of(field: Field) -> str | None:
    """The first error for a field; the NHS shows one at a time."""
    return said(str(field.errors[0])) if field.errors else None


def title_of(field: Field, heading: str | None) -> dict[str, Any]:
    return {"text": said(field.label.text), "size": heading, "isPageHeading": True if heading else None}


def _choices(field: Any, mark: str) -> list[dict[str, Any]]:
    """Every choice; the chosen ones are marked."""
    return [{"value": value, "text": said(text), mark: chosen} for value, text, chosen, _ in field.iter_choices()]


def text_of(written: str | None) -> dict[str, str] | None:
    return {"text": str(written)} if written else None


def _value(field: Field) -> str | None:
    value = field._value() if hasattr(field, "_value") else None
    return str(value) if value else None
