"""The activity log as a CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

from collections.abc import Iterable

from ballot.db.activity import ActivityRow, NamedEntry
from ballot.record.spreadsheets import write_spreadsheet
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


def to_csv(rows: Iterable[ActivityRow | NamedEntry]) -> bytes:
    """One line for each entry, in UTF-8 with a byte order mark for spreadsheets; every cell is quoted."""
    return write_spreadsheet(
        COLUMNS,
        [
            (
                *(row.position, time_text(row.time), row.act, row.actor, row.second, row.acting_for),
                *(row.programme, row.ccg, row.reason, row.details, row.hash),
            )
            for row in rows
        ],
    )
