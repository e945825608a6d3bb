"""A re-ballot: audit the record that it cites in full, and check that its decision allows the re-ballot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ballot.audit.election_facts import ElectionFacts
from ballot.audit.faults import FaultKind, sentence
from ballot.audit.files import RECORD
from ballot.audit.foundations import Foundations
from ballot.audit.logs import Log
from ballot.audit.report import Report, Status
from ballot.audit.source import InnerSource, RecordSource, Unreadable
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import sha256_hex
from ballot.record.programme_events import Move
from ballot.record.reballots import FOLDER, Citation, Cited, check_reballot, latest_of, question_json

DEEPEST = 10
"""The most records inside each other."""


@dataclass(frozen=True, slots=True)
class Audited:
    """What was read of a record, for the re-ballot that cites it and for the watcher."""

    base: Foundations
    log: Log
    decision: bytes | None
    cited: Cited | None
    facts: Mapping[str, ElectionFacts]
    times: Mapping[str, Mapping[int, datetime]]
    """The times of the checkpoints, by log and height."""

    def as_cited(self) -> Cited | None:
        """The programme as a re-ballot cites it; None if too much could not be read."""
        programme, fingerprint = self.base.programme, self.base.fingerprint
        rule = self.cited.rule if self.cited is not None else programme.outcome if programme else None
        if programme is None or fingerprint is None or self.decision is None or rule is None:
            return None
        try:
            latest = latest_of(self.decision)
        except InvalidMessage:
            return None
        questions = dict(self.cited.questions) if self.cited is not None else {}
        constitutions = dict(self.cited.constitutions) if self.cited is not None else {}
        calls = [event.data for event in self.log.events if event.move is Move.REBALLOT]
        called = [ccgs for call in calls if isinstance(ccgs := call["ccgs"], list)]
        return Cited(
            Citation(programme.id, fingerprint, sha256_hex(self.decision)),
            programme,
            rule,
            {**questions, **{question.id: question_json(question) for question in programme.questions}},
            {**constitutions, **self.base.constitutions},
            latest,
            frozenset(str(ccg) for ccgs in called for ccg in ccgs),
            str(calls[0]["answered_by"]) if calls else None,
            "" if self.base.terms is None else self.base.terms.board,
        )


def audit_cited(
    source: RecordSource,
    depth: int,
    base: Foundations,
    report: Report,
    audit: Callable[[RecordSource, Report, int], Audited],
) -> Cited | None:
    """Audit the cited record, and check the re-ballot against it; None if there is none, or it could not be read."""
    citation = None if base.terms is None else base.terms.citation
    there = any(name.startswith(FOLDER) for name in source.names())
    if citation is None:
        if there:
            report.fault("record.cited", RECORD, f"there is a record in {FOLDER}, but the terms cite none")
        if base.programme is not None and base.programme.reballot_of is not None:
            detail = f"it is a re-ballot of {base.programme.reballot_of}, but its terms cite nothing"
            report.fault("record.reballot", RECORD, detail)
        for id in ("record.cited", "record.reballot"):
            report.not_applicable(id, RECORD, "this is not a re-ballot")
        return None
    if depth >= DEEPEST:
        report.fault("record.cited", RECORD, f"more than {DEEPEST} records, each inside the next")
        return None
    inner = Report()
    try:
        cited = audit(InnerSource(source, FOLDER), inner, depth + 1).as_cited()
    except Unreadable as fault:
        report.fault("record.cited", RECORD, str(fault), FaultKind.REFUSED)
        return None
    for row in inner.rows():
        if row.status in (Status.FAIL, Status.SKIPPED):
            report.fault(
                "record.cited", RECORD, f"{row.check.id}: {'; '.join(map(sentence, row.faults[:3])) or row.found}"
            )
    if inner.not_tallied or cited is None:
        report.fault("record.cited", RECORD, "the cited record is not tallied and decided")
    report.ran("record.cited", RECORD)
    report.notes += [f"In the cited record of {citation.programme}: {note}" for note in inner.notes]
    if cited is not None:
        _check(citation, cited, base, report)
    return cited


def _check(citation: Citation, cited: Cited, base: Foundations, report: Report) -> None:
    for what, named, found in (
        ("programme", citation.programme, cited.citation.programme),
        ("fingerprint", citation.fingerprint, cited.citation.fingerprint),
        ("decision", citation.decision, cited.citation.decision),
    ):
        if named != found:
            report.fault("record.reballot", RECORD, f"the cited {what}: expected {named[:80]}, found {found}")
    if base.programme is None or base.terms is None:
        report.skip("record.reballot", RECORD, "programme.toml could not be read")
        return
    for fault in check_reballot(base.programme, base.terms.board, base.constitutions, cited):
        report.fault("record.reballot", RECORD, fault)
    report.ran("record.reballot", RECORD, len(base.programme.ccgs))
