"""The activity log only grows, and shows any tampering."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from ballot.db.activity import (
    ActivityEntry,
    ActivityFilter,
    ActivityRow,
    add_entry,
    head_of,
    list_activity,
    verify_chain,
)
from ballot.db.session import reading, transaction

NOON = datetime(2020, 5, 11, 12, tzinfo=UTC)


def add(engine: Engine, *actors: str, act: str = "signed-in", **more: str) -> None:
    with transaction(engine) as session:
        for i, actor in enumerate(actors):
            at, details = NOON + timedelta(seconds=i), {"way": "passkey"}
            add_entry(session, ActivityEntry(act, actor, at, details=details, **more))  # type: ignore[arg-type]


def faults(engine: Engine, known: str | None = None) -> list[str]:
    with reading(engine) as session:
        return list(verify_chain(session, known))  # type: ignore[arg-type]


def found(engine: Engine, sought: ActivityFilter, limit: int | None = None) -> list[str]:
    with reading(engine) as session:
        return [row.actor for row in list_activity(session, sought, limit)]


def without_triggers(engine: Engine, statement: str) -> None:
    """What whoever owns the database can do."""
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT") if is_pg(engine) else connection
        if is_pg(engine):
            connection.execute(text("ALTER TABLE activity DISABLE TRIGGER ALL"))
        else:
            for name in ("activity_no_update", "activity_no_delete"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(statement))
        if not is_pg(engine):
            connection.commit()


def is_pg(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


def test_entries_are_chained_and_the_chain_verifies(engine: Engine) -> None:
    assert faults(engine) == []
    add(engine, "anna", "ben")
    add(engine, "carl")
    with reading(engine) as session:
        rows = list_activity(session, ActivityFilter())[::-1]
        assert head_of(session) == (3, rows[-1].hash)
    assert [row.position for row in rows] == [0, 1, 2]
    assert [row.parent for row in rows] == ["", rows[0].hash, rows[1].hash]
    assert faults(engine, rows[1].hash) == []


def fail(engine: Engine) -> None:
    with transaction(engine) as session:
        add_entry(session, ActivityEntry("signed-in", "anna", NOON))
        raise RuntimeError


def test_an_act_that_fails_leaves_no_entry(engine: Engine) -> None:
    with pytest.raises(RuntimeError):
        fail(engine)
    assert found(engine, ActivityFilter()) == []


@pytest.mark.parametrize("statement", ["UPDATE activity SET actor = 'x'", "DELETE FROM activity"])
def test_the_table_refuses_to_be_changed(engine: Engine, statement: str) -> None:
    add(engine, "anna")
    with pytest.raises(DatabaseError, match="only grows"), engine.begin() as connection:
        connection.execute(text(statement))
    assert found(engine, ActivityFilter()) == ["anna"]


def test_postgresql_refuses_to_empty_the_table(engine: Engine) -> None:
    if not is_pg(engine):
        return  # SQLite has no TRUNCATE
    add(engine, "anna")
    with pytest.raises(DatabaseError, match="only grows"), engine.begin() as connection:
        connection.execute(text("TRUNCATE activity"))


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'x'",
        "second = 'x'",
        "acting_for = 'x'",
        "time = '2020-05-11 13:00:00'",
        "reason = 'x'",
        "details = '{}'",
        "act = 'x'",
        "ccg = '00B'",
        "programme = 'x'",
    ],
)
def test_whatever_is_changed_behind_its_back_is_found(engine: Engine, change: str) -> None:
    add(engine, "anna", "ben", "carl")
    without_triggers(engine, f"UPDATE activity SET {change} WHERE position = 1")
    assert faults(engine) == ["entry 1 was changed"]


def test_an_entry_taken_out_or_cut_off_the_end_is_found(engine: Engine) -> None:
    add(engine, "anna", "ben", "carl")
    without_triggers(engine, "DELETE FROM activity WHERE position = 1")
    assert faults(engine) == ["entry 1 is missing", "entry 2 does not follow the one before it"]
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM activity WHERE position > 0"))
    assert faults(engine) == ["3 entries were written, and 1 are here"]


def test_a_log_written_anew_does_not_have_the_hash_that_was_noted_down(engine: Engine) -> None:
    add(engine, "anna")
    with reading(engine) as session:
        _, noted = head_of(session)
    without_triggers(engine, "DELETE FROM activity")
    with engine.begin() as connection:
        connection.execute(text("UPDATE activity_head SET size = 0, hash = ''"))
    add(engine, "ben")
    assert faults(engine) == []
    assert faults(engine, noted) == ["the hash that was noted down earlier is not in the log"]


def test_it_is_searched_by_who_what_where_and_when(engine: Engine) -> None:
    add(engine, "anna", "ben", programme="merger", ccg="00A", act="extended", second="dora")
    add(engine, "carl")
    assert found(engine, ActivityFilter()) == ["carl", "ben", "anna"]
    assert found(engine, ActivityFilter(), limit=1) == ["carl"]
    assert found(engine, ActivityFilter(actor="ben")) == ["ben"]
    assert found(engine, ActivityFilter(actor="dora")) == ["ben", "anna"]
    assert found(engine, ActivityFilter(act="extended")) == ["ben", "anna"]
    assert found(engine, ActivityFilter(programme="merger", ccg="00A")) == ["ben", "anna"]
    assert found(engine, ActivityFilter(ccg="00B")) == []
    assert found(engine, ActivityFilter(since=NOON + timedelta(seconds=1))) == ["ben"]
    assert found(engine, ActivityFilter(until=NOON + timedelta(seconds=1))) == ["carl", "anna"]


def test_acts_at_the_same_moment_follow_one_another(engine: Engine) -> None:
    threads = [threading.Thread(target=add, args=(engine, f"p{i}", f"q{i}")) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults(engine) == []
    with reading(engine) as session:
        assert len(session.query(ActivityRow).all()) == 16
