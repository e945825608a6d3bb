"""The foundations of a programme: keys, terms, rule files, roll, trustees; each compared with the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ballot.audit.election_facts import ElectionFacts
from ballot.audit.faults import FaultKind
from ballot.audit.files import RECORD, Files, key_path
from ballot.audit.report import Report
from ballot.constitution.codes import DEFAULT_CODES
from ballot.constitution.errors import ConstitutionError
from ballot.constitution.fitting import check_fits
from ballot.constitution.load import load_constitution
from ballot.constitution.programme import Programme, load_programme
from ballot.constitution.rule import Constitution
from ballot.constitution.words import DEFAULT_WORDS
from ballot.protocol.canonical import write_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.group import Element
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.protocol.trustees import ThresholdParameters, TrusteePublicKey
from ballot.record.elections import election_name
from ballot.record.keys import PublicKey, Role
from ballot.record.manifest import check_manifest_signature
from ballot.record.public_roll import PublicMember, parse_roll, roll_faults, roll_parts
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
    """What could be read; a part that could not is None or empty."""

    terms: ReadTerms | None = None
    terms_bytes: bytes = b""
    programme: Programme | None = None
    constitutions: dict[str, Constitution] = field(default_factory=dict)
    roll: list[PublicMember] | None = None
    keys: dict[Role, PublicKey] = field(default_factory=dict)
    fingerprint: Hash | None = None
    elections: dict[str, TermsElection] = field(default_factory=dict)
    """The entries of the terms, by the election's name."""
    by_ccg: dict[str, list[TermsElection]] = field(default_factory=dict)
    members: dict[str, list[PublicMember]] = field(default_factory=dict)
    """The members on the roll, by CCG."""
    electorates: dict[str, list[PublicMember]] = field(default_factory=dict)
    """The members on the roll, by the election's name."""
    roll_hash: Hash | None = None
    roll_parts: dict[str, bytes] = field(default_factory=dict)
    """The rows of roll.csv by election, under its header."""

    def index(self) -> None:
        """Index terms and roll by CCG and election, once: a hostile record may have many of both."""
        for election in self.terms.elections if self.terms else ():
            self.elections[election.election_name] = election
            self.by_ccg.setdefault(election.ccg, []).append(election)
        for member in self.roll or ():
            self.members.setdefault(member.ccg, []).append(member)
            self.electorates.setdefault(election_name(member.ccg, member.locality), []).append(member)
        self.roll_parts = roll_parts(self.roll or ())

    def election(self, name: str) -> TermsElection | None:
        return self.elections.get(name)


def read_foundations(files: Files, facts: Mapping[str, ElectionFacts], report: Report) -> Foundations:
    """Read and check all foundations."""
    base = Foundations()
    base.terms_bytes = files.read("terms.json") or b""
    base.terms = _read("record.terms", report, lambda: parse_terms(base.terms_bytes))
    for role in Role:
        path = key_path(role)
        pem = files.read(path) or b""
        key = _read("record.keys", report, lambda pem=pem: PublicKey.from_pem(pem), path)  # type: ignore[misc]
        if key is not None:
            base.keys[role] = key
    _read_rules(files, base, report)
    base.roll = _read("record.roll", report, lambda: parse_roll(files.read("roll.csv") or b""))
    base.roll_hash = sha256_hex(files.read("roll.csv") or b"")
    base.index()
    if base.terms is None:
        return base
    _check_keys(base, base.terms, report)
    _check_manifest_signature(files, base, report)
    _check_terms(base, base.terms, facts, report)
    _check_fingerprint(files, base, base.terms, facts, report)
    _check_roll(files, base, base.terms, report)
    _check_trustees(facts, base, base.terms, report)
    return base


def _read(id: str, report: Report, read: Callable[[], Read], file: str | None = None) -> Read | None:
    try:
        return read()
    except InvalidMessage as fault:
        report.fault(id, RECORD, fault, file=file)
    except ConstitutionError as fault:
        where, kind = f"{fault.file}:{fault.line}", FaultKind.REFUSED
        report.fault(id, RECORD, fault.sentence, kind, where=where, file=file or fault.file, line=fault.line)
    return None


