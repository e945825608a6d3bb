"""The connection of a cast: others read the same data from it, and a broken one is discarded."""

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

AT = datetime(2020, 3, 29, 1, 30, tzinfo=UTC)
ATTEMPT = table_of(AttemptRow)
NOTE = insert(ATTEMPT)
NOTED = select(ATTEMPT).where(ATTEMPT.c.key == bindparam("key"))
KEY, COUNT = "a login name", 987_654_321
VALUES = {"key": KEY, "count": COUNT, "last_at": AT, "wait_until": AT}


def test_what_is_written_past_the_object_mapper_is_what_it_reads(engine: Engine) -> None:
    summer = AT.astimezone(timezone(timedelta(hours=1)))
    with casting(engine) as connection:
        connection.execute(NOTE, {**VALUES, "wait_until": summer})
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(select(ATTEMPT))] == [(KEY, COUNT, AT, AT)]


def test_what_the_object_mapper_wrote_is_read_past_it(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(NOTE, VALUES)
    with casting(engine) as connection:
        ((key, count, last_at, wait_until),) = connection.execute(NOTED, {"key": KEY}).all()
        assert connection.execute(NOTED, {"key": "another"}).all() == []
    assert (key, count, last_at, wait_until) == (KEY, COUNT, AT, AT)
    assert last_at.utcoffset() == timedelta(0)


def test_an_error_of_the_driver_is_wrapped_and_shows_no_value(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(NOTE, VALUES)
    with engine.connect() as connection, pytest.raises(IntegrityError) as caught:
        connection.execute(NOTE, VALUES)
    assert why_unavailable(caught.value) is None
    assert not caught.value.connection_invalidated
    assert str(COUNT) not in str(caught.value) + repr(caught.value)


def test_a_connection_that_the_server_ended_is_given_up_and_the_next_act_gets_another(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return  # its connection is an open file
    with pytest.raises(DBAPIError) as caught, casting(engine) as connection:  # noqa: PT012  (the act leaves by it)
        connection.execute(NOTED, {"key": KEY}).all()
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        connection.execute(NOTE, VALUES)
    assert why_unavailable(caught.value) is Unavailable.AWAY
    assert caught.value.connection_invalidated
    with casting(engine) as connection:
        connection.execute(NOTE, VALUES)
        assert len(connection.execute(NOTED, {"key": KEY}).all()) == 1


def test_a_connection_that_the_driver_knows_to_be_closed_is_an_error_of_the_same_kind(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return
    with engine.connect() as connection:
        connection.connection.dbapi_connection.close()  # type: ignore[union-attr]
        with pytest.raises(DBAPIError) as caught:
            connection.execute(NOTED, {"key": KEY}).all()
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

    slow = select(func.pg_sleep(bindparam("seconds", type_=Float)))
    before = signal.signal(signal.SIGALRM, alarm)
    try:
        with pytest.raises(Interruption), casting(engine) as connection:  # noqa: PT012  (the act leaves by it)
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            connection.execute(slow, {"seconds": 20})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    with casting(engine) as connection:
        assert connection.execute(NOTED, {"key": KEY}).all() == []
