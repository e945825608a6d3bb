"""How long pages take, and how large they are, with many CCGs: each is requested twice, in-process.

Both times are given: the first request fills caches, as it does in service.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine

from ballot.config import Config
from ballot.db.session import transaction
from ballot.db.staff import find_account
from ballot.office.staff.accounts import add_account
from ballot.office.staff.passwords import Passwords
from ballot.office.staff.roles import StaffRole
from ballot.office.staff.sessions import Door, begin_session
from ballot.record.keys import Role
from ballot.registrar import keyring
from ballot.service import Service
from ballot.web.app import create_app
from ballot.web.stage import AppSurroundings

PUBLIC = (
    "/",
    "/board/{id}",
    "/board/{id}/results",
    "/board/{id}/{ccg}",
    "/board/{id}/{ccg}/ballots",
    "/board/{id}/events",
    "/board/{id}/checkpoints",
    "/board/{id}/find?number=x",
    "/vote/{id}/{ccg}",
    "/api/programmes/{id}",
    "/api/programmes/{id}/logs",
    "/api/programmes/{id}/assets.json",
    "/metrics",
)
OFFICE = (
    "/office",
    "/office/ballots/{id}",
    "/office/ballots/{id}/constitutions",
    "/office/ballots/{id}/links",
    "/office/ballots/{id}/mail",
    "/office/ballots/{id}/turnout",
    "/office/ballots/{id}/count",
    "/office/ballots/{id}/proposals",
    "/office/ballots/{id}/proposals/new/close",
    "/office/activity",
)
SLOW = ("/office/ballots/{id}/preflight", "/office/ballots/{id}/secrecy")
METRICS_TOKEN = "0" * 32


@dataclass(frozen=True, slots=True)
class PageTime:
    """Processor milliseconds, the first time and the second; `size` is in bytes."""

    path: str
    status: int
    size: int
    first: float
    second: float


def ask(instance: Path, engine: Engine, id: str, ccg: str, slow: bool = False) -> Iterator[PageTime]:
    """Every page, as the public and as the returning officer."""
    public, office = clients(instance, engine)
    for client, paths in ((public, PUBLIC), (office, (*OFFICE, *(SLOW if slow else ())))):
        for path in paths:
            yield _ask(client, path.format(id=id, ccg=ccg))


def clients(instance: Path, engine: Engine) -> tuple[FlaskClient, FlaskClient]:
    """An anonymous client, and the returning officer, signed in."""
    keys = instance / "keys"
    door = Door(engine, now, secrets.token_bytes, keyring.open_storage_key(keys), Passwords())
    service = Service(metrics_token=METRICS_TOKEN)
    config = Config(str(engine.url), instance, "vote.example.org", instance, keys, office=True, service=service)
    board = keyring.open_signing_key(keys, Role.BOARD)
    app = create_app(AppSurroundings(config, engine, now, board, door))
    login = f"{secrets.token_hex(4)}@example.org"
    add_account(door, login, "A returning officer", StaffRole.RETURNING_OFFICER)
    with transaction(engine) as session:
        account = find_account(session, login)
        assert account is not None
        cookie = begin_session(session, door, account, now())
    office = app.test_client()
    office.set_cookie(app.config["STAFF_COOKIE_NAME"], cookie)
    return app.test_client(), office


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def _ask(client: FlaskClient, path: str) -> PageTime:
    spent: list[float] = []
    for _ in range(2):
        began = time.process_time()
        response = client.get(path, headers={"Authorization": f"Bearer {METRICS_TOKEN}"} if path == "/metrics" else {})
        body = response.get_data()
        spent.append(1000 * (time.process_time() - began))
    return PageTime(path, response.status_code, len(body), *spent)
