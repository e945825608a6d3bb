"""On PostgreSQL the app works, from sealing to result, with a role that cannot change the board."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from ballot.cli.doctor_checks import Health, clock_finding
from ballot.db.append_only import BOARD_TABLES, RIGHTS, excess_rights, role_statements, set_up_role
from ballot.db.engine import connect
from ballot.db.session import database_time, newest_time
from ballot.db.tables import Base
from ballot.office.acts.counting import Decide, Declare
from ballot.office.acts.membership import Strike
from ballot.office.board.publish import publish
from ballot.office.perform import perform
from tests.integration.office.world import WHY, World
from tests.support.databases import fresh_database


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory, server: Callable[[], str]) -> Iterator[World]:
    """A whole ballot, every act of which was done as the app's role."""
    folder = tmp_path_factory.mktemp("roles")
    with fresh_database("postgresql", folder, server) as owner:
        role = f"app_{uuid.uuid4().hex[:12]}"
        assert set_up_role(owner, role)
        assert not set_up_role(owner, role)
        url = make_url(owner.url).set(username=role)
        engine = connect(url.render_as_string(hide_password=False))
        world = World(engine, folder).open()
        for link in (*world.links()[:2], world.links("00B")[0], world.links("00C")[0]):
            assert world.cast(link).status == 200
        struck = world.links()[3]
        perform(world.desk, world.id, Strike("00A", struck.practice), world.two, WHY)
        world.close()
        world.tally()
        perform(world.desk, world.id, Decide())
        perform(world.desk, world.id, Declare(), world.two)
        publish(world.desk, world.id, folder / "record", lambda _: None)
        yield world
        engine.dispose()
        with owner.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))


def test_the_app_s_role_does_a_whole_ballot(worked: World) -> None:
    assert {worked.row(ccg).state for ccg in worked.ccgs} == {"declared"}
    assert excess_rights(worked.engine) == []


FORBIDDEN = [
    *[statement for table in BOARD_TABLES for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE")],
    "UPDATE archive_entry SET body = body",
    "UPDATE programme_event SET line = line",
    "UPDATE checkpoint SET note = note",
    "UPDATE accepted SET receipt = receipt",
    "UPDATE accepted SET height = height",
    "UPDATE token_line SET line = line",
    "UPDATE token SET hash = hash",
    "UPDATE token SET practice_id = practice_id",
    "DELETE FROM token",
    "UPDATE practice SET weight = weight",
    "UPDATE practice SET ods = ods",
    "DELETE FROM practice",
    "UPDATE ballot SET constitution = constitution",
    "UPDATE ballot SET uuid = uuid",
    "DELETE FROM ballot",
    "UPDATE programme SET keys = keys",
    "DELETE FROM programme",
    "DELETE FROM log",
    "UPDATE share SET body = body",
    "UPDATE checkpoint SET nodes = nodes",
    "UPDATE cosignature SET line = line",
    "UPDATE activity SET act = act",
    "CREATE TABLE mine (id int)",
    "DROP TABLE checkpoint",
    "ALTER TABLE accepted DISABLE TRIGGER ALL",
    "UPDATE alembic_version SET version_num = '1'",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_what_it_has_no_business_with_is_refused(worked: World, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), worked.engine.begin() as connection:
        connection.execute(text(statement))


def test_every_table_and_every_column_named_is_there() -> None:
    assert set(RIGHTS) == set(Base.metadata.tables)
    for table, rights in RIGHTS.items():
        assert set(rights.columns) <= set(Base.metadata.tables[table].columns.keys()), table


@pytest.mark.parametrize("name", ["", "a b", 'x"; DROP TABLE ballot', "Ballot", "1a", "a" * 64])
def test_a_name_that_could_be_sql_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        list(role_statements(name))


def test_the_database_s_clock_is_held_against_ours(worked: World) -> None:
    theirs = database_time(worked.engine)
    assert theirs is not None
    assert clock_finding(datetime.now(UTC), theirs).health is Health.OK
    assert clock_finding(datetime.now(UTC) + timedelta(seconds=9), theirs).health is Health.FAIL
    newest = newest_time(worked.engine)
    assert newest is not None
    assert newest.tzinfo is not None


def test_the_owner_could_do_what_the_app_cannot(server: Callable[[], str], tmp_path: Path) -> None:
    with fresh_database("postgresql", tmp_path, server) as owner:
        assert _could(owner) == list(BOARD_TABLES)


def _could(engine: Engine) -> list[str]:
    return excess_rights(engine)
