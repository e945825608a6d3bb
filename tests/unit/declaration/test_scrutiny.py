"""The scrutineer's report: its figures, its signature, and the comparison with the record."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.audit.run import Options
from ballot.declaration.errors import BadSignature, NotDeclared, NotVerified
from ballot.declaration.office_figures import (
    Channels,
    Delivery,
    NotedIncident,
    OfficeFigures,
    RefusedCasts,
    parse_figures_file,
)
from ballot.declaration.scrutiny import ScrutinyReport, check_report, parse_signed, sign_scrutiny, write_signed
from ballot.declaration.scrutiny_record import RecordFigures, read_figures
from ballot.declaration.scrutiny_sections import text_lines
from ballot.declaration.statements import STATEMENTS, Answer
from ballot.protocol.canonical import write_json
from ballot.protocol.errors import InvalidMessage
from ballot.record.keys import PublicKey, base64_text
from tests.support.record_simulator import SCRUTINEER_PRIVATE, RecordSimulator

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
NAMED = '[scrutineer]\nname = "A. Watcher"\n\n[secrecy]'
SATISFIED = tuple(Answer(statement.id, True) for statement in STATEMENTS)
INCIDENT = NotedIncident(NOON, NOON, "deputy", "00A", "Y00001", "A letter came back", "")
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a programme that names a scrutineer."""
    record = RecordSimulator(hooks={"programme.toml": lambda text: text.replace("[secrecy]", NAMED, 1)})
    path = tmp_path_factory.mktemp("watched") / "record.zip"
    path.write_bytes(record.to_zip())
    return path


