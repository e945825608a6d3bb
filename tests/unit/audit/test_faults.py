"""A fault has fields to decide by, and one sentence to show."""

from __future__ import annotations

import dataclasses
import json

import pytest

from ballot.audit.catalogue import CHECKS, FILE_OF, Scope, file_of
from ballot.audit.faults import Fault, FaultKind, sentence
from ballot.audit.report import MAX_FAULTS, Report
from ballot.protocol.errors import InvalidBallot, InvalidMessage, Reason

REFUSAL = InvalidBallot(Reason.SIGNATURE, "the credential did not sign this ballot")


def one(report: Report) -> Fault:
    (fault,) = report.faults
    return fault


def test_a_refused_message_keeps_its_reason_and_its_clause_apart() -> None:
    report = Report()
    report.fault("ballots.signature", "00A", REFUSAL, where="at height 3", height=3)

    fault = one(report)
    assert (fault.check, fault.kind, fault.reason, fault.height) == (
        "ballots.signature",
        FaultKind.REFUSED,
        Reason.SIGNATURE,
        3,
    )
    assert fault.detail == REFUSAL.detail
    assert sentence(fault) == "00A: at height 3: signature: the credential did not sign this ballot"


def test_a_clause_of_the_check_itself_is_shown_behind_its_subject() -> None:
    report = Report()
    report.fault("record.weights", "record", "3 members, 4 credentials differ", where="00A", election="00A")

    assert (one(report).kind, one(report).reason) == (FaultKind.WRONG, None)
    assert sentence(one(report)) == "record: 00A: 3 members, 4 credentials differ"


@pytest.mark.parametrize("detail", ["", "is gone", "signature: x", "\x1b[31m"])
def test_a_sentence_is_that_of_the_message_whatever_it_says(detail: str) -> None:
    report = Report()
    fault = InvalidMessage(Reason.WRONG_TYPE, detail)
    report.fault("record.terms", "record", fault)

    assert sentence(one(report)) == f"record: {fault}"


def test_a_fault_in_an_archive_names_election_and_file_by_itself() -> None:
    report = Report()
    report.expect("00A", Scope.ARCHIVE, file="elections/00A.bel")
    report.fault("tally.count", "00A", "expected 2, found 3")

    assert (one(report).election, one(report).file) == ("00A", "elections/00A.bel")


def test_a_fault_in_a_file_that_its_check_always_looks_at_names_the_file_by_itself() -> None:
    report = Report()
    report.fault("events.times", "record", "an event is too early", height=4)
    report.fault("checkpoints.cosignatures", "record", "there already", line=2)
    report.fault("record.files", "record", "is missing", FaultKind.MISSING, file="roll.csv")

    found = {fault.check: fault.file for fault in report.faults}
    assert found == {
        "events.times": "events.jsonl",
        "checkpoints.cosignatures": "cosignatures.jsonl",
        "record.files": "roll.csv",
    }


def test_an_archive_called_like_the_record_lends_its_file_to_no_check_of_the_record() -> None:
    report = Report()
    report.expect("options", Scope.ARCHIVE, file="options")
    report.fault("trust.fingerprint", "options", "no fingerprint could be computed")

    assert one(report).file is None


def test_every_file_of_a_check_is_of_a_check_or_family_that_there_is() -> None:
    families = {check.id.partition(".")[0] for check in CHECKS} | {check.id for check in CHECKS}

    assert set(FILE_OF) <= families
    assert file_of("stage") is None


def test_faults_stand_in_the_order_of_the_catalogue() -> None:
    report = Report()
    for id in ("trust.fingerprint", "events.form", "archive.whole"):
        report.fault(id, "x", "wrong")

    assert [fault.check for fault in report.faults] == ["archive.whole", "events.form", "trust.fingerprint"]


def test_of_a_thousand_faults_and_one_the_last_is_only_counted() -> None:
    report = Report()
    for height in range(MAX_FAULTS + 1):
        report.fault("ballots.twice", "00A", "the ballot is there already", height=height)

    assert len(report.faults) == MAX_FAULTS
    assert next(row.found for row in report.rows() if row.check.id == "ballots.twice") == f"{MAX_FAULTS + 1} faults"


def test_json_has_every_field_and_the_sentence_too() -> None:
    report = Report()
    report.fault("ballots.signature", "00A", REFUSAL, where="at height 3", height=3)

    said = json.loads(report.to_json())
    (fault,) = said["faults"]
    assert set(fault) == {field.name for field in dataclasses.fields(Fault)} - {"where"}
    assert fault == {
        "check": "ballots.signature",
        "kind": "refused",
        "reason": "signature",
        "subject": "00A",
        "election": "00A",
        "file": None,
        "height": 3,
        "line": None,
        "byte": None,
        "detail": REFUSAL.detail,
    }
    row = next(row for row in said["checks"] if row["id"] == "ballots.signature")
    assert row["faults"] == ["00A: at height 3: signature: the credential did not sign this ballot"]
    assert row["faults"][0] in report.to_text()


def test_verified_is_what_the_exit_status_says_and_the_conclusion_the_verdicts_first_sentence() -> None:
    report = Report(notes=["This was a REHEARSAL"])
    assert (report.verified, report.exit_status, report.conclusion) == (True, 0, "VERIFIED")
    assert report.verdict == "VERIFIED. This was a REHEARSAL"

    report.fault("events.form", "record", "wrong")
    assert (report.verified, report.exit_status) == (False, 1)
    assert report.conclusion == "NOT VERIFIED: 1 failed (events.form)"
    assert report.verdict == f"{report.conclusion}. This was a REHEARSAL"
