"""Ballots of other shapes: several questions, more than three answers, a CCG that votes by localities."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Download

from ballot.db.engine import connect
from ballot.db.upgrade import upgrade
from ballot.record.receipts import check_receipt
from tests.browser.barriers import PHONE, barriers, faults_in_every_window, overflow, shoot
from tests.browser.booth_site import Voter, booth_of
from tests.integration.office.world import THREE, World
from tests.web.conftest import a_world
from tests.web.test_web_documents import CASE, with_pack

SECOND = """
[[question]]
id = "form"
text = "Which form should follow?"
abstain = "Abstain"

[[question.option]]
id = "none"
text = "No change"

[[question.option]]
id = "one"
text = "One body with all functions"

[[question.option]]
id = "two"
text = "One body that hands \\"places\\" on & back"

[trustees]
"""


RULE = """
[[question.form.test]]
option = "one"
measure = "practices"
of = "cast"
more_than = "1/2"
"""


def test_a_paper_with_two_questions_and_more_than_three_answers_is_voted_on(tmp_path: Path, voter: Voter) -> None:
    with a_world(tmp_path) as world:
        toml = world.programme_folder / "programme.toml"
        toml.write_text(toml.read_text().replace("[trustees]\n", SECOND.lstrip("\n"), 1))
        for rule in (world.programme_folder / "constitutions").iterdir():
            rule.write_text(rule.read_text() + RULE)
        with booth_of(world.open()) as booth:
            page = voter.open(booth.url()).sees("Vote for your practice").click("Start").sees("Do you agree?").page
            voter.choose("For").click("Continue").sees("Which form should follow?")
            page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            assert (barriers(page), overflow(page)) == ([], [])
            shoot(page, "booth-3-options")
            third = 'One body that hands "places" on & back'
            voter.choose(third).click("Continue").state().sees("Check your answers")
            assert page.locator('[data-fill="answer-1"]').inner_text() == third
            page.get_by_role("button", name="Change the answer to: Do you agree?").click()
            voter.sees("Do you agree?").choose("Against").click("Continue").click("Continue")
            voter.sees("Who is casting this vote?").click("Continue").sees("Check your answers")
            assert page.locator('[data-fill="answer-0"]').inner_text() == "Against"
            voter.click("Encrypt my ballot").sees("Your ballot is encrypted").cast().sees("Your vote was accepted")

            check_receipt(voter.receipt(), world.board.public)


def test_a_document_of_the_voting_pack_is_saved_only_if_it_is_the_sealed_one(tmp_path: Path, voter: Voter) -> None:
    with a_world(tmp_path) as world, booth_of(with_pack(world).open()) as booth:
        page = voter.open(booth.url()).sees("Vote for your practice").click("Start").sees("Do you agree?").page
        with page.expect_download() as download:
            voter.click("Download Case for <change> (PDF, 1 kB)")
        assert download.value.path().read_bytes() == CASE
        assert download.value.suggested_filename == "Case for change.pdf"
        page.get_by_text("This page checked that it is the document that was sealed").wait_for()
        assert faults_in_every_window(page, "booth-3-document") == []

        saved: list[Download] = []
        page.on("download", lambda each: saved.append(each))
        page.route(
            "**/documents/*", lambda route: route.fulfill(body=b"%PDF-1.7 another", content_type="application/pdf")
        )
        voter.click("Download Case for <change> (PDF, 1 kB)")
        page.get_by_text("What arrived is not the sealed document").wait_for()
        assert saved == []
        page.unroute("**/documents/*")
        voter.choose("For").click("Continue").sees("Who is casting this vote?")


def test_a_practice_votes_in_the_election_of_its_locality(tmp_path: Path, voter: Voter) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'ballot.db'}")
    upgrade(engine)
    world = World(engine, tmp_path, ccgs=("00A", "00B"), practices=6, localities=THREE).open()
    link = next(link for link in world.links("00B") if world.election_of(link) == "00B.U12")
    with booth_of(world) as booth:
        voter.open(link.url(booth.base)).to_paper().cast().sees("Your vote was accepted")
        receipt = check_receipt(voter.receipt(), world.board.public)

        assert (receipt.ccg, receipt.election_uuid) == ("00B", world.election("00B.U12").uuid)
        assert voter.page.locator("img.app-qr").evaluate("(image) => image.naturalWidth") > 0
        address = voter.page.locator('[data-href="receipt-check"]').first.get_attribute("href")
        voter.page.goto(f"{booth.base}{address}")
        voter.sees("Yes, this ballot is on the board")
    engine.dispose()
