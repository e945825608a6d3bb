"""The audit of a record or a single archive: every check that applies, one report.

Spec: Audit. What is *not* done here: deciding what to do about it; the exit status says whether anything is wrong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ballot.audit.bound import check_bound
from ballot.audit.catalogue import CHECKS, Scope, Stage
from ballot.audit.checkpoints import check_checkpoints
from ballot.audit.election_facts import ElectionFacts
from ballot.audit.elections import ElectionAudit, Work
from ballot.audit.electorates import check_electorates
from ballot.audit.extra_checks import check_receipts, check_since, check_trust
from ballot.audit.faults import FaultKind
from ballot.audit.files import RECORD, check_files, open_files
from ballot.audit.foundations import read_foundations
from ballot.audit.logs import read_log
from ballot.audit.memory import Memory
from ballot.audit.outcomes import DECISION, check_decision, check_returned
from ballot.audit.reballots import Audited, audit_cited
from ballot.audit.report import Report
from ballot.audit.secrecy import check_secrecy_again
from ballot.audit.source import RecordSource, SingleSource, Unreadable, open_source
from ballot.audit.workers import Workers, local_workers
from ballot.protocol.backends import choose
from ballot.protocol.errors import InvalidArchive, Reason
from ballot.protocol.group import Group
from ballot.record.commitments import OFFICES_WORD
from ballot.record.keys import verified_by
from ballot.record.terms import sentences_of_keys


def audit_elections(
    audits: Iterable[tuple[str, ElectionAudit]], ahead: int, report: Report
) -> dict[str, ElectionFacts]:
    """Audit every archive of a record; returns their facts by name.

    Up to `ahead` archives are read while ballots of earlier ones are still being checked, so that many small archives
    keep all workers busy. Results are reported in the order of the archives.
    """
    facts: dict[str, ElectionFacts] = {}
    waiting: deque[tuple[str, ElectionAudit]] = deque()

    def finish(room: int) -> None:
        while len(waiting) > room:
            name, each = waiting.popleft()
            try:
                facts[name] = each.finish()
            except Unreadable as fault:
                report.fault("archive.whole", name, str(fault), FaultKind.REFUSED)

    for name, each in audits:
        report.expect(name, Scope.ARCHIVE, file=each.file)
        try:
            each.read()
            waiting.append((name, each))
        except InvalidArchive as fault:
            _header_fault(name, fault, report)
        except Unreadable as fault:
            report.fault("archive.whole", name, str(fault), FaultKind.REFUSED)
        finish(ahead)
    finish(0)
    return facts


def _header_fault(name: str, fault: InvalidArchive, report: Report) -> None:
    """Report an unreadable header as a fault; for one of another version, skip every check of the archive."""
    if fault.reason is not Reason.UNSUPPORTED:
        report.fault("archive.header", name, fault)
        return
    for check in CHECKS:
        if check.scope is Scope.ARCHIVE:
            report.skip(check.id, name, fault.detail)


def no_progress(_: int) -> None:
    """The progress callback of callers without a terminal: does nothing."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the auditor asks for. `progress` is called with the number of bytes read from archives."""

    stage: Stage | None = None
    trust: Path | None = None
    since: Path | None = None
    receipts: list[Path] = field(default_factory=list)
    jobs: int = 1
    progress: Callable[[int], None] = no_progress
    group: Group = field(default_factory=choose)
    memory: Memory | None = None

    workers: Workers | None = None
    """The workers that check ballots; by default `jobs` processes. The audit closes them at the end."""

    def work(self, workers: Workers) -> Work:
        """The part of the options that the audit of an archive needs."""
        return Work(self.group, workers, self.progress, self.memory)


Archive = Callable[[RecordSource, str, str, Report, Work], ElectionAudit]
"""Starts the audit of one archive of a record; takes its source, its path, its subject, the report and the work."""


def audit(path: Path | str, options: Options | None = None) -> Report:
    """Check the published record at `path`, a folder or its .zip, or a single .bel archive; report what was found.

        report = audit("record.zip", Options(trust=Path("fingerprints.txt"), jobs=4))
        if not report.verified:
            print(report.verdict, report.faults)

    A fault never stops the audit. Raises Unreadable if nothing can be checked at all. More than one of `jobs` starts
    processes: a script must then call this under `if __name__ == "__main__":`.
    """
    path, options = Path(path), options or Options()
    with _auditing(options) as (workers, report), open_source(path) as source:
        if isinstance(source, SingleSource):
            _audit_archive(source, path, options, workers, report)
        else:
            _audit_record(source, options, workers, report)
    return report


def read_record(source: RecordSource, options: Options, archive: Archive = ElectionAudit) -> tuple[Audited, Report]:
    """Check a record as `audit` does, and also return what was read of it, for a caller that compares more.

    `archive` starts the audit of each election. Raises Unreadable if this is not a record.
    """
    with _auditing(options) as (workers, report):
        audited = _audit_record(source, options, workers, report, archive=archive)
    return audited, report


