"""Records of a CCG whose constitution weighs in bands: what is published, and the auditor's verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ballot.audit.run import Options, audit
from ballot.record.counting import CountKind
from ballot.record.public_roll import parse_roll
from tests.support.record_simulator import RecordSimulator

BANDS = 'per      = 2000\nrounding = "nearest"\nminimum  = 3\nmaximum  = 5\n'
Hooks = dict[str, Callable[[Any], Any]]


def banded(**hooks: Callable[[Any], Any]) -> RecordSimulator:
    """The small programme, one of its CCGs weighing 5200, 11000 and 7100 patients as 3, 5 and 4 votes."""
    rule: Hooks = {"00B.toml": lambda text: text.replace("per      = 1\n", BANDS)}
    return RecordSimulator(hooks=rule | {name.replace("_", " "): hook for name, hook in hooks.items()})


def failed(record: RecordSimulator, folder: Path) -> tuple[list[str], int]:
    path = folder / "record.zip"
    path.write_bytes(record.to_zip())
    report = audit(path, Options())
    return sorted(report.failed()), report.exit_status


def test_a_record_weighed_in_bands_is_packed_by_votes_and_verifies(tmp_path: Path) -> None:
    record = banded()

    members = [member for member in parse_roll(record.files["roll.csv"]) if member.ccg == "00B"]
    assert [(member.list_size, member.weight) for member in members] == [(5200, 103), (11000, 105), (7100, 104)]
    assert (record.counting["00B"].kind, record.counting["00B"].heads) == (CountKind.PACKED, 100)
    assert b'"eligible":{"practices":3,"weight":12}' in record.files["decision.json"]
    assert failed(record, tmp_path) == ([], 0)


@pytest.mark.parametrize(
    ("hooks", "fails"),
    [
        pytest.param(
            {"votes_00B": lambda votes: lambda size: votes(size) + (size == 5200)},
            ["record.weights"],
            id="one vote more",
        ),
        pytest.param({"votes_00B": lambda _: lambda size: 5}, ["record.weights"], id="the cap for all"),
        pytest.param({"votes_00B": lambda _: lambda size: size // 2000}, ["record.weights"], id="another rounding"),
    ],
)
def test_weights_that_are_not_the_bands_of_the_rule_fail(hooks: Hooks, fails: list[str], tmp_path: Path) -> None:
    assert failed(banded(**hooks), tmp_path) == (fails, 1)


def test_an_h_above_the_patients_is_not_the_one_above_the_votes(tmp_path: Path) -> None:
    record = banded(counting_00B=lambda counting: type(counting)(counting.kind, 10**5))

    assert failed(record, tmp_path) == (["record.counting"], 1)
