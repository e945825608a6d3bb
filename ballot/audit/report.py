"""The report: what every check found, and the verdict.

A check is PASS only if it was said to have run and nobody reported a fault under it; what was never said to have run
is SKIPPED, and with one skipped nothing is verified. Faults are collected, never stopped at.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Unpack

from ballot.audit.catalogue import BY_ID, CHECKS, Check, Scope, Stage, file_of
from ballot.audit.faults import Fault, FaultKind, FaultPlace, make_fault, sentence
from ballot.protocol.errors import InvalidMessage
from ballot.strict.printable import printable_lines

MAX_FAULTS = 1000
"""Faults kept for one check of one subject; the rest are counted."""

MAX_WORKERS = 20
"""Named in the text; --json has all."""

BEYOND = (
    "beyond any record: that the roll lists the right practices, and each rule file says what its constitution says",
    "beyond any record: that each credential reached its practice and nobody else",
    "beyond any record: that each voter's device encrypted what was chosen (whoever opened a paper checked that)",
    "beyond any record: that no t trustees, with the server's key, opened single ballots",
    "beyond any record: that others were shown the same (compare copies and checkpoints, --since and --trust)",
)
"""What no check can show, said every time: docs/threat-model.md."""


class Status(Enum):
    """What came of a check."""

    PASS = "PASS"  # noqa: S105  (a word, not a secret)
    FAIL = "FAIL"
    SKIPPED = "SKIPPED"
    NOT_APPLICABLE = "N/A"


@dataclass(slots=True)
class Finding:
    """One check of one subject (a CCG's archive, or the record).

    What was said stays, in whatever order: a fault outweighs a skip, a skip a pass, a pass that it does not belong.
    """

    examined: int = 0
    faults: list[Fault] = field(default_factory=list)
    more: int = 0
    has_run: bool = False
    skipped: str | None = None
    not_applicable: str | None = None

    @property
    def status(self) -> Status:
        if self.faults:
            return Status.FAIL
        if self.skipped is not None:
            return Status.SKIPPED
        if self.has_run:
            return Status.PASS
        return Status.SKIPPED if self.not_applicable is None else Status.NOT_APPLICABLE

    @property
    def why(self) -> str:
        return self.skipped or self.not_applicable or ""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of the report: a check over all its subjects."""

    check: Check
    status: Status
    found: str
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class Report:
    """Collects findings by check and subject."""

    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """What the verdict must add: keys not compared, registrar and server one, rehearsal."""
    stage: Stage | None = None
    """The stage asked for; without one only a tallied election is verified."""
    unbound: bool = False
    """Whether this is a tallied archive by itself: nothing in it shows that its decryption proofs bind the total."""
    not_tallied: list[str] = field(default_factory=list)
    backend: str = ""
    """What did the arithmetic, in words."""
    earlier: int = 0
    """Ballots whose proofs were verified in an earlier run (memory.py), and not in this one."""
    checked_by: Counter[str] = field(default_factory=Counter)
    """Workers of a cluster (cluster.py), and the proofs of how many ballots each of them checked."""
    archives: dict[str, str] = field(default_factory=dict)
    """The file of each archive, by its subject."""

    def expect(self, subject: str, *scopes: Scope, file: str | None = None) -> None:
        """From now on every check of these scopes must come to something for this subject, whose file is an archive."""
        if file is not None:
            self.archives[subject] = file
        for check in CHECKS:
            if check.scope in scopes:
                self.findings.setdefault((check.id, subject), Finding())

    def ran(self, id: str, subject: str, examined: int = 1) -> None:
        """The check was made on `examined` things; faults may have been or may yet be reported."""
        finding = self._finding(id, subject)
        finding.examined += examined
        finding.has_run = True

    def fault(
        self,
        id: str,
        subject: str,
        what: str | InvalidMessage,
        kind: FaultKind | None = None,
        **place: Unpack[FaultPlace],
    ) -> None:
        """The check failed, for this reason among others; an archive and its election need not be named again."""
        finding = self._finding(id, subject)
        if len(finding.faults) >= MAX_FAULTS:
            finding.more += 1
            return
        if BY_ID[id].scope is Scope.ARCHIVE:
            place.setdefault("election", subject)
            place.setdefault("file", self.archives.get(subject))
        else:
            place.setdefault("file", file_of(id))
        finding.faults.append(make_fault(id, subject, what, kind, place))

    def skip(self, id: str, subject: str, why: str) -> None:
        """The check should have run and could not."""
        self._finding(id, subject).skipped = why

    def not_applicable(self, id: str, subject: str, why: str = "") -> None:
        """The check does not belong to this input."""
        self._finding(id, subject).not_applicable = why

    def why_skipped(self, id: str, subject: str) -> str | None:
        """Why the check was skipped, None where it was not."""
        return self._finding(id, subject).skipped

    def has_fault(self, id: str, subject: str) -> bool:
        """Whether a fault was reported under this check."""
        return self._finding(id, subject).status is Status.FAIL

    def _finding(self, id: str, subject: str) -> Finding:
        return self.findings.setdefault((BY_ID[id].id, subject), Finding())

    def rows(self) -> Iterator[ReportRow]:
        """One row per check, in the catalogue's order; those that nobody expected are N/A."""
        for check in CHECKS:
            mine = {subject: f for (id, subject), f in self.findings.items() if id == check.id}
            yield _row(check, mine)

    def failed(self) -> list[str]:
        """The ids of the checks that failed."""
        return [row.check.id for row in self.rows() if row.status is Status.FAIL]

    def skipped(self) -> list[str]:
        """The ids of the checks that should have run and did not."""
        return [row.check.id for row in self.rows() if row.status is Status.SKIPPED]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault found, in the order of the catalogue; of one check of one subject at most MAX_FAULTS."""
        return tuple(fault for row in self.rows() for fault in row.faults)

    @property
    def verified(self) -> bool:
        """Whether nothing failed, nothing was skipped, and it is tallied or at the stage asked for."""
        return self.exit_status == 0

    @property
    def exit_status(self) -> int:
        """0 verified, 1 not."""
        if self.failed() or self.skipped():
            return 1
        return 1 if self.not_tallied and self.stage is None else 0

    @property
    def verdict(self) -> str:
        """One sentence, and what must be added to it."""
        return ". ".join([self.conclusion, *self.notes])

    @property
    def conclusion(self) -> str:
        """The verdict's first sentence, without its full stop."""
        failed, skipped = self.failed(), self.skipped()
        if failed or skipped:
            parts = [f"{len(failed)} failed ({', '.join(failed[:6])})"] if failed else []
            parts += [f"{len(skipped)} skipped ({', '.join(skipped[:6])})"] if skipped else []
            return f"NOT VERIFIED: {'; '.join(parts)}"
        if self.not_tallied:
            so_far = "consistent so far, not tallied"
            return so_far if self.stage is None else f"VERIFIED for the stage {self.stage.value}: {so_far}"
        if self.unbound:
            return (
                "VERIFIED as the Belenios specification asks; its decryption proofs do not bind the total "
                "(see second opinion)"
            )
        return "VERIFIED"

    def not_checked(self) -> list[str]:
        """What this run did not check, and what nothing could check: the end of the report."""
        rows = list(self.rows())
        said = _by_reason(rows, Status.SKIPPED)
        aside = [row for row in rows if row.status is Status.NOT_APPLICABLE]
        record = [row for row in rows if row.check.scope is Scope.RECORD]
        if all(row in aside for row in record):
            what = f"the {len(record)} checks of a whole record (rules, roll, log, decisions)"
            said.append(f"{what}: a single archive has nothing for them")
            aside = [row for row in aside if row not in record]
        said += _by_reason(aside, Status.NOT_APPLICABLE)
        if self.earlier:
            said.append(f"the proofs and signatures of {self.earlier} ballots: an earlier run verified them (--resume)")
        if self.checked_by:
            what = f"the proofs and signatures of {self.checked_by.total()} ballots, in this process"
            said.append(f"{what}: the word of {self.workers} was taken for them (--scheduler)")
        return [*said, *BEYOND]

    @property
    def workers(self) -> str:
        """The workers of a cluster, with the number of ballots that each checked."""
        each = [f"{name} ({count} ballots)" for name, count in sorted(self.checked_by.items())]
        more = f" and {len(each) - MAX_WORKERS} more" if len(each) > MAX_WORKERS else ""
        what = "1 worker" if len(each) == 1 else f"{len(each)} workers"
        return f"{what}: {', '.join(each[:MAX_WORKERS])}{more}"

    def to_json(self) -> str:
        """The whole report, for machines."""
        rows = [
            {
                "id": row.check.id,
                "title": row.check.title,
                "status": row.status.value,
                "expected": row.check.expected,
                "found": row.found,
                "faults": [sentence(fault) for fault in row.faults],
            }
            for row in self.rows()
        ]
        value = {"backend": self.backend, "verdict": self.verdict, "exit_status": self.exit_status, "checks": rows}
        value["faults"] = [fault.to_json() for fault in self.faults]
        value["not_checked"] = self.not_checked()
        value["checked_by"] = dict(sorted(self.checked_by.items()))
        return json.dumps(value, ensure_ascii=True, indent=1)

    def to_text(self) -> str:
        """One line per check, the faults of failed ones under theirs, the verdict."""
        width = max(len(check.id) for check in CHECKS)
        lines = [f"Arithmetic: {self.backend}", ""]
        for row in self.rows():
            lines.append(
                f"{row.status.value:<8}{row.check.id:<{width}}  expected {row.check.expected}; found {row.found}"
            )
            lines += [f"{'':8}{'':{width}}  - {sentence(fault)}" for fault in row.faults[:10]]
            if len(row.faults) > 10:
                lines.append(f"{'':8}{'':{width}}  - and {len(row.faults) - 10} more (--json lists them)")
        lines += ["", "Not checked:", *(f"- {what}" for what in self.not_checked())]
        return printable_lines("\n".join([*lines, "", self.verdict]))


def _by_reason(rows: list[ReportRow], status: Status) -> list[str]:
    """The checks of this status, one line for each reason."""
    why: dict[str, list[str]] = {}
    for row in rows:
        if row.status is status:
            why.setdefault(row.found, []).append(row.check.id)
    return [f"{', '.join(ids)}: {status.value}, {found}" for found, ids in why.items()]


def _skipped_first(finding: Finding) -> bool:
    return finding.status is not Status.SKIPPED


def _row(check: Check, findings: dict[str, Finding]) -> ReportRow:
    statuses = {finding.status for finding in findings.values()}
    faults = tuple(fault for finding in findings.values() for fault in finding.faults)
    examined = sum(finding.examined for finding in findings.values())
    wanting = [finding for finding in findings.values() if finding.status in (Status.SKIPPED, Status.NOT_APPLICABLE)]
    why = next((finding.why for finding in sorted(wanting, key=_skipped_first) if finding.why), "")
    if Status.FAIL in statuses:
        count = len(faults) + sum(finding.more for finding in findings.values())
        return ReportRow(check, Status.FAIL, "1 fault" if count == 1 else f"{count} faults", faults)
    if Status.SKIPPED in statuses:
        return ReportRow(check, Status.SKIPPED, why or "nothing: an earlier fault stood in the way", ())
    if Status.PASS in statuses:
        return ReportRow(check, Status.PASS, f"as expected ({examined} examined)", ())
    return ReportRow(check, Status.NOT_APPLICABLE, why or "nothing to look at", ())
