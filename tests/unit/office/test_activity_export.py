"""No cell of the exported log can begin a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.db.activity import ActivityRow
from ballot.office.activity_export import COLUMNS, to_csv
from ballot.record.spreadsheets import harmless

NOON = datetime(2020, 5, 11, 12, tzinfo=UTC)


def row(actor: str) -> ActivityRow:
    return ActivityRow(
        position=0, time=NOON, act="signed-in", actor=actor, details="{}", parent="", hash="ab", second=None
    )


def cells(actor: str) -> list[str]:
    lines = list(csv.reader(io.StringIO(to_csv([row(actor)]).decode("utf-8-sig"), newline="")))
    assert tuple(lines[0]) == COLUMNS
    assert len(lines) == 2
    return lines[1]


@pytest.mark.parametrize(
    "actor", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", '=HYPERLINK("http://x")', "\n=1"]
)
def test_what_could_begin_a_formula_stands_behind_an_apostrophe(actor: str) -> None:
    assert cells(actor)[3] == f"'{actor}"


def test_everything_else_stands_as_it_is() -> None:
    assert cells("anna@example.org")[:5] == ["0", "2020-05-11T12:00:00Z", "signed-in", "anna@example.org", ""]


@given(st.text())
def test_no_cell_begins_a_formula(text: str) -> None:
    assert not harmless(text).lstrip().startswith(("=", "+", "-", "@"))
