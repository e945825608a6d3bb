"""What a real nginx with the shipped configuration logs of a link whose # became %23, and of headers: not the secret.

Such a link has token and private credential in its path. nginx's own error log repeats the whole request with every
fault: the app that is down, limits that strike, bodies that are too large.
"""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from scripts import nginx as finder
from tests.integration.deploy.web_server import DEPLOY, HOST, WebServer, web_server

TOKEN = "eyJwcm9ncmFtbWUiOiJhLW1lcmdlciJ9." + "S1gn" * 21 + "Sg"
CREDENTIAL = "abcde-fghijk-mnopq-rstuvw"
LINK = f"/vote/a-merger/00A%23{TOKEN}.{CREDENTIAL}"
POSTED = f"/api/programmes/a-merger/00A%23{TOKEN}.{CREDENTIAL}/ballots"
HEAD = f"Host: {HOST}\r\nAuthorization: Bearer {TOKEN}\r\nReferer: https://{HOST}{LINK}\r\nConnection: close\r\n"
SHIPPED = (DEPLOY / "nginx.conf").read_text()


@pytest.fixture(scope="module")
def nginx() -> str:
    found = finder.find()
    if found is None:
        pytest.skip(finder.NOT_RUN)
    return found


@pytest.fixture
def server(nginx: str, tmp_path: Path) -> Iterator[WebServer]:
    with web_server(nginx, tmp_path, SHIPPED) as found:
        yield found


def request(
    path: str = LINK, method: str = "GET", more: str = "", body: bytes = b"", version: str = "HTTP/1.1"
) -> bytes:
    return f"{method} {path} {version}\r\n{HEAD}{more}\r\n".encode("latin-1") + body


def leaks(server: WebServer) -> list[str]:
    """Each log file, and what of the secrets is in it: whole or in part, as sent or decoded."""
    parts = [TOKEN[:20], TOKEN[-20:], CREDENTIAL[:11], CREDENTIAL[-11:]]
    return [f"{name}: {part}" for name, text in server.written().items() for part in parts if part in text]


def statuses(server: WebServer, number: int = 0) -> Counter[int]:
    """How often the shipped access log tells of each status, once it tells of so many requests.

    nginx writes a request to the log after it has answered it.
    """
    until = time.monotonic() + 10
    while True:
        found = re.findall(r"^\S+ \S* (\d{3}) ", server.written()["ballot.log"], re.M)
        if len(found) >= number or time.monotonic() > until:
            return Counter(map(int, found))
        time.sleep(0.01)


@contextmanager
def app_that(server: WebServer, answers: bytes | None) -> Iterator[None]:
    """Something on the app's port that answers every request with these bytes and hangs up, or never, where None."""
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", server.app), backlog=512) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                kept.append(connection)
                if answers is not None:
                    connection.recv(65536)
                    connection.sendall(answers)
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


def test_an_app_that_is_down(server: WebServer) -> None:
    assert (
        server.ask(request()) == server.ask(request(POSTED, "POST")) == server.ask(request("/metrics?" + LINK)) == 502
    )
    assert statuses(server, 3) == {502: 3}
    assert leaks(server) == []


@pytest.mark.parametrize("answer", [b"", b"no HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n"])
def test_an_app_that_answers_nothing_sensible(server: WebServer, answer: bytes) -> None:
    with app_that(server, answer):
        found = {server.ask(request()), server.ask(request(POSTED, "POST"))}
    assert found <= {502, 200, 0}  # the second is taken for an answer of HTTP 0.9
    assert leaks(server) == []


@pytest.mark.parametrize(("path", "method"), [(LINK, "GET"), (POSTED, "POST")])
def test_limits_of_requests(server: WebServer, path: str, method: str) -> None:
    one = request(path, method, "Content-Length: 0\r\n")
    with server.connect(secure=True) as connection:
        for _ in range(60):
            connection.sendall(one.replace(b"Connection: close", b"Connection: keep-alive") * 10)
        connection.sendall(one)
        while connection.recv(65536):
            pass

    assert leaks(server) == []
    assert set(statuses(server)) == {502, 429}
    assert "requests=REJECTED" in server.written()["ballot.log"]


def test_limits_of_connections(server: WebServer) -> None:
    with app_that(server, None), ExitStack() as held:
        connections = [held.enter_context(server.connect(secure=True)) for _ in range(201)]
        for connection in connections:
            connection.sendall(request())
        until = time.monotonic() + 10
        while (refused := statuses(server)[429]) == 0 and time.monotonic() < until:
            time.sleep(0.1)
        assert refused == 1
    assert leaks(server) == []
    assert "connections=REJECTED" in server.written()["ballot.log"]


