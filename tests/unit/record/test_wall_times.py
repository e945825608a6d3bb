"""Moments in words: in British wall time, correct through both clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ballot.record.times import exact_wall_time, short_time, utc_time, wall_time


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2020-05-29T16:00:00Z", "5pm on Friday 29 May 2020, British Summer Time"),
        ("2020-05-11T08:00:00Z", "9am on Monday 11 May 2020, British Summer Time"),
        ("2020-12-01T17:30:00Z", "5:30pm on Tuesday 1 December 2020, Greenwich Mean Time"),
        ("2020-12-01T17:30:09Z", "5:30:09pm on Tuesday 1 December 2020, Greenwich Mean Time"),
        ("2020-12-01T12:00:00Z", "midday on Tuesday 1 December 2020, Greenwich Mean Time"),
        ("2020-12-01T00:00:00Z", "midnight on Tuesday 1 December 2020, Greenwich Mean Time"),
        ("2020-12-01T00:05:00Z", "12:05am on Tuesday 1 December 2020, Greenwich Mean Time"),
        ("2020-12-01T12:00:01Z", "12:00:01pm on Tuesday 1 December 2020, Greenwich Mean Time"),
        # The clocks go forward: a second lies between 12:59:59am and 2am.
        ("2020-03-29T00:59:59Z", "12:59:59am on Sunday 29 March 2020, Greenwich Mean Time"),
        ("2020-03-29T01:00:00Z", "2am on Sunday 29 March 2020, British Summer Time"),
        # The clocks go back: half past one comes twice, and the zone says which.
        ("2020-10-25T00:30:00Z", "1:30am on Sunday 25 October 2020, British Summer Time"),
        ("2020-10-25T01:30:00Z", "1:30am on Sunday 25 October 2020, Greenwich Mean Time"),
        # Late in the evening the day in UTC is another than on the wall.
        ("2020-06-30T23:30:00Z", "12:30am on Wednesday 1 July 2020, British Summer Time"),
    ],
)
def test_a_moment_is_told_as_the_clock_on_the_wall_shows_it(moment: str, words: str) -> None:
    assert wall_time(datetime.fromisoformat(moment)) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2020-05-29T16:00:00Z", "29 May, 5:00pm"),
        ("2020-05-29T23:10:00Z", "30 May, 12:10am"),
        ("2020-12-01T12:00:00Z", "1 December, 12:00pm"),
        ("2021-01-04T09:05:00Z", "4 January 2021, 9:05am"),
        ("2020-12-31T23:59:59Z", "31 December, 11:59pm"),
        ("2020-10-25T00:30:00Z", "25 October, 1:30am BST"),
        ("2020-10-25T01:30:00Z", "25 October, 1:30am GMT"),
        ("2020-10-25T02:00:00Z", "25 October, 2:00am"),
    ],
)
def test_a_page_has_a_short_form_with_the_year_or_the_zone_only_where_they_are_needed(moment: str, words: str) -> None:
    now = datetime(2020, 5, 1, tzinfo=UTC)
    assert short_time(datetime.fromisoformat(moment), now) == words


def test_no_two_seconds_of_the_night_on_which_the_clocks_go_back_are_told_alike() -> None:
    start = datetime(2020, 10, 24, 23, 59, tzinfo=UTC)
    told = {exact_wall_time(start + timedelta(seconds=n)) for n in range(3 * 3600)}
    short = {short_time(start + timedelta(seconds=n), start, seconds=True) for n in range(3 * 3600)}
    assert len(short) == 3 * 3600

    assert len(told) == 3 * 3600


def test_a_moment_from_another_zone_is_the_same_moment() -> None:
    there = datetime(2020, 5, 29, 12, tzinfo=timezone(timedelta(hours=-4)))

    assert wall_time(there) == "5pm on Friday 29 May 2020, British Summer Time"
    assert utc_time(there) == "16:00:00 UTC on 29 May 2020"


def test_a_time_without_a_zone_is_refused() -> None:
    for told in (wall_time, exact_wall_time, utc_time):
        with pytest.raises(ValueError, match="zone"):
            told(datetime(2020, 5, 29, 17))  # noqa: DTZ001
