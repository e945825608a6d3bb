"""Statements said to the driver itself: they give the same answers and the same errors as through SQLAlchemy."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, Float, bindparam, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from ballot.db.base import table_of
from ballot.db.engine import Unavailable, why_unavailable
from ballot.db.session import casting
from ballot.db.sessions import AttemptRow
from ballot.db.statements import Statement

AT = datetime(2020, 3, 29, 1, 30, tzinfo=UTC)
ATTEMPT = table_of(AttemptRow)
NOTE = Statement(insert(ATTEMPT).values({c.name: bindparam(f"an_{c.name}", type_=c.type) for c in ATTEMPT.columns}))
NOTED = Statement(select(ATTEMPT).where(ATTEMPT.c.key == bindparam("key", type_=ATTEMPT.c.key.type)))
KEY, COUNT = "a login name", 987_654_321
VALUES = {"an_key": KEY, "an_count": COUNT, "an_last_at": AT, "an_wait_until": AT}


def test_what_is_written_past_the_object_mapper_is_what_it_reads(engine: Engine) -> None:
    summer = AT.astimezone(timezone(timedelta(hours=1)))
    with casting(engine) as connection:
        NOTE.write(connection, {**VALUES, "an_wait_until": summer, "beside": "values of other statements are no harm"})
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(select(ATTEMPT))] == [(KEY, COUNT, AT, AT)]


def test_what_the_object_mapper_wrote_is_read_past_it(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(ATTEMPT), {"key": KEY, "count": COUNT, "last_at": AT, "wait_until": AT})
    with casting(engine) as connection:
        ((key, count, last_at, wait_until),) = NOTED.rows(connection, {"key": KEY})
        assert NOTED.rows(connection, {"key": "another"}) == []
    assert (key, count, last_at, wait_until) == (KEY, COUNT, AT, AT)
    assert last_at.utcoffset() == timedelta(0)


def test_a_value_that_is_wanting_is_no_null(engine: Engine) -> None:
    with casting(engine) as connection, pytest.raises(KeyError, match="an_count"):
        NOTE.write(connection, {name: value for name, value in VALUES.items() if name != "an_count"})


def test_an_error_of_the_driver_is_wrapped_and_shows_no_value(engine: Engine) -> None:
    with engine.begin() as connection:
        NOTE.write(connection, VALUES)
    with engine.connect() as connection, pytest.raises(IntegrityError) as caught:
        NOTE.write(connection, VALUES)
    assert why_unavailable(caught.value) is None
    assert not caught.value.connection_invalidated
    assert caught.value.params is None
    assert str(VALUES["an_count"]) not in str(caught.value) + repr(NOTE)


def test_a_connection_that_the_server_ended_is_given_up_and_the_next_act_gets_another(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return  # its connection is an open file
    with pytest.raises(DBAPIError) as caught, casting(engine) as connection:  # noqa: PT012  (the act leaves by it)
        NOTED.rows(connection, {"key": KEY})
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        NOTE.write(connection, VALUES)
    assert why_unavailable(caught.value) is Unavailable.AWAY
    assert caught.value.connection_invalidated
    with casting(engine) as connection:
        NOTE.write(connection, VALUES)
        assert len(NOTED.rows(connection, {"key": KEY})) == 1


def test_a_connection_that_the_driver_knows_to_be_closed_is_an_error_of_the_same_kind(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return
    with engine.connect() as connection:
        connection.connection.dbapi_connection.close()  # type: ignore[union-attr]
        with pytest.raises(DBAPIError) as caught:
            NOTED.rows(connection, {"key": KEY})
    assert why_unavailable(caught.value) is Unavailable.AWAY


def test_whatever_interrupts_a_statement_is_raised_as_it_is_and_the_next_act_gets_another_connection(
    engine: Engine,
) -> None:
    if engine.dialect.name == "sqlite":
        return

    def alarm(*_: object) -> None:
        raise Interruption

    class Interruption(Exception):
        pass

    slow = Statement(select(func.pg_sleep(bindparam("seconds", type_=Float))))
    before = signal.signal(signal.SIGALRM, alarm)
    try:
        with pytest.raises(Interruption), casting(engine) as connection:  # noqa: PT012  (the act leaves by it)
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            slow.rows(connection, {"seconds": 20})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    with casting(engine) as connection:
        assert NOTED.rows(connection, {"key": KEY}) == []
