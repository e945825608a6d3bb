"""The fixtures that tests start from: sealed once for each shape, equal whether sealed anew or copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from ballot.db.tables import Base
from tests.integration.office.world import World
from tests.support.databases import as_owner, fresh_sqlite


def rows(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """By their keys: PostgreSQL hands rows out as they lie, and puts new ones where it has swept old ones away."""
    with engine.connect() as connection:
        return {
            t.name: [tuple(row) for row in connection.execute(select(t).order_by(*t.primary_key.columns))]
            for t in Base.metadata.sorted_tables
        }


def test_whoever_seals_the_same_again_is_given_the_same_rows_without_sealing(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "first").mkdir()
    with fresh_sqlite(tmp_path / "first") as other:
        World(other, tmp_path / "first", id="again").seal()
        sealed = rows(other)
    monkeypatch.setattr(World, "_seal", lambda world: pytest.fail("it was sealed anew"))

    with as_owner(engine) as owner:
        World(owner, tmp_path / "second", id="again").seal()
        assert rows(owner) == sealed


def test_where_anything_has_happened_it_is_sealed_in_earnest(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(engine, tmp_path).seal()
    asked: list[World] = []
    monkeypatch.setattr(World, "_seal", lambda world: asked.append(world))

    world.seal()

    assert asked == [world]
