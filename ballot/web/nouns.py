"""What the programme of a page calls its bodies, members, weight and subject: `nouns` in every template."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, g, has_request_context, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.local import LocalProxy

from ballot.constitution.words import DEFAULT_WORDS, Words
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.office.errors import Refused
from ballot.office.sealed import read_programme
from ballot.office.setup.draft import open_draft
from ballot.web.stage import surroundings

_PREPARED = "ballot nouns"
"""The words of each prepared programme, by id. They never change."""


def install(app: Flask) -> None:
    """Give the templates `nouns`, and the filter `said` for a sentence with slots for nouns."""
    app.extensions[_PREPARED] = {}
    app.jinja_env.globals["nouns"] = LocalProxy(nouns_here)
    app.jinja_env.filters["said"] = said


def nouns_here() -> Words:
    """The words of the programme in the page's address, prepared or in preparation; elsewhere the usual ones."""
    id = (request.view_args or {}).get("programme") if has_request_context() else None
    if id is None:
        return DEFAULT_WORDS
    if "nouns" not in g:
        g.nouns = _words_of(id)
    return cast(Words, g.nouns)


def said(sentence: str) -> str:
    """A sentence of a page, with the nouns of its programme in place of `{member}` and the like."""
    return nouns_here().said(sentence)


def _words_of(id: str) -> Words:
    prepared = cast(dict[str, Words], current_app.extensions[_PREPARED])
    if id in prepared:
        return prepared[id]
    try:
        with reading(surroundings().engine) as session:
            row = find_programme(session, id)
            if row is not None:
                return prepared.setdefault(id, read_programme(row.toml).words)
        return open_draft(surroundings().config.programmes, id).words()
    except (Refused, SQLAlchemyError):  # The page of an error has words too
        return DEFAULT_WORDS
