"""The programme's own log: chain, signatures, lifecycle, and whether its facts agree with the rest of the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ballot.audit.election_facts import ElectionFacts
from ballot.audit.faults import FaultKind
from ballot.audit.files import RECORD, Files
from ballot.audit.foundations import Foundations
from ballot.audit.lifecycle import Lifecycle
from ballot.audit.proposals import proposal_faults
from ballot.audit.report import Report
from ballot.constitution.programme import CountOrder
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.events import EventType
from ballot.protocol.group import Element, element_text
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.authority import StatementsRoot
from ballot.record.decryptions import decryptions_path
from ballot.record.programme_events import (
    Move,
    ProgrammeEvent,
    ReasonCode,
    check_event_signatures,
    parse_programme_event,
)
from ballot.record.terms import ReadTerms
from ballot.record.times import time_text
from ballot.record.tokens import TokenAction, TokenLine, issued_in_order, parse_token_line


@dataclass(slots=True)
class Log:
    """The events that could be read, and the facts that follow from them."""

    events: list[ProgrammeEvent] = field(default_factory=list)
    hashes: list[Hash] = field(default_factory=list)
    opens: dict[str, datetime] = field(default_factory=dict)
    closes: dict[str, datetime] = field(default_factory=dict)
    struck: dict[str, set[str]] = field(default_factory=dict)
    """The struck public credentials in hexadecimal, by the election's name."""
    abandoned: set[str] = field(default_factory=set)


MAX_LINES = 2**20
"""Enough for a million ballots."""


def lines_of(data: bytes | None, file: str, id: str, report: Report) -> list[bytes]:
    """The lines of a file. A missing newline at the end is a fault of the check `id`, and so are too many lines."""
    if data and data.count(b"\n") > MAX_LINES:
        report.fault(id, RECORD, f"{file} has more than {MAX_LINES} lines; it was not read", file=file)
        return []
    if data and not data.endswith(b"\n"):
        report.fault(id, RECORD, f"{file} is cut off in the middle of a line", file=file)
    return (data or b"").split(b"\n")[:-1]


def read_log(files: Files, base: Foundations, facts: Mapping[str, ElectionFacts], report: Report) -> Log:
    """Read events.jsonl and check everything in it."""
    log = Log()
    for number, line in enumerate(lines_of(files.read("events.jsonl"), "events.jsonl", "events.form", report), start=1):
        try:
            log.events.append(parse_programme_event(line))
            log.hashes.append(sha256_hex(line))
        except InvalidMessage as fault:
            report.fault("events.form", RECORD, fault, where=f"line {number}", line=number)
    report.ran("events.form", RECORD, len(log.events))
    _check_chain(log, report)
    if base.terms is None:
        return log
    _check_signatures(log, base, report)
    _check_lifecycle(log, base, facts, report)
    tokens = _read_tokens(files, report)
    _check_tokens(log, tokens, base, report)
    _check_facts(log, tokens, files, base, facts, report)
    _check_struck(log, facts, report)
    _check_authority(log, base.terms, facts, report)
    _check_secrecy(log, base.terms, report)
    return log


def _check_chain(log: Log, report: Report) -> None:
    parent, time = None, None
    for height, (event, hash) in enumerate(zip(log.events, log.hashes, strict=True)):
        if event.parent != parent or event.height != height:
            detail = f"event {height}: expected height {height} and parent {parent}"
            report.fault("events.chain", RECORD, f"{detail}, found {event.height} and {event.parent}", height=height)
        if time is not None and event.time < time:
            detail = f"event {height}: expected {time_text(time)} or later, found {time_text(event.time)}"
            report.fault("events.times", RECORD, detail, height=height)
        parent, time = hash, event.time
    report.ran("events.chain", RECORD, len(log.events))
    report.ran("events.times", RECORD, len(log.events))


def _check_signatures(log: Log, base: Foundations, report: Report) -> None:
    assert base.terms is not None
    for height, event in enumerate(log.events):
        try:
            check_event_signatures(event, base.terms.keys)
        except InvalidMessage as fault:
            where = f"event {height}, {event.move.value}"
            report.fault("events.signatures", RECORD, fault, where=where, height=height)
        if event.programme != base.terms.programme:
            report.fault("events.data", RECORD, f"event {height} is of another programme", height=height)
    for height, wrong in proposal_faults(log.events, log.hashes):
        where = f"event {height}, {log.events[height].move.value}"
        report.fault("events.signatures", RECORD, wrong, where=where, height=height)
    report.ran("events.signatures", RECORD, len(log.events))


