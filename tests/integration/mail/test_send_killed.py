"""Kill the sending process at a chosen moment: no message is lost, and at most one comes twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ballot.mail.states import DeliveryState
from ballot.office.post.send import CLAIM_LASTS
from tests.integration.mail.mail_server import MailServer
from tests.integration.mail.post import Post
from tests.integration.office.world import World

SENDER = Path(__file__).with_name("sender.py")
ROOT = SENDER.parents[3]


def run_sender(post: Post) -> int:
    """A process of its own, which the server may kill; its exit status."""
    world = post.world
    url = world.engine.url.render_as_string(hide_password=False)
    now = world.clock.now.isoformat()
    command = [sys.executable, str(SENDER), url, str(world.keys), str(world.vault), str(post.server.port), now]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE) as process:
        world.sender = process.pid  # type: ignore[attr-defined]
        _, errors = process.communicate(timeout=120)
    assert errors == b""
    return process.returncode


def kill_at(post: Post, step: str, number: int) -> Callable[[str, int], None]:
    """Kill the process once, when the server has come this far with the message of this number."""
    left = [True]

    def at(now: str, before: int) -> None:
        if left and (now, before) == (step, number):
            left.clear()
            os.kill(post.world.sender, signal.SIGKILL)  # type: ignore[attr-defined]

    return at


@pytest.mark.parametrize(
    ("step", "number", "twice"),
    [
        pytest.param("RCPT", 0, 0, id="before the server has the first message"),
        pytest.param("RCPT", 5, 0, id="before the server has one in the middle"),
        pytest.param("DATA", 5, 1, id="after the server has it, before the process knows"),
        pytest.param("DATA", 11, 1, id="after the server has the last"),
    ],
)
def test_a_sender_killed_loses_nothing_and_repeats_at_most_the_one_it_had_in_hand(
    post: Post, step: str, number: int, twice: int
) -> None:
    post.invite()
    post.server.at = kill_at(post, step, number)
    assert run_sender(post) == -signal.SIGKILL
    in_hand = [row for row in post.rows() if row.state is DeliveryState.SENDING]
    assert len(in_hand) == 1
    post.later(seconds=int(CLAIM_LASTS.total_seconds()))
    assert run_sender(post) == 0
    counts = Counter(got.id for got in post.server.got)
    assert set(counts) == {post.message_id(row.practice) for row in post.rows()}
    assert len(counts) == 12
    assert [id for id, count in counts.items() if count > 1] == [post.message_id(in_hand[0].practice)] * twice
    assert max(counts.values()) <= 2
    assert {row.state for row in post.rows()} == {DeliveryState.SENT}
    repeated = [got.data for got in post.server.got if counts[got.id] == 2]
    assert len(set(repeated)) <= 1  # the same message, byte for byte


def test_a_sender_killed_over_and_over_repeats_at_most_one_each_time(
    engine: Engine, tmp_path: Path, mail_server: MailServer
) -> None:
    world = World(engine, tmp_path, ccgs=("00A",), practices=24).open()
    post = Post(world, mail_server)
    post.invite()
    kills = 0
    for number, step in ((2, "DATA"), (6, "RCPT"), (11, "DATA"), (15, "DATA"), (18, "RCPT")):
        post.server.at = kill_at(post, step, number)
        kills += run_sender(post) == -signal.SIGKILL
        post.later(seconds=int(CLAIM_LASTS.total_seconds()))
    assert run_sender(post) == 0
    assert kills == 5
    counts = Counter(got.id for got in post.server.got)
    assert len(counts) == 24
    assert sum(counts.values()) == 24 + 3
    assert max(counts.values()) == 2
