"""Every step of the booth: no accessibility barrier, nothing wider than a phone, a picture kept; opening a ballot."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ballot.protocol.group import Ed25519
from ballot.protocol.openings import check_opening, parse_opening
from tests.browser.barriers import ROOT, faults_in_every_window, shoot
from tests.browser.booth_site import Booth, Voter


def look(page: Page, name: str) -> None:
    """In every window."""
    assert faults_in_every_window(page, f"booth-{name}") == []


def test_no_step_of_the_booth_has_a_barrier_or_is_wider_than_the_window(booth: Booth, voter: Voter) -> None:
    page = voter.page
    voter.open(f"{booth.base}/vote/merger/00A").sees("Your voting code is needed")
    look(page, "1-code")
    voter.open("about:blank").open(booth.url()).sees("Vote for your practice")
    look(page, "2-welcome")
    voter.click("Start").sees("Do you agree?")
    look(page, "3-question")
    voter.click("Continue")
    look(page, "3-question-error")
    voter.choose("For").click("Continue").sees("Who is casting this vote?")
    look(page, "4-authority")
    voter.click("Continue")
    look(page, "4-authority-error")
    voter.state().sees("Check your answer")
    look(page, "4-review")
    voter.click("Encrypt my ballot").sees("Your ballot is encrypted")
    look(page, "5-paper")
    voter.unfold("Test this ballot instead of casting it").click("Open and spoil this ballot").sees(
        "This ballot is spoilt"
    )
    look(page, "6-spoilt")
    voter.click("Go back and make a new ballot").click("Encrypt my ballot").sees("Your ballot is encrypted").cast()
    voter.sees("Your vote was accepted")
    page.wait_for_load_state("networkidle")
    look(page, "7-receipt")
    page.emulate_media(media="print")
    shoot(page, "booth-7-receipt-printed")


@pytest.mark.parametrize("name", ["how-it-is-counted", "check-paper"])
def test_the_pages_beside_the_booth_have_no_barrier(booth: Booth, page: Page, name: str) -> None:
    page.goto(f"{booth.base}/{name}")
    look(page, name)


def test_a_paper_can_be_tested_is_never_cast_and_every_checker_says_what_it_held(
    booth: Booth, voter: Voter, tmp_path: Path
) -> None:
    voter.open(booth.url()).to_paper("Against")
    number = voter.tracking_number()
    voter.unfold("Test this ballot instead of casting it").click("Open and spoil this ballot").sees(
        "This ballot is spoilt"
    )
    assert voter.page.locator('[data-fill="spoilt-0"]').inner_text() == "Against"
    with voter.page.expect_download() as download:
        voter.page.locator('[data-file="opening"]').click()
    opening = tmp_path / "opening.json"
    opening.write_bytes(download.value.path().read_bytes())

    opened = parse_opening(Ed25519(), opening.read_bytes())
    check_opening(Ed25519(), opened, booth.world.election())
    assert (opened.votes, opened.tracking_number) == (((0, 1, 0),), number)
    election = tmp_path / "election.json"
    election.write_bytes(booth.world.row().election or b"")
    script = [sys.executable, str(ROOT / "scripts" / "check_paper.py"), str(election), str(opening)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Against" in done.stdout

    checker = voter.page.context.new_page()
    checker.goto(f"{booth.base}/check-paper")
    assert told_by(checker, election, opening)[:2] == ["This ballot encrypts exactly these answers.", "Against"]
    false = tmp_path / "false.json"
    false.write_text(json.dumps({**json.loads(opening.read_text()), "votes": [[1, 0, 0]]}, separators=(",", ":")))
    assert told_by(checker, election, false) == [
        "The check FAILED. Do not vote with that page. Ask for help.",
        "opening",
    ]

    voter.click("Go back and make a new ballot").click("Encrypt my ballot").sees("Your ballot is encrypted")
    assert voter.tracking_number() != number
    voter.cast().sees("Your vote was accepted")
    assert not [request for request in voter.requests if number in (request.post_data or "")]


def test_the_checker_once_open_works_without_any_network(booth: Booth, voter: Voter, tmp_path: Path) -> None:
    voter.open(booth.url()).to_paper()
    voter.unfold("Test this ballot instead of casting it").click("Open and spoil this ballot").sees(
        "This ballot is spoilt"
    )
    with voter.page.expect_download() as download:
        voter.page.locator('[data-file="opening"]').click()
    election = tmp_path / "election.json"
    election.write_bytes(booth.world.row().election or b"")
    alone = voter.page.context.new_page()
    alone.goto(f"{booth.base}/check-paper")
    alone.get_by_role("button", name="Check").wait_for()

    alone.context.set_offline(True)
    sent: list[str] = []
    alone.on("request", lambda request: sent.append(request.url))
    assert told_by(alone, election, download.value.path())[1] == "For"
    assert sent == []


def told_by(page: Page, election: Path, opening: Path) -> list[str]:
    """What the checker's page answers."""
    page.locator("#election").set_input_files(election)
    page.locator("#opening").set_input_files(opening)
    page.locator("[data-told]").evaluate("(told) => told.replaceChildren()")
    page.get_by_role("button", name="Check").click()
    page.locator("[data-told] dd").first.wait_for()
    return page.locator("[data-told] dd").all_inner_texts()