def _check_lifecycle(log: Log, base: Foundations, facts: Mapping[str, ElectionFacts], report: Report) -> None:
    assert base.terms is not None
    cycle = Lifecycle(
        list(base.elections),
        base.terms.opens,
        base.terms.closes,
        together=base.programme is not None and base.programme.count is CountOrder.TOGETHER,
    )
    for height, event in enumerate(log.events):
        for fault in cycle.follow(event):
            where, name = f"event {height}, {event.move.value}", event.election_name
            report.fault("events.order", RECORD, fault, where=where, election=name, height=height)
    for ccg, localities in base.by_ccg.items():
        if cycle.differing(election.election_name for election in localities):
            report.fault("events.order", RECORD, f"{ccg}: its localities were not opened, closed or abandoned together")
    for name, found in facts.items():
        for type, move in ((EventType.END_BALLOTS, Move.CLOSED), (EventType.RESULT, Move.TALLIED)):
            if (type in found.types) != cycle.has_made(name, move):
                detail = f"log and archive disagree about {move.value}"
                report.fault("events.order", RECORD, detail, where=name, election=name)
        if found.ballots and not cycle.has_made(name, Move.OPENED):
            detail = "there are ballots, but the log has no opening"
            report.fault("events.order", RECORD, detail, FaultKind.MISSING, where=name, election=name)
    for height, event in ((at, event) for at, event in enumerate(log.events) if event.move is Move.SEALED):
        for name, found in facts.items():
            if int(event.time.timestamp()) != found.timestamp:
                detail = "the archive's time is not the log's time of sealing"
                report.fault("events.times", RECORD, detail, where=name, election=name, height=height)
    for move in (Move.PREPARED, Move.ISSUED, Move.SEALED):
        if not any(event.move is move for event in log.events):
            report.fault("events.order", RECORD, f"the log has no event {move.value}", FaultKind.MISSING)
    report.ran("events.order", RECORD, len(log.events))
    log.opens, log.closes, log.abandoned = cycle.opens, cycle.closes, cycle.abandoned


def _read_tokens(files: Files, report: Report) -> list[tuple[bytes, TokenLine]]:
    tokens = []
    for number, line in enumerate(
        lines_of(files.read("tokens.jsonl"), "tokens.jsonl", "record.tokens", report), start=1
    ):
        try:
            tokens.append((line + b"\n", parse_token_line(line)))
        except InvalidMessage as fault:
            report.fault("record.tokens", RECORD, fault, where=f"line {number}", line=number)
    return tokens


def _check_tokens(log: Log, tokens: list[tuple[bytes, TokenLine]], base: Foundations, report: Report) -> None:
    """Check that every member has one token, and each later line has an event and changes a valid token."""
    live: dict[str, set[Hash]] = {}
    seen: set[Hash] = set()
    expected = [line for event in log.events if (line := _token_line(event)) is not None]
    assert base.terms is not None
    strangers = {line.ccg for _, line in tokens} - {election.ccg for election in base.terms.elections}
    for ccg in sorted(strangers):
        report.fault("record.tokens", RECORD, f"there are tokens of {ccg[:20]!r}, which does not vote")
    later = [line for _, line in tokens if line.action is not TokenAction.ISSUED]
    for _, line in tokens:
        mine = live.setdefault(line.ccg, set())
        gone = line.replaces if line.action is TokenAction.REISSUED else line.token
        if line.action is not TokenAction.ISSUED:
            if gone not in mine:
                report.fault(
                    "record.tokens", RECORD, f"{line.ccg}: {gone} was not valid when it was {line.action.value}"
                )
            mine.discard(gone or line.token)
        if line.action is not TokenAction.REVOKED:
            if line.token in seen:
                report.fault("record.tokens", RECORD, f"{line.ccg}: {line.token} was issued twice")
            seen.add(line.token)
            mine.add(line.token)
    issued = [line for _, line in tokens if line.action is TokenAction.ISSUED]
    issued_to = Counter(line.ccg for line in issued)
    members: Counter[str] = Counter()
    for election in base.terms.elections:
        members[election.ccg] += election.practices
    for ccg, practices in members.items():
        if issued_to[ccg] != practices:
            detail = f"{ccg}: {practices} members, {issued_to[ccg]} tokens issued"
            report.fault("record.tokens", RECORD, detail)
    if [line for _, line in tokens] != [*issued_in_order(issued), *later]:
        detail = "the issued tokens are not first and sorted by hash: another order could reveal their owners"
        report.fault("record.tokens", RECORD, detail)
    if later != expected:
        report.fault("record.tokens", RECORD, "the re-issued and revoked tokens are not those of the log")
    report.ran("record.tokens", RECORD, len(tokens))


def _token_line(event: ProgrammeEvent) -> TokenLine | None:
    if event.move in (Move.REISSUED, Move.CONTACT_CHANGED):
        return TokenLine(event.ccg or "", TokenAction.REISSUED, event.data["token"], event.data["replaces"])
    if event.move is Move.REVOKED or (event.move is Move.STRUCK and event.data["token"] is not None):
        return TokenLine(event.ccg or "", TokenAction.REVOKED, event.data["token"])
    return None


