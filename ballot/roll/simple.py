"""The roll as a simple CSV with a header: the format to prepare by hand, and the one this system writes.

    ccg_ods_code,practice_ods_code,practice_name,registered_patients,representative,email
    00Q,P81005,Little Harwood Health Centre,11788,Dr A. Example,manager@example.org

The first four columns must be there, in any order; the cells of the last three may be empty. A further column `notify`
names, separated by blanks or semicolons, the addresses that are told when the practice has voted. Where the
rule of a CCG names a column for its localities, or for what votes weigh by (such as shares), that one is read too. If
each CCG's rule names a column to weigh by, registered_patients may be missing. Other columns are ignored, and named in
a note.
Names of columns may differ in capitals, blanks and hyphens (`headers`). A row may end before its last optional cells.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ballot.constitution.codes import DEFAULT_CODES, Codes
from ballot.record.commitments import parse_salt
from ballot.roll.addresses import parse_email, parse_emails
from ballot.roll.cells import parse_list_size, parse_name, parse_number
from ballot.roll.codes import check_ccgs, check_not_alike, parse_ccg, parse_practice
from ballot.roll.localities import LOCALITIES, WEIGHTS, Columns, Spelled, find_columns, parse_locality
from ballot.roll.member import Member, Roll, ordered
from ballot.roll.membership import Seen, check_every_ccg, garbled_names, is_first, shared_addresses
from ballot.roll.persons import NOT_DRAWN, SALT
from ballot.roll.problems import Problems, RollReason, counted, listed, note, refusal
from ballot.roll.rows import Row, Rows, ShortRows, check_near_misses, check_width, spell
from ballot.roll.text import Text, read_text

REQUIRED = ("ccg_ods_code", "practice_ods_code", "practice_name", "registered_patients")
OPTIONAL = ("representative", "email")
NOTIFY = "notify"
READ = (*REQUIRED, *OPTIONAL, NOTIFY)
"""The columns of every roll. One of persons has the column `salt` too (`ballot.roll.persons`)."""
PATIENTS = "registered_patients"


def write_roll(members: Iterable[Member], locality: str | None = None) -> bytes:
    """Write these members as a simple CSV, UTF-8 with LF; with `notify` and `salt` only if a member has one.

    `locality` is the name of the column for localities, if there is to be one.
    """
    rows = list(members)
    notified, salted = any(member.notify for member in rows), any(member.salt for member in rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    columns = [*REQUIRED, *OPTIONAL, *([NOTIFY] if notified else []), *([SALT] if salted else [])]
    writer.writerow([*columns, *([locality] if locality else [])])
    for member in rows:
        size = "" if member.list_size is None else str(member.list_size)
        who = (member.ccg, member.practice, member.name)
        further = [" ".join(member.notify)] if notified else []
        further += ["" if member.salt is None else member.salt.hex()] if salted else []
        further += [member.locality or ""] if locality else []
        writer.writerow((*who, size, member.representative or "", member.email or "", *further))
    return out.getvalue().encode("utf-8")


def read_roll(data: bytes, file: str, ccgs: Sequence[str], localities: Columns | None = None) -> Roll:
    """The roll of these CCGs in a simple CSV. Raises: InvalidRoll, with every problem.

    (1) text, (2) a header with the required columns, (3) every row has a cell for each, (4) every cell is good,
    (5) no practice twice and no two codes alike, (6) no CCG without a practice.
    """
    ccgs = check_ccgs(ccgs)
    return roll_of_text(read_text(data, file), ccgs, localities or {})


def roll_of_text(
    text: Text,
    ccgs: tuple[str, ...],
    localities: Columns,
    codes: Codes = DEFAULT_CODES,
    weights: Columns | None = None,
) -> Roll:
    """Steps 2 to 6 of `read_roll`; `weights` names each column that a rule weighs by in place of patients."""
    weights = weights or {}
    problems = Problems(text.file)
    rows = Rows(text, problems)
    found = iter(rows)
    header = next(found, None)
    problems.check()
    if header is None:
        raise refusal(text.file, 1, RollReason.EMPTY, "the file has no header and no rows.")
    own = tuple(dict.fromkeys((*localities.values(), *weights.values())))
    header, spelled_notes = spell(header, (*READ, *([SALT] if codes.persons else []), *own), text.file)
    required = tuple(name for name in REQUIRED if name != PATIENTS or not set(ccgs) <= set(weights))
    required += (SALT,) if codes.persons else ()
    columns = _columns(header, required, problems)
    places = find_columns(header, localities, LOCALITIES, problems)
    weighed = find_columns(header, weights, WEIGHTS, problems)
    if PATIENTS not in required:
        columns.pop(PATIENTS, None)
    read = {*columns.values(), *places.values(), *weighed.values()}
    absent = [name for name in (*OPTIONAL, NOTIFY) if name not in columns]
    ignored = [name for place, name in enumerate(header.cells) if place not in read]
    check_near_misses(header, absent, ignored, problems)
    problems.check()
    short = ShortRows(header.cells, (*required, *weights.values()))
    members: list[Member] = []
    seen: Seen = {}
    spelled: Spelled = {}
    for row in map(short.fill, found):
        if not check_width(row, len(header.cells), problems, "as in the header"):
            continue
        cells = dict.fromkeys((PATIENTS, *OPTIONAL, NOTIFY), "")
        cells |= {name: row.cells[place] for name, place in columns.items()}
        if (ccg := cells["ccg_ods_code"]) in weighed:
            cells[PATIENTS] = row.cells[weighed[ccg]]
        member = _member(cells, row.line, ccgs, codes, seen, weights.get(ccg), problems)
        if member is not None and member.ccg in places:
            cell = row.cells[places[ccg]]
            locality = parse_locality(cell, ccg, localities[ccg], row.line, spelled, problems)
            member = replace(member, locality=locality)
        if member is not None:
            members.append(member)
    check_not_alike(members, ccgs, "practice_ods_code", problems)
    check_every_ccg(members, ccgs, "ccg_ods_code", rows.last_line, problems)
    problems.check()
    everyone = ordered(members, ccgs)
    notes = (
        *rows.notes,
        *spelled_notes,
        *short.notes(text.file),
        *_ignored(header, read, text.file),
        *shared_addresses(everyone, text.file),
        *garbled_names(everyone, text.file),
    )
    return Roll(ccgs, everyone, notes, text.file)


def _columns(header: Row, required: Sequence[str], problems: Problems) -> dict[str, int]:
    """The positions of the columns we read."""
    names = [listed([name]) or "(no name)" for name in header.cells]
    read = tuple(dict.fromkeys((*required, *READ)))
    for name in required:
        if name not in header.cells:
            hint = "; the file seems to be separated by something else than commas" if len(names) == 1 else ""
            hint = NOT_DRAWN if name == SALT else hint
            sentence = f"the header has no such column. It has: {listed(names, most=30)}{hint}."
            problems.add(header.line, name, RollReason.MISSING_COLUMN, sentence)
    for name in read:
        if header.cells.count(name) > 1:
            problems.add(
                header.line, name, RollReason.COLUMN_TWICE, "the header names this column twice; once was expected."
            )
    return {name: header.cells.index(name) for name in read if name in header.cells}


def _ignored(header: Row, read: set[int], file: str) -> list[str]:
    names = [
        name or f"number {place + 1}, without a name" for place, name in enumerate(header.cells) if place not in read
    ]
    return [note(file, f"{counted(len(names), 'column')} ignored: {listed(names, most=60)}.")] if names else []


def _member(
    cells: dict[str, str],
    line: int,
    ccgs: tuple[str, ...],
    codes: Codes,
    seen: Seen,
    weighed: str | None,
    problems: Problems,
) -> Member | None:
    """Read one row. All its cells are checked, so that the row's problems appear together.

    `weighed` is the column whose cell stands in place of the patients. If any cell has a problem the roll is refused,
    so the member returned does not matter.
    """
    ccg = parse_ccg(cells["ccg_ods_code"], ccgs, line, "ccg_ods_code", problems)
    practice = parse_practice(cells["practice_ods_code"], line, "practice_ods_code", problems, codes.member)
    if practice is not None:
        is_first(practice, cells["ccg_ods_code"], line, "practice_ods_code", seen, problems)
    name = parse_name(cells["practice_name"], line, "practice_name", problems)
    size, representative, email = None, None, None
    if cell := cells[PATIENTS]:
        parse = parse_list_size if weighed is None else parse_number
        size = parse(cell, line, weighed or PATIENTS, problems)
    if cell := cells["representative"]:
        representative = parse_name(cell, line, "representative", problems)
    if cell := cells["email"]:
        email = parse_email(cell, line, "email", problems)
    notify = parse_emails(cells[NOTIFY], line, NOTIFY, problems)
    salt = parse_salt(cells[SALT]) if codes.persons else None
    if codes.persons and salt is None:
        sentence = "64 hexadecimal digits in small letters were expected, as they were drawn with the code."
        problems.add(line, SALT, RollReason.SALT, sentence)
    if ccg is None or practice is None or name is None:
        return None
    return Member(ccg, practice, name, size, representative, email, line, notify=notify, salt=salt)