@pytest.fixture(scope="module")
def figures(watched: Path) -> RecordFigures:
    return read_figures(watched)[0]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a programme without a scrutineer."""
    path = tmp_path_factory.mktemp("plain") / "record.zip"
    path.write_bytes(RecordSimulator().to_zip())
    return path


def stated(figures: RecordFigures) -> OfficeFigures:
    return OfficeFigures(
        figures.programme.id,
        NOON,
        Channels(5, 2, 1),
        {"invitation": {"delivered": 4, "sent": 1}},
        Delivery(3, 1),
        (RefusedCasts("00A", "already-voted", 2),),
        (INCIDENT,),
        2,
    )


def signed(figures: RecordFigures, *, key: Ed25519PrivateKey = SCRUTINEER_PRIVATE) -> bytes:
    return sign_scrutiny(ScrutinyReport(NOON, figures, stated(figures), SATISFIED), key)


def public(key: Ed25519PrivateKey) -> PublicKey:
    return PublicKey(key.public_key().public_bytes_raw())


def test_the_figures_are_those_of_the_record(figures: RecordFigures) -> None:
    declaration = figures.declaration
    assert declaration is not None
    returned = [result.counts.turnout(unit) for ccg in declaration.ccgs for result in ccg.results[:1]
                for unit in result.table.units[:1]]  # fmt: skip
    assert sum(each.voted for each in figures.elections) == sum(number or 0 for number in returned)
    assert [each.ccg for each in figures.links] == [ccg.ods for ccg in figures.programme.ccgs]
    assert sum(each.issued for each in figures.links) == sum(each.members for each in figures.elections)
    assert all(each.superseded == each.accepted - each.voted >= 0 for each in figures.elections)
    assert figures.verdict == "VERIFIED"


def test_a_signed_report_checks_against_its_record(watched: Path, figures: RecordFigures) -> None:
    report, audit = check_report(signed(figures), watched)
    assert audit.verified
    assert report == ScrutinyReport(NOON, figures, stated(figures), SATISFIED)
    assert check_report(signed(figures), watched, public(SCRUTINEER_PRIVATE))[0] == report


def test_a_report_checks_also_with_a_list_of_trusted_fingerprints(
    watched: Path, figures: RecordFigures, tmp_path: Path
) -> None:
    trusted = tmp_path / "trusted.txt"
    trusted.write_text(f"{figures.programme.id} {figures.fingerprint}\n")
    report, audit = check_report(signed(figures), watched, options=Options(trust=trusted))
    assert audit.verified
    assert report.record == figures
    trusted.write_text(f"{figures.programme.id} {'0' * 64}\n")
    with pytest.raises(NotVerified):
        check_report(signed(figures), watched, options=Options(trust=trusted))


def test_the_same_report_has_the_same_bytes_and_is_read_back_as_it_was(figures: RecordFigures) -> None:
    assert signed(figures) == signed(figures)
    found = parse_signed(signed(figures))
    assert found.again(figures).signed_bytes == found.body
    assert parse_figures_file(stated(figures).to_bytes()) == stated(figures)


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        (("record", "elections", 0, "voted"), 99, r"record\.elections\[0\]\.voted"),
        (("record", "links", 0, "reissued"), 7, r"record\.links\[0\]\.reissued"),
        (("record", "result", "headline"), "It carried.", r"record\.result\.headline"),
        (("record", "checks", "record.struck"), "N/A", r"record\.checks\.record\.struck"),
        (("record", "independence"), [], r"record\.independence"),
        (("record", "manifest"), "0" * 64, r"record\.manifest"),
        (("programme",), "another", "programme"),
        (("office", "programme"), "another", "office.programme"),
    ],
)
def test_a_figure_that_the_record_does_not_prove_is_named(
    watched: Path, figures: RecordFigures, place: tuple[str | int, ...], value: object, named: str
) -> None:
    """Signed by the scrutineer all the same: whoever checks believes the record."""
    report = json.loads(signed(figures))["report"]
    inside: Any = report
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    body = write_json(report)
    signature = SCRUTINEER_PRIVATE.sign(b"ballot scrutiny v1\n" + body)
    written = {"report": report, "key": public(SCRUTINEER_PRIVATE).fingerprint}
    data = write_json({**written, "signature": base64_text(signature)}) + b"\n"
    with pytest.raises(BadSignature, match=f"says other than this record: .*{named}"):
        check_report(data, watched)


def test_an_altered_report_does_not_hold(watched: Path, figures: RecordFigures) -> None:
    data = signed(figures).replace(b"A letter came back", b"A letter never came")
    with pytest.raises(BadSignature, match="the report was altered"):
        check_report(data, watched)


def test_another_s_key_is_refused_whatever_is_given(watched: Path, plain: Path, figures: RecordFigures) -> None:
    with pytest.raises(BadSignature, match="signed with the key"):
        check_report(signed(figures, key=OTHER), watched)
    with pytest.raises(BadSignature, match="terms name another key"):
        check_report(signed(figures, key=OTHER), watched, public(OTHER))
    without = read_figures(plain)[0]
    with pytest.raises(BadSignature, match="--key"):
        check_report(signed(without, key=OTHER), plain)
    assert check_report(signed(without, key=OTHER), plain, public(OTHER))[0].record == without


def test_a_report_of_another_record_is_refused(watched: Path, plain: Path, figures: RecordFigures) -> None:
    with pytest.raises(BadSignature, match="says other than this record"):
        check_report(signed(figures), plain, public(SCRUTINEER_PRIVATE))


def test_nothing_is_checked_against_a_record_that_does_not_verify(tmp_path: Path, figures: RecordFigures) -> None:
    record = RecordSimulator(hooks={"programme.toml": lambda text: text.replace("[secrecy]", NAMED, 1)})
    record.files["tokens.jsonl"] = record.files["tokens.jsonl"].partition(b"\n")[2]
    path = tmp_path / "record.zip"
    path.write_bytes(record.to_zip())
    with pytest.raises(NotVerified):
        check_report(signed(figures), path)


@pytest.mark.parametrize(
    "answers",
    [
        (),
        SATISFIED[1:],
        SATISFIED[::-1],
        (Answer(STATEMENTS[0].id, False), *SATISFIED[1:]),
        (Answer(STATEMENTS[0].id, True, "a\nb"), *SATISFIED[1:]),
        (Answer(STATEMENTS[0].id, True, "x" * 2001), *SATISFIED[1:]),
    ],
    ids=["none", "one missing", "another order", "no reason", "two lines", "too long"],
)
def test_no_report_is_signed_before_every_statement_is_answered(
    figures: RecordFigures, answers: tuple[Answer, ...]
) -> None:
    with pytest.raises(InvalidMessage):
        sign_scrutiny(ScrutinyReport(NOON, figures, None, answers), SCRUTINEER_PRIVATE)


def test_a_signature_made_elsewhere_is_kept_only_if_it_holds(figures: RecordFigures) -> None:
    report = ScrutinyReport(NOON, figures, None, SATISFIED)
    signature = SCRUTINEER_PRIVATE.sign(b"ballot scrutiny v1\n" + report.signed_bytes)
    key = public(SCRUTINEER_PRIVATE)
    assert write_signed(report, key, signature) == sign_scrutiny(report, SCRUTINEER_PRIVATE)
    for wrong in (bytes(64), SCRUTINEER_PRIVATE.sign(b"ballot event v1\n" + report.signed_bytes)):
        with pytest.raises(BadSignature):
            write_signed(report, key, wrong)


def test_the_text_says_what_is_proved_what_is_stated_and_what_is_not_satisfied(figures: RecordFigures) -> None:
    answers = (Answer(STATEMENTS[0].id, False, "Two practices were left out."), *SATISFIED[1:])
    text = "\n".join(text_lines(ScrutinyReport(NOON, figures, stated(figures), answers)))
    for said in (
        "The scrutineer's report",
        "WHAT THE RECORD PROVES",
        "WHAT THE OFFICE STATES",
        "Mended since: 2. Still to be reached: 1.",
        "2 of the votes that count were cast by a proxy",
        "had voted already, and the first vote is final",
        "(00A), practice Y00001. A letter came back",
        "I am NOT satisfied.",
        "Why not: Two practices were left out.",
        figures.manifest,
    ):
        assert said in text, said
    assert text.count("I am satisfied.") == len(STATEMENTS) - 1
    draft = "\n".join(text_lines(ScrutinyReport(NOON, figures)))
    assert draft.startswith("Draft of the scrutineer's report")
    assert "made without the office's figures" in draft


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"report":{},"key":"","signature":""}', b"\xff", b"1"])
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidMessage):
        parse_signed(data)


def test_a_single_archive_is_no_record(tmp_path: Path) -> None:
    archive = tmp_path / "one.bel"
    archive.write_bytes(b"nothing")
    with pytest.raises(NotDeclared):
        read_figures(archive)
