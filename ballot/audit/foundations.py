"""What a programme stands on: keys, terms, rule files, roll, elections; each read once and checked against the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ballot.audit.elections import ElectionFacts
from ballot.audit.files import RECORD, Files
from ballot.audit.report import Report
from ballot.constitution.errors import ConstitutionError
from ballot.constitution.fitting import check_fits
from ballot.constitution.load import load_constitution
from ballot.constitution.programme import Ccg, Policy, Programme, load_programme
from ballot.constitution.rule import Constitution, Missing
from ballot.protocol.canonical import write_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.group import Element, element_text
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.protocol.questions import Question
from ballot.protocol.spec import MAX_TOTAL_WEIGHT
from ballot.protocol.trustees import ThresholdParameters, TrusteePublicKey
from ballot.record.counting import choose_counting
from ballot.record.elections import election_name, election_title, localities_of
from ballot.record.keys import PublicKey, Role
from ballot.record.manifest import check_manifest_signature
from ballot.record.public_roll import PublicMember, parse_roll
from ballot.record.terms import (
    ReadTerms,
    Terms,
    TermsElection,
    parse_terms,
    programme_fingerprint,
    terms_description,
)

Read = TypeVar("Read")


@dataclass(slots=True)
class Foundations:
    """What could be read; None or empty where it could not."""

    terms: ReadTerms | None = None
    terms_bytes: bytes = b""
    programme: Programme | None = None
    constitutions: dict[str, Constitution] = field(default_factory=dict)
    roll: list[PublicMember] | None = None
    keys: dict[Role, PublicKey] = field(default_factory=dict)
    fingerprint: Hash | None = None

    def election(self, name: str) -> TermsElection | None:
        return next((e for e in self.terms.elections if e.election_name == name), None) if self.terms else None

    def members(self, ccg: str) -> list[PublicMember]:
        return [member for member in self.roll or () if member.ccg == ccg]

    def members_of(self, election: TermsElection) -> list[PublicMember]:
        """Those who vote in this election: of a CCG that votes by localities, those of one."""
        return [member for member in self.members(election.ccg) if member.locality == election.locality]


def read_foundations(files: Files, facts: Mapping[str, ElectionFacts], report: Report) -> Foundations:
    """Read and check them all; every fault is told under its own check."""
    base = Foundations()
    base.terms_bytes = files.read("terms.json") or b""
    base.terms = _read("record.terms", report, lambda: parse_terms(base.terms_bytes))
    for role in Role:
        pem = files.read(f"keys/{role.value}.pub") or b""
        key = _read("record.keys", report, lambda pem=pem: PublicKey.from_pem(pem))  # type: ignore[misc]
        if key is not None:
            base.keys[role] = key
    _read_rules(files, base, report)
    base.roll = _read("record.roll", report, lambda: parse_roll(files.read("roll.csv") or b""))
    if base.terms is None:
        return base
    _check_keys(base, base.terms, report)
    _check_manifest_signature(files, base, report)
    _check_terms(base, base.terms, facts, report)
    _check_fingerprint(files, base, base.terms, facts, report)
    _check_roll(files, base, base.terms, report)
    _check_ccgs(base, base.terms, report)
    for name, found in facts.items():
        _check_election(name, found, base, base.terms, report)
    _check_trustees(facts, base, base.terms, report)
    return base


def _read(id: str, report: Report, read: Callable[[], Read]) -> Read | None:
    try:
        return read()
    except (InvalidMessage, ConstitutionError) as fault:
        report.fault(id, RECORD, str(fault))
        return None


def _read_rules(files: Files, base: Foundations, report: Report) -> None:
    text = files.read("programme.toml") or b""
    base.programme = _read("record.rules", report, lambda: load_programme(text, "programme.toml"))
    for name in files.constitutions():
        rule = files.read(name) or b""
        loaded = _read("record.rules", report, lambda rule=rule, name=name: load_constitution(rule, name))  # type: ignore[misc]
        if loaded is not None and name != f"constitutions/{loaded.ccg}.toml":
            report.fault("record.rules", RECORD, f"{name} is the constitution of {loaded.ccg}")
        elif loaded is not None:
            base.constitutions[loaded.ccg] = loaded
            if base.programme is not None:
                _read("record.rules", report, lambda loaded=loaded: check_fits(loaded, base.programme))  # type: ignore[misc]
    report.ran("record.rules", RECORD, 1 + len(base.constitutions))


def _check_keys(base: Foundations, terms: ReadTerms, report: Report) -> None:
    for role in Role:
        if role in base.keys and base.keys[role] != terms.keys[role]:
            report.fault("record.keys", RECORD, f"the key of {role.value} is not the one in the terms")
    if len(set(terms.keys.values())) < len(terms.keys):
        report.fault("record.keys", RECORD, "two roles have one key")
    report.ran("record.keys", RECORD, len(Role))


def _check_manifest_signature(files: Files, base: Foundations, report: Report) -> None:
    assert base.terms is not None
    try:
        check_manifest_signature(files.manifest, base.terms.keys)
    except InvalidMessage as fault:
        report.fault("record.manifest-signature", RECORD, fault)
    report.ran("record.manifest-signature", RECORD)


def _check_terms(base: Foundations, terms: ReadTerms, facts: Mapping[str, ElectionFacts], report: Report) -> None:
    for election, found in facts.items():
        if found.setup and found.setup.election.description != terms_description(base.terms_bytes):
            report.fault("record.terms", RECORD, f"{election}: the election names other terms")
    report.ran("record.terms", RECORD, len(facts))
    if base.programme is None:
        return
    again = Terms(
        base.programme,
        terms.board,
        terms.separate,
        terms.files,
        terms.elections,
        terms.pedersen,
        terms.keys,
        terms.secrecy,
        terms.citation,
    ).to_bytes()
    if again != base.terms_bytes:
        report.fault("record.programme", RECORD, "the terms differ from what programme.toml says")
    report.ran("record.programme", RECORD)


def _check_fingerprint(
    files: Files, base: Foundations, terms: ReadTerms, facts: Mapping[str, ElectionFacts], report: Report
) -> None:
    hashes = {name: found.setup.election.hash for name, found in facts.items() if found.setup}
    if len(hashes) < len(terms.elections):
        report.skip("record.fingerprint", RECORD, "not every election could be read")
        return
    base.fingerprint = programme_fingerprint(terms.hash, terms.keys, hashes)
    if files.manifest.fingerprint != base.fingerprint or files.manifest.programme != terms.programme:
        found = files.manifest.fingerprint
        report.fault("record.fingerprint", RECORD, f"the manifest names {found}, found {base.fingerprint}")
    report.ran("record.fingerprint", RECORD)


def _check_roll(files: Files, base: Foundations, terms: ReadTerms, report: Report) -> None:
    for name, expected in terms.files.items():
        found = sha256_hex(files.read(name) or b"")
        if found != expected:
            check = "record.roll" if name == "roll.csv" else "record.rules"
            report.fault(check, RECORD, f"{name}: the terms name {expected}, found {found}")
    named = {f"constitutions/{e.ccg}.toml" for e in terms.elections}
    if set(terms.files) != {"programme.toml", "roll.csv", *named}:
        report.fault("record.rules", RECORD, "the terms do not name exactly the rules of the CCGs that vote")
    if named != set(files.constitutions()):
        report.fault("record.rules", RECORD, "the record has not exactly the rules of the CCGs that vote")
    for practice, times in Counter(member.practice for member in base.roll or ()).items():
        if times > 1:
            report.fault("record.roll", RECORD, f"{practice} is on the roll {times} times")
    strangers = {member.ccg for member in base.roll or ()} - {e.ccg for e in terms.elections}
    if strangers:
        report.fault("record.roll", RECORD, f"members of CCGs that do not vote: {', '.join(sorted(strangers))}")
    report.ran("record.roll", RECORD, len(base.roll or ()))


def _check_ccgs(base: Foundations, terms: ReadTerms, report: Report) -> None:
    """The terms have the elections that programme, rules and roll ask for: none left out, none slipped in.

    A CCG votes by localities exactly where its rule names a column for them, and then every member has one.
    """
    if base.programme is None:
        return
    found = list(dict.fromkeys(election.ccg for election in terms.elections))
    expected = [ccg.ods for ccg in base.programme.ccgs]
    if found != expected:
        detail = f"the programme has {_listed(expected)}, the terms {_listed(found)}"
        report.fault("record.elections", RECORD, detail)
    for ccg in base.programme.ccgs:
        _check_localities(ccg, base, terms, report)


def _check_localities(ccg: Ccg, base: Foundations, terms: ReadTerms, report: Report) -> None:
    constitution, found = base.constitutions.get(ccg.ods), [e for e in terms.elections if e.ccg == ccg.ods]
    if constitution is None or base.roll is None or not found:
        if found:
            report.skip("record.elections", RECORD, f"{ccg.ods}: its rules, or the roll, could not be read")
        return
    members, by_locality = base.members(ccg.ods), constitution.locality_column is not None
    for member in members:
        if (member.locality is not None) != by_locality:
            detail = f"{ccg.ods}: {member.practice} has {'no' if by_locality else 'a'} locality, and its rule has "
            report.fault("record.roll", RECORD, detail + ("some" if by_locality else "none"))
    localities: Sequence[str | None] = [None]
    if by_locality:
        localities = localities_of(member.locality for member in members if member.locality is not None)
    expected = [(election_name(ccg.ods, place), election_title(ccg.name, place)) for place in localities]
    if [(e.election_name, e.name) for e in found] != expected:
        needed, named = _listed(name for name, _ in expected), _listed(e.election_name for e in found)
        detail = f"{ccg.ods}: rule and roll need {needed}, the terms have {named}, or under other titles"
        report.fault("record.elections", RECORD, detail)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)[:200] or "none"


def _check_election(name: str, found: ElectionFacts, base: Foundations, terms: ReadTerms, report: Report) -> None:
    """One election against terms, programme, roll and rules; its name is the subject of its own faults."""
    named = base.election(name)
    if named is None or found.setup is None:
        what = "its setup could not be read" if named else "the terms do not name it"
        report.fault("record.elections", RECORD, f"{name}: {what}")
        return
    election = found.setup.election
    if (election.uuid, election.name) != (named.uuid, named.name):
        expected_name, found_name = f"{named.uuid} {named.name}", f"{election.uuid} {election.name}"
        report.fault("record.elections", RECORD, f"{name}: expected {expected_name}, found {found_name}")
    if base.programme is not None:
        expected = tuple(Question(q.answers, 1, 1, q.text) for q in base.programme.questions)
        if election.questions != expected:
            report.fault("record.elections", RECORD, f"{name}: other questions than the programme's")
    report.ran("record.elections", RECORD)
    _check_weights(found, named, base, report)
    _check_counting(named, base, terms, report)
    _check_policy(name, found, terms, report)


def _check_weights(found: ElectionFacts, named: TermsElection, base: Foundations, report: Report) -> None:
    assert found.setup is not None
    name, ccg = named.election_name, named.ccg
    if base.roll is None:
        report.skip("record.weights", RECORD, "the roll could not be read")
        return
    members = base.members_of(named)
    listed = Counter(entry.weight for entry in found.setup.credentials.entries)
    rolled = Counter(member.weight for member in members)
    if listed != rolled:
        report.fault("record.weights", RECORD, f"{name}: {len(members)} members, {listed.total()} credentials differ")
    constitution = base.constitutions.get(ccg)
    if constitution is None:
        report.skip("record.weights", RECORD, f"{ccg}: its rules could not be read")
    for member in members:
        expected = named.counting.weight(constitution.votes(member.list_size)) if constitution else member.weight
        if member.weight != expected:
            detail = f"{name}: {member.practice} weighs {expected}, the roll says {member.weight}"
            report.fault("record.weights", RECORD, detail)
    total = sum(1 if member.weight is None else member.weight for member in members)
    if (named.practices, named.total_weight) != (len(members), total):
        report.fault("record.weights", RECORD, f"{name}: the terms count other members or another total")
    report.ran("record.weights", RECORD, len(members))


def _check_counting(named: TermsElection, base: Foundations, terms: ReadTerms, report: Report) -> None:
    """One election's counting, which is that of its whole CCG."""
    name, ccg = named.election_name, named.ccg
    constitution = base.constitutions.get(ccg)
    if constitution is None or base.programme is None or base.roll is None:
        report.skip("record.counting", RECORD, f"{name}: its rules, or the roll, could not be read")
        return
    members = base.members(ccg)
    questions = [question.id for question in base.programme.questions]
    expected = choose_counting(constitution, questions, [member.list_size for member in members])
    if named.counting != expected:
        detail = f"{name}: the rules need {expected.kind.value}, H {expected.heads}; the terms say otherwise"
        report.fault("record.counting", RECORD, detail)
    total = sum(election.total_weight for election in terms.elections if election.ccg == ccg)
    if total > MAX_TOTAL_WEIGHT:
        report.fault("record.counting", RECORD, f"{ccg}: a total weight of {total}")
    weight = constitution.weight
    if weight is not None and weight.missing is Missing.REFUSE and not all(member.list_size for member in members):
        report.fault("record.counting", RECORD, f"{ccg}: a member without a list, which its rule refuses")
    report.ran("record.counting", RECORD)


