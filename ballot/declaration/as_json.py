"""The declaration as JSON: every figure of the page and the PDF, with shares and bars as exact fractions."""

from __future__ import annotations

import json

from ballot.constitution.findings import CountedShare
from ballot.declaration.bars import Bar
from ballot.declaration.model import CcgResult, Declaration, QuestionResult
from ballot.declaration.support import CountsTable, Support, TotalSupport
from ballot.protocol.canonical import Json
from ballot.record.keys import base64_text
from ballot.record.times import time_text


def to_json(declaration: Declaration) -> bytes:
    """The declaration in canonical form: the same record gives the same bytes."""
    return json.dumps(as_data(declaration), ensure_ascii=True, indent=1).encode() + b"\n"


def as_data(declaration: Declaration) -> dict[str, Json]:
    """The data that `to_json` writes."""
    programme, proof = declaration.programme, declaration.proof
    return {
        "version": 1,
        "programme": programme.id,
        "name": programme.name,
        "rehearsal": programme.rehearsal,
        "reballot_of": programme.reballot_of,
        "opened": time_text(declaration.opened),
        "decided": time_text(declaration.decided),
        "declared": time_text(declaration.declared),
        "headline": declaration.headline,
        "outcome": None if declaration.outcome is None else declaration.outcome.as_json(),
        "limits": list(declaration.limits),
        "ccgs": [_ccg(ccg) for ccg in declaration.ccgs],
        "support": {question.id: [_total(each) for each in totals] for question, totals in declaration.support},
        "trustees": {"threshold": programme.trustees.threshold, "names": list(programme.trustees.names)},
        "signatures": [
            {
                "role": signer.role.value,
                "key": signer.key,
                "signed": signer.signed,
                "time": time_text(signer.time),
                "signature": base64_text(signer.signature),
            }
            for signer in declaration.signers
        ],
        "record": {
            "manifest": proof.manifest,
            "fingerprint": proof.fingerprint,
            "decision": proof.decision,
            "head": {"hash": proof.head.hash, "height": proof.head.height},
            "checkpoint": proof.checkpoint,
            "archives": {name: {"hash": head.hash, "height": head.height} for name, head in proof.archives.items()},
            "board": proof.board.fingerprint,
        },
    }


def _ccg(ccg: CcgResult) -> Json:
    source = ccg.constitution.source
    value: dict[str, Json] = {
        "ccg": ccg.ods,
        "name": ccg.name,
        "constitution": {"document": source.document, "clause": source.clause, "wording": source.wording},
        "results": [_result(result) for result in ccg.results],
    }
    if ccg.abandoned is not None:
        reason = ccg.abandoned.reason
        value["abandoned"] = {"time": time_text(ccg.abandoned.time), "reason": None if reason is None else reason.value}
    return value


def _result(result: QuestionResult) -> Json:
    return {
        "question": result.question.id,
        "text": result.question.text,
        "outcome": result.outcome.value,
        "option": result.option,
        "counts": _table(result.table),
        "localities": {name: _table(table) for name, table in result.localities},
        "rule": list(result.rule),
        "working": list(result.working),
        "margin": list(result.margin),
        "bars": [_bar(bar) for bar in (result.turnout, *result.tests)],
        "support": [_support(support) for support in result.support],
    }


def _table(table: CountsTable) -> Json:
    return [
        {
            "group": row.group,
            "label": row.label,
            **{unit.value: number for unit, number in zip(table.units, row.numbers, strict=True)},
        }
        for row in table.rows
    ]


def _bar(bar: Bar) -> Json:
    mark = None
    if bar.mark is not None:
        at = None if bar.mark.at is None else str(bar.mark.at)
        mark = {bar.mark.verb: bar.mark.words, "at": at, "holds": bar.mark.holds}
    segments = [
        {"part": each.part.value, "label": each.label, "number": each.number}
        | {"start": str(each.start), "end": str(each.end)}
        for each in bar.segments
    ]
    return {"sentence": bar.sentence, "whole": bar.whole, "segments": segments, "mark": mark}


def _support(support: Support) -> dict[str, Json]:
    return {
        "measure": support.measure,
        "answer": support.answer,
        "number": support.number,
        "of_returned": _share(support.of_returned),
        "of_eligible": _share(support.of_eligible),
    }


def _total(total: TotalSupport) -> Json:
    return {**_support(total.support), "ccgs": list(total.ccgs), "missing": list(total.missing)}


def _share(share: CountedShare | None) -> str | None:
    return None if share is None else str(share)
