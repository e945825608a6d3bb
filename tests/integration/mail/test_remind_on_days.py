"""Scheduled reminders: on their days, in the daytime, once, and only to practices that have not voted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ballot.mail.messages import Kind
from ballot.mail.settings import read_mail
from ballot.office.post.mailings import remind_on_days
from ballot.office.post.outbox import Everyone, outbox
from ballot.strict.errors import FileError
from ballot.strict.toml_tables import table_of
from tests.integration.office.world import CLOSES, OPENS, World

NINE = CLOSES - timedelta(hours=8)
"""Nine in the morning of the last day, British Summer Time."""


def run(world: World, now: datetime) -> list[tuple[str, str, int]]:
    world.clock.now = now
    return remind_on_days(world.engine, world.clock, (7, 2))


def test_they_go_on_their_days_once_and_to_those_who_have_not_voted(world: World) -> None:
    world.open()
    for link in world.links()[:3]:
        assert world.cast(link).status == 200

    assert run(world, NINE - timedelta(days=7)) == [("merger", "00A", 1), ("merger", "00B", 4), ("merger", "00C", 4)]
    assert run(world, NINE - timedelta(days=7) + timedelta(hours=5)) == []
    assert len(run(world, NINE - timedelta(days=2))) == 3

    reminded = [one.practice for one in outbox(world.engine, world.id, Everyone()) if one.kind is Kind.REMINDER]
    assert not {"Y00000", "Y00001", "Y00002"} & set(reminded)
    assert len(reminded) == 18


@pytest.mark.parametrize(
    "now",
    [
        NINE - timedelta(days=7, seconds=1),
        NINE - timedelta(days=6),
        NINE - timedelta(days=3),
        OPENS - timedelta(seconds=1),
        NINE,
        CLOSES,
        CLOSES + timedelta(days=7),
    ],
)
def test_they_go_at_no_other_time(world: World, now: datetime) -> None:
    world.seal()
    assert run(world, now) == []


@pytest.mark.parametrize("days", [[-1], [61], ["7"], [True], 7, [1.5]])
def test_days_that_are_none_stop_the_start(days: object) -> None:
    table = {"channel": "maildir", "folder": "x", "from": "a@example.org", "reply_to": "b@example.org"}
    assert read_mail(table_of(table, "[mail]"), {}).remind_days_before == ()
    with pytest.raises(FileError):
        read_mail(table_of({**table, "remind_days_before": days}, "[mail]"), {})
