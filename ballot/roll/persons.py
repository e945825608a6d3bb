"""A roll of persons: each gets a code drawn at random, and a salt for the commitment to their name.

What the office has is a list with these columns, and others that a roll may have:

    ccg_ods_code,name,email
    LMC-NORTH,Dr Ada Yarrow,ada.yarrow@example.org

What comes out is a roll in the simple format with the columns `practice_ods_code` (the code), `practice_name` (the
name, which stays in the office) and `salt`. A code is no number of a register, and says nothing about the person. A
person who is on an earlier roll with the same e-mail address and name keeps code and salt.
"""

from __future__ import annotations

import csv
import io
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ballot.constitution.codes import CodeKind, is_code
from ballot.record.commitments import SALT_BYTES, parse_salt
from ballot.roll.member import Member
from ballot.roll.problems import InvalidRoll, Problems, RollReason, counted, listed, note, refusal
from ballot.roll.rows import Row, Rows, check_width, folded
from ballot.roll.text import read_text

SALT = "salt"
NOT_DRAWN = ". The members are persons: draw their codes first, with ballot roll draw-codes, or upload their list"
LISTED = ("ccg_ods_code", "name", "email")
"""The columns that a list of persons needs."""
_FIRST = "BCDFGHJKMNPQRSTVWXYZ"
_REST = "23456789" + _FIRST
_LENGTH = 8
"""Of Crockford's base 32 without 0, 1 and vowels: 38 bits that are never a number, a date or a word."""
_CODE, _NAME, _SIZE = "practice_ods_code", "practice_name", "registered_patients"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A roll with a code for every person, as the file to use from now on."""

    data: bytes
    notes: tuple[str, ...]


def is_drawn(data: bytes, file: str) -> bool:
    """Whether a roll has codes and salts already. Raises: InvalidRoll, for what is no text."""
    header = next(iter(Rows(read_text(data, file), Problems(file))), None)
    return header is not None and {folded(SALT), folded(_CODE)} <= {folded(cell) for cell in header.cells}


def draw_code(taken: set[str]) -> str:
    """A code that no one has yet; it is added to `taken`."""
    while True:
        code = secrets.choice(_FIRST) + "".join(secrets.choice(_REST) for _ in range(_LENGTH - 1))
        if code not in taken:
            taken.add(code)
            return code


def draw_codes(data: bytes, file: str, known: Sequence[Member] = ()) -> Drawn:
    """Give every person in a list a code and a salt, or those that they have in `known`. Raises: InvalidRoll.

    Names, addresses and further columns are passed on as they are; reading the roll then checks them.
    """
    problems = Problems(file)
    rows = Rows(read_text(data, file), problems)
    found = iter(rows)
    header = next(found, None)
    problems.check()
    if header is None:
        raise refusal(file, 1, RollReason.EMPTY, "the file has no header and no rows.")
    places = _places(header, problems)
    problems.check()
    others = [place for place in range(len(header.cells)) if place not in places.values()]
    before = {_who(member.email or "", member.name): member for member in known if member.salt is not None}
    taken = {member.practice for member in known}
    seen: dict[tuple[str, str], int] = {}
    kept = 0
    out: list[tuple[str, ...]] = []
    for row in found:
        if not check_width(row, len(header.cells), problems, "as in the header"):
            continue
        ccg, name, email = (row.cells[places[column]] for column in LISTED)
        who = _who(email, name)
        if (first := seen.setdefault(who, row.line)) != row.line:
            sentence = f"a person with this name and address stands on line {first} already; each was expected once."
            problems.add(row.line, "name", RollReason.PRACTICE_TWICE, sentence)
            continue
        member = before.get(who)
        kept += member is not None
        code, salt = (draw_code(taken), secrets.token_bytes(SALT_BYTES)) if member is None else _of(member)
        out.append((ccg, code, name, email, *(row.cells[place] for place in others), salt.hex()))
    problems.check()
    columns = ["ccg_ods_code", _CODE, _NAME, "email", *(header.cells[place] for place in others), SALT]
    if _SIZE not in map(str.lower, columns):
        columns, out = [*columns, _SIZE], [(*cells, "") for cells in out]
    notes = [*rows.notes, note(file, f"{counted(len(out) - kept, 'code')} drawn, {kept} kept from the roll before.")]
    if left := sorted(member.practice for who, member in before.items() if who not in seen):
        notes.append(note(file, f"{counted(len(left), 'code')} of the roll before not used again: {listed(left)}."))
    return Drawn(_write(columns, out), tuple(notes))


def known_persons(data: bytes, file: str) -> list[Member]:
    """The persons in an earlier roll who have codes; none if it is no such roll. Only those four cells are read."""
    try:
        rows = list(Rows(read_text(data, file), Problems(file)))
    except InvalidRoll:
        return []
    names = [folded(cell) for cell in rows[0].cells] if rows else []
    wanted = [folded(column) for column in (_CODE, _NAME, "email", SALT)]
    if any(names.count(name) != 1 for name in wanted):
        return []
    found = [[row.cells[names.index(name)] for name in wanted] for row in rows[1:] if len(row.cells) == len(names)]
    salts = [parse_salt(salt) for *_, salt in found]
    return [
        Member("", code, name, None, email=email, salt=salt)
        for (code, name, email, _), salt in zip(found, salts, strict=True)
        if salt is not None and is_code(code, CodeKind.DRAWN)
    ]


def _of(member: Member) -> tuple[str, bytes]:
    assert member.salt is not None
    return member.practice, member.salt


def _who(email: str, name: str) -> tuple[str, str]:
    """The same for the same person on two rolls."""
    return email.casefold(), unicodedata.normalize("NFC", name)


def _places(header: Row, problems: Problems) -> dict[str, int]:
    """The position of each column of LISTED. A name may be in a column `practice_name` too, as in other rolls."""
    names = [folded(cell) for cell in header.cells]
    places: dict[str, int] = {}
    for column in LISTED:
        spelled = {folded(column), folded(_NAME)} if column == "name" else {folded(column)}
        at = [place for place, name in enumerate(names) if name in spelled]
        if len(at) == 1:
            places[column] = at[0]
        elif at:
            sentence = "the header names this column twice; once was expected."
            problems.add(header.line, column, RollReason.COLUMN_TWICE, sentence)
        else:
            sentence = (
                "the header has no such column. A list of persons has the columns "
                f"{', '.join(LISTED)}. It has: {listed([cell or '(no name)' for cell in header.cells], most=30)}."
            )
            problems.add(header.line, column, RollReason.MISSING_COLUMN, sentence)
    for column in (_CODE, SALT):
        if folded(column) in names:
            sentence = "codes and salts are drawn together: leave this column out, or give a roll that has both."
            problems.add(header.line, column, RollReason.WRONG_FILE, sentence)
    return places


def _write(columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")
