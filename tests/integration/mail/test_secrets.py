"""No token or credential is in any table, log or exception; and opening a link changes nothing."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import MetaData, select

from ballot.office.acts.membership import Reissue
from ballot.office.perform import perform
from tests.integration.mail.post import Post, links_in
from tests.web.conftest import make_app


def everything_stored(post: Post) -> str:
    """Every column of every row of every table."""
    metadata = MetaData()
    metadata.reflect(post.world.engine)
    with post.world.engine.connect() as connection:
        return repr([connection.execute(select(table)).all() for table in metadata.sorted_tables])


def secrets_of(post: Post) -> list[str]:
    links = [link for ccg in post.world.ccgs for link in post.world.links(ccg)]
    return [secret for link in links for secret in (link.token, link.token[40:90], str(link.credential))]


def test_no_secret_is_stored_logged_or_shown(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    link = post.world.links()[1].url("https://vote.example.org")
    post.server.refuse = {"y00@example.org": f"550 your link {link} is not wanted here"}
    post.invite()
    post.remind()
    room, done = post.room(), post.send()
    assert post.world.cast(post.world.links()[2]).status == 200
    perform(post.world.desk, post.world.id, Reissue("00A", "Y00003"), (post.world.registrar,))
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # the receiving server's
    told = "".join(
        [everything_stored(post), *ours, repr(done), repr(post.rows()), repr(room.links), repr(room.settings)]
    )
    assert "invitation." in told
    secrets = secrets_of(post)
    assert len(secrets) == 36
    assert [secret for secret in secrets if secret in told] == []


def test_a_scanner_that_opens_every_link_again_and_again_changes_nothing(post: Post) -> None:
    post.invite()
    post.remind()
    assert post.world.cast(post.world.links()[0]).status == 200
    post.send()
    urls = [url for message in post.mailed() for kind in ("plain", "html") for url in links_in(message, kind)]
    assert len(urls) >= 40
    before = everything_stored(post)
    client: Any = make_app(post.world).test_client()
    for url in urls:
        parts = urlsplit(url)
        for path in (parts.path, f"{parts.path}?x={parts.fragment[:30]}", f"{parts.path}%23{parts.fragment}"):
            for method in ("GET", "HEAD", "GET"):
                assert client.open(path, method=method).status_code in (200, 404)
    assert everything_stored(post) == before
    assert post.world.cast(post.world.links()[1]).status == 200  # every link still works
