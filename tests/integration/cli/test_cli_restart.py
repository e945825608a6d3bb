"""A real `ballot serve` under load, reloaded repeatedly and then stopped: no vote and no figure is lost."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ballot.cli.serve import make_app
from ballot.protocol.hashing import sha256_hex
from tests.integration.cli.installation import CCGS, ID, Installation, Link, Voter, logged, serving, starting

TOKEN = "a-token-for-the-figures-only"
MISSING = 'The setting "database" is missing: write it in the file, or set BALLOT_DATABASE.'
RELOADED = "reloaded: settings and keys were read again, and new workers take over"
SERVICE = '\n[service]\nlog = "json"\nposts_a_minute = 0\nreads_a_minute = 0\n'


@pytest.fixture
def installation(sealed_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    shutil.copytree(sealed_once, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("BALLOT_METRICS_TOKEN", TOKEN)
    here = Installation(tmp_path)
    here.config.write_text(here.config.read_text() + SERVICE)
    return here


def insist(address: str, link: Link, body: bytes, until: threading.Event, receipts: list[bytes]) -> None:
    """Cast, and cast the same again and again, as a browser does that got no answer; every answer must be the same."""
    while not until.is_set() or not receipts:
        voter = Voter(address)
        try:
            status, receipt = voter.cast(link, body)
        except (ConnectionError, http.client.HTTPException):
            continue
        finally:
            voter.close()
        assert status == 200, receipt
        receipts.append(receipt)
        time.sleep(0.2)


def figures(address: str, token: str | None = TOKEN) -> tuple[int, str]:
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_reloads_under_load_lose_no_vote_and_no_figure(installation: Installation) -> None:
    links = installation.links()[:4]
    until = threading.Event()
    with starting(installation, "--workers", "2", "--threads", "2") as (process, address, log):
        voter = Voter(address)
        bodies = [voter.ballot(link) for link in links]
        voter.close()
        receipts: list[list[bytes]] = [[] for _ in links]
        threads = [
            threading.Thread(target=insist, args=(address, link, body, until, got))
            for link, body, got in zip(links, bodies, receipts, strict=True)
        ]
        for thread in threads:
            thread.start()
        settings = installation.config.read_text()
        time.sleep(0.3)
        process.send_signal(signal.SIGHUP)
        assert logged(log, RELOADED)
        installation.config.write_text('board = "NOT A HOST"')
        process.send_signal(signal.SIGHUP)
        assert logged(log, "not reloaded")
        installation.config.write_text(settings)
        until.set()
        for thread in threads:
            thread.join(30)
        assert [len(set(got)) for got in receipts] == [1] * 4
        status, text = figures(address)
        assert status == 200
        accepted = sum(map(float, re.findall(r'^ballot_casts_total\{word="accepted"\} (.*)$', text, re.M)))
        assert accepted >= sum(map(len, receipts))
        assert (figures(address, None)[0], figures(address, "x" * 30)[0]) == (403, 403)
        process.terminate()
        assert process.wait(30) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in lines if line["logger"] == "ballot.serve"] == [
        f"Listening on http://{address}",
        RELOADED,
        f"not reloaded, all stays as it was: ballot.toml:1: {MISSING}",
    ]
    assert {line["word"] for line in lines if line["event"].startswith("cast ")} == {"accepted"}
    with serving(installation, "--workers", "1") as (again, _):
        voter = Voter(again)
        for link, body, got in zip(links, bodies, receipts, strict=True):
            kept = voter.get(f"/api/programmes/{ID}/{link.place.split('/')[1]}/receipts/{sha256_hex(body)}")
            assert kept == (200, got[0])
        voter.close()


def test_a_socket_of_systemd_s_is_used(installation: Installation) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    script = (
        "import os, sys\n"
        f"os.dup2({listener.fileno()}, 3)\n"
        "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')\n"
        "from ballot.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", script, "serve", "--config", str(installation.config), "--workers", "1"]
    root = str(Path(make_app.__code__.co_filename).parents[2])
    process = subprocess.Popen(
        command,
        pass_fds=(listener.fileno(),),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": root, "PATH": "/usr/bin"},
    )
    try:
        assert process.stderr is not None
        assert json.loads(process.stderr.readline())["event"].startswith("Listening on")
        voter = Voter(f"127.0.0.1:{listener.getsockname()[1]}")
        assert json.loads(voter.get("/readyz")[1]) == {"status": "ready"}
        voter.close()
    finally:
        process.terminate()
        assert process.wait(30) == 0
        process.communicate()
        listener.close()


SLOW = """
import sys, time
from gunicorn.workers.base import Worker
from ballot.cli.main import main

at_once = Worker.init_signals

def late(worker):
    print("forked", file=sys.stderr, flush=True)
    time.sleep(2)
    at_once(worker)

Worker.init_signals = late
sys.exit(main(sys.argv[1:]))
"""
"""On a busy machine a new worker is long without handlers of its own."""


@pytest.mark.parametrize(
    ("number", "threads", "reloads"), [(signal.SIGTERM, 1, 0), (signal.SIGTERM, 4, 1), (signal.SIGINT, 4, 0)]
)
def test_a_signal_to_end_reaches_a_worker_that_was_just_forked(
    installation: Installation, number: signal.Signals, threads: int, reloads: int
) -> None:
    log = installation.folder / "serve.log"
    command = [sys.executable, "-c", SLOW, "serve", "--config", str(installation.config), "--port", "0"]
    root = str(Path(make_app.__code__.co_filename).parents[2])
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*command, "--workers", "1", "--threads", str(threads)],
            stderr=errors,
            env={"PYTHONPATH": root, "PATH": "/usr/bin"},
        )
        try:
            assert logged(log, "forked")
            if reloads:
                process.send_signal(signal.SIGHUP)
                assert logged(log, "forked", times=2)
            process.send_signal(number)
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()


def test_with_a_log_of_json_every_line_of_the_service_and_of_the_worker_is_an_object(
    installation: Installation,
) -> None:
    mail = (
        '[mail]\nchannel = "maildir"\nfolder = "mail"\nfrom = "ballot@vote.example.org"\nreply_to = "h@example.org"\n'
    )
    installation.config.write_text(installation.config.read_text() + mail)
    with starting(installation, "--workers", "1") as (process, address, log):
        process.send_signal(signal.SIGHUP)
        assert logged(log, RELOADED)
        process.terminate()
        process.wait(30)
    served = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in served] == [f"Listening on http://{address}", RELOADED]

    ran = installation.run("worker", "--once")

    worked = [json.loads(line) for line in ran.err.splitlines()]
    assert (ran.out, {line["logger"] for line in worked}) == ("", {"ballot.worker"})
    assert [line["event"] for line in worked] == [*[f"{ID} {ccg} is open." for ccg in CCGS], "nothing was due."]
