"""The codes of a programme's bodies and members: which kinds there are, the form of each, and what looks alike.

    [codes]
    body   = "own"            # "ods" if it is not said
    member = "own"            # "gp-practice" if it is not said; or "ods"

    [members]
    kind = "persons"          # "organisations" if it is not said

A member who is a person has a code that we draw, never a number of a register. All else that reads or checks a code
asks this module. A code is part of file names and addresses, so it has exactly one spelling: capital letters and
digits. No two codes of a programme may look alike (`first_alike`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from ballot.strict.errors import quoted
from ballot.strict.toml_tables import Table


class CodeKind(Enum):
    """Who gives the code, and therefore its form."""

    ODS = "ods"
    """The NHS's Organisation Data Service: 00Q, X2C4Y, U12345."""
    GP_PRACTICE = "gp-practice"
    """The same, of a GP practice: P81002, Y02854, GUE010."""
    OWN = "own"
    """The programme: LMC-NORTH."""
    DRAWN = "drawn"
    """We draw it at random, for a person: K7R2XW4M."""


_SEPARATED = "[A-Z0-9]+(?:-[A-Z0-9]+)*"
_FORMS = {
    CodeKind.ODS: re.compile(r"(?!(?:[0-9]{4}|[0-9]{6})\Z)[A-Z0-9]{3,6}"),  # Four or six digits alone are a number
    CodeKind.GP_PRACTICE: re.compile(r"[A-Z][A-Z0-9]{2}[0-9]{3}"),
    CodeKind.OWN: re.compile(rf"(?=.{{2,12}}\Z)(?=[A-Z]){_SEPARATED}"),
    CodeKind.DRAWN: re.compile(r"[BCDFGHJKMNPQRSTVWXYZ][2-9BCDFGHJKMNPQRSTVWXYZ]{7}"),
}
EXPECTED = {
    CodeKind.ODS: "an ODS code of 3 to 6 capital letters and digits, such as 00Q or U12345",
    CodeKind.GP_PRACTICE: "an ODS code of 6 characters such as P81002",
    CodeKind.OWN: (
        "a code of your own of 2 to 12 capital letters, digits and single hyphens, beginning with a letter, such as "
        "LMC-NORTH"
    ),
    CodeKind.DRAWN: "a drawn code of 8 capital letters and digits, such as K7R2XW4M",
}
"""Each kind as a message asks for it."""

_DATE = re.compile(r"(?:JAN|FEB|MAR|APR|MAY|JUNE?|JULY?|AUG|SEPT?|OCT|NOV|DEC|MARCH|APRIL)-?[0-9]{1,4}")
"""A month with a number, such as SEPT2 or MAR-20: a spreadsheet makes a date of it."""
_DEVICE = re.compile(r"CON|PRN|AUX|NUL|(?:COM|LPT)[0-9]")
"""Names that no file can have on Windows, whatever its ending."""
_TRUTH = ("TRUE", "FALSE")
_ALIKE = str.maketrans("OIL", "011", "-")

ANY = r"[A-Z0-9](?:-?[A-Z0-9]){1,11}"
"""A regular expression that every code of a body matches, whatever its kind: a part of file names and addresses."""


@dataclass(frozen=True, slots=True)
class Codes:
    """The kinds of code in one programme."""

    body: CodeKind = CodeKind.ODS
    member: CodeKind = CodeKind.GP_PRACTICE

    @property
    def persons(self) -> bool:
        """Whether the members are persons. The record then has no names: see `ballot.record.commitments`."""
        return self.member is CodeKind.DRAWN


DEFAULT_CODES = Codes()
"""The kinds of a file without [codes] and [members]."""


def has_form(code: str, kind: CodeKind) -> bool:
    """Whether it has the characters and the length of this kind."""
    return _FORMS[kind].fullmatch(code) is not None


def is_code(code: str, kind: CodeKind) -> bool:
    """Whether it can be a code of this kind."""
    return code_fault(code, kind) is None


def code_fault(code: str, kind: CodeKind) -> str | None:
    """What is wrong with a code, as the end of a sentence; None if it can be of this kind."""
    if not has_form(code, kind):
        return f"is not {EXPECTED[kind]}"
    if kind is CodeKind.OWN:
        if _DATE.fullmatch(code) or code in _TRUTH:
            return "would be changed by a spreadsheet, which reads a date or a truth value in it"
        if _DEVICE.fullmatch(code):
            return "cannot be part of a file's name on Windows"
    return None


def looks(code: str) -> str:
    """What is left of a code after all that a reader may overlook: O is 0, I and L are 1, hyphens are nothing."""
    return code.upper().translate(_ALIKE)


def first_alike(codes: Iterable[str]) -> tuple[str, str] | None:
    """The first two different codes that look alike, in their order; None if there are none."""
    seen: dict[str, str] = {}
    for code in codes:
        other = seen.setdefault(looks(code), code)
        if other != code:
            return other, code
    return None


PERSONS = "persons"


class _MemberKind(Enum):
    ORGANISATIONS = "organisations"
    PERSONS = PERSONS


class _BodyCode(Enum):
    ODS = CodeKind.ODS.value
    OWN = CodeKind.OWN.value


class _MemberCode(Enum):
    GP_PRACTICE = CodeKind.GP_PRACTICE.value
    ODS = CodeKind.ODS.value
    OWN = CodeKind.OWN.value


def read_codes(root: Table) -> Codes:
    """Read [codes] and [members] of a programme. What they do not say has the default."""
    table = root.table("codes") if root.has("codes") else None
    persons = False
    if root.has("members"):
        members = root.table("members")
        members.only("kind")
        persons = members.word("kind", _MemberKind) is _MemberKind.PERSONS
    if table is None:
        return Codes(member=CodeKind.DRAWN) if persons else DEFAULT_CODES
    table.only("body", "member")
    if persons and table.has("member"):
        sentence = "Codes of persons are drawn at random, so there is no kind to choose: leave this line out."
        raise table.refusal(sentence, "member")
    body = CodeKind(table.word("body", _BodyCode, _BodyCode.ODS).value)
    member = CodeKind(table.word("member", _MemberCode, _MemberCode.GP_PRACTICE).value)
    return Codes(body, CodeKind.DRAWN if persons else member)


def read_body_code(table: Table, key: str, kind: CodeKind | None = None) -> str:
    """The code of a body. A rule file alone does not know its kind: then either of them will do."""
    code = table.text(key)
    if kind is None and not any(is_code(code, each) for each in (CodeKind.ODS, CodeKind.OWN)):
        raise table.refusal(f"{quoted(code)} is not {EXPECTED[CodeKind.ODS]}, nor {EXPECTED[CodeKind.OWN]}.", key)
    if kind is not None and (fault := code_fault(code, kind)) is not None:
        hint = ' For codes of your own, write [codes] with body = "own".' if kind is CodeKind.ODS else ""
        raise table.refusal(f"{quoted(code)} {fault}.{hint}", key)
    return code
