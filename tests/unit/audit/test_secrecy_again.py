"""The terms' secrecy figures are measured again within a work limit; the verdict says if some were not."""

from __future__ import annotations

from pathlib import Path

import pytest

import ballot.audit.secrecy
from ballot.audit.report import Report, Status
from ballot.audit.run import Options, audit
from ballot.record.secrecy import MOST_WEIGHTS, measure_again, measure_election
from ballot.secrecy.patterns import StepBound, TooManySteps
from tests.support.record_simulator import RecordSimulator

CHECK = "record.secrecy-again"
NOT_AGAIN = "was not measured again: it rests on the office's word"


def report_of(record: RecordSimulator, folder: Path) -> Report:
    path = folder / "record.zip"
    path.write_bytes(record.to_zip())
    return audit(path, Options())


def status(report: Report) -> Status:
    return next(row.status for row in report.rows() if row.check.id == CHECK)


def test_every_figure_of_a_small_record_is_measured_again(tmp_path: Path) -> None:
    report = report_of(RecordSimulator(), tmp_path)

    assert status(report) is Status.PASS
    assert NOT_AGAIN not in report.verdict


def test_beyond_the_bound_the_verdict_says_which_figures_rest_on_the_offices_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballot.audit.secrecy, "MOST_STEPS", 10)

    report = report_of(RecordSimulator(), tmp_path)

    assert status(report) is Status.NOT_APPLICABLE
    assert f"What the totals of 00A, 00B reveal {NOT_AGAIN}" in report.verdict
    assert report.exit_status == 0


def test_where_the_bound_is_reached_between_two_elections_the_first_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = RecordSimulator()
    rule, counting = record.constitutions["00A"], record.counting["00A"]
    weights = [member.weight for member in record.members["00A"]]
    _, steps = measure_again(record.programme.id, "00A", rule, counting, weights, 10**9)
    monkeypatch.setattr(ballot.audit.secrecy, "MOST_STEPS", steps)

    report = report_of(record, tmp_path)

    assert status(report) is Status.PASS
    assert f"What the totals of 00B reveal {NOT_AGAIN}" in report.verdict


def test_within_the_bound_the_figure_is_the_one_of_sealing_and_takes_the_same_steps() -> None:
    record = RecordSimulator(stage="setup")
    rule, counting = record.constitutions["00B"], record.counting["00B"]
    weights = [member.weight for member in record.members["00B"]]

    found, steps = measure_again("a", "00B", rule, counting, weights, 10**9)

    assert found == measure_election("a", "00B", rule, counting, weights)
    assert measure_again("a", "00B", rule, counting, weights, steps) == (found, steps)
    assert measure_again("a", "00B", rule, counting, weights, steps - 1)[0] is None


def test_an_election_of_very_many_weights_is_not_measured_again() -> None:
    record = RecordSimulator(stage="setup")
    rule, counting = record.constitutions["00B"], record.counting["00B"]

    assert measure_again("a", "00B", rule, counting, range(1, MOST_WEIGHTS + 2), 10**9) == (None, 0)


def test_steps_stop_at_their_bound() -> None:
    steps = StepBound(5)
    steps.take(5)

    with pytest.raises(TooManySteps):
        steps.take(1)
