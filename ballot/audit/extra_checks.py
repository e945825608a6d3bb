"""Checks with what the auditor brings: trusted fingerprints (--trust), an older copy (--since), receipts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ballot.audit.election_facts import ElectionFacts
from ballot.audit.faults import FaultKind
from ballot.audit.foundations import Foundations
from ballot.audit.report import Report
from ballot.audit.source import RecordSource, SingleSource, Unreadable, open_source, read_file, reading
from ballot.protocol.canonical import as_sent
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import Hash, base64_of_hex
from ballot.record.keys import Role
from ballot.record.manifest import NAME as MANIFEST
from ballot.record.reballots import FOLDER
from ballot.record.receipts import Receipt, check_receipt, parse_receipt

PIECE = 2**20
GROWING = ("events.jsonl", "checkpoints.jsonl", "cosignatures.jsonl", "tokens.jsonl")
RETURNED = "returned.csv"
MAX_RECEIPT = 2**16

_FINGERPRINT = re.compile(r"\b[0-9a-f]{64}\b")


def check_trust(trust: Path | None, found: Mapping[str, Hash], report: Report) -> None:
    """Check that every fingerprint found is on the list; without a list, the verdict says so."""
    if trust is None:
        report.notes.append("Keys not compared with a trusted fingerprint")
        report.not_applicable("trust.fingerprint", "options", "no --trust given")
        return
    try:
        trusted = set(_FINGERPRINT.findall(trust.read_text("utf-8").lower().replace(" ", "\n")))
    except (OSError, UnicodeDecodeError) as error:
        report.skip("trust.fingerprint", "options", f"{trust} cannot be read: {type(error).__name__}")
        return
    for name, fingerprint in found.items():
        if fingerprint not in trusted:
            report.fault("trust.fingerprint", "options", f"{name} has {fingerprint}, which is not on the list")
    if not found:
        report.fault("trust.fingerprint", "options", "no fingerprint could be computed", FaultKind.MISSING)
    report.ran("trust.fingerprint", "options", len(found))


def check_since(older: Path | None, source: RecordSource, report: Report) -> None:
    """Check that nothing of the older copy was removed or rewritten: archives and logs may only grow."""
    if older is None:
        report.not_applicable("since.prefix", "options", "no --since given")
        return
    try:
        with open_source(older) as before:
            names = before.names()
            if isinstance(before, SingleSource) and isinstance(source, SingleSource):
                _compare(before, names[0], source, source.names()[0], report, fixed=False)
            elif isinstance(before, SingleSource) and f"elections/{names[0]}" in source.names():
                _compare(before, names[0], source, f"elections/{names[0]}", report, fixed=False)
            elif isinstance(before, SingleSource) or MANIFEST not in names or before.faults:
                report.skip("since.prefix", "options", f"{older} cannot be read as an older copy of this")
            else:
                _compare_records(before, source, report)
    except Unreadable as fault:
        report.skip("since.prefix", "options", str(fault))
        return
    report.ran("since.prefix", "options", len(names))


def _compare_records(before: RecordSource, source: RecordSource, report: Report) -> None:
    """Compare every file except the manifest, which is signed again each time."""
    there = set(source.names())
    for name in before.names():
        inner = name.rpartition(FOLDER)[2]  # in a re-ballot, also the manifest of the cited record
        if inner == MANIFEST:
            continue
        if name not in there:
            report.fault("since.prefix", "options", f"{name} is gone", FaultKind.REMOVED, file=name)
        elif inner == RETURNED:
            gone = set(read_file(before, name).split(b"\n")) - set(read_file(source, name).split(b"\n"))
            for line in sorted(gone):
                detail = f"{line.decode('utf-8', 'replace')[:200]} is gone"
                report.fault("since.prefix", "options", detail, FaultKind.REMOVED, where=name, file=name)
        else:
            _compare(before, name, source, name, report, fixed=not (name.endswith(".bel") or inner in GROWING))


def _compare(before: RecordSource, name: str, source: RecordSource, newer: str, report: Report, *, fixed: bool) -> None:
    with reading(before, name) as old, reading(source, newer) as new:
        at = 0
        if not before.size(name):
            report.skip("since.prefix", "options", f"{name} of the older copy is empty")
        while piece := old.read(PIECE):
            other = new.read(len(piece))
            if other != piece:
                same = next((i for i, (a, b) in enumerate(zip(piece, other, strict=False)) if a != b), len(other))
                detail = f"{name} was rewritten or cut off from byte {at + same}"
                report.fault("since.prefix", "options", detail, FaultKind.REWRITTEN, file=newer, byte=at + same)
                return
            at += len(piece)
        if fixed and new.read(1):
            report.fault("since.prefix", "options", f"{name} was altered", FaultKind.REWRITTEN, file=newer, byte=at)


def check_receipts(
    receipts: list[Path],
    base: Foundations | None,
    facts: Mapping[str, ElectionFacts],
    times: Mapping[str, Mapping[int, datetime]],
    report: Report,
) -> None:
    """Check each receipt: signed by the board, its ballot at its place, its time that of the checkpoint in `times`.

    Without a record, the key in the receipt itself is used.
    """
    if not receipts:
        for id in ("receipt.signature", "receipt.honoured"):
            report.not_applicable(id, "options", "no --receipt given")
        return
    for path in receipts:
        try:
            if not path.is_file():
                raise Unreadable("there is no such file")
            data = read_file(SingleSource(path), path.name, MAX_RECEIPT)
            _check_receipt(data, path.name, base, facts, times, report)
        except (Unreadable, InvalidMessage) as fault:
            what = fault if isinstance(fault, InvalidMessage) else str(fault)
            name, kind = path.name, FaultKind.REFUSED
            report.fault("receipt.signature", "options", what, kind, where=name, file=name)
            report.skip("receipt.honoured", "options", "a receipt could not be read")


def _check_receipt(
    data: bytes,
    name: str,
    base: Foundations | None,
    facts: Mapping[str, ElectionFacts],
    times: Mapping[str, Mapping[int, datetime]],
    report: Report,
) -> None:
    data = as_sent(data)
    receipt, own, _ = parse_receipt(data)
    if base is None:
        report.notes.append("The board's key was taken from the receipt itself")
    elif base.terms is None:
        report.skip("receipt.signature", "options", "the record names no board key")
        return
    board = own if base is None or base.terms is None else base.terms.keys[Role.BOARD]
    check_receipt(data, board)
    report.ran("receipt.signature", "options")
    found = next((f for f in facts.values() if f.setup and f.setup.election.uuid == receipt.election_uuid), None)
    if found is None or not _is_of(receipt, found, base):
        report.fault("receipt.honoured", "options", "the receipt is for another election", where=name, file=name)
        return
    height = receipt.height
    wrong: str | None = None
    if not found.is_ballot(height) or base64_of_hex(found.payload(height).hex()) != receipt.tracking_number:
        wrong = f"the ballot is not at height {height}"
    elif found.event_hash(height) != receipt.chain_head:
        wrong = f"another event is at height {height}"
    elif times.get(found.subject, {}).get(height, receipt.time) != receipt.time:
        wrong = f"the checkpoint at height {height} has another time"
    else:
        later = [h for h, credential in found.voted.items() if h > height and credential == found.voted.get(height)]
        if later:
            report.notes.append(f"{name} is honoured, but a later ballot replaced it at height {max(later)}")
    if wrong is not None:
        election = found.subject
        report.fault("receipt.honoured", "options", wrong, where=name, election=election, file=name, height=height)
    report.ran("receipt.honoured", "options")


def _is_of(receipt: Receipt, found: ElectionFacts, base: Foundations | None) -> bool:
    """Whether the receipt's programme and CCG are those of the election with its uuid."""
    if base is None or base.terms is None:
        return True
    named = base.election(found.subject)
    return named is not None and (base.terms.programme, named.ccg) == (receipt.programme, receipt.ccg)
