"""The board's checkpoints: signed, growing, consistent with the events, with times that never fall; the voting window.

Also the cosignatures of witnesses: each line must be signed by the witness that it names, over a checkpoint of the
record. The verdict lists the witnesses, and the reader decides whom to trust. A verifier key identifies a witness, not
its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from ballot.audit.election_facts import ElectionFacts
from ballot.audit.faults import FaultKind
from ballot.audit.files import RECORD, Files
from ballot.audit.foundations import Foundations
from ballot.audit.heads import check_heads
from ballot.audit.logs import Log, lines_of
from ballot.audit.report import Report
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.events import EventType
from ballot.record.checkpoints import EVENTS_LOG, Checkpoint, open_checkpoint, origin_of, parse_checkpoint_line
from ballot.record.cosignatures import check_cosignature, parse_cosignature_line, parse_vkey
from ballot.record.keys import Role
from ballot.record.merkle import CompactRange
from ballot.record.times import time_text

FILE = "cosignatures.jsonl"
CHECK = "checkpoints.cosignatures"
MOST_NAMED = 8


def check_cosignatures(files: Files, checkpoints: Mapping[str, Sequence[Checkpoint]], report: Report) -> None:
    """Check every line of cosignatures.jsonl; N/A if there is no such file."""
    if not files.has(FILE):
        report.not_applicable(CHECK, RECORD, "no witness cosigned")
        return
    bodies = {(log, one.size): one.to_text() for log, found in checkpoints.items() for one in found}
    witnesses: dict[str, int] = {}
    seen: set[tuple[str, int, str]] = set()
    lines = lines_of(files.read(FILE), FILE, CHECK, report)
    for number, line in enumerate(lines, start=1):
        try:
            recorded = parse_cosignature_line(line)
            witness = parse_vkey(recorded.vkey)
            body = bodies.get((recorded.log, recorded.size))
            if body is None:
                detail = "it cosigns a checkpoint that is not in the record"
                report.fault(CHECK, RECORD, detail, where=f"line {number}", line=number)
                continue
            check_cosignature(recorded.line, body, witness)
        except InvalidMessage as fault:
            report.fault(CHECK, RECORD, fault, where=f"line {number}", line=number)
            continue
        if (recorded.log, recorded.size, recorded.vkey) in seen:
            report.fault(CHECK, RECORD, "this cosignature is already there", where=f"line {number}", line=number)
        seen.add((recorded.log, recorded.size, recorded.vkey))
        witnesses[recorded.vkey] = witnesses.get(recorded.vkey, 0) + 1
    for vkey, times in list(witnesses.items())[:MOST_NAMED]:
        report.notes.append(f"{times} checkpoints were cosigned by {vkey}")
    report.ran(CHECK, RECORD, len(lines))


OF_SIGNATURES = (Reason.SIGNATURE, Reason.PUBLIC_KEY)
"""The reasons that mean a note has the right form, but is not signed by the board."""


def check_checkpoints(
    files: Files, base: Foundations, facts: Mapping[str, ElectionFacts], log: Log, report: Report
) -> dict[str, dict[int, datetime]]:
    """Check every line of checkpoints.jsonl, log by log; returns the signed times by log and height."""
    if base.terms is None:
        return {}
    found = _read(files, base, [*facts, EVENTS_LOG], report)
    for name, checkpoints in found.items():
        hashes = _hashes(name, facts, log)
        _check_roots(name, checkpoints, hashes, report)
        _check_order(name, checkpoints, facts, len(hashes), report)
        _check_times(name, checkpoints, facts, log, report)
    total = sum(map(len, found.values()))
    check_cosignatures(files, found, report)
    for id in ("form", "signatures", "roots", "order", "times"):
        report.ran(f"checkpoints.{id}", RECORD, total)
    for name in facts:
        _check_window(name, found[name], facts[name], log, report)
    times = {name: {c.size - 1: c.time for c in checkpoints} for name, checkpoints in found.items()}
    check_heads(log.events, facts, times, report)
    return times


def _read(files: Files, base: Foundations, logs: Sequence[str], report: Report) -> dict[str, list[Checkpoint]]:
    assert base.terms is not None
    found: dict[str, list[Checkpoint]] = {name: [] for name in logs}
    data = files.read("checkpoints.jsonl")
    for number, line in enumerate(lines_of(data, "checkpoints.jsonl", "checkpoints.form", report), start=1):
        try:
            name, note = parse_checkpoint_line(line)
        except InvalidMessage as fault:
            report.fault("checkpoints.form", RECORD, fault, where=f"line {number}", line=number)
            continue
        origin = origin_of(base.terms.board, base.terms.programme, name)
        if name not in found or not note.startswith(f"{origin}\n"):
            detail = "the log does not belong to this programme"
            report.fault("checkpoints.form", RECORD, detail, where=f"line {number}", line=number)
            continue
        try:
            found[name].append(open_checkpoint(note, base.terms.keys[Role.BOARD]))
        except InvalidMessage as fault:
            check = "checkpoints.signatures" if fault.reason in OF_SIGNATURES else "checkpoints.form"
            election = _election_of(name)
            report.fault(check, RECORD, fault, where=f"line {number}", election=election, line=number)
    return found


def _fault(
    check: str,
    log: str,
    detail: str,
    report: Report,
    kind: FaultKind | None = None,
    *,
    size: int | None = None,
    height: int | None = None,
) -> None:
    """Report a fault in the checkpoints of one log. A checkpoint of size n is about the event at height n - 1."""
    where = log if size is None else f"{log}, size {size}"
    height = height if size is None else size - 1
    election = _election_of(log)
    report.fault(f"checkpoints.{check}", RECORD, detail, kind, where=where, election=election, height=height)


def _election_of(log: str) -> str | None:
    """The election of this log; None for the programme's own log."""
    return None if log == EVENTS_LOG else log


