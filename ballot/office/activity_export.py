"""The activity log as a CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from ballot.db.activity import ActivityRow, Told
from ballot.record.times import time_text

COLUMNS = (
    "position",
    "time",
    "act",
    "actor",
    "second",
    "acting_for",
    "programme",
    "ccg",
    "reason",
    "details",
    "hash",
)
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets read as the beginning of a formula, the full-width forms too."""


def to_csv(rows: Iterable[ActivityRow | Told]) -> bytes:
    """Every entry a line, in UTF-8 with the mark by which spreadsheets know it; every cell is in quotation marks."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for row in rows:
        values = (time_text(row.time), row.act, row.actor, row.second, row.acting_for)
        where = (row.programme, row.ccg, row.reason, row.details, row.hash)
        writer.writerow([row.position, *(harmless(value or "") for value in (*values, *where))])
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The cell with an apostrophe before whatever could begin a formula, also behind blanks."""
    return f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) or cell.lstrip().startswith(_BEGINS_A_FORMULA) else cell
