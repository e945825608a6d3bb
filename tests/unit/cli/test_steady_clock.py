"""When the worker trusts its clock: always, except just after it was changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ballot.cli.worker import SteadyClock, sentence_of_jump

START = datetime(2020, 5, 11, 8, tzinfo=UTC)


class Machine:
    """A counter that nobody can set, and a clock that somebody can."""

    def __init__(self) -> None:
        self.counter, self.wrong = 1000.0, 0.0
        self.steady = SteadyClock(lambda: START + timedelta(seconds=self.counter + self.wrong), lambda: self.counter)

    def after(self, seconds: float, wrong: float | None = None) -> timedelta | None:
        self.counter += seconds
        self.wrong = self.wrong if wrong is None else wrong
        return self.steady.jump()


def test_a_clock_that_goes_on_is_believed_whatever_time_passes() -> None:
    machine = Machine()
    assert [machine.after(seconds) for seconds in (5, 3600, 86400)] == [None] * 3


def test_a_clock_that_is_corrected_slowly_is_believed() -> None:
    machine = Machine()
    assert [machine.after(3600, wrong) for wrong in range(0, 600, 50)] == [None] * 12


@pytest.mark.parametrize(("wrong", "told"), [(86400, "86400 seconds forward"), (-3600, "3600 seconds back")])
def test_a_clock_that_was_put_is_not_believed_until_it_is_put_right(wrong: int, told: str) -> None:
    machine = Machine()
    jump = machine.after(5, wrong)
    assert jump is not None
    assert sentence_of_jump(jump) == told
    assert machine.after(300) == timedelta(seconds=wrong)
    assert machine.after(5, 0) is None


def test_a_clock_that_stays_where_it_was_put_is_believed_in_the_end() -> None:
    machine = Machine()
    assert machine.after(5, 3600) is not None
    assert machine.after(599) is not None
    assert machine.after(1) is None
    assert machine.after(5, 0) == timedelta(seconds=-3600)


def test_a_clock_that_is_put_again_and_again_is_not_believed() -> None:
    machine = Machine()
    assert all(machine.after(400, wrong) is not None for wrong in (1000, 2000, 3000, 4000))
