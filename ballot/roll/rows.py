"""Text to rows of cells: comma-separated, quoted or not, each with its line; and the names of columns.

Capitals, blanks, hyphens and underscores do not matter in a name: `E-mail` is `email`, `CCG ODS Code` is
`ccg_ods_code`. A name close to that of an optional column is refused. Otherwise its cells would be lost unnoticed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ballot.roll.problems import Problems, RollReason, counted, listed, note, shown
from ballot.roll.text import Text

LONGEST_CELL = 2_000
_BLANKS = " \t\u00a0"


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one record, without blanks around them."""

    line: int
    cells: tuple[str, ...]


class Rows:
    """The rows of one file, read once. Afterwards `notes` says what was removed."""

    def __init__(self, text: Text, problems: Problems) -> None:
        self.file = text.file
        self.last_line = 1
        self._text = text
        self._problems = problems
        self._blank_rows = 0
        self._trimmed = 0
        self._first_trimmed = 0

    def __iter__(self) -> Iterator[Row]:
        """The rows with content, in order. Reading ends with a problem at the first row that is not CSV."""
        reader = csv.reader(io.StringIO(self._text.text, newline=""), strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as fault:
                self._problems.add(line, None, RollReason.NOT_CSV, _not_csv(str(fault)))
                return
            self.last_line = line
            if row := self._row(line, cells):
                yield row

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on the file as a whole."""
        notes = list(self._text.notes)
        if self._blank_rows:
            notes.append(note(self.file, f"{counted(self._blank_rows, 'row')} without any content skipped."))
        if self._trimmed:
            cells = counted(self._trimmed, "cell")
            notes.append(note(self.file, f"blanks around {cells} removed, the first on line {self._first_trimmed}."))
        return tuple(notes)

    def _row(self, line: int, cells: list[str]) -> Row | None:
        stripped = tuple(cell.strip(_BLANKS) for cell in cells)
        if not any(stripped):
            self._blank_rows += 1
            return None
        for number, cell in enumerate(stripped, start=1):
            if len(cell) > LONGEST_CELL:
                sentence = f"the cell has {len(cell)} characters; at most {LONGEST_CELL} are expected."
                self._problems.add(line, f"number {number}", RollReason.TOO_LARGE, sentence)
                return None
        trimmed = sum(before != after for before, after in zip(cells, stripped, strict=True))
        if trimmed and not self._trimmed:
            self._first_trimmed = line
        self._trimmed += trimmed
        return Row(line, stripped)


class ShortRows:
    """Fills up rows that end before their last columns, as Excel writes rows whose last cells are empty."""

    def __init__(self, header: Sequence[str], needed: Collection[str]) -> None:
        self._header = header
        self._needed = needed
        self._count = 0
        self._first = 0
        self._columns: list[str] = []

    def fill(self, row: Row) -> Row:
        """The row with empty cells for missing columns; unchanged if none is missing or a missing one is required."""
        missing = self._header[len(row.cells) :]
        if not missing or any(name in self._needed for name in missing):
            return row
        self._count += 1
        self._first = self._first or row.line
        self._columns = max(self._columns, list(missing), key=len)
        return replace(row, cells=(*row.cells, *("" for _ in missing)))

    def notes(self, file: str) -> list[str]:
        """The note on rows that were filled up, if any."""
        if not self._count:
            return []
        rows = f"{counted(self._count, 'row')} left out {'its' if self._count == 1 else 'their'} last cells"
        sentence = f"{rows} ({listed(self._columns)}), read as empty; the first is on line {self._first}."
        return [note(file, sentence)]


def check_width(row: Row, width: int, problems: Problems, like: str) -> bool:
    """Whether a row has as many cells as it should. If not, that is a problem."""
    if len(row.cells) == width:
        return True
    sentence = f"{counted(width, 'column')} expected, {like}, and {len(row.cells)} found"
    if len(row.cells) > width:
        sentence += "; a comma inside a name needs quotation marks around the name"
    problems.add(row.line, None, RollReason.COLUMN_COUNT, f"{sentence}. The line begins {shown(row.cells[0])}.")
    return False


def _not_csv(fault: str) -> str:
    if "unexpected end" in fault or "field limit" in fault:
        return 'a quotation mark (") opened in this row is never closed; nothing after it was read.'
    return 'a comma or the end of the line is expected after a closing quotation mark ("); nothing after it was read.'


_LONGEST = 40
_NEAR = 0.8


def folded(name: str) -> str:
    """A name reduced to its letters and digits in lower case, so that spellings of one column are equal."""
    return "".join(character for character in name.casefold() if character.isalnum())


def spell(header: Row, known: Sequence[str], file: str) -> tuple[Row, list[str]]:
    """Rename the columns in `known` to our names; note any that was spelled differently."""
    names = {folded(name): name for name in known}
    cells = tuple(names.get(folded(cell), cell) for cell in header.cells)
    read = [f"{was} as {name}" for was, name in zip(header.cells, cells, strict=True) if was != name]
    notes = [note(file, f"columns were read under another spelling: {listed(read, most=30)}.")] if read else []
    return replace(header, cells=cells), notes


def check_near_misses(header: Row, absent: Iterable[str], ignored: Iterable[str], problems: Problems) -> None:
    """A problem for each ignored column that seems to be an absent one."""
    others = list(ignored)
    for name in absent:
        for other in others:
            if _is_near(folded(other), folded(name)):
                sentence = (
                    f"the header has no such column, but {shown(other)}, which would be ignored. Call it {name}, or "
                    "take it out of the file."
                )
                problems.add(header.line, name, RollReason.NEAR_COLUMN, sentence)


def _is_near(other: str, name: str) -> bool:
    if not other or len(other) > _LONGEST:
        return False
    return name in other or SequenceMatcher(None, other, name).ratio() >= _NEAR
