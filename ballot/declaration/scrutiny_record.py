"""What a record alone proves, for the scrutineer's report: links, ballots, turnout, acts, results, checks.

The record may still grow. Every figure follows from its files, after the auditor's code has read and checked all of it,
so that anyone with the record gets the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ballot.audit.catalogue import Scope
from ballot.audit.election_facts import ElectionFacts
from ballot.audit.files import open_files
from ballot.audit.reballots import Audited
from ballot.audit.report import Report
from ballot.audit.run import Options, read_record
from ballot.audit.source import RecordSource, SingleSource, open_source, read_file
from ballot.constitution.programme import Programme
from ballot.constitution.words import Words
from ballot.declaration.errors import NotDeclared
from ballot.declaration.model import Declaration
from ballot.declaration.tell import tell_declaration
from ballot.protocol.canonical import Json
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.keys import PEOPLE, ROLE_WORDS, PublicKey
from ballot.record.manifest import NAME
from ballot.record.moves import TWO_PEOPLE, Move, ReasonCode
from ballot.record.programme_events import ProgrammeEvent
from ballot.record.terms import ReadTerms
from ballot.record.times import time_text
from ballot.record.tokens import TokenAction, parse_token_line

ON_THE_WAY = (Move.STRUCK, Move.CONTACT_CHANGED, Move.EXTENDED, Move.CASTING_VOTE, Move.ABANDONED, Move.REBALLOT)
"""The acts of two people that a ballot can do without. Early opening and closing are added to them."""


@dataclass(frozen=True, slots=True)
class ElectionFigures:
    """One election: who could vote, and the ballots that came in."""

    name: str
    title: str
    members: int
    """On the roll at sealing."""
    struck: int
    accepted: int
    voted: int
    """Members with a ballot that counts. The other accepted ballots were replaced by a later one of the same member."""

    @property
    def superseded(self) -> int:
        return self.accepted - self.voted

    @property
    def eligible(self) -> int:
        return self.members - self.struck


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """The voting links of one body: how many were issued at first, issued again in place of another, and revoked."""

    ccg: str
    issued: int
    reissued: int
    revoked: int


@dataclass(frozen=True, slots=True)
class OptionalAct:
    """An act that the ballot could have done without: what, when, in which body, and the code of its reason."""

    move: Move
    at: datetime
    ccg: str | None
    reason: ReasonCode | None


@dataclass(frozen=True, slots=True)
class RecordFigures:
    """Everything in the report that the record proves."""

    programme: Programme
    manifest: Hash
    fingerprint: Hash
    scrutineer: PublicKey | None
    """The key in the terms; None if they name no scrutineer."""
    verdict: str
    checks: Mapping[str, str]
    """PASS, FAIL, SKIPPED or N/A, by the id of each check of the auditor that no option asked for."""
    links: tuple[LinkFigures, ...]
    elections: tuple[ElectionFigures, ...]
    acts: tuple[OptionalAct, ...]
    independence: tuple[str, ...]
    declaration: Declaration | None
    """None before the result is declared."""

    @property
    def words(self) -> Words:
        return self.programme.words

    def body(self, ods: str) -> str:
        """`NHS Avon Vale CCG (15C)`; the code alone for a body that is not in the programme."""
        name = next((ccg.name for ccg in self.programme.ccgs if ccg.ods == ods), None)
        return ods if name is None else f"{name} ({ods})"

    def to_json(self) -> dict[str, Json]:
        """The figures as the report signs them."""
        return {
            "manifest": self.manifest,
            "fingerprint": self.fingerprint,
            "verdict": self.verdict,
            "checks": dict(self.checks),
            "links": [_links_json(each) for each in self.links],
            "elections": [_election_json(each) for each in self.elections],
            "acts": [_act_json(each) for each in self.acts],
            "independence": list(self.independence),
            "result": None if self.declaration is None else _result_json(self.declaration),
        }


def read_figures(record: Path, options: Options | None = None) -> tuple[RecordFigures, Report]:
    """Check a record, a folder or its .zip, and work out its figures; also return the auditor's report.

    Raises: NotDeclared for what is no whole record, or one whose terms or rules cannot be read; Unreadable.
    """
    with open_source(record) as source:
        if isinstance(source, SingleSource):
            raise NotDeclared(f"{record} is a single archive. A scrutineer's report needs a whole record.")
        audited, report = read_record(source, options or Options())
        return tell_figures(source, audited, report), report


def tell_figures(source: RecordSource, audited: Audited, report: Report) -> RecordFigures:
    """The figures of a record that the auditor has read. Raises NotDeclared if too much of it cannot be read."""
    base = audited.base
    if base.terms is None or base.programme is None or base.fingerprint is None:
        raise NotDeclared("The terms or the rules of this record cannot be read.")
    try:
        declaration = tell_declaration(source)
    except NotDeclared:
        declaration = None
    return RecordFigures(
        base.programme,
        sha256_hex(read_file(open_files(source).source, NAME)),
        base.fingerprint,
        base.terms.scrutineer,
        report.conclusion,
        {row.check.id: row.status.value for row in report.rows() if row.check.scope is not Scope.OPTION},
        tuple(_links(source, base.programme)),
        tuple(_elections(base.terms, audited)),
        tuple(_acts(audited.log.events)),
        tuple(_independence(base.terms, base.programme, declaration)),
        declaration,
    )


def _links(source: RecordSource, programme: Programme) -> Iterator[LinkFigures]:
    found: dict[str, Counter[TokenAction]] = {}
    for line in read_file(source, "tokens.jsonl").splitlines():
        token = parse_token_line(line)
        found.setdefault(token.ccg, Counter())[token.action] += 1
    for ccg in programme.ccgs:
        yield LinkFigures(ccg.ods, *(found.get(ccg.ods, Counter())[action] for action in TokenAction))


def _elections(terms: ReadTerms, audited: Audited) -> Iterator[ElectionFigures]:
    for election in terms.elections:
        name = election.election_name
        facts, struck = audited.facts.get(name) or ElectionFacts(name), len(audited.log.struck.get(name, ()))
        voted = len(set(facts.voted.values()))
        yield ElectionFigures(name, election.name, election.practices, struck, facts.ballots, voted)


def _acts(events: list[ProgrammeEvent]) -> Iterator[OptionalAct]:
    for event in events:
        early = event.move in (Move.OPENED, Move.CLOSED) and frozenset(event.signers) == TWO_PEOPLE
        if event.move in ON_THE_WAY or early:
            yield OptionalAct(event.move, event.time, event.ccg, event.reason)


def _independence(terms: ReadTerms, programme: Programme, declaration: Declaration | None) -> Iterator[str]:
    """Who could have acted without whom, by the keys. Whether the people know each other is not in any record."""
    held = [ROLE_WORDS[role] for role in PEOPLE if role in terms.keys_held]
    apart = [ROLE_WORDS[role] for role in PEOPLE if role not in terms.keys_held]
    if held:
        yield f"The server held the signing keys of: {', '.join(held)}. It could have signed for them."
    if apart:
        yield f"Not on the server were the signing keys of: {', '.join(apart)}."
    names = programme.trustees.names
    yield (
        f"Opening the totals took the server's own key and {programme.trustees.threshold} of {len(names)} trustees: "
        f"{', '.join(names)}."
    )
    yield (
        "Every act of two people was signed with two different keys."
        if declaration is None
        else (
            "The result was declared with two different keys: "
            f"{' and '.join(ROLE_WORDS[each.role] for each in declaration.signers)}."
        )
    )
    if terms.scrutineer is not None:
        yield f"The scrutineer, {programme.scrutineer}, has a key of their own, which the terms name."
    else:
        yield "The terms name no scrutineer, so the record does not say whose key signs this report."


def _links_json(each: LinkFigures) -> Json:
    return {"ccg": each.ccg, "issued": each.issued, "reissued": each.reissued, "revoked": each.revoked}


def _election_json(each: ElectionFigures) -> Json:
    return {
        "election": each.name,
        "title": each.title,
        "members": each.members,
        "struck": each.struck,
        "accepted": each.accepted,
        "superseded": each.superseded,
        "voted": each.voted,
    }


def _act_json(each: OptionalAct) -> Json:
    reason = None if each.reason is None else each.reason.value
    return {"act": each.move.value, "time": time_text(each.at), "ccg": each.ccg, "reason": reason}


def _result_json(declaration: Declaration) -> Json:
    return {
        "headline": declaration.headline,
        "declared": time_text(declaration.declared),
        "ccgs": {
            ccg.ods: [
                {
                    "question": result.question.id,
                    "verdict": result.verdict,
                    "rule": list(result.rule),
                    "counts": {
                        row.group: {
                            unit.value: number for unit, number in zip(result.table.units, row.numbers, strict=True)
                        }
                        for row in result.table.rows
                    },
                }
                for result in ccg.results
            ]
            for ccg in declaration.ccgs
        },
    }
