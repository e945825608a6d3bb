"""The programme of world.py on either database, a real SMTP server, and a mailroom between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.mail.mail_server import MailServer, serving
from tests.integration.mail.post import Post
from tests.integration.office.world import World
from tests.support.databases import as_app


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with serving() as server:
        yield server


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    """Worked as the app's role; `engine` is the owner's, which alone can wipe, and tamper."""
    with as_app(engine) as app:
        yield World(app, tmp_path)


@pytest.fixture
def post(world: World, mail_server: MailServer) -> Iterator[Post]:
    """A programme that is open, and mail that goes to the server."""
    world.open()
    post = Post(world, mail_server)
    yield post
    post.close()
