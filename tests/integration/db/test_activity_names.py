"""Names can be removed from the activity log without breaking its chain, but never unnoticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text

from ballot.db.activity import (
    ActivityEntry,
    ActivityFilter,
    ActivityRow,
    add_entry,
    head_of,
    list_activity,
    verify_chain,
)
from ballot.db.activity_names import ActivityNameRow
from ballot.db.session import reading, transaction
from ballot.db.upgrade import downgrade, upgrade
from ballot.office.retention import names_due, remove_people
from ballot.protocol.canonical import write_json
from ballot.protocol.hashing import sha256_hex
from ballot.record.times import time_text
from tests.support.databases import as_app

NOON = datetime(2020, 5, 11, 12, tzinfo=UTC)
ANN, BEN = "ann@example.org", "ben@example.org"


def add(engine: Engine) -> None:
    with transaction(engine) as session:
        add_entry(
            session, ActivityEntry("account-changed", "command line", NOON, details={"word": "added", "account": ANN})
        )
        add_entry(session, ActivityEntry("extended", ANN, NOON + timedelta(days=2), second=BEN))


def faults(engine: Engine, known: str | None = None) -> list[str]:
    with reading(engine) as session:
        return list(verify_chain(session, known))  # type: ignore[arg-type]


def chained(engine: Engine) -> str:
    """What the chain itself holds."""
    with reading(engine) as session:
        return str([tuple(row) for row in session.execute(select(ActivityRow.__table__)).all()])


def after(days: int) -> datetime:
    return NOON + timedelta(days=days)


def test_the_chain_holds_no_name_and_the_log_is_read_and_searched_by_names(engine: Engine) -> None:
    add(engine)

    assert "@" not in chained(engine)
    with reading(engine) as session:
        newest, oldest = list_activity(session, ActivityFilter())
        assert (newest.actor, newest.second) == (ANN, BEN)
        assert oldest.details == f'{{"word":"added","account":"{ANN}"}}'
        assert [row.position for row in list_activity(session, ActivityFilter(actor=BEN))] == [1]
        assert list_activity(session, ActivityFilter(actor="nobody@example.org")) == []
    assert faults(engine) == []


def test_the_same_person_has_another_hash_in_each_entry(engine: Engine) -> None:
    add(engine)
    add(engine)
    with reading(engine) as session:
        held = {row.actor for row in session.scalars(select(ActivityRow).where(ActivityRow.act == "extended"))}
    assert len(held) == 2


def test_names_whose_time_is_over_go_and_the_chain_is_what_it_was(engine: Engine) -> None:
    add(engine)
    with reading(engine) as session:
        _, noted = head_of(session)

    assert names_due(engine, lambda: after(31), 30) == 1
    with as_app(engine) as app:
        assert remove_people(app, lambda: after(31), 30).names == 1

    assert faults(engine, noted) == []
    with reading(engine) as session:
        told = list_activity(session, ActivityFilter())
        assert [row.act for row in told] == ["names-removed", "extended", "account-changed"]
        assert ANN not in told[2].details
        assert (told[1].actor, told[1].second) == (ANN, BEN)
    assert remove_people(engine, lambda: after(33), 30).names == 2
    with reading(engine) as session:
        assert session.scalars(select(ActivityNameRow)).all() == []
    assert faults(engine, noted) == []
    assert remove_people(engine, lambda: after(34), 30).names == 0


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM activity_name WHERE position = 1 AND part = 'second'", "is gone"),
        (f"UPDATE activity_name SET name = '{ANN}' WHERE part = 'second'", "was changed"),
    ],
    ids=["taken out", "changed"],
)
def test_a_name_taken_out_or_changed_behind_the_logs_back_is_found(engine: Engine, statement: str, fault: str) -> None:
    add(engine)
    with engine.begin() as connection:
        connection.execute(text(statement))

    (found,) = faults(engine)
    assert found.startswith("a name in entry 1 ")
    assert fault in found


def test_a_log_of_before_keeps_its_entries_and_the_hashes_that_were_noted_down(engine: Engine) -> None:
    downgrade(engine, "0005")
    old = {"parent": "", "position": 0, "time": time_text(NOON), "act": "extended", "actor": ANN, "second": BEN}
    old |= {"acting_for": None, "programme": None, "ccg": None, "reason": None, "details": f'{{"account":"{ANN}"}}'}
    hash = sha256_hex(write_json(old))
    with engine.begin() as connection:
        columns = [*old, "hash"]
        values = {**old, "time": "2020-05-11 12:00:00+00:00" if is_pg(engine) else "2020-05-11 12:00:00", "hash": hash}
        line = f"INSERT INTO activity ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"
        connection.execute(text(line), values)
        connection.execute(text("UPDATE activity_head SET size = 1, hash = :hash"), {"hash": hash})

    upgrade(engine)

    assert "@" not in chained(engine)
    assert faults(engine, hash) == []
    with reading(engine) as session:
        (told,) = list_activity(session, ActivityFilter(actor=BEN))
    assert (told.actor, told.second, told.details) == (ANN, BEN, f'{{"account":"{ANN}"}}')
    with pytest.raises(Exception, match="only grows"), engine.begin() as connection:
        connection.execute(text("UPDATE activity SET actor = 'x'"))
    add(engine)
    assert faults(engine, hash) == []


def is_pg(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"
