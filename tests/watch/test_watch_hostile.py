"""Malicious servers: whatever they answer, a watcher spends little time and memory, and reports it."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ballot.watch.addresses import read_json
from ballot.watch.command import main
from ballot.watch.fetching import BoardSite, NotFetched
from ballot.watch.keeping import WatchFolder
from ballot.watch.pauses import LONGEST_MEANS, SHORTEST, STEPS, in_any_order, next_pause

Talk = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def server(talk: Talk) -> Iterator[str]:
    """Speaks as told to whoever connects; its own trouble with a closed socket is nobody's."""
    listening = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        listening.settimeout(0.05)
        while not stop.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(2)
                try:
                    connection.recv(65536)
                    talk(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        stop.set()
        thread.join(5)
        listening.close()


def endless(connection: socket.socket) -> None:
    connection.sendall(OK + b"\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def dripping(connection: socket.socket) -> None:
    connection.sendall(OK + b"Content-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def dripping_headers(connection: socket.socket) -> None:
    connection.sendall(OK + b"X-Header: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(OK)
    while True:
        connection.sendall(b"X-Header: " + b"x" * 60000 + b"\r\n")


def continuing(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def huge_chunk(connection: socket.socket) -> None:
    connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFF\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def says(*parts: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"".join(parts))

    return talk


BOMB = gzip.compress(bytes(2**24))
HOSTILE = {
    "endless-body": (endless, "too-large"),
    "huge-chunk": (huge_chunk, "too-large"),
    "slow-body": (dripping, "too-slow"),
    "slow-headers": (dripping_headers, "too-slow"),
    "endless-headers": (endless_headers, "unreachable"),
    "endless-continue": (continuing, "too-slow"),
    "redirect": (
        says(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
        "redirected",
    ),
    "bomb": (says(OK, b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB), BOMB), "packed"),
    "broken-off": (says(OK, b"Content-Length: 100\r\n\r\nx"), "unreachable"),
    "garbage": (says(b"\0\xff\r\n\r\n"), "unreachable"),
    "nothing": (says(b""), "unreachable"),
    "error": (says(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"), "status"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_cut_off_and_named(name: str) -> None:
    talk, word = HOSTILE[name]
    started = time.monotonic()
    with server(talk) as base, pytest.raises(NotFetched) as refused:
        BoardSite(base, seconds=0.4).get("/x", 10**6)
    assert refused.value.trouble.value == word
    assert time.monotonic() - started < 5


def test_what_nobody_listens_to_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NotFetched, match="unreachable"):
        BoardSite(f"http://127.0.0.1:{port}").get("/x", 10)


@pytest.mark.parametrize("base", ["ftp://x", "https://", "https://user:pw@x", "file:///etc/passwd", "https://x/?q=1"])
def test_an_address_that_is_none_of_a_board_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match="address"):
        BoardSite(base)


def test_json_that_nests_without_end_is_no_list_of_programmes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = b"[" * 200_000
    with pytest.raises(ValueError, match="deep"):
        read_json(deep)
    with server(says(OK, b"Content-Length: %d\r\n\r\n" % len(deep), deep)) as base:
        assert main([base, "--keep", str(tmp_path / "kept"), "--once"]) == 2
    assert "trouble unreadable" in capsys.readouterr().out


def test_names_and_words_of_a_hostile_board_reach_neither_the_disk_nor_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = b'[{"programme": "../../escaped", "fingerprint": "x"}, {"programme": "\\u001b[2J", "fingerprint": "x"}]'
    with server(says(OK, b"Content-Length: %d\r\n\r\n" % len(evil), evil)) as base:
        assert main([base, "--keep", str(tmp_path / "in" / "kept"), "--once"]) == 2
    assert "\x1b" not in capsys.readouterr().out
    assert not (tmp_path / "escaped").exists()
    for name in ("../x", "a/b", "", ".", "x" * 500, "\0"):
        with pytest.raises(ValueError, match="not the name"):
            WatchFolder.of(tmp_path, name)


def test_pauses_are_within_bounds_and_follow_from_chance_alone() -> None:
    assert next_pause(600, lambda n: 0) == 600 * LONGEST_MEANS
    assert next_pause(600, lambda n: n - 1) == SHORTEST
    assert next_pause(600, lambda n: n // 2) == pytest.approx(416, abs=1)
    assert STEPS >= 2**50
    assert in_any_order([1, 2, 3], lambda n: 0) == [2, 3, 1]
    assert sorted(in_any_order(range(50), lambda n: n // 2)) == list(range(50))
