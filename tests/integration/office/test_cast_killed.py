"""Kill the process at random points of a cast: there is no vote, or a whole vote with its event and receipt."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine

from ballot.db.accepted import list_accepted
from ballot.db.ballots import find_ballot
from ballot.db.logs import list_checkpoints
from ballot.protocol.events import EventType
from ballot.record.checkpoints import open_checkpoint
from ballot.record.receipts import check_receipt
from tests.integration.office.replay import replay
from tests.integration.office.world import OPENS, World

CASTER = Path(__file__).with_name("caster.py")
ROOT = CASTER.parents[3]
KILLS, BALLOTS = 12, 240


def test_a_process_killed_at_any_point_leaves_no_vote_or_a_whole_vote(engine: Engine, tmp_path: Path) -> None:
    world = World(engine, tmp_path, ccgs=("00A",), practices=BALLOTS).open()
    links = world.links()
    left = [(link.token, world.ballot(link).decode()) for link in links]
    receipts: list[str] = []
    dice = random.Random(11)
    for _ in range(KILLS):
        spoken = cast_and_kill(world, left, dice)
        receipts += spoken
        left = left[max(0, len(spoken) - 1) :]  # the last is cast again: it may have been accepted, or not
    check_board(world, set(receipts))


def cast_and_kill(world: World, left: list[tuple[str, str]], dice: random.Random) -> list[str]:
    """Start, wait for two receipts, kill a moment later; the receipts that were said aloud."""
    work = world.folder / "work.json"
    task = {"now": OPENS.isoformat(), "programme": world.id, "ccg": "00A", "casts": left}
    work.write_text(json.dumps(task))
    url = world.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, str(CASTER), url, str(world.keys), str(work)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        first = [process.stdout.readline(), process.stdout.readline()]  # one of them is new, however slow the machine
        time.sleep(dice.randrange(100) / 1000)
        process.kill()
        lines = [*first, *process.stdout.read().splitlines(keepends=True)]
    whole = [line for line in lines if line.endswith("\n")]
    assert all(line.startswith("200 ") for line in whole), whole[:3]
    return [line[4:].strip() for line in whole]


def check_board(world: World, receipts: set[str]) -> None:
    """Every receipt stands, the chain verifies, and nothing is there by half."""
    found = replay(world.archive())
    ballots = [event for event in found.events if event.type is EventType.BALLOT]
    with world.reading() as session:
        row = find_ballot(session, world.id, "00A")
        assert row is not None
        accepted = list_accepted(session, row.id)
        notes = [note for log, note in list_checkpoints(session, world.id) if log == "00A"]
    assert [(row.height, row.payload) for row in accepted] == [(event.height, event.payload) for event in ballots]
    assert [open_checkpoint(note, world.board.public).head for note in notes] == [event.hash for event in found.events]
    stored = {row.receipt.decode() for row in accepted}
    assert receipts <= stored
    assert len(receipts) >= KILLS
    for text in receipts:
        receipt = check_receipt(text.encode(), world.board.public)
        assert receipt.chain_head == found.events[receipt.height].hash