def _hashes(name: str, facts: Mapping[str, ElectionFacts], log: Log) -> list[bytes]:
    if name == EVENTS_LOG:
        return [bytes.fromhex(hash) for hash in log.hashes]
    raw = facts[name].event_hashes
    return [bytes(raw[i : i + 32]) for i in range(0, len(raw), 32)]


def _check_roots(name: str, checkpoints: Sequence[Checkpoint], hashes: Sequence[bytes], report: Report) -> None:
    by_size = {checkpoint.size: checkpoint for checkpoint in checkpoints}
    tree = CompactRange()
    for hash in hashes:
        tree = tree.append(hash)
        checkpoint = by_size.pop(tree.size, None)
        if checkpoint is not None and (checkpoint.root != tree.root or checkpoint.head != hash.hex()):
            _fault("roots", name, "its root or head differs from the events", report, size=tree.size)
    for size in by_size:
        _fault("roots", name, f"a checkpoint covers {size} events, but there are {len(hashes)}", report)


def _check_order(
    name: str, checkpoints: Sequence[Checkpoint], facts: Mapping[str, ElectionFacts], events: int, report: Report
) -> None:
    sizes = [checkpoint.size for checkpoint in checkpoints]
    if any(a >= b for a, b in pairwise(sizes)):
        _fault("order", name, "the sizes do not always grow", report)
    if (sizes[-1] if sizes else 0) < events:
        detail = f"the last checkpoint does not cover all {events} events"
        _fault("order", name, detail, report, FaultKind.MISSING)
    known = set(sizes)
    needed = range(events) if name == EVENTS_LOG else _ballot_heights(facts[name])
    for height in needed:
        if height + 1 not in known:
            detail = f"no checkpoint for the event at height {height}"
            _fault("order", name, detail, report, FaultKind.MISSING, height=height)


def _ballot_heights(found: ElectionFacts) -> list[int]:
    return [height for height, type in enumerate(found.types) if type is EventType.BALLOT]


def _check_times(
    name: str, checkpoints: Sequence[Checkpoint], facts: Mapping[str, ElectionFacts], log: Log, report: Report
) -> None:
    for a, b in pairwise(checkpoints):
        if b.time < a.time:
            detail = f"expected {time_text(a.time)} or later, found {time_text(b.time)}"
            _fault("times", name, detail, report, size=b.size)
    if name == EVENTS_LOG:
        for checkpoint in checkpoints:
            if checkpoint.size <= len(log.events) and checkpoint.time != log.events[checkpoint.size - 1].time:
                _fault("times", name, "its time is not the event's", report, size=checkpoint.size)
    elif checkpoints and checkpoints[0].size == 1:
        sealed = datetime.fromtimestamp(facts[name].timestamp, UTC)
        if checkpoints[0].time != sealed:
            _fault("times", name, "the time of the setup's checkpoint is not the archive's", report, height=0)


def _check_window(name: str, checkpoints: Sequence[Checkpoint], found: ElectionFacts, log: Log, report: Report) -> None:
    times = {checkpoint.size - 1: checkpoint.time for checkpoint in checkpoints}
    opens, closes = log.opens.get(name), log.closes.get(name)
    if opens is None or closes is None:
        _fault("window", name, "the voting window is not known", report, FaultKind.MISSING)
        return
    for height in _ballot_heights(found):
        time = times.get(height)
        if time is not None and not opens <= time < closes:
            detail = f"the ballot at height {height} has the time {time_text(time)}, outside"
            _fault("window", name, f"{detail} {time_text(opens)} to {time_text(closes)}", report, height=height)
    end = found.types.index(EventType.END_BALLOTS) if EventType.END_BALLOTS in found.types else None
    ended = next((c.time for c in checkpoints if end is not None and c.size > end), None)
    if ended is not None and ended < closes:
        detail = f"closed at {time_text(ended)}, before {time_text(closes)}"
        _fault("window", name, detail, report, height=end)
    report.ran("checkpoints.window", RECORD, found.ballots)
