"""Opening and closing by themselves, to the second, and across both clock changes of 2020."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from freezegun import freeze_time
from sqlalchemy import Engine

from ballot.db.events import event_lines
from ballot.office.acts.window import Extend
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.on_time import Ticked, tick
from ballot.office.perform import perform
from ballot.record.programme_events import Move, parse_programme_event
from ballot.record.times import wall_time
from tests.integration.office.world import CLOSES, OPENS, PROGRAMME, SECOND, WHY, World

NOTHING = Ticked((), ())


def moves(world: World) -> list[tuple[Move, str | None]]:
    with world.reading() as session:
        found = [parse_programme_event(line) for line in event_lines(session, world.id)]
    return [(event.move, event.ccg) for event in found[3:]]


def over(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch, opens: str, closes: str) -> World:
    """A programme with another window, whose clock is the machine's."""
    window = PROGRAMME.replace("2020-05-11T09:00:00", opens).replace("2020-05-29T17:00:00", closes)
    monkeypatch.setattr("tests.integration.office.world.PROGRAMME", window)
    world = World(engine, folder)
    world.clock = lambda: datetime.now(UTC)  # type: ignore[assignment]
    world.desk = Desk(engine, world.clock, world.rng, world.board)
    return world.seal()


def test_everything_due_is_written_and_only_once(sealed: World) -> None:
    every = tuple((sealed.id, ccg) for ccg in sealed.ccgs)
    sealed.clock.now = OPENS - SECOND
    assert tick(sealed.desk) == NOTHING
    sealed.clock.now = OPENS
    assert tick(sealed.desk) == Ticked(every, ())
    assert tick(sealed.desk) == NOTHING
    sealed.clock.now = CLOSES - SECOND
    assert tick(sealed.desk) == NOTHING
    sealed.clock.now = CLOSES
    assert tick(sealed.desk) == Ticked((), every)
    assert tick(sealed.desk) == NOTHING
    assert [move for move, _ in moves(sealed)] == [Move.OPENED] * 3 + [Move.CLOSED] * 3


def test_a_ballot_that_nobody_looked_at_while_it_was_open_is_opened_and_closed_at_once(sealed: World) -> None:
    sealed.clock.now = CLOSES
    assert tick(sealed.desk) == Ticked((), tuple((sealed.id, ccg) for ccg in sealed.ccgs))
    assert [move for move, ccg in moves(sealed) if ccg == "00A"] == [Move.OPENED, Move.CLOSED]


def test_an_extended_ballot_is_not_closed_at_the_old_time(opened: World) -> None:
    perform(opened.desk, opened.id, Extend("00A", CLOSES + timedelta(days=1)), opened.two, WHY)
    opened.clock.now = CLOSES
    assert tick(opened.desk).closed == ((opened.id, "00B"), (opened.id, "00C"))
    assert opened.cast(opened.links()[0]).status == 200


def test_nothing_depends_on_when_it_runs(sealed: World) -> None:
    link, other = sealed.links()[:2]
    sealed.clock.now = OPENS - SECOND
    assert sealed.cast(link).status == 425
    sealed.clock.now = OPENS
    assert sealed.cast(link).status == 200
    sealed.clock.now = CLOSES
    assert sealed.cast(other).status == 410


def test_another_boards_programmes_are_left_alone(sealed: World) -> None:
    sealed.clock.now = CLOSES
    assert tick(Desk(sealed.engine, sealed.clock, sealed.rng, sealed.registrar)) == NOTHING


SPRING = ("2020-03-27T09:00:00", "2020-03-29T17:00:00")
AUTUMN = ("2020-10-23T09:00:00", "2020-10-25T17:00:00")


@pytest.mark.parametrize(
    ("window", "sealed_at", "opens", "closes", "said"),
    [
        (SPRING, "2020-03-20", "2020-03-27T09:00:00", "2020-03-29T16:00:00", "British Summer Time"),
        (AUTUMN, "2020-10-16", "2020-10-23T08:00:00", "2020-10-25T17:00:00", "Greenwich Mean Time"),
    ],
    ids=["29-march", "25-october"],
)
def test_a_window_over_a_clock_change_opens_and_closes_at_the_second_of_the_wall(
    engine: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    window: tuple[str, str],
    sealed_at: str,
    opens: str,
    closes: str,
    said: str,
) -> None:
    opening, closing = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (opens, closes))
    with freeze_time(sealed_at) as frozen:
        world = over(engine, tmp_path, monkeypatch, *window)
        assert (world.row().opens_at, world.row().closes_at) == (opening, closing)
        links = world.links()
        frozen.move_to(opening - SECOND)
        assert world.cast(links[0]).status == 425
        frozen.move_to(opening)
        assert world.cast(links[0]).status == 200
        frozen.move_to(closing - SECOND)
        assert tick(world.desk).closed == ()
        assert world.cast(links[1]).status == 200
        frozen.move_to(closing)
        assert world.cast(links[2]).status == 410
        assert len(tick(world.desk).closed) == 3
        assert wall_time(closing).endswith(said)
        with pytest.raises(Refused) as refused:
            perform(world.desk, world.id, Extend("00A", closing + timedelta(hours=1)), world.two, WHY)
        assert refused.value.reason is Refusal.WRONG_STATE


def test_times_do_not_fall_in_the_hour_that_the_clocks_repeat(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with freeze_time("2020-10-16") as frozen:
        world = over(engine, tmp_path, monkeypatch, *AUTUMN)
        links = world.links()
        frozen.move_to("2020-10-25T00:30:00Z")  # half past one, British Summer Time
        first = world.cast(links[0])
        frozen.move_to("2020-10-25T01:30:00Z")  # half past one once more, Greenwich Mean Time
        second = world.cast(links[1])
    assert (first.status, second.status) == (200, 200)
    assert b"2020-10-25T00:30:00Z" in (first.receipt or b"")
    assert b"2020-10-25T01:30:00Z" in (second.receipt or b"")