def test_bodies_that_are_too_large_or_cannot_be_kept(server: WebServer) -> None:
    size = 5 * 2**20
    assert server.ask(request(LINK, "POST", f"Content-Length: {size}\r\n")) == 413
    chunks = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
    assert server.ask(request(POSTED, "POST", "Transfer-Encoding: chunked\r\n", chunks * 5)) in (413, 0)
    shutil.rmtree(server.folder / "bodies")
    assert server.ask(request(POSTED, "POST", f"Content-Length: {2**20}\r\n", b"x" * 2**20)) in (500, 0)
    assert leaks(server) == []
    assert statuses(server)[413] == 2


MALFORMED = {
    "a header without a colon": request(more=f"Bad {TOKEN}\r\n"),
    "a header with a zero byte": request(more=f"X: {TOKEN}\0\r\n"),
    "no Host": f"GET {LINK} HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode(),
    "two Hosts": request(more=f"Host: {TOKEN}\r\n"),
    "a Host that is none": request().replace(HOST.encode(), f"{TOKEN}/".encode(), 1),
    "another Host": request().replace(HOST.encode(), b"192.0.2.1", 1),
    "no method": f"{LINK}\r\n\r\n".encode(),
    "a method that is none": request(method="g@t"),
    "TRACE": request(method="TRACE"),
    "CONNECT": request(method="CONNECT"),
    "another version": request(version="HTTP/9.9"),
    "no version": f"GET {LINK}\r\n\r\n".encode(),
    "a percent sign that is none": request(LINK + "%zz"),
    "a zero byte": request(LINK + "%00"),
    "a way out": request("/.." + LINK),
    "a space": request(LINK + " x"),
    "a whole address": request(f"http://{HOST}{LINK}"),
    "an address of another": request(f"http://x y/{LINK}"),
    "an address without end": request(LINK + "x" * 40_000),
    "a header without end": request(more=f"X: {TOKEN}{'x' * 40_000}\r\n"),
    "headers without end": request(more=f"X: {TOKEN}\r\n" * 900),
    "a length that is none": request(POSTED, "POST", f"Content-Length: {TOKEN}\r\n"),
    "two lengths": request(POSTED, "POST", "Content-Length: 1\r\nContent-Length: 2\r\n"),
    "chunks that are none": request(POSTED, "POST", "Transfer-Encoding: chunked\r\n", b"zz\r\n"),
    "another encoding": request(POSTED, "POST", "Transfer-Encoding: gzip\r\n"),
    "a range": request(more="Range: bytes=5-1\r\n"),
    "an expectation": request(POSTED, "POST", "Expect: 100-continue\r\nContent-Length: 9999999\r\n"),
}


def test_requests_that_are_malformed(server: WebServer) -> None:
    for secure in (True, False):
        found = {name: server.ask(raw, secure=secure) for name, raw in MALFORMED.items()}
        assert {status // 100 for status in found.values()} <= {0, 3, 4, 5}, found
    assert leaks(server) == []


def test_the_port_without_tls_and_a_request_that_is_half_sent(server: WebServer) -> None:
    assert server.ask(request(), secure=False) == 308
    assert server.ask(request(POSTED, "POST"), secure=False) == 403
    with socket.create_connection(("127.0.0.1", server.secure), timeout=10) as plain:
        plain.sendall(request())
        assert b" 400 " in plain.recv(65536)
    with server.connect(secure=True, name="other.example.org") as half:
        half.sendall(request()[:-4])
    with app_that(server, None), server.connect(secure=True) as gone:
        gone.sendall(request())
    assert leaks(server) == []


def test_the_redirect_to_tls_leads_to_this_site_whatever_host_was_named(server: WebServer) -> None:
    with server.connect(secure=False) as connection:
        connection.sendall(b"GET /a HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        assert f"\r\nLocation: https://{HOST}/a\r\n".encode() in connection.recv(65536)


def test_without_the_line_about_errors_the_secret_would_be_in_a_log(nginx: str, tmp_path: Path) -> None:
    with web_server(nginx, tmp_path, re.sub(r"^ *error_log .*\n", "", SHIPPED, flags=re.MULTILINE)) as careless:
        careless.ask(request())
        careless.ask(request(LINK, "POST", "Content-Length: 9999999\r\n"))

        assert any(leak.startswith("http.log") for leak in leaks(careless))