@contextmanager
def _auditing(options: Options) -> Iterator[tuple[Workers, Report]]:
    """Give workers and a report. At the end, close the workers, save the memory, and add the notes."""
    by = "the same" if verified_by() == options.group.backend else verified_by()
    report = Report(stage=options.stage, backend=f"{options.group.backend}; signatures by {by}")
    workers = options.workers or local_workers(options.group, options.jobs)
    try:
        yield workers, report
    finally:
        workers.close()
        if options.memory is not None:
            options.memory.save()
    if options.memory is not None:
        report.notes += options.memory.notes
        if report.earlier:
            again = "their proofs and signatures were not checked again"
            report.notes.append(f"{report.earlier} ballots were verified in an earlier run; {again}")
    if report.checked_by:
        count = report.checked_by.total()
        report.notes.append(f"The proofs and signatures of {count} ballots rest on the word of {report.workers}")


def _audit_archive(source: SingleSource, path: Path, options: Options, workers: Workers, report: Report) -> None:
    subject = path.name
    report.expect(subject, Scope.ARCHIVE, file=path.name)
    try:
        facts = ElectionAudit(source, path.name, subject, report, options.work(workers)).run()
    except InvalidArchive as fault:
        if fault.reason is Reason.UNSUPPORTED:
            raise Unreadable(f"{path}: {fault.detail}") from None
        raise Unreadable(f"{path} is neither a record nor a .bel archive: {fault}") from None
    _check_stage(subject, facts, options.stage, report)
    report.unbound = facts.stage is Stage.TALLIED
    if facts.unsupported is not None:
        report.notes.append(f"Only its bytes and its chain could be checked: {facts.unsupported}")
    if facts.closing.shares and not report.unbound:
        report.notes.append("There are shares but no result; their proofs do not bind a total (see second opinion)")
    if facts.awaits_tally:
        report.notes.append("Voting has ended, and there is no encrypted tally yet")
    found = {subject: facts.setup.election.hash} if facts.setup else {}
    check_trust(options.trust, found, report)
    check_receipts(options.receipts, None, {subject: facts}, {}, report)
    check_since(options.since, source, report)


def _audit_record(
    source: RecordSource,
    options: Options,
    workers: Workers,
    report: Report,
    depth: int = 0,
    archive: Archive = ElectionAudit,
) -> Audited:
    """Audit the record in a source; returns what was read of it. `depth` is the number of records around it."""
    files = open_files(source)
    report.expect(RECORD, Scope.RECORD)
    check_files(files, report)
    work = options.work(workers)
    audits = ((name, archive(source, path, name, report, work)) for name, path in files.elections().items())
    facts = audit_elections(audits, workers.room, report)
    check_bound(files, facts, report)
    base = read_foundations(files, facts, report)
    check_electorates(facts, base, report)
    check_secrecy_again(base, report)
    log = read_log(files, base, facts, report)
    times = check_checkpoints(files, base, facts, log, report)
    check_returned(files, base, facts, report)
    cited = audit_cited(
        source,
        depth,
        base,
        report,
        lambda inner, inner_report, deep: _audit_inner(inner, options, workers, inner_report, deep),
    )
    check_decision(files, base, facts, log, report, cited)
    for name, found in facts.items():
        if name in log.abandoned:
            report.not_applicable("stage", name, "abandoned")
            report.notes.append(f"The ballot of {name} was abandoned: it has no outcome")
        else:
            _check_stage(name, found, options.stage, report)
    if depth == 0:
        check_trust(options.trust, {RECORD: base.fingerprint} if base.fingerprint else {}, report)
        check_receipts(options.receipts, base, facts, times, report)
        check_since(options.since, source, report)
    if base.terms is not None:
        if base.terms.rehearsal:
            report.notes.append("This was a REHEARSAL")
        if base.programme is not None and base.programme.codes.persons:
            report.notes.append(OFFICES_WORD.removesuffix("."))
        said = sentences_of_keys(base.terms.keys_held, base.terms.words)
        report.notes += [sentence.removesuffix(".") for sentence in said]

    return Audited(base, log, files.read(DECISION), cited, facts, times)


def _audit_inner(source: RecordSource, options: Options, workers: Workers, report: Report, depth: int) -> Audited:
    """Audit a cited record. It must be tallied, whatever stage is expected of the record that cites it."""
    inner = Options(progress=options.progress, group=options.group, memory=options.memory)
    return _audit_record(source, inner, workers, report, depth)


def _check_stage(subject: str, facts: ElectionFacts, stage: Stage | None, report: Report) -> None:
    """Check the stage against the expected one, if any. At `voting` there may be no ballot yet."""
    found = facts.stage
    if found is not Stage.TALLIED:
        report.not_tallied.append(subject)
    if stage is None:
        report.not_applicable("stage", subject, "no --stage given")
        return
    if found is not stage and not (stage is Stage.VOTING and found is Stage.SETUP):
        report.fault("stage", subject, f"expected {stage.value}, found {found.value}")
    report.ran("stage", subject)
