"""The SMTP channel: always encrypted, and the meaning of each answer from the server."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from ballot.mail import smtp
from ballot.mail.channel import Delivery, SendOutcome
from ballot.mail.envelope import Envelope, From
from ballot.mail.messages import Kind
from ballot.mail.render import Rendered
from ballot.mail.settings import SmtpSettings, Tls
from ballot.mail.smtp import SmtpChannel
from tests.integration.mail.mail_server import PASSWORD, USER, MailServer, serving

LINK = "https://vote.example.org/vote/merger/00A#" + "t" * 30 + "." + "c" * 20
ENVELOPE = Envelope(
    Kind.INVITATION,
    "y00@example.org",
    "<invitation.0123456789abcdef0123456789abcdef@vote.example.org>",
    datetime(2020, 5, 11, 8, tzinfo=UTC),
    From("", "ballot@vote.example.org", "help@vote.example.org", "bounces@vote.example.org"),
    Rendered("Please vote", f"{LINK}\n", f"<a href='{LINK}'>vote</a>\n"),
    secrets=("t" * 30, "c" * 20),
)


def settings(server: MailServer, tls: Tls, user: str | None = None, password: str | None = None) -> SmtpSettings:
    return SmtpSettings("127.0.0.1", server.port, tls, user, password, server.ca_file, 10)


def send(made: SmtpSettings, *envelopes: Envelope) -> list[Delivery]:
    channel = SmtpChannel(made, "vote.example.org")
    try:
        return [channel.send(envelope) for envelope in envelopes or (ENVELOPE,)]
    finally:
        channel.close()


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.TLS])
def test_a_message_travels_encrypted_after_a_login(tls: Tls, tmp_path: Path) -> None:
    with serving(tls.value, login=tls is Tls.STARTTLS, folder=tmp_path) as server:
        login = (USER, PASSWORD) if tls is Tls.STARTTLS else ()
        (delivery,) = send(settings(server, tls, *login))
        assert delivery.outcome is SendOutcome.SENT
        assert [got.encrypted for got in server.got] == [True]
        assert LINK in server.got[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.TLS])
def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(tls: Tls, tmp_path: Path) -> None:
    with serving(tls.value, folder=tmp_path) as server:
        (delivery,) = send(replace(settings(server, tls), ca_file=None))
        assert (delivery.outcome, delivery.stop) == (SendOutcome.DEFERRED, True)
        assert "certificate" in delivery.answer
        assert server.got == []


def test_a_certificate_for_another_name_is_not_accepted(tmp_path: Path) -> None:
    with serving("starttls", folder=tmp_path) as server:
        (delivery,) = send(replace(settings(server, Tls.STARTTLS), host="localhost"))
        assert (delivery.outcome, delivery.stop) == (SendOutcome.DEFERRED, True)
        assert "certificate" in delivery.answer


def test_where_starttls_is_not_offered_nothing_is_sent_in_the_clear() -> None:
    with serving() as server:
        (delivery,) = send(settings(server, Tls.STARTTLS))
        assert (delivery.outcome, delivery.stop) == (SendOutcome.DEFERRED, True)
        assert "STARTTLS" in delivery.answer
        assert server.got == []


def test_a_wrong_password_stops_the_round_and_is_not_repeated_in_the_answer(tmp_path: Path) -> None:
    with serving("starttls", login=True, folder=tmp_path) as server:
        (delivery,) = send(settings(server, Tls.STARTTLS, USER, "correct horse"))
        assert (delivery.outcome, delivery.stop) == (SendOutcome.DEFERRED, True)
        assert delivery.answer.startswith("535")
        assert "correct horse" not in repr(delivery)


@pytest.mark.parametrize(
    ("where", "answer", "outcome", "stop"),
    [
        ("refuse", "550 5.1.1 no such user", SendOutcome.BOUNCED, False),
        ("refuse", "553 not an address", SendOutcome.BOUNCED, False),
        ("refuse", "450 4.2.0 greylisted", SendOutcome.DEFERRED, False),
        ("refuse", "452 4.2.2 mailbox full", SendOutcome.DEFERRED, False),
        ("refuse", "421 4.3.2 shutting down", SendOutcome.DEFERRED, True),
        ("refuse", "554 5.7.1 Relay access denied", SendOutcome.DEFERRED, True),
        ("refuse", "550 5.7.60 Client does not have permissions to send as this sender", SendOutcome.DEFERRED, True),
        ("refuse", "550 relay not permitted", SendOutcome.DEFERRED, True),
        ("refuse", "530 5.7.0 Authentication required", SendOutcome.DEFERRED, True),
        ("refuse", "550 5.4.1 Recipient address rejected: Access denied", SendOutcome.BOUNCED, False),
        ("refuse_data", "451 4.3.0 try later", SendOutcome.DEFERRED, False),
        ("refuse_data", "554 5.7.1 not wanted", SendOutcome.DEFERRED, True),
    ],
)
def test_every_answer_has_its_meaning_and_the_next_message_can_follow(
    where: str, answer: str, outcome: SendOutcome, stop: bool
) -> None:
    with serving() as server:
        setattr(server, where, {ENVELOPE.to: answer})
        other = replace(ENVELOPE, to="y01@example.org", message_id=ENVELOPE.message_id.replace("0", "1"))
        first, second = send(settings(server, Tls.NONE), ENVELOPE, other)
    assert (first.outcome, first.stop, first.answer) == (outcome, stop, answer)
    assert second.outcome is SendOutcome.SENT
    assert [got.recipients for got in server.got] == [["y01@example.org"]]


class KnowsReports:
    """A server that offers delivery status notifications (RFC 3461), which aiosmtpd does not."""

    def has_extn(self, name: str) -> bool:
        return name == "dsn"

    def sendmail(self, sender: str, to: list[str], data: bytes, mail: list[str], rcpt: list[str]) -> None:
        self.options = [*mail, *rcpt]


def test_a_report_is_asked_for_under_the_mark_alone_where_the_server_knows_how() -> None:
    """A long host name would make more of it than the 100 characters that RFC 3461 allows."""
    mark, server = "0123456789" * 4, KnowsReports()
    envelope = replace(ENVELOPE, message_id=f"<contact-changed.{mark}@{'long.' * 12}example.org>")
    channel = SmtpChannel(SmtpSettings("h", 25, Tls.NONE, None, None, None, 5), "vote.example.org")
    assert channel._say(server, envelope, envelope.to, b"") is None  # type: ignore[arg-type]
    assert server.options == ["RET=HDRS", f"ENVID={mark}", "NOTIFY=FAILURE,DELAY"]


def test_whether_a_server_would_let_us_send_is_found_without_sending() -> None:
    with serving() as server:
        channel = SmtpChannel(settings(server, Tls.NONE), "vote.example.org")
        asked = ("bounces@vote.example.org", ["y00@example.org", "help@vote.example.org"])
        assert channel.try_connection(*asked) is None
        server.refuse = {"y00@example.org": "550 5.1.1 no such user"}
        assert channel.try_connection(*asked) is None
        server.refuse = {"help@vote.example.org": "554 5.7.1 Relay access denied"}
        assert channel.try_connection(*asked) == "the mail server does not let us send: 554 5.7.1 Relay access denied"
        assert server.got == []


def test_a_server_that_quotes_the_link_does_not_bring_it_into_our_records() -> None:
    with serving() as server:
        server.refuse_data = {ENVELOPE.to: f"554 blocked URL {LINK} {'t' * 30} in your message"}
        (delivery,) = send(settings(server, Tls.NONE))
    assert "blocked URL" in delivery.answer
    assert "t" * 30 not in delivery.answer
    assert "c" * 20 not in delivery.answer


CLOSED_AFTER_IDLING = {
    "without a word": b"",
    "with a word": b"421 4.4.2 timeout, closing connection\r\n",
}


@pytest.mark.parametrize("last", CLOSED_AFTER_IDLING.values(), ids=CLOSED_AFTER_IDLING)
def test_a_connection_that_was_closed_while_idle_is_opened_again_at_once(last: bytes) -> None:
    with idling(last) as server:
        channel = SmtpChannel(server.settings, "vote.example.org")
        first = channel.send(ENVELOPE)
        server.hang_up()
        second = channel.send(ENVELOPE)
        channel.close()
    assert (first.outcome, second.outcome) == (SendOutcome.SENT, SendOutcome.SENT)
    assert (server.connections, server.accepted) == (2, 2)


@pytest.mark.parametrize("step", [b"MAIL", b"RCPT"])
def test_a_connection_that_may_carry_no_more_messages_is_opened_again_at_once(step: bytes) -> None:
    with idling(closes_at=(2, step)) as server:
        channel = SmtpChannel(server.settings, "vote.example.org")
        assert [channel.send(ENVELOPE).outcome for _ in range(2)] == [SendOutcome.SENT] * 2
        channel.close()
    assert (server.connections, server.accepted) == (2, 2)


def test_a_message_whose_data_was_sent_is_never_sent_again_at_once() -> None:
    """The server may have accepted it: only its answer was lost."""
    with idling(closes_at=(2, b".")) as server:
        channel = SmtpChannel(server.settings, "vote.example.org")
        first, second = channel.send(ENVELOPE), channel.send(ENVELOPE)
        channel.close()
    assert (first.outcome, second.outcome, second.stop) == (SendOutcome.SENT, SendOutcome.DEFERRED, True)
    assert (server.connections, server.accepted) == (1, 2)


def test_a_server_that_closes_a_new_connection_is_left_alone_until_later() -> None:
    with idling(closes_at=(1, b"MAIL")) as server:
        (delivery,) = send(server.settings)
    assert (delivery.outcome, delivery.stop) == (SendOutcome.DEFERRED, True)
    assert (server.connections, server.accepted) == (1, 0)


@dataclass
class Idling:
    """A server that hangs up when told, or at a step of a message of one connection (counted from 1)."""

    listener: socket.socket
    last: bytes
    closes_at: tuple[int, bytes] | None
    connections: int = 0
    accepted: int = 0
    hung_up: Event = field(default_factory=Event)
    told: Event = field(default_factory=Event)

    @property
    def settings(self) -> SmtpSettings:
        return SmtpSettings("127.0.0.1", self.listener.getsockname()[1], Tls.NONE, None, None, None, 5)

    def hang_up(self) -> None:
        self.told.set()
        assert self.hung_up.wait(20)

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                with connection:
                    self.talk(connection)

    def talk(self, connection: socket.socket) -> None:
        connection.sendall(b"220 here\r\n")
        messages, in_data = 1, False
        connection.settimeout(0.02)
        lines = b""
        while True:
            if self.told.is_set() and not self.hung_up.is_set():
                connection.sendall(self.last)
                connection.close()
                self.hung_up.set()
                return
            try:
                received = connection.recv(65536)
            except TimeoutError:
                continue
            if not received:
                return
            lines += received
            while b"\r\n" in lines:
                line, _, lines = lines.partition(b"\r\n")
                if in_data and line != b".":
                    continue
                in_data = line[:4].upper() == b"DATA"
                self.accepted += line == b"."
                if self.closes_at == (messages, line[:4].upper()):
                    connection.sendall(b"421 too many messages\r\n" if line != b"." else b"")
                    return
                messages += line == b"."
                connection.sendall(b"354 go on\r\n" if in_data else b"250 OK\r\n")


@contextlib.contextmanager
def idling(last: bytes = b"", closes_at: tuple[int, bytes] | None = None) -> Iterator[Idling]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Idling(listener, last, closes_at)
        thread = Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)


def test_where_nobody_listens_the_round_stops() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        made = SmtpSettings("127.0.0.1", taken.getsockname()[1], Tls.NONE, None, None, None, 5)
        (delivery,) = send(made)
    assert (delivery.outcome, delivery.stop) == (SendOutcome.DEFERRED, True)
    assert "cannot be reached" in delivery.answer


@pytest.mark.parametrize("address", ["a@b.org, c@d.org", "a@b.org\r\nBcc: c@d.org", "", "nobody", "<a@b.org>"])
def test_what_is_no_single_address_reaches_no_server(address: str) -> None:
    with serving() as server:
        (delivery,) = send(settings(server, Tls.NONE), replace(ENVELOPE, to=address))
        assert delivery.outcome is SendOutcome.BOUNCED
        assert server.got == []


def test_an_international_domain_is_written_in_ascii() -> None:
    with serving() as server:
        (delivery,) = send(settings(server, Tls.NONE), replace(ENVELOPE, to="praxis@bücher.example"))
        assert delivery.outcome is SendOutcome.SENT
        assert server.got[0].recipients == ["praxis@xn--bcher-kva.example"]
        assert str(server.got[0].message["To"]) == "praxis@xn--bcher-kva.example"


@pytest.mark.parametrize("line", [b"220-vote for us\r\n", b"220 a line that does not end"])
def test_a_server_that_goes_on_talking_for_ever_is_given_up(line: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "PIECES", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        talked = pool.submit(talk, listener, line)
        made = SmtpSettings("127.0.0.1", listener.getsockname()[1], Tls.NONE, None, None, None, 1)
        (delivery,) = send(made)
        assert talked.result(60) > 1
    assert (delivery.outcome, delivery.stop) == (SendOutcome.DEFERRED, True)
    assert "took too long" in delivery.answer


def talk(listener: socket.socket, line: bytes) -> int:
    """Say it again and again, a piece at a time, until nobody listens; how many pieces that were."""
    server, _ = listener.accept()
    pieces = 0
    with server, contextlib.suppress(OSError):
        while True:
            for byte in line:
                server.sendall(bytes([byte]))
                pieces += 1
                time.sleep(0.01)
    return pieces
