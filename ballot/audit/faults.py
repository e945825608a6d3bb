"""A fault that a check found, in fields for programs. `sentence` makes the words for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypedDict

from ballot.protocol.errors import InvalidMessage, Reason


class FaultKind(Enum):
    """How something is wrong; the check says what."""

    WRONG = "wrong"
    """It is there, but not what the check expects."""
    REFUSED = "refused"
    """It cannot be read, or its proof or signature is invalid. `reason` is the protocol's word, if there is one."""
    MISSING = "missing"
    """It must be there, but is not."""
    REMOVED = "removed"
    """The older copy has it, but this one does not (--since)."""
    REWRITTEN = "rewritten"
    """The older copy has other bytes there (--since)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that one check found. Decide by `check`, `kind`, `reason` and the place; show `sentence(fault)`.

    Fields of the place are None if not known. Names and texts may come from a hostile file.
    """

    check: str
    """The id of the check, as in the report: `ballots.signature`."""
    subject: str
    """What was checked: an election's name, a single archive's file name, `record`, or `options`."""
    detail: str
    """What is wrong, in one clause."""
    kind: FaultKind = FaultKind.WRONG
    reason: Reason | None = None
    where: str = ""
    """The place in words, if `detail` does not say it."""
    election: str | None = None
    """The name of the election concerned; for a single archive, its file name."""
    file: str | None = None
    """The path of the file in the record; for a receipt, its file name."""
    height: int | None = None
    """The height of the event concerned: in the programme's log for the checks `events.*` and if no election is named,
    otherwise in the election's archive."""
    line: int | None = None
    """The line of the file, counted from 1."""
    byte: int | None = None
    """The byte of the file, counted from 0."""

    def to_json(self) -> dict[str, str | int | None]:
        """Every field except `where`, which is for people."""
        return {
            "check": self.check,
            "kind": self.kind.value,
            "reason": None if self.reason is None else self.reason.value,
            "subject": self.subject,
            "election": self.election,
            "file": self.file,
            "height": self.height,
            "line": self.line,
            "byte": self.byte,
            "detail": self.detail,
        }


class FaultPlace(TypedDict, total=False):
    """The place of a fault, as a check gives it: the fields of `Fault` with the same names."""

    where: str
    election: str | None
    file: str | None
    height: int | None
    line: int | None
    byte: int | None


def make_fault(
    check: str, subject: str, what: str | InvalidMessage, kind: FaultKind | None, place: FaultPlace
) -> Fault:
    """The fault of a check, from the check's own clause or from the protocol's refusal of a message."""
    if isinstance(what, InvalidMessage):
        return Fault(check, subject, what.detail, kind or FaultKind.REFUSED, what.reason, **place)
    return Fault(check, subject, what, kind or FaultKind.WRONG, **place)


def sentence(fault: Fault) -> str:
    """The fault as people read it: `00A: at height 3: signature: the signature does not hold`."""
    where = f"{fault.where}: " if fault.where else ""
    reason = "" if fault.reason is None else f"{fault.reason.value}: "
    return f"{fault.subject}: {where}{reason}{fault.detail}"
