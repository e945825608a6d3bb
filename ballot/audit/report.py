"""The report: the result of every check, and the verdict.

A check is PASS only if `ran` was called for it and no fault was reported. Without `ran` it is SKIPPED, and with a
skipped check the input is not verified. Faults are collected; none ends the audit.
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
"""Faults kept for one check of one subject; more are only counted."""

MAX_WORKERS = 20
"""Workers named in the text; --json names all."""

BEYOND = (
    "beyond any record: that the roll lists the right practices, and each rule file says what its constitution says",
    "beyond any record: that each credential reached its practice and no one else",
    "beyond any record: that each voter's device encrypted what was chosen (opening a spoilt ballot checks that)",
    "beyond any record: that no t trustees, with the server's key, opened single ballots",
    "beyond any record: that others were shown the same (compare copies and checkpoints, --since and --trust)",
)
"""What no check can show; every report says it. See docs/threat-model.md."""


class Status(Enum):
    """The result of a check."""

    PASS = "PASS"  # noqa: S105  (a word, not a secret)
    FAIL = "FAIL"
    SKIPPED = "SKIPPED"
    NOT_APPLICABLE = "N/A"


@dataclass(slots=True)
class CheckResult:
    """The result of one check of one subject (an election's archive, or the record).

    The order of reports does not matter: a fault outweighs a skip, a skip a pass, a pass "not applicable".
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
    """Collects results by check and subject."""

    results: dict[tuple[str, str], CheckResult] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """Sentences to add to the verdict: keys not compared, registrar and server not separate, rehearsal."""
    stage: Stage | None = None
    """The expected stage; without one only a tallied election is verified."""
    unbound: bool = False
    """Whether this is a single tallied archive: nothing in it shows that its decryption proofs bind the total."""
    not_tallied: list[str] = field(default_factory=list)
    backend: str = ""
    """The arithmetic used, in words."""
    earlier: int = 0
    """Ballots whose proofs an earlier run verified (memory.py), and this one did not."""
    checked_by: Counter[str] = field(default_factory=Counter)
    """The number of ballots whose proofs each worker of a cluster checked (cluster.py)."""
    archives: dict[str, str] = field(default_factory=dict)
    """The file of each archive, by its subject."""

    def expect(self, subject: str, *scopes: Scope, file: str | None = None) -> None:
        """Expect a result from every check of these scopes for this subject; `file` is its archive."""
        if file is not None:
            self.archives[subject] = file
        for check in CHECKS:
            if check.scope in scopes:
                self.results.setdefault((check.id, subject), CheckResult())

    def ran(self, id: str, subject: str, examined: int = 1) -> None:
        """The check was made on `examined` things. Faults may be reported before or after."""
        result = self._result(id, subject)
        result.examined += examined
        result.has_run = True

    def fault(
        self,
        id: str,
        subject: str,
        what: str | InvalidMessage,
        kind: FaultKind | None = None,
        **place: Unpack[FaultPlace],
    ) -> None:
        """The check found a fault. Election and file of an archive's checks are filled in if not given."""
        result = self._result(id, subject)
        if len(result.faults) >= MAX_FAULTS:
            result.more += 1
            return
        if BY_ID[id].scope is Scope.ARCHIVE:
            place.setdefault("election", subject)
            place.setdefault("file", self.archives.get(subject))
        else:
            place.setdefault("file", file_of(id))
        result.faults.append(make_fault(id, subject, what, kind, place))

    def skip(self, id: str, subject: str, why: str) -> None:
        """The check should have run and could not."""
        self._result(id, subject).skipped = why

    def not_applicable(self, id: str, subject: str, why: str = "") -> None:
        """The check does not apply to this input."""
        self._result(id, subject).not_applicable = why

    def why_skipped(self, id: str, subject: str) -> str | None:
        """Why the check was skipped; None if it was not."""
        return self._result(id, subject).skipped

    def has_fault(self, id: str, subject: str) -> bool:
        """Whether a fault was reported under this check."""
        return self._result(id, subject).status is Status.FAIL

    def _result(self, id: str, subject: str) -> CheckResult:
        return self.results.setdefault((BY_ID[id].id, subject), CheckResult())

    def rows(self) -> Iterator[ReportRow]:
        """One row per check in the catalogue's order; a check that was not expected is N/A."""
        for check in CHECKS:
            mine = {subject: f for (id, subject), f in self.results.items() if id == check.id}
            yield _row(check, mine)

    def failed(self) -> list[str]:
        """The ids of the checks that failed."""
        return [row.check.id for row in self.rows() if row.status is Status.FAIL]

    def skipped(self) -> list[str]:
        """The ids of the checks that should have run and did not."""
        return [row.check.id for row in self.rows() if row.status is Status.SKIPPED]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault in the order of the catalogue, at most MAX_FAULTS for one check of one subject."""
        return tuple(fault for row in self.rows() for fault in row.faults)

    @property
    def verified(self) -> bool:
        """Whether nothing failed or was skipped, and the election is tallied or at the expected stage."""
        return self.exit_status == 0

    @property
    def exit_status(self) -> int:
        """0 verified, 1 not."""
        if self.failed() or self.skipped():
            return 1
        return 1 if self.not_tallied and self.stage is None else 0

    @property
    def verdict(self) -> str:
        """The conclusion, and the notes that belong to it."""
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
        """What this run did not check, and what no run can check: the end of the report."""
        rows = list(self.rows())
        lines = _by_reason(rows, Status.SKIPPED)
        aside = [row for row in rows if row.status is Status.NOT_APPLICABLE]
        record = [row for row in rows if row.check.scope is Scope.RECORD]
        if all(row in aside for row in record):
            what = f"the {len(record)} checks of a whole record (rules, roll, log, decisions)"
            lines.append(f"{what}: they do not apply to a single archive")
            aside = [row for row in aside if row not in record]
        lines += _by_reason(aside, Status.NOT_APPLICABLE)
        if self.earlier:
            lines.append(f"proofs and signatures of {self.earlier} ballots: an earlier run verified them (--resume)")
        if self.checked_by:
            what = f"the proofs and signatures of {self.checked_by.total()} ballots, in this process"
            lines.append(f"{what}: they rest on the word of {self.workers} (--scheduler)")
        return [*lines, *BEYOND]

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
    """The checks with this status, one line for each reason."""
    why: dict[str, list[str]] = {}
    for row in rows:
        if row.status is status:
            why.setdefault(row.found, []).append(row.check.id)
    return [f"{', '.join(ids)}: {status.value}, {found}" for found, ids in why.items()]


def _skipped_first(result: CheckResult) -> bool:
    return result.status is not Status.SKIPPED


def _row(check: Check, results: dict[str, CheckResult]) -> ReportRow:
    statuses = {result.status for result in results.values()}
    faults = tuple(fault for result in results.values() for fault in result.faults)
    examined = sum(result.examined for result in results.values())
    wanting = [result for result in results.values() if result.status in (Status.SKIPPED, Status.NOT_APPLICABLE)]
    why = next((result.why for result in sorted(wanting, key=_skipped_first) if result.why), "")
    if Status.FAIL in statuses:
        count = len(faults) + sum(result.more for result in results.values())
        return ReportRow(check, Status.FAIL, "1 fault" if count == 1 else f"{count} faults", faults)
    if Status.SKIPPED in statuses:
        return ReportRow(check, Status.SKIPPED, why or "nothing: an earlier fault prevented it", ())
    if Status.PASS in statuses:
        return ReportRow(check, Status.PASS, f"as expected ({examined} examined)", ())
    return ReportRow(check, Status.NOT_APPLICABLE, why or "nothing to check", ())
