"""The reasons for refusing to make or accept a declaration."""

from __future__ import annotations

from ballot.audit.faults import sentence
from ballot.audit.report import Report, Status
from ballot.strict.printable import printable_lines


class NotDeclared(Exception):
    """This record cannot be declared; the message is a sentence with the reason."""


class NotVerified(Exception):
    """The record does not verify, so no declaration is made. `lines` are the checks that failed or could not run."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.verdict)
        self.report = report

    @property
    def lines(self) -> list[str]:
        """`FAIL record.decision: 00A: its constitution decides otherwise on these counts`."""
        found = []
        for row in self.report.rows():
            if row.status in (Status.FAIL, Status.SKIPPED):
                what = [sentence(fault) for fault in row.faults] or [row.found]
                found += [printable_lines(f"{row.status.value} {row.check.id}: {fault}") for fault in what[:10]]
        return found


class BadSignature(Exception):
    """A PDF is not the one that the board signed for this record; the message is a sentence with the reason."""
