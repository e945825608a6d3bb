"""GOV.UK Notify's callback: only with its token, for any body; it changes one message, or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ballot.config import Config
from ballot.db.outbox import list_messages
from ballot.mail.envelope import make_message_id
from ballot.mail.settings import MailSettings, NotifySettings
from ballot.web.app import create_app
from ballot.web.stage import AppSurroundings
from tests.integration.office.world import World

PLACE = "/api/mail/notify"
TOKEN = "a-token-of-twenty-characters"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


def client_of(world: World, token: str | None = TOKEN) -> FlaskClient:
    notify = NotifySettings("k" * 80, {}, token, "https://notify.example", 10)
    mail = MailSettings("a@example.org", "", "h@example.org", "a@example.org", None, 60, notify)
    config = Config("", Path("instance"), "vote.example.org", Path("config"), Path("keys"), mail=mail)
    return create_app(AppSurroundings(config, world.engine, world.clock, world.board)).test_client()


def sent(world: World) -> str:
    """The Message-ID of a receipt that was handed to Notify."""
    from ballot.db.session import transaction

    with transaction(world.engine) as session:
        row = list_messages(session, world.id)[0][0]
        row.state, row.mark = "sent", "5" * 40
        return make_message_id(row.kind, row.mark, "vote.example.org")


def state(world: World) -> str:
    with world.reading() as session:
        return list_messages(session, world.id)[0][0].state


def test_a_final_word_moves_the_message_it_names(voted: World) -> None:
    client, id = client_of(voted), sent(voted)
    for status, expected in (("sending", "sent"), ("delivered", "delivered"), ("permanent-failure", "bounced")):
        answer = client.post(PLACE, json={"reference": id, "status": status}, headers=AUTHORIZED)
        assert (answer.status_code, answer.data) == (204, b"")
        assert state(voted) == expected


@pytest.mark.parametrize("token", ["", "another-token-of-20-chars", TOKEN[:-1], TOKEN + "x", "\u00e9"])
def test_without_the_token_nothing_is_believed(voted: World, token: str) -> None:
    id = sent(voted)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = client_of(voted).post(PLACE, json={"reference": id, "status": "delivered"}, headers=headers)
    assert (answer.status_code, json.loads(answer.data)["word"]) == (403, "not-allowed")
    assert state(voted) == "sent"


def test_where_no_callbacks_are_set_up_there_is_nothing_here(voted: World) -> None:
    assert client_of(voted, None).post(PLACE, json={}, headers=AUTHORIZED).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"reference":1,"status":"delivered"}', 400),
        (b"\xff", 400),
        (b"[" * 9000, 400),
        (b"x" * 20000, 413),
        (b'{"reference":"<no-such@x>","status":"delivered"}', 204),
        (b'{"reference":"\\u0000","status":"delivered"}', 204),
    ],
)
def test_whatever_the_body_is_it_moves_nothing_else(voted: World, body: bytes, status: int) -> None:
    sent(voted)
    answer = client_of(voted).post(PLACE, data=body, headers=AUTHORIZED)
    assert answer.status_code == status
    assert state(voted) == "sent"
