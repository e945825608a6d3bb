"""A check's result stays in the report, in any order."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from ballot.audit.catalogue import Scope, Stage
from ballot.audit.report import Report, Status
from ballot.strict.printable import printable_lines

ID, SUBJECT = "result.value", "00A"

SAY: dict[str, Callable[[Report, str], None]] = {
    "fault": lambda report, subject: report.fault(ID, subject, "wrong"),
    "skip": lambda report, subject: report.skip(ID, subject, "could not"),
    "ran": lambda report, subject: report.ran(ID, subject),
    "not applicable": lambda report, subject: report.not_applicable(ID, subject, "not yet"),
}
WEIGHTIEST = [
    ({"fault", "skip", "ran", "not applicable"}, Status.FAIL),
    ({"skip", "ran", "not applicable"}, Status.SKIPPED),
    ({"ran", "not applicable"}, Status.PASS),
    ({"not applicable"}, Status.NOT_APPLICABLE),
    (set(), Status.SKIPPED),
]


@pytest.mark.parametrize(("said", "status"), WEIGHTIEST, ids=["fault", "skip", "ran", "not applicable", "nothing"])
def test_the_weightiest_word_stands_in_every_order(said: set[str], status: Status) -> None:
    for order in permutations(sorted(said)):
        report = Report()
        report.expect(SUBJECT, Scope.ARCHIVE)
        for word in order:
            SAY[word](report, SUBJECT)
        assert next(row.status for row in report.rows() if row.check.id == ID) is status


def test_a_check_skipped_for_one_election_is_not_passed_by_another() -> None:
    report = Report()
    SAY["skip"](report, "00A")
    SAY["ran"](report, "00B")

    assert report.skipped() == [ID]
    assert report.exit_status == 1


def test_what_was_expected_and_never_ran_is_skipped() -> None:
    report = Report(stage=Stage.TALLIED)
    report.expect(SUBJECT, Scope.ARCHIVE)

    assert ID in report.skipped()
    assert report.verdict.startswith("NOT VERIFIED")


def test_control_characters_of_a_hostile_file_do_not_reach_the_terminal() -> None:
    assert printable_lines("a\x1b[31m\u202eb\udc80\nc") == "a\\x1b[31m\\u202eb\\udc80\nc"
