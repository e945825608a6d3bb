"""Delivery reports: bounces in a real maildir and mbox, and GOV.UK Notify's answers, from a server like it."""

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

from ballot.db.outbox import list_messages
from ballot.mail.envelope import mark_of
from ballot.mail.mailboxes import NoMailbox, maildir_messages, mbox_messages
from ballot.mail.messages import Kind
from ballot.mail.notify import NotifyChannel
from ballot.mail.settings import NotifySettings
from ballot.mail.states import DeliveryState
from ballot.office.post import delivery_reports
from ballot.office.post.delivery_reports import ReportSummary, ask_channel, read_bounces
from ballot.office.post.mailings import retry
from ballot.office.post.outbox import OnePractice
from ballot.office.post.send import CLAIM_LASTS
from tests.integration.mail.post import Post, status
from tests.integration.mail.test_sending import leave_in_sending, set_practice, share_address
from tests.unit.mail.test_bounces import ID, MARK, dsn


def bounce_of(post: Post, practice: str) -> bytes:
    return dsn().replace(ID.encode(), post.message_id(practice).encode())


def test_bounces_are_read_from_a_maildir_and_an_mbox_once(post: Post, tmp_path: Path) -> None:
    post.invite()
    post.send()
    maildir, mbox = mailbox.Maildir(tmp_path / "in", create=True), mailbox.mbox(tmp_path / "in.mbox", create=True)
    for box in (maildir, mbox):
        for data in (bounce_of(post, "Y00001"), dsn(), b"From: a@b.org\nSubject: Who are you?\n\nHello\n"):
            box.add(data)
        box.close()
    first = read_bounces(post.world.engine, post.world.clock, maildir_messages(tmp_path / "in"))
    assert (first.changed, len(first.shown), first.other) == (1, 1, 1)
    second = read_bounces(post.world.engine, post.world.clock, mbox_messages(tmp_path / "in.mbox"))
    assert (second.changed, second.known, len(second.shown), second.other) == (0, 1, 1, 1)
    states = post.states()
    assert states.pop("Y00001") is DeliveryState.BOUNCED
    assert set(states.values()) == {DeliveryState.SENT}


def read(post: Post, *messages: bytes) -> ReportSummary:
    return read_bounces(post.world.engine, post.world.clock, messages)


def worked_out(post: Post, practice: str) -> bytes:
    """A bounce with the Message-ID that anybody can work out from what is public."""
    with post.world.reading() as session:
        (row,) = [row for row, of in list_messages(session, post.world.id) if of.ods == practice]
    return dsn().replace(MARK.encode(), row.name.partition(".")[2].encode())


@pytest.mark.parametrize("sent", [False, True])
def test_a_report_with_a_message_id_that_was_worked_out_changes_nothing_and_is_shown(post: Post, sent: bool) -> None:
    post.invite()
    if sent:
        post.send()
    before = post.states()
    heard = read(post, worked_out(post, "Y00000"), worked_out(post, "Y00000").replace(b"failed", b"delivered"))
    assert (heard.changed, heard.other, len(heard.shown)) == (0, 0, 2)
    assert heard.shown[0].practices == {"y00@example.org": ["Y00000"]}
    assert (heard.shown[0].fate, heard.shown[1].fate) == ("failed", "delivered")
    assert post.states() == before


def test_half_a_mark_is_none(post: Post) -> None:
    post.invite("Y00000")
    post.send()
    mark = str(mark_of(post.message_id("Y00000")))
    for end in (mark[20:].translate(str.maketrans("0123456789abcdef", "123456789abcdef0")), mark[20:39], "0" * 20):
        heard = read(post, dsn().replace(MARK.encode(), f"{mark[:20]}{end}".encode()))
        assert (heard.changed, len(heard.shown)) == (0, 1)
    assert post.states()["Y00000"] is DeliveryState.SENT


def test_by_its_recipient_alone_a_report_is_shown_with_every_practice_of_that_address(post: Post) -> None:
    share_address(post.world, "Y10000", "Y00@Example.org")
    post.invite()
    post.send()
    heard = read(post, dsn(), dsn().replace(b"y00@example.org", b"stranger@example.net"))
    assert [shown.practices for shown in heard.shown] == [{"y00@example.org": ["Y00000", "Y10000"]}, {}]
    assert heard.shown[1].addresses == ("stranger@example.net",)
    assert set(post.states().values()) == {DeliveryState.SENT}