def _check_policy(name: str, found: ElectionFacts, terms: ReadTerms, report: Report) -> None:
    voted = Counter(found.voted.values())
    if terms.policy == Policy.FINAL.value:
        for credential, times in voted.items():
            if times > 1:
                detail = f"{name}: {times} ballots under {element_text(credential)}, where the first is final"
                report.fault("record.policy", RECORD, detail)
    report.ran("record.policy", RECORD, len(voted))


def _check_trustees(facts: Mapping[str, ElectionFacts], base: Foundations, terms: ReadTerms, report: Report) -> None:
    servers: dict[Element, str] = {}
    for name, found in facts.items():
        if found.setup is None:
            continue
        match found.setup.trustees:
            case (TrusteePublicKey() as single, ThresholdParameters() as pedersen):
                if single.public_key in servers:
                    detail = f"{name} and {servers[single.public_key]} share a server key"
                    report.fault("record.trustees", RECORD, detail)
                servers[single.public_key] = name
                if sha256_hex(write_json(pedersen.to_json())) != terms.pedersen:
                    report.fault("record.trustees", RECORD, f"{name}: another ceremony than the terms name")
                if pedersen.threshold != terms.threshold:
                    report.fault("record.trustees", RECORD, f"{name}: another threshold than the terms name")
                if base.programme and len(pedersen.certs) != len(base.programme.trustees.names):
                    report.fault("record.trustees", RECORD, f"{name}: more trustees than the terms name, or fewer")
            case _:
                report.fault("record.trustees", RECORD, f"{name}: expected the server's key and one ceremony")
    report.ran("record.trustees", RECORD, len(facts))
    missing = {e.election_name for e in terms.elections} - set(facts)
    for name in sorted(missing):
        report.fault("record.elections", RECORD, f"{name}: its archive is missing")
