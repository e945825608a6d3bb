"""The parts of the scale benchmarks: quick ballots are valid, and England is the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballot.audit.run import Options, audit
from ballot.protocol.backends import choose
from ballot.roll.read import RollFile, read_files
from bench.archive_maker import ArchiveMaker, KnownLogs
from bench.england_files import CCGS, PRACTICES, read_england, sizes_of_ccgs, write_england
from scripts.make_demo_roll import Draw


def test_ballots_made_quickly_are_valid_and_distinct(tmp_path: Path) -> None:
    path = tmp_path / "x.bel"
    with path.open("wb") as out:
        ArchiveMaker(4, quickly=True).stream_to(out)
    assert audit(path, Options(group=choose("pynacl"))).exit_status == 0


def test_a_logarithm_that_is_none_is_not_believed() -> None:
    group = KnownLogs()
    with pytest.raises(ValueError, match="not its logarithm"):
        group.tell(group.base_power(5), 6)


def test_england_is_the_same_each_time_and_is_accepted(tmp_path: Path) -> None:
    first, second = (write_england(tmp_path / name, 12, 150) for name in ("a", "b"))
    programme = read_england(first)
    roll = read_files(RollFile("roll.csv", first.roll), [ccg.ods for ccg in programme.ccgs])

    assert first.roll == second.roll
    assert len(programme.ccgs) == 12
    assert len(roll.members) == 150
    assert sum(sizes_of_ccgs(CCGS, PRACTICES, Draw("england"))) == PRACTICES
