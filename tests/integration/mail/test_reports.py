"""What is heard afterwards: bounces in a real maildir and mbox, and GOV.UK Notify's word, from a server like it."""

from __future__ import annotations

import json
import mailbox
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ballot.mail.kinds import Kind
from ballot.mail.mailboxes import NoMailbox, maildir_messages, mbox_messages
from ballot.mail.notify import NotifyChannel
from ballot.mail.settings import NotifySettings
from ballot.mail.states import DeliveryState
from ballot.office.reports import ask_channel, read_bounces
from ballot.office.send import CLAIM
from tests.integration.mail.post import Post
from tests.integration.mail.test_sending import leave_in_sending
from tests.unit.mail.test_bounces import ID, dsn


def bounce_of(post: Post, practice: str) -> bytes:
    return dsn().replace(ID.encode(), str(post.rows(practice)[0].message_id).encode())


def test_bounces_are_read_from_a_maildir_and_an_mbox_once(post: Post, tmp_path: Path) -> None:
    post.invite()
    post.send()
    maildir, mbox = mailbox.Maildir(tmp_path / "in", create=True), mailbox.mbox(tmp_path / "in.mbox", create=True)
    for box in (maildir, mbox):
        for data in (bounce_of(post, "Y00001"), dsn(), b"From: a@b.org\nSubject: Who are you?\n\nHello\n"):
            box.add(data)
        box.close()
    first = read_bounces(post.world.engine, post.world.clock, maildir_messages(tmp_path / "in"))
    assert (first.changed, first.unknown, first.other) == (1, 1, 1)
    second = read_bounces(post.world.engine, post.world.clock, mbox_messages(tmp_path / "in.mbox"))
    assert (second.changed, second.known, second.unknown, second.other) == (0, 1, 1, 1)
    states = post.states()
    assert states.pop("Y00001") is DeliveryState.BOUNCED
    assert set(states.values()) == {DeliveryState.SENT}


@pytest.mark.parametrize("read", [maildir_messages, mbox_messages])
def test_where_there_is_no_mailbox_that_is_said(read: object, tmp_path: Path) -> None:
    with pytest.raises(NoMailbox):
        list(read(tmp_path / "nowhere"))  # type: ignore[operator]


@dataclass
class Notify:
    """GOV.UK Notify as its documentation describes it: takes messages, and tells what became of them."""

    taken: list[dict[str, object]] = field(default_factory=list)
    status: str = "sending"
    refuse: dict[str, tuple[int, object]] = field(default_factory=dict)
    port: int = 0


@contextmanager
def notify_server() -> Iterator[Notify]:
    notify = Notify()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def answer(self, status: int, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if refused := notify.refuse.get(sent["email_address"]):
                return self.answer(*refused)
            notify.taken.append(sent)
            return self.answer(201, {"id": f"id-{len(notify.taken)}"})

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/v2/notifications":
                (reference,) = parse_qs(parts.query)["reference"]
                known = [{"id": f"id-{n}"} for n, one in enumerate(notify.taken, 1) if one["reference"] == reference]
                return self.answer(200, {"notifications": known, "links": {}})
            return self.answer(200, {"id": parts.path.rpartition("/")[2], "status": notify.status})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    notify.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield notify
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settings(notify: Notify) -> NotifySettings:
    key = "ballot-" + "1" * 8 + "-1111-1111-1111-" + "1" * 12 + "-" + "2" * 8 + "-2222-2222-2222-" + "2" * 12
    return NotifySettings(
        key, {kind.value: f"t-{kind.value}" for kind in Kind}, None, f"http://127.0.0.1:{notify.port}", 10
    )


def test_notify_takes_messages_and_tells_later_what_became_of_them(post: Post) -> None:
    with notify_server() as notify:
        notify.refuse = {
            "y01@example.org": (400, {"errors": [{"message": "email_address is not a valid email address"}]}),
        }
        post.channel = channel = NotifyChannel(settings(notify))
        post.invite()
        assert post.send().states == {DeliveryState.SENT: 11, DeliveryState.BOUNCED: 1}
        first = notify.taken[0]
        assert (first["template_id"], first["email_address"]) == ("t-invitation", "y00@example.org")
        assert first["reference"] == post.rows("Y00000")[0].message_id
        assert post.world.links()[0].url("https://vote.example.org") in json.dumps(first["personalisation"])
        assert ask_channel(post.world.engine, post.world.clock, channel).changed == 0
        notify.status = "delivered"
        assert ask_channel(post.world.engine, post.world.clock, channel).changed == 11
        assert post.states()["Y00000"] is DeliveryState.DELIVERED
        post.close()


def test_notify_at_its_limit_stops_the_round(post: Post) -> None:
    with notify_server() as notify:
        notify.refuse = {"y00@example.org": (429, {"errors": [{"message": "Exceeded rate limit"}]})}
        post.channel = NotifyChannel(settings(notify))
        post.invite()
        done = post.send()
        assert done.stopped is not None
        assert done.stopped.startswith("429")
        assert notify.taken == []
        post.close()


def test_what_notify_had_before_a_crash_is_not_sent_again(post: Post) -> None:
    with notify_server() as notify:
        post.channel = NotifyChannel(settings(notify))
        post.invite("Y00000")
        leave_in_sending(post)
        notify.taken.append({"reference": post.rows("Y00000")[0].message_id})  # it was taken, and then the process died
        post.later(seconds=int(CLAIM.total_seconds()))
        assert post.send().states == {DeliveryState.SENT: 1}
        assert len(notify.taken) == 1
        post.close()


def test_where_notify_cannot_be_reached_the_round_stops_and_nothing_is_lost(post: Post) -> None:
    with notify_server() as notify:
        gone = replace(settings(notify))
    post.channel = NotifyChannel(gone)
    post.invite("Y00000")
    assert post.send().stopped is not None
    assert post.states()["Y00000"] is DeliveryState.DEFERRED
    post.close()
