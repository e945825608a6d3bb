"""A PostgreSQL database that several tests use in turn looks new to each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, text

from tests.integration.office.world import World
from tests.support.databases import fresh_database, lent_database

Rows = dict[str, list[str]]


def everything(engine: Engine) -> Rows:
    """Every row of every table and sequence, as PostgreSQL writes it."""
    asked = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace"
    with engine.connect() as connection:
        names = sorted(connection.scalars(text(asked)))
        columns = "last_value, is_called"
        return {
            name: list(connection.scalars(text(f"SELECT one::text FROM (SELECT {columns} FROM {name}) AS one")))
            if name.endswith("_seq")
            else sorted(connection.scalars(text(f"SELECT one::text FROM {name} AS one")))
            for name in names
        }


def name_of(engine: Engine) -> str | None:
    return engine.url.database


def test_after_a_test_it_has_the_rows_and_the_numbers_of_a_new_one(server: Callable[[], str], tmp_path: Path) -> None:
    with fresh_database("postgresql", tmp_path, server) as engine:
        new = everything(engine)
    with lent_database("postgresql", tmp_path, server) as engine:
        first = name_of(engine)
        world = World(engine, tmp_path).open()
        assert world.cast(world.links()[0]).status == 200
        assert everything(engine) != new

    with lent_database("postgresql", tmp_path, server) as engine:
        assert name_of(engine) == first
        assert everything(engine) == new


def test_whoever_is_still_connected_is_sent_away(server: Callable[[], str], tmp_path: Path) -> None:
    with lent_database("postgresql", tmp_path, server) as engine:
        first, other = name_of(engine), engine.connect()
        other.execute(text("INSERT INTO activity_head VALUES (2, 0, '')"))

    with lent_database("postgresql", tmp_path, server) as engine:
        assert name_of(engine) == first
        assert everything(engine)["activity_head"] == ['(1,0,"")']
    other.invalidate()
    other.close()


def test_where_a_table_a_right_or_a_trigger_was_changed_it_is_not_lent_again(
    server: Callable[[], str], tmp_path: Path
) -> None:
    for change in (
        "ALTER TABLE staff_account ADD more integer",
        "GRANT SELECT ON activity_head TO PUBLIC",
        "CREATE TABLE another (id integer)",
        "DROP TABLE IF EXISTS another",  # changes nothing
    ):
        with lent_database("postgresql", tmp_path, server) as engine:
            first = name_of(engine)
            with engine.begin() as connection:
                connection.execute(text(change))
        with lent_database("postgresql", tmp_path, server) as engine:
            assert (name_of(engine) == first) is change.startswith("DROP"), change
