"""The public columns of the roll, and who voted: never an e-mail address, never how someone voted.

CSV as in RFC 4180, but with LF, and quoted only where needed; parsing accepts only bytes that writing gives back. A
code has capitals A to Z and digits only, so no look-alike letter can pass for one. A name must be safe to print, to
mail, and to open in a spreadsheet.

The terms name the files that the roll and the list sizes came from, by their SHA-256. NHS Digital publishes its list
sizes, so anyone who downloads the same file finds the same hash. The files themselves are not published, because they
may contain e-mail addresses.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from ballot.constitution.codes import DEFAULT_CODES, EXPECTED, Codes, first_alike, is_code
from ballot.protocol.canonical import Json, array, fields, text
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash, is_hash
from ballot.record.commitments import is_commitment
from ballot.record.elections import election_name, parse_locality
from ballot.record.errors import InvalidRecord

LONGEST_NAME = 200
_FORMULA = ("=", "+", "-", "@")


class NameFault(Enum):
    """Why a name is not allowed in a roll, as the end of a sentence."""

    EMPTY = "is empty"
    TOO_LONG = f"has more than {LONGEST_NAME} characters"
    UNPRINTABLE = "has a character that does not print"
    FORMULA = "begins like a formula, which a spreadsheet would run"


def unprintable(name: str) -> str | None:
    """The first character that does not print: a control, a direction mark, or a blank other than the plain one."""
    return next((character for character in name if not character.isprintable()), None)


def name_fault(name: str) -> NameFault | None:
    """What is wrong with a name; None if it can be printed, mailed and opened in a spreadsheet."""
    if not name:
        return NameFault.EMPTY
    if len(name) > LONGEST_NAME:
        return NameFault.TOO_LONG
    if unprintable(name) is not None:
        return NameFault.UNPRINTABLE
    return NameFault.FORMULA if name.startswith(_FORMULA) else None


ROLL_COLUMNS = ("ccg_ods_code", "practice_ods_code", "practice_name", "registered_patients", "weight", "locality")
RETURNED_COLUMNS = ("ccg_ods_code", "practice_ods_code", "practice_name")

MAX_ROWS = 100_000
"""England had about seven thousand practices."""

_NUMBER = re.compile(r"0|[1-9][0-9]{0,11}")


@dataclass(frozen=True, slots=True)
class PublicMember:
    """One member practice of one CCG. `weight` is None if every practice has one vote and nothing else is counted;
    `locality` is None if its CCG does not vote by localities."""

    ccg: str
    practice: str
    name: str
    list_size: int | None
    weight: int | None
    locality: str | None = None

    def to_row(self) -> tuple[str, ...]:
        numbers = ("" if n is None else str(n) for n in (self.list_size, self.weight))
        return (self.ccg, self.practice, self.name, *numbers, self.locality or "")


def write_roll(members: Iterable[PublicMember]) -> bytes:
    """The bytes of roll.csv."""
    return _write(ROLL_COLUMNS, (member.to_row() for member in members))


def roll_parts(members: Iterable[PublicMember]) -> dict[str, bytes]:
    """The part of roll.csv for each election, by its name: the header and the election's own rows."""
    by_election: dict[str, list[PublicMember]] = {}
    for member in members:
        by_election.setdefault(election_name(member.ccg, member.locality), []).append(member)
    return {name: write_roll(rows) for name, rows in by_election.items()}


def parse_roll(data: bytes) -> list[PublicMember]:
    """The members in roll.csv; raises InvalidRecord unless `write_roll` gives the same bytes."""
    return [
        PublicMember(ccg, practice, name, _number(patients), _number(weight), parse_locality(locality or None))
        for ccg, practice, name, patients, weight, locality in _parse(data, ROLL_COLUMNS, "roll.csv")
    ]


