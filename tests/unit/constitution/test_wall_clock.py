"""A wall time is exactly one moment or refused: both clock changes of 2020, and a zone that crosses midnight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.constitution.window import NoMoment, NotOneMoment, the_moment

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ("2020-05-29T17:00", "2020-05-29T16:00"),
        ("2020-03-29T00:59:59", "2020-03-29T00:59:59"),
        ("2020-03-29T02:00", "2020-03-29T01:00"),
        ("2020-10-25T00:59:59", "2020-10-24T23:59:59"),
        ("2020-10-25T02:00", "2020-10-25T02:00"),
    ],
)
def test_the_moment_is_in_utc(wall: str, utc: str) -> None:
    assert the_moment(datetime.fromisoformat(wall), LONDON) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "why"),
    [
        ("2020-03-29T01:00", NoMoment.SKIPPED),
        ("2020-03-29T01:59:59", NoMoment.SKIPPED),
        ("2020-10-25T01:00", NoMoment.TWICE),
        ("2020-10-25T01:59:59", NoMoment.TWICE),
    ],
)
def test_what_the_clocks_skip_or_repeat_is_refused(wall: str, why: NoMoment) -> None:
    with pytest.raises(NotOneMoment) as refused:
        the_moment(datetime.fromisoformat(wall), LONDON)
    assert refused.value.why is why


def test_before_the_first_year_there_is_nothing() -> None:
    with pytest.raises(NotOneMoment) as refused:
        the_moment(datetime(1, 1, 1), ZoneInfo("Asia/Tokyo"))  # noqa: DTZ001
    assert refused.value.why is NoMoment.OUTSIDE


@given(st.datetimes(datetime(2019, 1, 1), datetime(2022, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_whatever_moment_the_clocks_show_is_found_again_unless_they_repeat_it(moment: datetime) -> None:
    shown = moment.astimezone(LONDON)
    wall = shown.replace(tzinfo=None, fold=0)
    if shown.utcoffset() == shown.replace(fold=1 - shown.fold).utcoffset():
        assert the_moment(wall, LONDON) == moment
    else:
        with pytest.raises(NotOneMoment, match="exists twice"):
            the_moment(wall, LONDON)
        assert wall.date() in {datetime(y, 10, d).date() for y, d in ((2019, 27), (2020, 25), (2021, 31))}  # noqa: DTZ001
        assert timedelta(hours=1) <= wall - datetime(wall.year, wall.month, wall.day) < timedelta(hours=2)  # noqa: DTZ001
