"""Compare the elections with terms, rules and roll: which there must be, their members, weights and counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ballot.audit.election_facts import ElectionFacts
from ballot.audit.faults import FaultKind
from ballot.audit.files import RECORD
from ballot.audit.foundations import Foundations
from ballot.audit.report import Report
from ballot.constitution.programme import Ccg, Policy
from ballot.constitution.weight import MissingList
from ballot.protocol.group import element_text
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.questions import HomomorphicQuestion
from ballot.protocol.spec import MAX_TOTAL_WEIGHT
from ballot.record.counting import choose_counting
from ballot.record.elections import election_name, election_title, localities_of
from ballot.record.terms import ReadTerms, TermsElection


def check_electorates(facts: Mapping[str, ElectionFacts], base: Foundations, report: Report) -> None:
    """Check that the right elections exist, and each one's members, weights and counting."""
    if base.terms is None:
        return
    _check_ccgs(base, report)
    for ccg, elections in base.by_ccg.items():
        _check_counting(ccg, elections, base, report)
    for name, found in facts.items():
        _check_election(name, found, base, base.terms, report)
    for name in sorted(set(base.elections) - set(facts)):
        report.fault("record.elections", RECORD, "its archive is missing", FaultKind.MISSING, where=name, election=name)


def _check_ccgs(base: Foundations, report: Report) -> None:
    """The terms must have exactly the elections that follow from programme, rules and roll.

    A CCG votes by localities exactly if its rule names a column for them, and then every member has one.
    """
    if base.programme is None:
        return
    found = list(base.by_ccg)
    expected = [ccg.ods for ccg in base.programme.ccgs]
    if found != expected:
        detail = f"the programme has {_listed(expected)}, the terms {_listed(found)}"
        report.fault("record.elections", RECORD, detail)
    for ccg in base.programme.ccgs:
        _check_localities(ccg, base, report)


def _check_localities(ccg: Ccg, base: Foundations, report: Report) -> None:
    constitution, found = base.constitutions.get(ccg.ods), base.by_ccg.get(ccg.ods)
    if constitution is None or base.roll is None or not found:
        if found:
            report.skip("record.elections", RECORD, f"{ccg.ods}: its rules or the roll could not be read")
        return
    members, by_locality = base.members.get(ccg.ods, []), constitution.locality_column is not None
    for member in members:
        if (member.locality is not None) != by_locality:
            votes = "votes by localities" if by_locality else "does not vote by localities"
            detail = f"{ccg.ods}: {member.practice} has {'no' if by_locality else 'a'} locality, but its CCG {votes}"
            report.fault("record.roll", RECORD, detail)
    localities: Sequence[str | None] = [None]
    if by_locality:
        localities = localities_of(member.locality for member in members if member.locality is not None)
    expected = [(election_name(ccg.ods, place), election_title(ccg.name, place)) for place in localities]
    if [(e.election_name, e.name) for e in found] != expected:
        needed, named = _listed(name for name, _ in expected), _listed(e.election_name for e in found)
        detail = f"{ccg.ods}: rule and roll need {needed}, the terms have {named}, or other titles"
        report.fault("record.elections", RECORD, detail)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)[:200] or "none"


def _check_election(name: str, found: ElectionFacts, base: Foundations, terms: ReadTerms, report: Report) -> None:
    """Check one election against terms, programme, roll and rules."""
    named = base.election(name)
    if named is None or found.setup is None:
        what = "its setup could not be read" if named else "the terms do not name it"
        report.fault("record.elections", RECORD, what, where=name, election=name)
        return
    election = found.setup.election
    if (election.uuid, election.name) != (named.uuid, named.name):
        expected_name, found_name = f"{named.uuid} {named.name}", f"{election.uuid} {election.name}"
        detail = f"expected {expected_name}, found {found_name}"
        report.fault("record.elections", RECORD, detail, where=name, election=name)
    if base.programme is not None:
        expected = tuple(HomomorphicQuestion(q.answers, 1, 1, q.text) for q in base.programme.questions)
        if election.questions != expected:
            detail = "its questions are not the programme's"
            report.fault("record.elections", RECORD, detail, where=name, election=name)
    report.ran("record.elections", RECORD)
    _check_lists(found, named, base, terms, report)
    _check_weights(found, named, base, report)
    _check_policy(name, found, terms, report)


