"""Bounces in a remote mailbox: a server that speaks enough IMAP4rev1 over TLS for a reader."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ballot.mail.mailboxes import NoMailbox, imap_messages
from tests.integration.mail.mail_server import server_context

BOUNCES = [b"Subject: Undelivered\r\n\r\nNo such user.\r\n", b"Subject: Nothing\r\n\r\n.\r\n"]
USER, PASSWORD = "bounces", 'p"w\\d'


class Mailbox:
    """One connection's answers; `asked` keeps every command, for what must not have been asked."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self._context = server_context(folder)
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Mailbox:
        self._thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self.listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        try:
            raw, _ = self.listener.accept()
            raw.settimeout(10)
            with self._context.wrap_socket(raw, server_side=True) as connection, connection.makefile("rwb") as stream:
                stream.write(b"* OK here\r\n")
                stream.flush()
                while line := stream.readline():
                    tag, _, command = line.decode().strip().partition(" ")
                    self.asked.append(command)
                    stream.write(b"".join(self._answer(command)) + f"{tag} {self._status(command)}\r\n".encode())
                    stream.flush()
        except OSError:
            return

    def _status(self, command: str) -> str:
        if command.startswith("LOGIN"):
            return "OK in" if command == 'LOGIN bounces "p\\"w\\\\d"' else "NO who is that"
        if command.startswith("EXAMINE"):
            return "OK [READ-ONLY]" if command == 'EXAMINE "INBOX"' else "NO such folder"
        return "OK done"

    def _answer(self, command: str) -> Iterator[bytes]:
        if command == "CAPABILITY":
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif command == 'EXAMINE "INBOX"':
            yield b"* 2 EXISTS\r\n"
        elif command.startswith("SEARCH"):
            yield b"* SEARCH 1 2\r\n"
        elif asked := re.match(r"FETCH (\d) \(BODY\.PEEK\[\]<0\.\d+>\)$", command):
            body = BOUNCES[int(asked[1]) - 1]
            yield f"* {asked[1]} FETCH (BODY[]<0> {{{len(body)}}}\r\n".encode() + body + b")\r\n"
        elif command == "LOGOUT":
            yield b"* BYE\r\n"


@contextmanager
def mailbox(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with Mailbox(folder) as box:
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "certificate.pem"))
        yield box


def test_every_message_is_read_and_none_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox(tmp_path, monkeypatch) as box:
        found = list(imap_messages("127.0.0.1", USER, PASSWORD, port=box.port))

    assert found == BOUNCES
    assert not [command for command in box.asked if command.startswith(("STORE", "SELECT", "EXPUNGE", "DELETE"))]


@pytest.mark.parametrize(
    ("password", "folder", "sentence"),
    [
        pytest.param("wrong", "INBOX", "did not let bounces read", id="the wrong password"),
        pytest.param(PASSWORD, "Bounces", "has no folder Bounces", id="no such folder"),
        pytest.param(PASSWORD, 'a"b', "must be plain text", id="a folder that is a command"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_said_to_be_one_and_no_password_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str, folder: str, sentence: str
) -> None:
    with mailbox(tmp_path, monkeypatch) as box, pytest.raises(NoMailbox, match=sentence) as refused:
        list(imap_messages("127.0.0.1", USER, password, folder, port=box.port))

    assert password not in str(refused.value)


def test_a_server_that_nobody_vouches_for_is_told_no_password(tmp_path: Path) -> None:
    with Mailbox(tmp_path) as box, pytest.raises((NoMailbox, OSError)):
        list(imap_messages("127.0.0.1", USER, PASSWORD, port=box.port))

    assert not [command for command in box.asked if PASSWORD in command]
