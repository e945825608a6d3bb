"""Lists in forms that grow and shrink, with the buttons "add another" and "remove", which need no script.

<button name="change" value="tests:add">       <button name="change" value="tests-2:remove">

Such a button returns the form with everything typed so far and one entry more, or one fewer. Nothing is checked or
written until the form itself is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, FormField
from wtforms.fields import SelectMultipleField, SubmitField

CHANGE = "change"
MOST_ENTRIES = 60
"""The most entries in one list. No real rule has so many; larger files are written by hand."""


def is_change() -> bool:
    """Whether one of these buttons was pressed."""
    return request.method == "POST" and CHANGE in request.form


def change_entries(form: Iterable[Field], asked: str) -> None:
    """Add or remove the entry that the button names; do nothing if this form has no such list or entry."""
    name, _, what = asked.rpartition(":")
    for several in _lists(form):
        if what == "add" and several.name == name and len(several.entries) < MOST_ENTRIES:
            several.append_entry()
            return
        for entry in several.entries:
            if what == "remove" and entry.name == name:
                several.entries.remove(entry)
                return


def _lists(form: Iterable[Field]) -> Iterator[FieldList[Any]]:
    for field in form:
        if isinstance(field, FieldList):
            yield field
            yield from _lists(field.entries)
        elif isinstance(field, FormField):
            yield from _lists(field.form)


def leaves(form: Iterable[Field]) -> Iterator[Field]:
    """Every field that is a control, in the order of the form, including those in entries."""
    for field in form:
        if isinstance(field, FieldList):
            yield from leaves(field.entries)
        elif isinstance(field, FormField):
            yield from leaves(field.form)
        else:
            yield field


def sent_by(form: Iterable[Field]) -> MultiDict[str, str]:
    """What a browser would send if the form were shown and sent unchanged."""
    sent: MultiDict[str, str] = MultiDict()
    for field in leaves(form):
        if isinstance(field, SelectMultipleField):
            sent.setlist(field.name, list(field.data or []))
        elif not isinstance(field, SubmitField) and field.name != "csrf_token":
            value = field._value() if hasattr(field, "_value") else field.data
            if value is not None:
                sent[field.name] = str(value)
    return sent