def roll_faults(members: Sequence[PublicMember], codes: Codes = DEFAULT_CODES) -> Iterator[str]:
    """Yield the faults of a roll that the office would never have accepted, in sentences.

    (1) Codes and names must have their form, by the kinds of code in the programme. (2) No member may be there twice.
    (3) No two codes may look alike. (4) Persons have commitments instead of names, no two of them equal. (5) No two
    localities of a body may differ in capitals alone, which some file systems ignore.
    """
    times: Counter[str] = Counter()
    spelled: dict[tuple[str, str], str] = {}
    for member in members:
        if not is_code(member.ccg, codes.body):
            yield f"{member.ccg[:60]!r} is not a body's code: {EXPECTED[codes.body]} was expected"
        if codes.persons and not is_commitment(member.name):
            yield f"{member.practice[:60]!r}: {member.name[:60]!r} is not a commitment, and persons have no names here"
        if not is_code(member.practice, codes.member):
            yield f"{member.practice[:60]!r} is not a member's code: {EXPECTED[codes.member]} was expected"
        if (fault := name_fault(member.name)) is not None:
            yield f"{member.practice[:60]!r}: the name {member.name[:60]!r} {fault.value}"
        times[member.practice] += 1
        if member.locality is not None:
            first = spelled.setdefault((member.ccg, member.locality.lower()), member.locality)
            if first != member.locality:
                yield f"{member.ccg[:60]!r}: {member.locality} is a locality, and so is {first}"
    yield from (f"{practice[:60]!r} is on the roll {count} times" for practice, count in times.items() if count > 1)
    if codes.persons:
        committed = Counter(member.name for member in members)
        yield from (f"{name[:80]!r} stands for {count} persons" for name, count in committed.items() if count > 1)
    if (alike := first_alike([*dict.fromkeys(member.ccg for member in members), *times])) is not None:
        yield f"{alike[1][:60]!r} looks like {alike[0][:60]!r}"


def write_returned(rows: Iterable[tuple[str, str, str]]) -> bytes:
    """The bytes of returned.csv: CCG, practice and name of each practice that voted."""
    return _write(RETURNED_COLUMNS, rows)


def parse_returned(data: bytes) -> list[tuple[str, str, str]]:
    """The rows of returned.csv; raises InvalidRecord unless `write_returned` gives the same bytes."""
    return [(ccg, practice, name) for ccg, practice, name in _parse(data, RETURNED_COLUMNS, "returned.csv")]


def _write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def _parse(data: bytes, columns: Sequence[str], file: str) -> list[list[str]]:
    if data.count(b"\n") + data.count(b"\r") > MAX_ROWS:
        raise InvalidRecord(Reason.NUMBER_RANGE, f"{file} has more than {MAX_ROWS} lines")
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise InvalidRecord(Reason.WRONG_TYPE, f"{file} is not CSV in UTF-8") from None
    if not rows or rows[0] != list(columns):
        raise InvalidRecord(Reason.WRONG_FIELDS, f"expected the columns {', '.join(columns)} in {file}")
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(columns):
            raise InvalidRecord(Reason.WRONG_SHAPE, f"{file}, line {line}: expected {len(columns)} columns")
    if _write(columns, rows[1:]) != data:
        raise InvalidRecord(Reason.NOT_CANONICAL, f"{file} is not written in its one form")
    return rows[1:]


def _number(cell: str) -> int | None:
    if not cell:
        return None
    if not _NUMBER.fullmatch(cell):
        raise InvalidRecord(Reason.NUMBER_RANGE, "expected whole numbers in roll.csv")
    return int(cell)


HOLDS = ("roll", "list-sizes", "both")


@dataclass(frozen=True, slots=True)
class RollSource:
    """A file from which the roll was read: its name without folders, its hash, and its content as a word of HOLDS."""

    file: str
    sha256: Hash
    holds: str

    def to_json(self) -> Json:
        return {"file": self.file, "sha256": self.sha256, "holds": self.holds}


def parse_roll_sources(value: Json) -> tuple[RollSource, ...]:
    """The files in a list; raises InvalidMessage for another form, and for a name with folders in it."""
    return tuple(_parse_source(entry) for entry in array(value))


def _parse_source(value: Json) -> RollSource:
    value = fields(value, ("file", "sha256", "holds"))
    file = text(value["file"])
    if not file or "/" in file or "\\" in file or not is_hash(value["sha256"]) or value["holds"] not in HOLDS:
        raise InvalidRecord(Reason.WRONG_FIELDS, f"expected a file, its hash, and one of {', '.join(HOLDS)}")
    return RollSource(file, Hash(value["sha256"]), value["holds"])
