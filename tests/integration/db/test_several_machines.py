"""Several application machines against one PostgreSQL; and migrations that carry a whole ballot down and up again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

import ballot.office.casting.cast as office_cast
from ballot.db import casting, session
from ballot.db.accepted import AcceptedRow
from ballot.db.casting import hold_log
from ballot.db.engine import Unavailable, connect, why_unavailable
from ballot.db.upgrade import downgrade, upgrade
from tests.integration.office.world import SAID, World
from tests.support.databases import fresh_database

ROOT = Path(__file__).parents[3]
NODES = text("SELECT log, size, nodes FROM checkpoint ORDER BY log, size")
MACHINE = """
import json, sys
from datetime import datetime
from pathlib import Path
from ballot.db.engine import connect
from ballot.office.casting.cast import cast
from ballot.record.keys import Role
from ballot.registrar.keyring import open_signing_key

told = json.loads(sys.stdin.readline())
engine, key = connect(told["database"]), open_signing_key(Path(told["keys"]), Role.BOARD)
now = datetime.fromisoformat(told["now"])
print("ready", flush=True)
sys.stdin.readline()
for ccg, token, body in told["ballots"]:
    answer = cast(engine, lambda: now, "merger", ccg, token, body.encode(), key, told["said"].encode())
    print(answer.status, answer.receipt.decode() if answer.receipt else answer.word, flush=True)
"""


def test_two_machines_accept_the_same_ballots_at_once_and_each_counts_once(
    server: Callable[[], str], tmp_path: Path
) -> None:
    with fresh_database("postgresql", tmp_path, server) as engine:
        world = World(engine, tmp_path, ccgs=("00A",), practices=8).open()
        ballots = [(link.ccg, link.token, world.ballot(link).decode()) for link in world.links()]
        told = {
            "database": engine.url.render_as_string(hide_password=False),
            "keys": str(world.keys),
            "now": world.clock.now.isoformat(),
            "said": SAID.decode(),
        }
        machines = [
            subprocess.Popen(
                [sys.executable, "-c", MACHINE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            for _ in range(2)
        ]
        for machine, given in zip(machines, (ballots, ballots[::-1]), strict=True):
            assert machine.stdin is not None
            machine.stdin.write(json.dumps({**told, "ballots": given}) + "\n")
            machine.stdin.flush()
        for machine in machines:
            assert machine.stdout is not None
            assert machine.stdout.readline() == "ready\n"
        answers = []
        for machine in machines:
            assert machine.stdin is not None
            machine.stdin.write("\n")
            machine.stdin.flush()
        for machine in machines:
            out, _ = machine.communicate(timeout=60)
            assert machine.returncode == 0
            answers.append(out.splitlines())
        assert answers[0] == answers[1][::-1]  # the same receipt, whichever machine was asked
        assert {line.split(" ")[0] for line in answers[0]} == {"200"}
        with world.reading() as session:
            rows = session.scalars(select(AcceptedRow).order_by(AcceptedRow.height)).all()
        assert len(rows) == 8
        heights = [row.height for row in rows]
        assert heights == list(range(heights[0], heights[0] + 8))


def test_a_machine_that_stands_still_while_it_holds_the_head_of_a_log_does_not_stop_the_others(
    server: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casting, "LONGEST_HOLD", "200ms")
    with fresh_database("postgresql", tmp_path, server) as engine:
        world = World(engine, tmp_path, ccgs=("00A",)).open()
        world.engine = connect(f"{engine.url.render_as_string()}&options=-c%20lock_timeout%3D20s")  # else it would hang
        with pytest.raises(DBAPIError) as caught, session.casting(engine) as stopped:  # noqa: PT012  (the act leaves by it)
            assert hold_log(stopped, world.id, "00A")
            assert world.cast(world.links()[0]).status == 200
            hold_log(stopped, world.id, "00A")  # it wakes up, and finds that it holds nothing any more
        assert why_unavailable(caught.value) is Unavailable.AWAY
        assert world.cast(world.links()[1]).status == 200
        world.engine.dispose()


def test_a_machine_that_stands_still_before_it_holds_anything_does_not_stop_a_migration(
    server: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casting, "LONGEST_HOLD", "200ms")
    with fresh_database("postgresql", tmp_path, server) as engine:
        world = World(engine, tmp_path, ccgs=("00A",)).open()
        link, check, migrated = world.links()[0], office_cast.check_ballot, list[bool]()

        def migrate_first(*about: Any) -> None:
            check(*about)
            with engine.begin() as migration:
                migration.execute(text("SET LOCAL lock_timeout = '20s'"))  # else it would hang
                migration.execute(text("ALTER TABLE practice ADD COLUMN another integer"))
            migrated.append(True)

        monkeypatch.setattr(office_cast, "check_ballot", migrate_first)
        with pytest.raises(DBAPIError) as caught:
            world.cast(link)
        assert migrated
        assert why_unavailable(caught.value) is Unavailable.AWAY
        monkeypatch.setattr(office_cast, "check_ballot", check)
        assert world.cast(link).status == 200


def test_a_server_whose_default_is_serializable_changes_nothing(server: Callable[[], str], tmp_path: Path) -> None:
    with fresh_database("postgresql", tmp_path, server) as engine:
        strict = connect(f"{engine.url.render_as_string()}&options=-c%20default_transaction_isolation%3Dserializable")
        now = text("SELECT current_setting('transaction_isolation')")
        with session.casting(strict) as connection, session.transaction(strict) as act, session.reading(strict) as look:
            assert connection.scalar(now) == act.scalar(now) == "read committed"
            assert look.scalar(now) == "repeatable read"
        with session.casting(strict) as connection:
            assert connection.scalar(now) == "read committed"
        strict.dispose()


def test_migrations_carry_a_ballot_in_progress_down_to_the_first_tables_and_up_again(
    engine: Engine, tmp_path: Path
) -> None:
    world = World(engine, tmp_path, ccgs=("00A",)).open()
    link = world.links()[0]
    body = world.ballot(link)
    receipt = world.cast(link, body).receipt
    archive = world.archive()
    with engine.connect() as connection:
        kept = {
            table: connection.scalar(text(f'SELECT count(*) FROM "{table}"'))
            for table in ("practice", "token", "archive_entry", "programme_event", "checkpoint", "token_line", "log")
        }
        nodes = connection.execute(NODES).all()
    engine.dispose()
    downgrade(engine, "0001")
    assert "message" not in inspect(engine).get_table_names()
    upgrade(engine)

    assert world.archive() == archive
    with engine.connect() as connection:
        assert {table: connection.scalar(text(f'SELECT count(*) FROM "{table}"')) for table in kept} == kept
        assert connection.scalar(select(func.count()).select_from(AcceptedRow)) == 1
        assert connection.execute(NODES).all() == nodes
    downgrade(engine, "0009")  # and one step, which keeps what proofs are made of in another table
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(NODES).all() == nodes
        if engine.dialect.name == "sqlite":
            with pytest.raises(IntegrityError, match="never changed"):
                connection.execute(text("UPDATE checkpoint SET note = ''"))
    engine.dispose()
    assert world.cast(link, body).receipt == receipt
    # the first tables keep no statements, so the programme no longer asks
    assert world.cast(world.links()[1], said=None).status == 200
