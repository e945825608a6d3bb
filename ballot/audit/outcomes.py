"""Who voted, the decision of each constitution, the outcome of the programme's rule: all computed again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from ballot.audit.catalogue import Stage
from ballot.audit.election_facts import ElectionFacts
from ballot.audit.faults import FaultKind
from ballot.audit.files import RECORD, Files
from ballot.audit.foundations import Foundations
from ballot.audit.logs import Log
from ballot.audit.report import Report
from ballot.constitution.errors import ConstitutionError
from ballot.protocol.canonical import fields, parse_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.group import element_text
from ballot.record.counting import eligible_measure
from ballot.record.decisions import CcgCount, ElectionCount, casting_votes, decide_programme
from ballot.record.elections import election_name
from ballot.record.programme_events import Move
from ballot.record.public_roll import PublicMember, parse_returned
from ballot.record.reballots import Cited
from ballot.record.terms import TermsElection

RETURNED, DECISION = "returned.csv", "decision.json"


def check_returned(files: Files, base: Foundations, facts: Mapping[str, ElectionFacts], report: Report) -> None:
    """Check returned.csv if the programme publishes it: members on the roll, each once, as many as ballots tallied."""
    if base.terms is None:
        return
    present = files.has(RETURNED)
    closed = {name for name, found in facts.items() if found.stage in (Stage.CLOSED, Stage.TALLIED)}
    if base.terms.returned == "never" or not closed:
        if present:
            report.fault("record.returned", RECORD, "it is published, but must not be, or not yet")
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
    members = {(m.ccg, m.practice, m.name): m for m in base.roll}
    listed: dict[str | None, list[PublicMember]] = {}
    for row in rows:
        member = members.get(row)
        name = None if member is None else election_name(member.ccg, member.locality)
        if member is not None and name in closed:
            listed.setdefault(name, []).append(member)
        else:
            report.fault("record.returned", RECORD, f"{row[0]}: {row[1]} is not a member, or its ballot is not closed")
    for (ccg, practice, _), times in Counter(rows).items():
        if times > 1:
            report.fault("record.returned", RECORD, f"{ccg}: {practice} is there {times} times")
    for name in sorted(closed):
        _check_listed(facts[name], name, listed.get(name, []), report)
    report.ran("record.returned", RECORD, len(rows))


def _check_listed(found: ElectionFacts, name: str, listed: list[PublicMember], report: Report) -> None:
    """Check that the practices listed have the same weights as the credentials that voted.

    The record does not show the owners of credentials: two practices of the same weight could still be swapped.
    """
    sized = found.closing.sized
    tallied = sized.num_tallied if sized else 0
    if tallied != len(listed):
        detail = f"{tallied} ballots tallied, {len(listed)} practices listed"
        report.fault("record.returned", RECORD, detail, where=name, election=name)
        return
    weights = Counter(1 if member.weight is None else member.weight for member in listed)
    total = sum(weight * times for weight, times in weights.items())
    if sized and sized.total_weight != total:
        detail = f"the practices listed weigh {total} in all, the ballots tallied {sized.total_weight}"
        report.fault("record.returned", RECORD, detail, where=name, election=name)
    if found.setup is None or not found.every_ballot_checked:
        report.skip("record.returned", RECORD, f"{name}: not every ballot could be checked")
        return
    voted = Counter(found.setup.weights[credential] for credential in set(found.voted.values()))
    for weight in sorted(weights.keys() | voted.keys()):
        if weights[weight] != voted[weight]:
            detail = (
                f"{voted[weight]} credentials of weight {weight} voted, {weights[weight]} such practices are listed"
            )
            report.fault("record.returned", RECORD, detail, where=name, election=name)


def check_decision(
    files: Files,
    base: Foundations,
    facts: Mapping[str, ElectionFacts],
    log: Log,
    report: Report,
    cited: Cited | None,
) -> None:
    """Compute decision.json again from rule files, roll and results, and compare; the outcome is a check of its own."""
    tallied = {name for name, found in facts.items() if found.stage is Stage.TALLIED}
    present, decided = files.has(DECISION), any(event.move is Move.DECIDED for event in log.events)
    whole = bool(tallied) and tallied | log.abandoned == set(facts)
    if not whole or not (present or decided):
        if present or decided:
            report.fault("record.decision", RECORD, "decided before every election was tallied")
        elif whole:
            report.notes.append("Tallied and not decided yet")
        for id in ("record.decision", "record.outcome"):
            report.not_applicable(id, RECORD, "not yet")
        return
    if not any(event.move is Move.DECLARED for event in log.events):
        report.notes.append("Decided and not declared yet")
    again = _decide_again(base, facts, log, report, cited)
    if again is None:
        return
    expected = parse_json(again)
    try:
        data = files.read(DECISION) or b""
        found = fields(parse_json(data), tuple(expected))
        ccgs = fields(found["ccgs"], tuple(expected["ccgs"]))
    except InvalidMessage as fault:
        report.fault("record.decision", RECORD, fault, where=DECISION)
        return
    if found["outcome"] != expected["outcome"]:
        report.fault("record.outcome", RECORD, "the programme's rule gives another outcome")
    report.ran("record.outcome", RECORD)
    for ccg in expected["ccgs"]:
        if ccgs[ccg] != expected["ccgs"][ccg]:
            report.fault("record.decision", RECORD, f"{ccg}: its constitution decides otherwise on these counts")
    has_fault = report.has_fault("record.decision", RECORD) or report.has_fault("record.outcome", RECORD)
    if not has_fault and data != again:
        report.fault("record.decision", RECORD, f"{DECISION} is not in canonical form")
    report.ran("record.decision", RECORD, len(expected["ccgs"]))


def _decide_again(
    base: Foundations, facts: Mapping[str, ElectionFacts], log: Log, report: Report, cited: Cited | None
) -> bytes | None:
    """The bytes of decision.json for every CCG that was not abandoned; None if it could not be computed."""
    if base.programme is None or base.terms is None:
        for id in ("record.decision", "record.outcome"):
            report.skip(id, RECORD, "terms or programme could not be read")
        return None
    try:
        casting = casting_votes(log.events)
    except ValueError as fault:
        report.fault("record.decision", RECORD, str(fault), FaultKind.REFUSED)
        return None
    counts: dict[str, CcgCount] = {}
    for ccg, elections in base.by_ccg.items():
        if any(election.election_name in log.abandoned for election in elections):
            continue
        count = _count(elections, facts, base, log)
        if count is None:
            for id in ("record.decision", "record.outcome"):
                report.skip(id, RECORD, f"{ccg}: rules or result could not be read")
            return None
        counts[ccg] = replace(count, casting=casting.get(ccg, {}))
    try:
        return decide_programme(base.programme, counts, cited).to_bytes()
    except (ConstitutionError, ValueError) as fault:
        report.fault("record.decision", RECORD, f"no decision follows from these counts: {fault}", FaultKind.REFUSED)
        return None


def _count(
    elections: list[TermsElection], facts: Mapping[str, ElectionFacts], base: Foundations, log: Log
) -> CcgCount | None:
    """The counts of a CCG's archives; None if one could not be read."""
    constitution = base.constitutions.get(elections[0].ccg)
    counted = [_count_election(named, facts.get(named.election_name), log) for named in elections]
    found = tuple(count for count in counted if count is not None)
    return CcgCount(constitution, found) if constitution is not None and len(found) == len(elections) else None


def _count_election(named: TermsElection, found: ElectionFacts | None, log: Log) -> ElectionCount | None:
    """The count of one archive, without the struck practices; None if it could not be read."""
    if found is None or found.setup is None or found.closing.sized is None or found.closing.result is None:
        return None
    struck = log.struck.get(named.election_name, set())
    sized, result = found.closing.sized, found.closing.result
    weights = [e.weight for e in found.setup.credentials.entries if element_text(e.credential) not in struck]
    eligible = eligible_measure(named.counting, weights)
    return ElectionCount(named.locality, named.counting, eligible, sized.num_tallied, sized.total_weight, result)