def _check_lists(
    found: ElectionFacts, named: TermsElection, base: Foundations, terms: ReadTerms, report: Report
) -> None:
    """The list of credentials and weights, and the part of the roll, must be those that the terms fixed.

    The record does not show the owners of credentials; each practice's voting page compares its own weight in both.
    """
    assert found.setup is not None
    name, listed = named.election_name, sha256_hex(found.setup.credentials.to_bytes())
    if listed != named.credentials:
        detail = f"the terms name a list of credentials {named.credentials}, found {listed}"
        report.fault("record.lists", RECORD, detail, where=name, election=name)
    if base.roll_hash != terms.files.get("roll.csv"):
        report.skip("record.lists", RECORD, "the roll is not the one that the terms name")
    else:
        part = sha256_hex(base.roll_parts.get(name, b""))
        if part != named.roll:
            detail = f"the terms name a part of the roll {named.roll}, found {part}"
            report.fault("record.lists", RECORD, detail, where=name, election=name)
    report.ran("record.lists", RECORD)


def _check_weights(found: ElectionFacts, named: TermsElection, base: Foundations, report: Report) -> None:
    assert found.setup is not None
    name, ccg = named.election_name, named.ccg
    if base.roll is None:
        report.skip("record.weights", RECORD, "the roll could not be read")
        return
    members = base.electorates.get(name, [])
    listed = Counter(entry.weight for entry in found.setup.credentials.entries)
    rolled = Counter(member.weight for member in members)
    if listed != rolled:
        detail = f"the weights of {len(members)} members and {listed.total()} credentials differ"
        report.fault("record.weights", RECORD, detail, where=name, election=name)
    constitution = base.constitutions.get(ccg)
    if constitution is None:
        report.skip("record.weights", RECORD, f"{ccg}: its rules could not be read")
    for member in members:
        expected = named.counting.weight(constitution.votes(member.list_size)) if constitution else member.weight
        if member.weight != expected:
            detail = f"the weight of {member.practice} is {expected}, the roll says {member.weight}"
            report.fault("record.weights", RECORD, detail, where=name, election=name)
    total = sum(1 if member.weight is None else member.weight for member in members)
    if (named.practices, named.total_weight) != (len(members), total):
        detail = "the terms have another number of members or another total weight"
        report.fault("record.weights", RECORD, detail, where=name, election=name)
    report.ran("record.weights", RECORD, len(members))


def _check_counting(ccg: str, elections: Sequence[TermsElection], base: Foundations, report: Report) -> None:
    """Check the counting of a CCG: the same in all its elections, so that their totals can be added."""
    constitution = base.constitutions.get(ccg)
    if constitution is None or base.programme is None or base.roll is None:
        report.skip("record.counting", RECORD, f"{ccg}: its rules or the roll could not be read")
        return
    members, weight = base.members.get(ccg, []), constitution.weight
    questions = [question.id for question in base.programme.questions]
    expected = choose_counting(constitution, questions, [member.list_size for member in members])
    snapshot = None if weight is None else weight.snapshot
    for named in elections:
        if named.counting != expected:
            nouns = f"{expected.nouns.unit.many} of {expected.nouns.member.many}"
            detail = f"the rules need {expected.kind.value}, H {expected.heads}, in {nouns}; the terms differ"
            report.fault("record.counting", RECORD, detail, where=named.election_name, election=named.election_name)
        if named.snapshot != snapshot:
            detail = f"its rule uses the list sizes of {snapshot}, the terms those of {named.snapshot}"
            report.fault("record.counting", RECORD, detail, where=named.election_name, election=named.election_name)
    total = sum(named.total_weight for named in elections)
    if total > MAX_TOTAL_WEIGHT:
        report.fault("record.counting", RECORD, f"{ccg}: the total weight is {total}")
    if weight is not None and weight.missing is MissingList.REFUSE and not all(member.list_size for member in members):
        what = "list size" if weight.column is None else f"number of {weight.counts.many}"
        report.fault("record.counting", RECORD, f"{ccg}: a member has no {what}, which its rule refuses")
    report.ran("record.counting", RECORD, len(elections))


def _check_policy(name: str, found: ElectionFacts, terms: ReadTerms, report: Report) -> None:
    voted = Counter(found.voted.values())
    if terms.policy == Policy.FINAL.value:
        for credential, times in voted.items():
            if times > 1:
                detail = f"{times} ballots under {element_text(credential)}, but the first is final"
                report.fault("record.policy", RECORD, detail, where=name, election=name)
    report.ran("record.policy", RECORD, len(voted))
