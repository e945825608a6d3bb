"""London by its rule equals London in the zone database; a machine without one still runs a British ballot."""

from __future__ import annotations

import sys
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ballot.constitution.window import LONDON, london_by_rule, zone_named

HOUR = timedelta(hours=1)


def test_london_by_rule_agrees_with_the_database_around_every_change_of_the_clocks() -> None:
    rule, database = london_by_rule(), zoneinfo.ZoneInfo(LONDON)
    for year in range(1996, 2038):
        for month in (3, 10):
            for hours in range(31 * 24):
                moment = datetime(year, month, 1, tzinfo=UTC) + hours * HOUR
                assert moment.astimezone(rule).isoformat() == moment.astimezone(database).isoformat()
        for month in (1, 7):
            moment = datetime(year, month, 15, 12, tzinfo=UTC)
            assert moment.astimezone(rule).tzname() == moment.astimezone(database).tzname()
    assert rule.key == LONDON


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [
        "tzdata",
        *(name for name in sys.modules if name.startswith("tzdata.")),
    ]:  # another test may have asked it
        monkeypatch.setitem(sys.modules, name, None)
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.usefixtures("no_database")
def test_without_a_database_london_is_known_and_nothing_else() -> None:
    assert zone_named(LONDON) is london_by_rule()
    with pytest.raises(LookupError):
        zone_named("Europe/Paris")


def test_with_a_database_it_is_asked() -> None:
    assert zone_named(LONDON) is zoneinfo.ZoneInfo(LONDON)
