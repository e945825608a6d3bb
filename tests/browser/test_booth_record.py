"""From a click to a published record that contains the receipt's ballot, on both databases; no secret leaks."""

from __future__ import annotations

import base64
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ballot.db.base import Base
from ballot.office.acts.counting import Decide
from ballot.office.board.publish import publish
from ballot.office.perform import perform
from tests.browser.barriers import ROOT
from tests.browser.booth_site import Booth, Voter, booth_of
from tests.integration.conftest import engine, kind, server  # noqa: F401  (the two databases)
from tests.integration.office.world import World


def test_a_vote_in_the_browser_is_in_the_record_and_left_no_secret_behind(
    engine: Engine,  # noqa: F811
    tmp_path: Path,
    voter: Voter,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with booth_of(World(engine, tmp_path).open()) as booth:
        voter.open(booth.url()).to_paper("Against").cast().sees("Your vote was accepted")
        receipt = tmp_path / "receipt.json"
        receipt.write_bytes(voter.receipt())
        check_no_secret(booth, voter, caplog.text, "Against")

        record = count_and_publish(booth.world, tmp_path / "record")
    script = [sys.executable, str(ROOT / "scripts" / "verify_tally.py"), str(record), "--receipt", str(receipt)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "honoured" in done.stdout


def check_no_secret(booth: Booth, voter: Voter, log: str, choice: str) -> None:
    """Neither token, credential nor choice in the log, a table, a file, an address or an answer's headers."""
    link = booth.link()
    headers = str([response.all_headers() for response in voter.responses])
    urls = str([request.url for request in voter.requests])
    bodies = "".join(request.post_data or "" for request in voter.requests)
    rows = database_text(booth.world)
    files = b"".join(file.read_bytes() for file in booth.world.folder.glob("ballot.db*"))
    for secret in (link.token, link.credential):
        for place in (log, headers, urls, bodies, rows):
            assert secret not in place
        assert secret.encode() not in files
    assert link.token in str([request.all_headers() for request in voter.requests])  # in two POST headers alone
    assert choice not in log + headers + urls + bodies
    assert "randomness" not in bodies
    assert link.practice in rows


def database_text(world: World) -> str:
    """Every row of every table but the questions themselves, which name every choice."""
    with world.reading() as session:
        rows = [list(session.execute(table.select())) for table in Base.metadata.sorted_tables]
    return str(rows)


def count_and_publish(world: World, folder: Path) -> Path:
    """Close, decrypt, decide and publish."""
    world.close()
    world.tally()
    perform(world.desk, world.id, Decide())
    publish(world.desk, world.id, folder, lambda _: None)
    return folder


def test_the_choice_is_nowhere_in_what_was_sent_whichever_it_was(booth: Booth, voter: Voter) -> None:
    voter.open(booth.url()).to_paper("Abstain").cast().sees("Your vote was accepted")
    sent = [request for request in voter.requests if request.method == "POST"]

    assert [request.url.rsplit("/", 1)[1] for request in sent] == ["entry", "ballots"]
    assert sent[0].post_data is None
    assert set(voter.page.evaluate("(text) => Object.keys(JSON.parse(text))", sent[1].post_data)) == {
        "election_uuid",
        "election_hash",
        "credential",
        "answers",
        "signature",
    }
    number = base64.b64decode(voter.tracking_number("receipt") + "=").hex()
    assert voter.page.locator(f'a[href$="{number}.pdf"]').count() >= 1
