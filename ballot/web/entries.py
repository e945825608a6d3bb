"""Lists in forms that grow and shrink: "add another" and "remove", which are buttons of the form and need no script.

    <button name="change" value="tests:add">       <button name="change" value="tests-2:remove">

Whoever presses one gets the form again with what was typed so far and one entry more, or one less; nothing is checked
or written before the form itself is sent.
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
"""In one list. More than any real rule has; a file with more is written by hand."""


def is_change() -> bool:
    """Whether one of these buttons was pressed."""
    return request.method == "POST" and CHANGE in request.form


def change_entries(form: Iterable[Field], asked: str) -> None:
    """Do what the button says; nothing where it names no list or entry of this form."""
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
    """Every field that is a control, in the order of the form, those of entries too."""
    for field in form:
        if isinstance(field, FieldList):
            yield from leaves(field.entries)
        elif isinstance(field, FormField):
            yield from leaves(field.form)
        else:
            yield field


def sent_by(form: Iterable[Field]) -> MultiDict[str, str]:
    """What a browser would send if the form were shown and sent as it is."""
    sent: MultiDict[str, str] = MultiDict()
    for field in leaves(form):
        if isinstance(field, SelectMultipleField):
            sent.setlist(field.name, list(field.data or []))
        elif not isinstance(field, SubmitField) and field.name != "csrf_token":
            value = field._value() if hasattr(field, "_value") else field.data
            if value is not None:
                sent[field.name] = str(value)
    return sent
