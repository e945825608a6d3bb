"""A database that is full, locked or gone: a plain word, no half vote, and the same ballot is accepted later."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from psycopg import errors
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError, ProgrammingError
from werkzeug.test import TestResponse

from ballot.db.engine import Unavailable, why_unavailable
from ballot.record.receipts import check_receipt
from tests.integration.office.world import World
from tests.support.databases import fresh_sqlite
from tests.web.addresses import CAST, bearer, receipt_of
from tests.web.conftest import make_app
from tests.web.test_web_routes import check_refusal


@contextmanager
def to_every_connection(world: World, pragma: str) -> Iterator[None]:
    """New connections are told it until the block ends."""
    tell = lambda connection, _: connection.execute(pragma)  # noqa: E731
    event.listen(world.engine, "connect", tell)
    world.engine.dispose()
    yield
    event.remove(world.engine, "connect", tell)
    world.engine.dispose()


@contextmanager
def full(world: World) -> Iterator[None]:
    """Every page of the file is used, and there can be no more."""
    with contextlib.closing(sqlite3.connect(world.folder / "ballot.db", isolation_level=None)) as other:
        other.execute("CREATE TABLE ballast (x)")
        (pages,) = other.execute("PRAGMA page_count").fetchone()
        limit = f"PRAGMA max_page_count = {pages + 2}"
        other.execute(limit)
        with contextlib.suppress(sqlite3.OperationalError):
            while True:
                other.execute("INSERT INTO ballast VALUES (zeroblob(1000))")
        with to_every_connection(world, limit):
            yield


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Somebody else writes, for longer than anybody waits."""
    with contextlib.closing(sqlite3.connect(world.folder / "ballot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with to_every_connection(world, "PRAGMA busy_timeout = 0"):
            yield
        other.execute("ROLLBACK")


@contextmanager
def gone(world: World) -> Iterator[None]:
    """The file is not where it was, and neither is its folder."""
    world.engine.dispose()
    away = world.folder.with_name("away")
    world.folder.rename(away)
    yield
    world.engine.dispose()
    away.rename(world.folder)


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[World]:
    """Open, under a policy by which a practice may vote again and again."""
    with fresh_sqlite(tmp_path) as engine:
        yield World(engine, tmp_path, policy="last-counts", ccgs=("00A",)).open()


def until_refused(world: World, client: FlaskClient) -> tuple[bytes, TestResponse]:
    """Cast one ballot after the other, since the pages there are may have room for some; the first that is refused."""
    link = world.links()[0]
    for _ in range(50):
        body = world.ballot(link)
        answer = client.post(CAST, data=body, headers=bearer(link.token))
        if answer.status_code != 200:
            return body, answer
    raise AssertionError("there was room for every ballot")


def test_a_database_that_is_not_available_is_a_plain_word_and_no_half_vote_and_the_same_ballot_is_accepted_later(
    changing: World, caplog: pytest.LogCaptureFixture
) -> None:
    client, head = make_app(changing).test_client(), bearer(changing.links()[0].token)
    with full(changing), caplog.at_level(logging.ERROR, "ballot"):
        body, refused = until_refused(changing, client)
    check_refusal(refused, 503, "database-full")
    assert refused.headers["Retry-After"] == "5"
    for state in (locked, gone):
        with state(changing), caplog.at_level(logging.ERROR, "ballot"):
            refused = client.post(CAST, data=body, headers=head)
            page = client.get("/", headers={"Accept": "text/html"})
        check_refusal(refused, 503, "database-away")
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert "The database is not answering at the moment." in page.text
    said = [(record.word, record.exc_info) for record in caplog.records]  # type: ignore[attr-defined]
    assert said == [("database-full", None)] + [("database-away", None)] * 3
    assert client.get(receipt_of(body)).status_code == 404
    again = client.post(CAST, data=body, headers=head)
    assert again.status_code == 200
    check_receipt(again.data, changing.board.public)


@pytest.mark.parametrize(
    ("kind", "driver", "expected"),
    [
        pytest.param(OperationalError, errors.DiskFull("no space left"), Unavailable.FULL, id="the disk is full"),
        pytest.param(OperationalError, errors.AdminShutdown("terminating"), Unavailable.AWAY, id="it is being stopped"),
        pytest.param(ProgrammingError, errors.UndefinedTable("no such table"), None, id="a fault of ours"),
        pytest.param(InternalError, errors.InFailedSqlTransaction("aborted"), None, id="another fault of ours"),
    ],
)
def test_what_postgresql_says_is_sorted_in_the_same_way(
    kind: type[DBAPIError], driver: Exception, expected: Unavailable | None
) -> None:
    assert why_unavailable(kind("SELECT 1", {}, driver)) is expected
    assert why_unavailable(kind("SELECT 1", {}, driver, connection_invalidated=True)) is (expected or Unavailable.AWAY)
