"""Make the model of a declaration from the files of a record.

It does *not* verify the record: `read` does that first, and the server verified its own folder before publishing. Every
figure comes from decision.json. Each decision is worked out again and must be identical.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ballot.audit.files import Files, open_files
from ballot.audit.source import RecordSource, read_file
from ballot.constitution.combine import GroupOutcome, ProgrammeOutcome
from ballot.constitution.decide import decide
from ballot.constitution.explain import explain
from ballot.constitution.load import load_constitution
from ballot.constitution.programme import Ccg, Programme, load_programme
from ballot.constitution.question import Question
from ballot.constitution.reading import read_rule_aloud
from ballot.constitution.rule import Constitution
from ballot.constitution.verdict import judge
from ballot.declaration.bars import bars_of_quorums, bars_of_tests, turnout_bar
from ballot.declaration.errors import NotDeclared
from ballot.declaration.model import Abandonment, CcgResult, Declaration, QuestionResult, RecordReference, Signer
from ballot.declaration.support import TotalSupport, read_counts, sum_support, tell_counts, tell_support
from ballot.protocol.canonical import Json, parse_json
from ballot.protocol.hashing import sha256_hex
from ballot.record.checkpoints import EVENTS_LOG, parse_checkpoint_line
from ballot.record.decisions import Decided
from ballot.record.keys import PublicKey, Role
from ballot.record.manifest import NAME
from ballot.record.programme_events import Head, Move, ProgrammeEvent, parse_programme_event
from ballot.record.terms import parse_terms


def tell_declaration(source: RecordSource) -> Declaration:
    """Make the declaration. Raises NotDeclared before the ballot is declared, Unreadable if a file is missing.

    Each file used must match its hash in the manifest.
    """
    reader = _Reader(open_files(source))
    events = [parse_programme_event(line) for line in reader.read("events.jsonl").splitlines()]
    declared, decided = _last(events, Move.DECLARED), _last(events, Move.DECIDED)
    if declared is None or decided is None:
        raise NotDeclared("This record was published before the ballot was declared.")
    programme = load_programme(reader.read("programme.toml"), "programme.toml")
    terms = parse_terms(reader.read("terms.json"))
    data = reader.read("decision.json")
    decision = parse_json(data.removesuffix(b"\n"))
    ccgs = tuple(_ccg(reader, programme, ccg, decision["ccgs"].get(ccg.ods), events) for ccg in programme.ccgs)
    return Declaration(
        programme,
        next((event.time for event in events if event.move is Move.OPENED), terms.opens),
        decided.time,
        declared.time,
        tell_outcome(decision["outcome"]),
        ccgs,
        tuple((question, _totals(ccgs, question)) for question in programme.questions),
        tuple(_signers(declared)),
        terms.keys_held,
        _proof(reader, events, data, terms.keys[Role.BOARD]),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads a file only if it matches its hash in the manifest."""

    files: Files

    def read(self, name: str) -> bytes:
        data = read_file(self.files.source, name)
        if sha256_hex(data) != self.files.manifest.files.get(name):
            raise NotDeclared(f"{name} is not the file that the manifest names.")
        return data


def _last(events: Sequence[ProgrammeEvent], move: Move) -> ProgrammeEvent | None:
    return next((event for event in reversed(events) if event.move is move), None)


def _ccg(
    reader: _Reader, programme: Programme, ccg: Ccg, answers: Mapping[str, Json] | None, events: list[ProgrammeEvent]
) -> CcgResult:
    constitution = load_constitution(reader.read(f"constitutions/{ccg.ods}.toml"), ccg.ods, programme.words)
    mine = [event for event in events if event.ccg == ccg.ods]
    ended, closed = _last(mine, Move.ABANDONED), _last(mine, Move.CLOSED)
    abandoned = None if answers is not None or ended is None else Abandonment(ended.time, ended.reason)
    results = () if answers is None else tell_results(programme, constitution, answers)
    return CcgResult(ccg.ods, ccg.name, constitution, results, abandoned, None if closed is None else closed.time)


def tell_results(
    programme: Programme, constitution: Constitution, answers: Mapping[str, Json]
) -> tuple[QuestionResult, ...]:
    """The result of each question in one CCG, from what decision.json says of it. Raises NotDeclared if it differs."""
    return tuple(_result(constitution, question, answers[question.id]) for question in programme.questions)


def _result(constitution: Constitution, question: Question, found: Mapping[str, Json]) -> QuestionResult:
    """Work out one decision again. If any figure or sentence differs from decision.json, refuse to declare."""
    rule, counts = constitution.rule_for(question.id), read_counts(found["counts"], question)
    decided = Decided(counts, decide(rule, counts))
    if decided.to_json() != found:
        raise NotDeclared(f"decision.json says of {constitution.ccg} what its constitution does not.")
    verdict, labels = judge(rule, counts), dict(zip(question.groups, question.answers, strict=True))
    sentences, until = decided.decision.explanation, len(tuple(explain(rule, counts, verdict)))
    return QuestionResult(
        question,
        verdict.outcome,
        None if verdict.option is None else labels[verdict.option],
        counts,
        tell_counts(question, counts),
        tuple((name, tell_counts(question, local)) for name, local in counts.localities.items()),
        turnout_bar(rule, counts, verdict),
        (*bars_of_quorums(rule, counts, verdict), *bars_of_tests(rule, counts, verdict, labels)),
        tuple(read_rule_aloud(rule)),
        sentences[:until],
        sentences[until:],
        tuple(tell_support(constitution, question, counts)),
    )


def _totals(ccgs: Sequence[CcgResult], question: Question) -> tuple[TotalSupport, ...]:
    found = [(ccg.ods, result.support) for ccg in ccgs for result in ccg.results if result.question.id == question.id]
    return tuple(sum_support(found))


def tell_outcome(value: Mapping[str, Json] | None) -> ProgrammeOutcome | None:
    """The outcome that decision.json gives; None if it gives none."""
    return None if value is None else _outcome(value)


def _outcome(value: Mapping[str, Json]) -> ProgrammeOutcome:
    groups = tuple(GroupOutcome(group["name"], _outcome(group)) for group in value.get("groups", ()))
    return ProgrammeOutcome(
        value["proceeds"], tuple(value["members"]), tuple(value["explanation"]), value.get("option", {}), groups
    )


def _signers(declared: ProgrammeEvent) -> Iterator[Signer]:
    if declared.proposal is not None and (second := declared.proposal.approval) is not None:
        first = declared.proposal.signature
        yield Signer(first.role, first.key, first.signature, "proposal", declared.proposal.proposal.time)
        yield Signer(second.role, second.key, second.signature, "approval", declared.time)
        return
    for each in declared.signatures:
        yield Signer(each.role, each.key, each.signature, "event", declared.time)


def _proof(reader: _Reader, events: Sequence[ProgrammeEvent], decision: bytes, board: PublicKey) -> RecordReference:
    manifest = reader.files.manifest
    notes = [
        note
        for log, note in map(parse_checkpoint_line, reader.read("checkpoints.jsonl").splitlines())
        if log == EVENTS_LOG
    ]
    return RecordReference(
        sha256_hex(read_file(reader.files.source, NAME)),
        manifest.fingerprint,
        sha256_hex(decision),
        Head(events[-1].hash, events[-1].height),
        notes[-1],
        events[-1].heads,
        board,
    )
