"""Who voted, what each constitution makes of the counts, what the programme's rule makes of that: all made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ballot.audit.catalogue import Stage
from ballot.audit.elections import ElectionFacts
from ballot.audit.files import RECORD, Files
from ballot.audit.foundations import Foundations
from ballot.audit.logs import Log
from ballot.audit.report import Report
from ballot.constitution.errors import ConstitutionError
from ballot.protocol.canonical import fields, parse_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.group import element_text
from ballot.record.counting import eligible_measure
from ballot.record.decisions import Count, decide_programme
from ballot.record.programme_events import Move
from ballot.record.public_roll import parse_returned

RETURNED, DECISION = "returned.csv", "decision.json"


def check_returned(files: Files, base: Foundations, facts: Mapping[str, ElectionFacts], report: Report) -> None:
    """returned.csv, where the programme publishes it: members of the roll, each once, as many as ballots tallied."""
    if base.terms is None:
        return
    present = files.has(RETURNED)
    closed = [ccg for ccg, found in facts.items() if found.stage in (Stage.CLOSED, Stage.TALLIED)]
    if base.terms.returned == "never" or not closed:
        if present:
            report.fault("record.returned", RECORD, "it is published although it must not be, or not yet")
        report.not_applicable("record.returned", RECORD, "not published, or not yet")
        return
    try:
        rows = parse_returned(files.read(RETURNED) or b"")
    except InvalidMessage as fault:
        report.fault("record.returned", RECORD, fault)
        return
    if base.roll is None:
        report.skip("record.returned", RECORD, "the roll could not be read")
        return
    members = {(member.ccg, member.practice, member.name) for member in base.roll}
    for row in rows:
        if row not in members or row[0] not in closed:
            report.fault("record.returned", RECORD, f"{row[0]}: {row[1]} is not a member, or its ballot is not closed")
    for (ccg, practice, _), times in Counter(rows).items():
        if times > 1:
            report.fault("record.returned", RECORD, f"{ccg}: {practice} is there {times} times")
    for ccg in closed:
        sized = facts[ccg].closing.sized
        tallied, listed = sized.num_tallied if sized else 0, sum(row[0] == ccg for row in rows)
        if tallied != listed:
            report.fault("record.returned", RECORD, f"{ccg}: {tallied} ballots tallied, {listed} practices listed")
    report.ran("record.returned", RECORD, len(rows))


def check_decision(
    files: Files, base: Foundations, facts: Mapping[str, ElectionFacts], log: Log, report: Report
) -> None:
    """decision.json, made again from rule files, roll and results; the outcome on its own line."""
    tallied = {ccg for ccg, found in facts.items() if found.stage is Stage.TALLIED}
    present, decided = files.has(DECISION), any(event.move is Move.DECIDED for event in log.events)
    whole = bool(tallied) and tallied | log.abandoned == set(facts)
    if not whole or not (present or decided):
        if present or decided:
            report.fault("record.decision", RECORD, "decided before every CCG was tallied")
        elif whole:
            report.notes.append("Tallied and not decided yet")
        for id in ("record.decision", "record.outcome"):
            report.not_applicable(id, RECORD, "not yet")
        return
    if not any(event.move is Move.DECLARED for event in log.events):
        report.notes.append("Decided and not declared yet")
    again = _decide_again(base, facts, log, report)
    if again is None:
        return
    expected = parse_json(again)
    try:
        data = files.read(DECISION) or b""
        found = fields(parse_json(data), ("programme", "ccgs", "abandoned", "outcome"))
        ccgs = fields(found["ccgs"], tuple(expected["ccgs"]))
    except InvalidMessage as fault:
        report.fault("record.decision", RECORD, f"{DECISION}: {fault}")
        return
    if found["outcome"] != expected["outcome"]:
        report.fault("record.outcome", RECORD, "the programme's rule makes something else of the decisions")
    report.ran("record.outcome", RECORD)
    for ccg in expected["ccgs"]:
        if ccgs[ccg] != expected["ccgs"][ccg]:
            report.fault("record.decision", RECORD, f"{ccg}: its constitution makes something else of the counts")
    told = report.has_fault("record.decision", RECORD) or report.has_fault("record.outcome", RECORD)
    if not told and data != again:
        report.fault("record.decision", RECORD, f"{DECISION} is not written as the decisions are")
    report.ran("record.decision", RECORD, len(expected["ccgs"]))


def _decide_again(base: Foundations, facts: Mapping[str, ElectionFacts], log: Log, report: Report) -> bytes | None:
    counts: dict[str, Count] = {}
    for ccg, found in facts.items():
        if ccg not in log.abandoned:
            count = _count(ccg, found, base, log)
            if count is None:
                for id in ("record.decision", "record.outcome"):
                    report.skip(id, RECORD, f"{ccg}: rules or result could not be read")
                return None
            counts[ccg] = count
    if base.programme is None:
        return None
    try:
        return decide_programme(base.programme, counts).to_bytes()
    except (ConstitutionError, ValueError) as fault:
        report.fault("record.decision", RECORD, f"no decision follows from these counts: {fault}")
        return None


def _count(ccg: str, found: ElectionFacts, base: Foundations, log: Log) -> Count | None:
    """What a CCG's archive gives its constitution to decide on; the struck are no longer eligible."""
    named, closing = base.election(ccg), found.closing
    if base.programme is None or named is None or ccg not in base.constitutions or found.setup is None:
        return None
    if closing.sized is None or closing.result is None:
        return None
    struck = log.struck.get(ccg, set())
    weights = [e.weight for e in found.setup.credentials.entries if element_text(e.credential) not in struck]
    return Count(
        base.constitutions[ccg],
        named.counting,
        eligible_measure(named.counting, weights),
        closing.sized.num_tallied,
        closing.sized.total_weight,
        closing.result,
    )
