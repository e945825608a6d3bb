"""A watcher of an honest board never raises an alarm, and keeps what it needs to compare."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ballot.audit.run import Options, Stage, audit
from ballot.protocol.ballots import ballot_faults
from ballot.watch.keeping import read_seen
from tests.integration.office.world import CLOSES, World
from tests.watch.boards import Shown
from tests.watch.conftest import CCGS, Watcher, a_watcher


def test_a_whole_ballot_is_watched_from_the_first_vote_to_the_result_without_an_alarm(
    site: Shown, world: World, watcher: Watcher
) -> None:
    world.clock.now = watcher.now
    for link in (*world.links("00B")[:2], world.links()[2]):
        assert world.cast(link).status == 200
    assert watcher.look() == []
    world.close()
    watcher.now = world.clock.now = CLOSES + timedelta(minutes=5)
    assert watcher.look() == []
    world.tally()
    world.clock.now = watcher.now
    assert watcher.look() == []
    report = audit(watcher.kept.record, Options(stage=Stage.TALLIED))
    assert report.failed() == ["record.decision"] or not report.failed()


def test_what_was_seen_is_kept_for_others_to_compare(site: Shown, watcher: Watcher, tmp_path: Path) -> None:
    seen = watcher.kept.folder / "seen.jsonl"
    assert {log for log, _ in read_seen(seen)} == {*CCGS, "events"}
    assert watcher.look() == []
    assert len(read_seen(seen)) == len(CCGS) + 1  # nothing new, so nothing more

    other = a_watcher(site, tmp_path / "other")
    other.now = watcher.now
    assert other.look(others=(("somebody", read_seen(seen)),)) == []


def test_the_proofs_of_a_ballot_are_checked_once_and_those_of_new_ones_in_full(
    world: World, watcher: Watcher, monkeypatch: object
) -> None:
    checked: list[object] = []

    def listening(*given: object) -> object:
        checked.append(given[1])
        return ballot_faults(*given)  # type: ignore[arg-type]

    import ballot.audit.chunks as chunks

    monkeypatch.setattr(chunks, "ballot_faults", listening)  # type: ignore[attr-defined]
    world.clock.now = watcher.now
    assert world.cast(world.links("00B")[0]).status == 200
    assert watcher.look() == []
    assert len(checked) == 1


def test_the_order_in_which_a_board_is_asked_differs_from_look_to_look(site: Shown, watcher: Watcher) -> None:
    watcher.look()
    first = [path for path in site.board.asked if path.startswith("/static/")]
    site.board.asked.clear()
    watcher.look()
    second = [path for path in site.board.asked if path.startswith("/static/")]
    assert sorted(first) == sorted(second)
    assert first != second