def _check_facts(
    log: Log,
    tokens: list[tuple[bytes, TokenLine]],
    files: Files,
    base: Foundations,
    facts: Mapping[str, ElectionFacts],
    report: Report,
) -> None:
    assert base.terms is not None
    issued = [line for line, token in tokens if token.action is TokenAction.ISSUED]
    decision = sha256_hex(files.read("decision.json") or b"")
    found: dict[Move, Mapping[str, object]] = {
        Move.PREPARED: {
            "programme_toml": base.terms.files.get("programme.toml"),
            "roll": base.terms.files.get("roll.csv"),
        },
        Move.ISSUED: {"count": len(issued), "tokens": sha256_hex(b"".join(issued))},
        Move.SEALED: {"terms": base.terms.hash, "fingerprint": base.fingerprint},
        Move.DECIDED: {"decision": decision},
        Move.DECLARED: {"decision": decision},
    }
    for height, event in enumerate(log.events):
        expected = found.get(event.move)
        if event.move is Move.TALLIED and (named := facts.get(event.election_name or "")) is not None:
            proofs = files.read(decryptions_path(named.subject)) or b""
            expected = {"result": sha256_hex(named.closing.result_bytes or b""), "proofs": sha256_hex(proofs)}
        if event.move is Move.REBALLOT:
            expected = {**event.data, "decision": decision}  # the other data is checked in the re-ballot's own record
        if expected is not None and dict(event.data) != expected:
            wrong = [name for name in expected if event.data.get(name) != expected[name]]
            detail = "; ".join(f"{n}: expected {expected[n]}, found {str(event.data.get(n))[:80]}" for n in wrong)
            where, name = f"event {height}, {event.move.value}", event.election_name
            report.fault("events.data", RECORD, detail, where=where, election=name, height=height)
    report.ran("events.data", RECORD, len(log.events))


def _check_authority(log: Log, terms: ReadTerms, facts: Mapping[str, ElectionFacts], report: Report) -> None:
    """Check that each closing has the root of the voters' statements, one for each ballot, if the terms ask for them.

    The statements are private, so only their number can be compared.
    """
    closings = [(height, event) for height, event in enumerate(log.events) if event.move is Move.CLOSED]
    for height, event in closings:
        name, given = event.election_name, event.data.get("authority")
        where = f"event {height}, {event.move.value}"
        if given is None and terms.statement is not None:
            detail = "the terms ask who cast each vote, but the closing has no root of the statements"
            report.fault(
                "record.authority", RECORD, detail, FaultKind.MISSING, where=where, election=name, height=height
            )
        if given is None:
            continue
        if terms.statement is None:
            detail = "the closing has a root of statements that the terms do not ask for"
            report.fault("record.authority", RECORD, detail, where=where, election=name, height=height)
        try:
            rows = StatementsRoot.from_json(given).rows
        except InvalidMessage as fault:
            report.fault("record.authority", RECORD, fault, where=where, election=name, height=height)
            continue
        if (found := facts.get(name or "")) is not None and rows != found.ballots:
            detail = f"expected a statement for each of the {found.ballots} ballots, found {rows}"
            report.fault("record.authority", RECORD, detail, where=where, election=name, height=height)
    report.ran("record.authority", RECORD, len(closings))


def _check_secrecy(log: Log, terms: ReadTerms, report: Report) -> None:
    """Check that every election was measured, and sealed with a reason if it reveals more than the programme allows."""
    if set(terms.secrecy) != {election.election_name for election in terms.elections}:
        report.fault("record.secrecy", RECORD, "the terms do not measure exactly the elections that they name")
    no_reason = (None, ReasonCode.AS_PLANNED)
    explained = any(event.move is Move.SEALED and event.reason not in no_reason for event in log.events)
    for name, found in terms.secrecy.items():
        if found.is_more_than(terms.secrecy_at_most) and not explained:
            share, limit = f"{found.known} of {found.cast} votes", terms.secrecy_at_most
            detail = f"the totals reveal {share} in simulated ballots, more than {limit}, and no reason was given"
            report.fault("record.secrecy", RECORD, detail, where=name, election=name)
    report.ran("record.secrecy", RECORD, len(terms.secrecy))


def _check_struck(log: Log, facts: Mapping[str, ElectionFacts], report: Report) -> None:
    for event in log.events:
        if event.move is Move.STRUCK and event.election_name is not None:
            log.struck.setdefault(event.election_name, set()).add(str(event.data["credential"]))
    for name, struck in log.struck.items():
        found = facts.get(name)
        if found is None or found.setup is None:
            continue
        listed = {element_text(entry.credential) for entry in found.setup.credentials.entries}
        voted: set[Element] = set(found.voted.values())
        for credential in sorted(struck - listed):
            detail = f"{credential} was struck, but is not on the list"
            report.fault("record.struck", RECORD, detail, where=name, election=name)
        for credential in sorted(struck & {element_text(c) for c in voted}):
            detail = f"there is a ballot under {credential}, which was struck"
            report.fault("record.struck", RECORD, detail, where=name, election=name)
    report.ran("record.struck", RECORD, sum(map(len, log.struck.values())))
