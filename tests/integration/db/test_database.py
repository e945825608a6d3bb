"""The tables and their migrations agree; a transaction happens whole or not at all; times come back aware."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError, StatementError

import ballot
from ballot.db.engine import connect
from ballot.db.programmes import ProgrammeRow, find_programme, list_programmes
from ballot.db.session import reading, transaction
from ballot.db.staff import AccountRow, RecoveryRow, list_recoveries
from ballot.db.tables import Base
from ballot.db.tokens import TokenRow
from ballot.db.upgrade import downgrade, upgrade

NOON = datetime(2020, 5, 11, 12, tzinfo=UTC)


def programme(id: str = "merger", restored: datetime | None = None) -> ProgrammeRow:
    return ProgrammeRow(
        id=id,
        toml=b"",
        roll=b"",
        roll_sources=b"[]",
        pedersen=b"",
        keys=b"",
        board="b",
        keys_held="",
        backup_restored_at=restored,
    )


def test_models_and_migrations_agree_up_and_down_and_up_again(engine: Engine) -> None:
    for _ in range(2):
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
        downgrade(engine)
        assert inspect(engine).get_table_names() == ["alembic_version"]
        upgrade(engine)


OLD = (
    'INSERT INTO message (programme_id, kind, "to", about, message_id, state, attempts, queued_at, next_at, dated_at, '
)
OLD += "changed_at, answer) VALUES ('merger', :kind, 'a@b.org', '', :id, :state, 1, :at, :at, :dated, :at, '')"


def test_messages_of_the_time_before_marks_keep_their_message_ids_if_they_were_sent(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(programme())
    downgrade(engine, "0010")
    ids = {"contact-changed": f"<contact-changed.{'a' * 32}@vote.example.org>", "receipt": f"<receipt.{'b' * 32}@h>"}
    with engine.begin() as connection:
        for (kind, id), dated in zip(ids.items(), (NOON, None), strict=True):
            at = NOON if engine.dialect.name == "postgresql" else "2020-05-11 12:00:00"
            when = None if dated is None else at
            values = {"kind": kind, "id": id, "state": "sent" if dated else "queued", "at": at, "dated": when}
            connection.execute(text(OLD), values)
    upgrade(engine)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT name, mark, state FROM message ORDER BY id")).all()
    assert [tuple(row) for row in found] == [
        (f"contact-changed.{'a' * 32}", "a" * 32, "sent"),
        (f"receipt.{'b' * 32}", None, "queued"),
    ]
    downgrade(engine, "0010")
    with engine.connect() as connection:
        before = connection.execute(text("SELECT message_id FROM message ORDER BY id")).scalars().all()
    assert [id.partition("@")[0] for id in before] == [id.partition("@")[0] for id in ids.values()]
    upgrade(engine)


def test_recovery_codes_of_the_time_of_argon2_are_deleted_so_that_none_is_shown_as_left(engine: Engine) -> None:
    with transaction(engine) as session:
        account = AccountRow(login="a@b.org", name="A", role="observer", handle=b"1", created_at=NOON)
        session.add(account)
        session.flush()
        id = account.id
        session.add(RecoveryRow(account_id=id, position=0, hash="$argon2id$v=19$..."))
    downgrade(engine, "0012")
    upgrade(engine)
    with reading(engine) as session:
        assert list_recoveries(session, id) == []
        assert session.get(AccountRow, id) is not None


def test_an_upgrade_of_an_up_to_date_database_changes_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(programme())
    upgrade(engine)
    with reading(engine) as session:
        assert len(list_programmes(session)) == 1


def fail_in_the_middle(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(programme())
        session.flush()
        raise RuntimeError


def test_an_exception_undoes_everything(engine: Engine) -> None:
    with pytest.raises(RuntimeError):
        fail_in_the_middle(engine)
    with reading(engine) as session:
        assert find_programme(session, "merger") is None


def test_reading_sees_one_moment(engine: Engine) -> None:
    with reading(engine) as session:
        assert list_programmes(session) == []
        with transaction(engine) as other:
            other.add(programme())
        assert list_programmes(session) == []
    with reading(engine) as session:
        assert len(list_programmes(session)) == 1


def test_times_come_back_aware_in_utc(engine: Engine) -> None:
    summer = NOON.astimezone(timezone(timedelta(hours=1)))
    with transaction(engine) as session:
        session.add(programme(restored=summer))
    with reading(engine) as session:
        found = find_programme(session, "merger")
        assert found is not None
        assert found.backup_restored_at == NOON
        assert found.backup_restored_at.tzinfo is UTC


def test_a_naive_time_is_never_stored(engine: Engine) -> None:
    with pytest.raises(StatementError, match="names no moment"), transaction(engine) as session:
        session.add(programme(restored=NOON.replace(tzinfo=None)))


def test_foreign_keys_hold(engine: Engine) -> None:
    with pytest.raises(IntegrityError), transaction(engine) as session:
        session.add(TokenRow(practice_id=99, serial=1, hash="x", status="live", issued_at=NOON, expires_at=NOON))


def test_sqlite_is_set_up_as_designed(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'x.db'}")
    upgrade(engine)
    with engine.connect() as connection:
        found = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("page_size", "journal_mode", "foreign_keys", "synchronous")
        ]
    engine.dispose()
    assert found == [8192, "wal", 1, 2]


def test_a_write_transaction_on_sqlite_waits_for_the_one_before(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'x.db'}")
    upgrade(engine)
    inside, order = threading.Event(), []

    def second() -> None:
        inside.wait()
        with transaction(engine) as session:
            session.execute(text("SELECT 1"))
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with transaction(engine) as session:
        session.execute(text("SELECT 1"))
        inside.set()
        thread.join(0.2)
        order.append("first")
    thread.join()
    engine.dispose()
    assert order == ["first", "second"]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y"])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///FILE or postgresql"):
        connect(url)


def places_of(pattern: str) -> list[str]:
    folder = Path(ballot.__file__).parent
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*.py"))
        for _ in re.findall(pattern, path.read_text())
    ]


def test_only_one_place_commits() -> None:
    assert places_of(r"\.commit\(") == ["db/session.py"]


def test_only_one_place_appends_to_a_log() -> None:
    for call in ("sign_checkpoint", "store"):
        assert places_of(rf"(?<!def )\b{call}\(") == ["office/casting/logbook.py"]
