"""Returned e-mails that an officer saved: read on a page, with no more belief than from the command line."""

from __future__ import annotations

import io
from html import unescape

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from ballot.db.outbox import list_messages
from ballot.db.session import transaction
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone
from ballot.office.staff.roles import StaffRole
from tests.integration.office.world import World
from tests.unit.mail.test_bounces import MARK, dsn
from tests.web.conftest import make_app
from tests.web.staff import staff_client, token_of


@pytest.fixture
def app(opened: World) -> Flask:
    return make_app(opened)


def send(app: Flask, world: World, *files: bytes) -> TestResponse:
    client = staff_client(app, world, StaffRole.DEPUTY)
    data = {"csrf_token": token_of(client), "files": [(io.BytesIO(file), "saved.eml") for file in files]}
    return client.post("/office/bounces", data=data, content_type="multipart/form-data")


def invited(world: World) -> None:
    """Y00000's invitation was sent, with the mark of the sample report."""
    invite(world.engine, world.clock, world.id, Everyone())
    with transaction(world.engine) as session:
        for row, practice in list_messages(session, world.id):
            row.state = "sent"
            if practice.ods == "Y00000":
                row.mark = MARK


def state_of(world: World, ods: str) -> str:
    with world.reading() as session:
        (state,) = [row.state for row, practice in list_messages(session, world.id) if practice.ods == ods]
    return state


def test_saved_messages_and_a_mailbox_are_read_and_what_changed_is_shown(app: Flask, opened: World) -> None:
    invited(opened)
    answer = b"From: a@b.org\nSubject: Away\n\nUntil Monday\n"
    mbox = b"From x@example.org Mon May  4 10:00:00 2020\n" + answer + b"\n"
    page = unescape(send(app, opened, dsn(), mbox + mbox).text)
    assert "1 e-mails changed their state." in page
    assert "Y00000: the invitation to y00@example.org is bounced" in page
    assert "2 messages are not delivery reports" in page
    assert state_of(opened, "Y00000") == "bounced"
    assert "0 e-mails changed their state. 0 are delayed. 1 were known." in send(app, opened, dsn()).text


def test_a_report_without_our_mark_is_shown_and_changes_nothing(app: Flask, opened: World) -> None:
    invite(opened.engine, opened.clock, opened.id, Everyone())
    page = send(app, opened, dsn()).text
    assert "Reports that changed nothing" in page
    assert state_of(opened, "Y00000") == "queued"


def test_a_file_that_is_no_message_is_named(app: Flask, opened: World) -> None:
    for files, words in (((b"PK\x03\x04",), "saved.eml is not a saved e-mail"), ((), "Choose one or more files")):
        answer = send(app, opened, *files)
        assert (answer.status_code, words in answer.text) == (400, True)
