"""A real `ballot serve`: its answers to odd requests, its log, and how it ends."""

from __future__ import annotations

import re
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.demonstration.voter import SAID, authority_header
from tests.integration.cli.installation import ID, Installation, Link, Voter, serving, starting

CAST = f"POST /api/programmes/{ID}/00A/ballots HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
SECRET = "Q2hhcmxpZQhunter2"


@pytest.fixture(scope="module")
def served(sealed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("served") / "installation"
    shutil.copytree(sealed_once, folder)
    with serving(Installation(folder), "--workers", "1") as found:
        yield found


def exchange(address: str, *pieces: bytes) -> bytes:
    """Bytes out, bytes back, until the server hangs up or has answered."""
    host, _, port = address.partition(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            while more := connection.recv(65536):
                answer += more
        except ConnectionError:  # it may hang up on what is too much
            pass
    return answer


def chunked(size: int) -> Iterator[bytes]:
    """A body that does not say beforehand how long it is."""
    piece = b"x" * 2**16
    for _ in range(size // len(piece)):
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    yield b"0\r\n\r\n"


ODD = [
    pytest.param([f"{CAST}Authorization: Bearer {SECRET}\r\nContent-Length: 2\r\n\r\n{{}}"], b"400", id="malformed"),
    pytest.param([f"{CAST}Authorization: Bearer\r\n {SECRET}\r\n\r\n"], b"400", id="a folded header"),
    pytest.param([f"{CAST}Authorization: Bearer {SECRET}\x00\r\n\r\n"], b"400", id="a header with a zero byte"),
    pytest.param([f"{CAST}Authorization {SECRET}\r\n\r\n"], b"400", id="a header without a colon"),
    pytest.param([f"{CAST}X-{SECRET}: {'x' * 9000}\r\n\r\n"], b"4", id="a header without end"),
    pytest.param([f"GET /{SECRET * 400} HTTP/1.1\r\n\r\n"], b"4", id="an address without end"),
    pytest.param([f"GET /vote/{ID}/00A%23{SECRET} HTTP/1.0\r\n\r\n"], b"200", id="a link whose # became %23"),
    pytest.param([f"GET /vote/{ID}/none%23{SECRET} HTTP/1.0\r\n\r\n"], b"404", id="such a link of no CCG"),
    pytest.param([f"POST /vote/{ID}/00A%23{SECRET} HTTP/1.0\r\n\r\n"], b"405", id="such a link, and a body"),
    pytest.param([f"GET /vote/{ID}/00A%23{SECRET}%zz%00 HTTP/9.9\r\n\r\n"], b"400", id="such a link, malformed"),
    pytest.param([f"{SECRET}\r\n\r\n"], b"400", id="no HTTP at all"),
    pytest.param([f"{CAST}Content-Length: -1\r\n\r\n"], b"400", id="less than no length"),
    pytest.param([f"{CAST}Content-Length: 9999999999\r\n\r\n"], b"413", id="a length too great"),
    pytest.param([f"{CAST}Transfer-Encoding: chunked\r\n\r\nzz\r\n"], b"400", id="chunks that are none"),
]


@pytest.mark.parametrize(("pieces", "status"), ODD)
def test_an_odd_request_is_refused_and_its_headers_are_not_logged(
    served: tuple[str, Path], pieces: list[str], status: bytes
) -> None:
    address, log = served

    answer = exchange(address, *[piece.encode("latin-1") for piece in pieces])

    assert re.match(rb"HTTP/1\.[01] " + status, answer), answer[:200]
    assert b"Traceback" not in answer
    assert SECRET not in log.read_text()
    assert exchange(address, b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200")


@pytest.mark.parametrize(("size", "status"), [(2**17, b"413"), (5 * 2**20, b"413"), (0, b"400")])
def test_a_streamed_body_is_measured_while_it_comes(served: tuple[str, Path], size: int, status: bytes) -> None:
    head = f"{CAST}Transfer-Encoding: chunked\r\n\r\n".encode()

    answer = exchange(served[0], head, *chunked(size))

    assert answer.startswith(b"HTTP/1.1 " + status) or (not answer and size > 2**22), answer[:200]


def test_a_hostile_address_cannot_write_lines_into_the_log(served: tuple[str, Path]) -> None:
    address, log = served
    line = "ballot.booth%20cast%20forged"

    exchange(
        address,
        f"POST /api/programmes/x%0a{line}/00A/ballots HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(),
    )

    time.sleep(0.2)
    assert not [line for line in log.read_text().splitlines() if line.startswith("ballot.booth cast forged")]


def test_a_vote_under_way_is_answered_before_the_server_ends(sealed: Installation) -> None:
    links = sealed.links()
    with starting(sealed, "--workers", "1") as (process, address, _):
        link: Link = links[0]
        voter = Voter(address)
        body = voter.ballot(link)
        voter.close()
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            said = "".join(f"{name}: {value}\r\n" for name, value in authority_header(SAID).items())
            head = f"{CAST}Authorization: Bearer {link.token}\r\n{said}Content-Length: {len(body)}\r\n\r\n".encode()
            connection.sendall(head + body[:-1])
            time.sleep(0.3)
            process.terminate()
            time.sleep(0.3)
            connection.sendall(body[-1:])
            answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200"), answer[:300]
        assert process.wait(30) == 0


def test_several_workers_serve_one_database(sealed: Installation) -> None:
    links = sealed.links()
    with serving(sealed, "--workers", "2", "--threads", "2") as (address, log):
        voters = [Voter(address) for _ in range(4)]
        answers = [voters[i % 4].cast(link, voters[i % 4].ballot(link))[0] for i, link in enumerate(links)]
        for voter in voters:
            voter.close()
    assert answers == [200] * 12
    assert log.read_text().count("200 accepted") == 12
