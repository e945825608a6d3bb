"""Behind every rule of the office there is a constraint: direct SQL that breaks the rule is refused, on both databases.

The rows of this table are those of docs/database.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from ballot.db.append_only import BOARD_TABLES
from ballot.db.tables import Base
from tests.integration.office.world import World
from tests.support.databases import KINDS, fresh_database

DOCUMENT = Path(__file__).parents[3] / "docs" / "database.md"
BREAKING = {
    "uq_accepted_ballot_id_once": "INSERT INTO accepted (ballot_id, practice_id, payload, credential, height, time, "
    "receipt, once) SELECT ballot_id, practice_id, 'other', credential, 99, time, receipt, once FROM accepted LIMIT 1",
    "uq_accepted_ballot_id_payload": "INSERT INTO accepted (ballot_id, practice_id, payload, credential, height, time, "
    "receipt, once) SELECT ballot_id, practice_id, payload, 'other', 98, time, receipt, 'other' FROM accepted LIMIT 1",
    "uq_accepted_ballot_id_height": "INSERT INTO accepted (ballot_id, practice_id, payload, credential, height, time, "
    "receipt, once) SELECT ballot_id, practice_id, 'other', 'other', height, time, receipt, 'other' FROM accepted "
    "LIMIT 1",
    "uq_token_live": "INSERT INTO token (practice_id, serial, hash, status, issued_at, expires_at) "
    "SELECT practice_id, serial + 1, 'other', 'live', issued_at, expires_at FROM token LIMIT 1",
    "uq_token_hash": "INSERT INTO token (practice_id, serial, hash, status, issued_at, expires_at) "
    "SELECT practice_id, serial + 1, hash, 'revoked', issued_at, expires_at FROM token LIMIT 1",
    "uq_token_practice_id_serial": "INSERT INTO token (practice_id, serial, hash, status, issued_at, expires_at) "
    "SELECT practice_id, serial, 'other', 'revoked', issued_at, expires_at FROM token LIMIT 1",
    "pk_letter": "INSERT INTO letter (practice_id, lookup, sealed, made_at) SELECT practice_id, payload, receipt, time "
    "FROM accepted UNION ALL SELECT practice_id, credential, receipt, time FROM accepted",
    "pk_archive_entry": "INSERT INTO archive_entry SELECT * FROM archive_entry LIMIT 1",
    "pk_programme_event": "INSERT INTO programme_event (programme_id, height, hash, time, line) "
    "SELECT programme_id, height, 'other', time, line FROM programme_event LIMIT 1",
    "uq_programme_event_hash": "INSERT INTO programme_event (programme_id, height, hash, time, line) "
    "SELECT programme_id, height + 99, hash, time, line FROM programme_event LIMIT 1",
    "uq_checkpoint_programme_id_log_size": "INSERT INTO checkpoint (programme_id, log, size, note, nodes) "
    "SELECT programme_id, log, size, 'other', nodes FROM checkpoint LIMIT 1",
    "pk_token_line": "INSERT INTO token_line SELECT * FROM token_line LIMIT 1",
    "pk_log": "INSERT INTO log SELECT * FROM log LIMIT 1",
    "uq_practice_ballot_id_ods": "INSERT INTO practice (ballot_id, ods, name) SELECT ballot_id, ods, 'other' "
    "FROM practice LIMIT 1",
    "uq_practice_ballot_id_credential": "INSERT INTO practice (ballot_id, ods, name, credential) "
    "SELECT ballot_id, 'Z99999', 'other', credential FROM practice LIMIT 1",
    "uq_ballot_uuid": "UPDATE ballot SET uuid = (SELECT min(uuid) FROM ballot)",
    "uq_ballot_programme_id_election_name": "UPDATE ballot SET election_name = '00A'",
    "uq_ballot_programme_id_position": "UPDATE ballot SET position = 0",
    "ck_ballot_window": "UPDATE ballot SET opens_at = closes_at, closes_at = opens_at",
    "uq_message_mark": "UPDATE message SET mark = '5'",
    "uq_message_name": 'INSERT INTO message (programme_id, kind, "to", about, name, state, attempts, '
    'queued_at, next_at, changed_at, answer) SELECT programme_id, kind, "to", about, name, state, attempts, '
    "queued_at, next_at, changed_at, answer FROM message LIMIT 1",
    "uq_message_practice_practice_id_once": "INSERT INTO message_practice (message, practice_id, once) "
    "SELECT message + 1, practice_id, once FROM message_practice WHERE message = 1",
    "pk_activity": "INSERT INTO activity SELECT * FROM activity LIMIT 1",
    "fk_practice_ballot_id_ballot": "INSERT INTO practice (ballot_id, ods, name) VALUES (99, 'Z99999', 'other')",
}


@pytest.fixture(scope="module", params=KINDS)
def voted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, server: Callable[[], str]
) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("rules")
    with fresh_database(request.param, folder, server) as engine:
        world = World(engine, folder).open()
        for link in world.links()[:2]:
            assert world.cast(link).status == 200
        yield engine


@pytest.mark.parametrize("name", BREAKING)
def test_a_statement_that_breaks_a_rule_is_refused(voted: Engine, name: str) -> None:
    with pytest.raises(IntegrityError) as refused, voted.begin() as connection:
        connection.execute(text(BREAKING[name]))
    said = str(refused.value.orig)
    if voted.dialect.name == "postgresql":
        assert name in said
    else:
        kind = "CHECK" if name.startswith("ck_") else "FOREIGN KEY" if name.startswith("fk_") else "UNIQUE"
        assert said.startswith(f"{kind} constraint failed")


def test_the_document_lists_these_constraints_and_they_are_in_the_tables() -> None:
    listed = set(re.findall(r"^\|.*`((?:uq|pk|ck|fk)_\w+)` \|$", DOCUMENT.read_text(), re.M))
    assert listed == set(BREAKING)
    assert {name for name in listed if name.startswith("pk_")} <= {f"pk_{table}" for table in Base.metadata.tables}


ROWS_TO_HOLD = {
    "cosignature": "INSERT INTO cosignature (programme_id, log, size, witness, line) "
    "SELECT programme_id, log, size, 'w', 'l' FROM checkpoint LIMIT 1",
    "document": "INSERT INTO document (programme_id, sha256, body) SELECT id, 's', x'00' FROM programme LIMIT 1",
    "share": "INSERT INTO share (ballot_id, owner, body, received_at) "
    "SELECT id, 1, x'00', opens_at FROM ballot LIMIT 1",
}
"""What no ballot that is open has yet. A trigger asks nothing where there is no row."""


@pytest.mark.parametrize("table", BOARD_TABLES)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_on_sqlite_a_row_of_the_board_stays_as_it_is(voted: Engine, table: str, statement: str) -> None:
    if voted.dialect.name != "sqlite":
        return  # there roles do it: test_roles.py
    column = next(iter(Base.metadata.tables[table].columns)).name
    with voted.connect() as connection:  # and nothing is committed
        if table in ROWS_TO_HOLD:
            connection.execute(text(ROWS_TO_HOLD[table]))
        with pytest.raises(IntegrityError, match="never changed or removed"):
            connection.execute(text(statement.format(table, column, column)))