def _read_rules(files: Files, base: Foundations, report: Report) -> None:
    text = files.read("programme.toml") or b""
    base.programme = _read("record.rules", report, lambda: load_programme(text, "programme.toml"))
    words = DEFAULT_WORDS if base.programme is None else base.programme.words
    for name in files.constitutions():
        rule = files.read(name) or b""
        loaded = _read("record.rules", report, lambda rule=rule, name=name: load_constitution(rule, name, words))  # type: ignore[misc]
        if loaded is not None and name != f"constitutions/{loaded.ccg}.toml":
            report.fault("record.rules", RECORD, f"{name} is the constitution of {loaded.ccg}", file=name)
        elif loaded is not None:
            base.constitutions[loaded.ccg] = loaded
            if base.programme is not None:
                _read("record.rules", report, lambda loaded=loaded: check_fits(loaded, base.programme))  # type: ignore[misc]
    report.ran("record.rules", RECORD, 1 + len(base.constitutions))


def _check_keys(base: Foundations, terms: ReadTerms, report: Report) -> None:
    for role in Role:
        if role in base.keys and base.keys[role] != terms.keys[role]:
            detail = f"the key of {role.value} is not the one in the terms"
            report.fault("record.keys", RECORD, detail, file=key_path(role))
    every = [*terms.keys.values(), *([] if terms.scrutineer is None else [terms.scrutineer])]
    if len(set(every)) < len(every):
        report.fault("record.keys", RECORD, "two roles have the same key")
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
            detail = "the election names other terms"
            report.fault("record.terms", RECORD, detail, where=election, election=election)
    report.ran("record.terms", RECORD, len(facts))
    if base.programme is None:
        return
    again = Terms(
        base.programme,
        terms.board,
        terms.keys_held,
        terms.files,
        terms.elections,
        terms.pedersen,
        terms.keys,
        terms.roll_sources,
        terms.secrecy,
        terms.citation,
        terms.scrutineer,
        terms.statement,
    ).to_bytes()
    if again != base.terms_bytes:
        report.fault("record.programme", RECORD, "the terms differ from what programme.toml says")
    # a programme that says nothing of it may have been sealed by an older version, which did not ask
    elif terms.statement != base.programme.statement and (base.programme.authority or terms.statement):
        detail = "what voters confirm before casting is not what programme.toml says"
        report.fault("record.programme", RECORD, detail)
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
            report.fault(check, RECORD, f"the terms name {expected}, found {found}", where=name, file=name)
    named = {f"constitutions/{e.ccg}.toml" for e in terms.elections}
    if set(terms.files) != {"programme.toml", "roll.csv", *named}:
        report.fault("record.rules", RECORD, "the terms do not name exactly the rules of the CCGs that vote")
    if named != set(files.constitutions()):
        report.fault("record.rules", RECORD, "the record does not have exactly the rules of the CCGs that vote")
    for fault in roll_faults(base.roll or (), DEFAULT_CODES if base.programme is None else base.programme.codes):
        report.fault("record.roll", RECORD, fault)
    strangers = {member.ccg for member in base.roll or ()} - {e.ccg for e in terms.elections}
    if strangers:
        report.fault("record.roll", RECORD, f"members of CCGs that do not vote: {', '.join(sorted(strangers))}")
    report.ran("record.roll", RECORD, len(base.roll or ()))


def _check_trustees(facts: Mapping[str, ElectionFacts], base: Foundations, terms: ReadTerms, report: Report) -> None:
    servers: dict[Element, str] = {}
    for name, found in facts.items():
        if found.setup is None:
            continue
        match found.setup.trustees:
            case (TrusteePublicKey() as single, ThresholdParameters() as pedersen):
                if single.public_key in servers:
                    detail = f"{name} and {servers[single.public_key]} share a server key"
                    report.fault("record.trustees", RECORD, detail, election=name)
                servers[single.public_key] = name
                if sha256_hex(write_json(pedersen.to_json())) != terms.pedersen:
                    _trustee_fault(name, "its ceremony is not the one in the terms", report)
                if pedersen.threshold != terms.threshold:
                    _trustee_fault(name, "its threshold is not the one in the terms", report)
                if base.programme and len(pedersen.certs) != len(base.programme.trustees.names):
                    _trustee_fault(name, "its number of trustees is not the one in the programme", report)
            case _:
                _trustee_fault(name, "expected the server's key and one ceremony", report)
    report.ran("record.trustees", RECORD, len(facts))


def _trustee_fault(name: str, detail: str, report: Report) -> None:
    report.fault("record.trustees", RECORD, detail, where=name, election=name)