def test_the_return_path_proves_it_where_a_relay_changed_the_message_id(post: Post) -> None:
    post.return_path = "bounces+*@vote.example.org"
    post.invite()
    post.send()
    (got,) = post.server.to("y02@example.org")
    bounce = dsn().replace(b"bounces@vote.example.org", got.sender.encode()).replace(ID.encode(), b"<x@relay.example>")
    assert read(post, bounce).changed == 1
    states = post.states()
    assert states.pop("Y00002") is DeliveryState.BOUNCED
    assert set(states.values()) == {DeliveryState.SENT}


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("relayed", DeliveryState.SENT),
        ("expanded", DeliveryState.SENT),
        ("delayed", DeliveryState.SENT),
        ("delivered", DeliveryState.DELIVERED),
        ("failed", DeliveryState.BOUNCED),
    ],
)
def test_what_was_passed_on_or_waits_is_not_delivered(post: Post, action: str, state: DeliveryState) -> None:
    post.invite("Y00000")
    post.send()
    read(post, bounce_of(post, "Y00000").replace(b"Action: failed", b"Action: " + action.encode()))
    (row,) = post.rows("Y00000")
    assert row.state is state
    assert row.answer != "accepted by the mail server"


def test_a_message_that_is_queued_again_is_not_bounced_by_the_report_that_came_late(post: Post) -> None:
    post.server.refuse = {"y00@example.org": "550 5.1.1 no such user"}
    post.invite("Y00000")
    post.send()
    assert retry(post.world.engine, post.world.clock, post.world.id, OnePractice("Y00000")) == 1
    heard = read(post, bounce_of(post, "Y00000"))
    assert (heard.changed, heard.known) == (0, 1)
    assert post.states()["Y00000"] is DeliveryState.QUEUED


def test_which_of_a_practices_addresses_failed_is_shown(post: Post) -> None:
    set_practice(post.world, "Y00000", notify="chair@example.org partner@example.net")
    assert post.world.cast(post.world.links()[0]).status == 200
    post.send()
    bounced = {got.recipients[0]: got for got in post.server.got}["chair@example.org"]
    heard = read(
        post, dsn().replace(ID.encode(), bounced.id.encode()).replace(b"y00@example.org", b"chair@example.org")
    )
    (news,) = heard.news
    assert (news.practices, news.kind, news.to, news.state) == (
        ("Y00000",),
        "has-voted",
        "chair@example.org",
        "bounced",
    )
    (problem,) = [problem for problem in status(post.world).problems if problem.posted.kind]
    assert problem.why.startswith("has-voted bounced at chair@example.org: ")


def test_of_an_address_that_forwards_the_failed_one_is_named(post: Post) -> None:
    post.invite("Y00000")
    post.send()
    read(post, bounce_of(post, "Y00000").replace(b"rfc822; y00@example.org", b"rfc822; manager@home.example.net"))
    assert post.rows("Y00000")[0].answer.startswith("manager@home.example.net: ")


def test_a_crafted_message_is_set_aside_once_and_holds_up_no_other(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.invite("Y00000")
    post.send()
    crafted = b"From: MAILER-DAEMON@x.org\n\n" + (b"," * 30_000 + b"@" * 60_000 + b"\n")
    first = read(post, crafted, bounce_of(post, "Y00000"))
    assert (first.aside, first.skipped, first.changed) == (1, 0, 1)
    monkeypatch.setattr(delivery_reports, "read_bounce", lambda _: pytest.fail("it was read again"))
    again = read(post, crafted)
    assert (again.aside, again.skipped) == (0, 1)


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
        assert first["reference"] == post.message_id("Y00000")
        assert post.world.links()[0].url("https://vote.example.org") in json.dumps(first["personalisation"])
        lines = str(first["personalisation"]["body"]).splitlines()
        assert [line for line in lines if line != line.strip()] == []
        assert ask_channel(post.world.engine, post.world.clock, channel).changed == 0
        notify.status = "delivered"
        assert ask_channel(post.world.engine, post.world.clock, channel).changed == 11
        assert post.states()["Y00000"] is DeliveryState.DELIVERED
        post.close()


def test_a_receipt_by_notify_promises_no_attachment(post: Post) -> None:
    with notify_server() as notify:
        post.channel = NotifyChannel(settings(notify))
        assert post.world.cast(post.world.links()[0]).status == 200
        post.send()
        (taken,) = notify.taken
        body = taken["personalisation"]["body"]  # type: ignore[index]
        assert taken["template_id"] == "t-receipt"
        assert "attach" not in body
        assert "open the practice's voting link again" in body
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
        notify.taken.append({"reference": post.message_id("Y00000")})  # it was taken, and then the process died
        post.later(seconds=int(CLAIM_LASTS.total_seconds()))
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
