"""From link to receipt in a real browser: the usual way, and every interruption."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page, Route

from ballot.office.acts.membership import Reissue
from ballot.office.board.election_status import list_board
from ballot.office.perform import perform
from ballot.record.receipts import check_receipt
from bench.booth import GOAL_BYTES, GOAL_REQUESTS, vote
from tests.browser.booth_site import Booth, Voter, booth_of
from tests.browser.watch import Watch
from tests.web.conftest import a_world

BALLOTS = re.compile(r"/ballots$")


def test_a_voter_goes_from_the_link_to_a_receipt_that_the_board_signed(booth: Booth, voter: Voter) -> None:
    voter.open(booth.url()).to_paper()
    shown = voter.tracking_number()
    assert board_of(booth) == []
    voter.cast().sees("Your vote was accepted")

    receipt = check_receipt(voter.receipt(), booth.world.board.public)
    assert receipt.tracking_number == shown == voter.tracking_number("receipt")
    assert board_of(booth) == [shown]
    assert voter.page.locator("img.app-qr").evaluate("(image) => image.naturalWidth") > 0
    with voter.page.expect_download() as download:
        voter.page.locator('[data-href="receipt-pdf"]:visible').click()
    assert download.value.path().read_bytes().startswith(b"%PDF")


def test_a_first_vote_is_small_and_the_next_asks_for_no_file_again(booth: Booth, page: Page) -> None:
    asked, received, _ = vote(page, booth.url(0))
    again, received_again, _ = vote(page, booth.url(1))

    assert asked < GOAL_REQUESTS
    assert 40_000 < received < GOAL_BYTES
    assert again == 4  # the page, the entry, the ballot, the receipt's picture
    assert received_again < received / 3


def test_the_secret_leaves_the_address_bar_and_nothing_is_kept(booth: Booth, voter: Voter) -> None:
    link = booth.link()
    voter.open(booth.url()).sees("Vote for your practice")
    page = voter.page

    assert page.evaluate("location.href") == f"{booth.base}/vote/merger/00A"
    voter.to_paper().cast().sees("Your vote was accepted")
    kept = page.evaluate(
        "async () => [localStorage.length, sessionStorage.length, document.cookie,"
        " (await indexedDB.databases()).length, JSON.stringify(history.state), (await caches.keys()).length]"
    )
    assert kept[:4] == [0, 0, "", 0]
    assert kept[5] == 0
    assert page.context.cookies() == []
    everything = page.content() + str(kept) + "".join(request.url for request in voter.requests)
    for secret in (link.token, link.credential):
        assert secret not in everything
    assert {request.headers.get("referer") or None for request in voter.requests} == {None}


def test_reloading_at_any_step_asks_for_the_link_again_and_loses_nothing(booth: Booth, voter: Voter) -> None:
    voter.open(booth.url()).to_paper()
    voter.page.reload()
    voter.sees("Your voting code is needed")
    assert voter.page.get_by_text("This page was loaded again").is_visible()

    voter.paste(booth.url().partition("#")[2]).to_paper().cast().sees("Your vote was accepted")
    assert len(board_of(booth)) == 1
    voter.page.reload()
    voter.sees("Your voting code is needed")


def test_back_goes_one_step_back_and_a_paper_that_is_left_is_thrown_away(booth: Booth, voter: Voter) -> None:
    voter.open(booth.url()).to_paper()
    first = voter.tracking_number()
    for heading in ("Check your answer", "Who is casting this vote?", "Do you agree?", "Vote for your practice"):
        voter.page.go_back()
        voter.sees(heading)
    voter.page.go_forward()
    voter.sees("Do you agree?").click("Continue").sees("Who is casting this vote?").click("Continue")
    voter.click("Encrypt my ballot").sees("Your ballot is encrypted")

    assert voter.tracking_number() != first
    voter.cast().sees("Your vote was accepted").page.go_back()
    voter.page.wait_for_timeout(200)
    assert voter.heading == "Your vote was accepted"
    assert len(board_of(booth)) == 1


def test_a_double_click_casts_one_ballot(booth: Booth, voter: Voter) -> None:
    voter.open(booth.url()).to_paper()
    voter.page.get_by_role("button", name="Cast my vote").dblclick()
    voter.sees("Your vote was accepted")

    assert len([request for request in voter.requests if request.url.endswith("/ballots")]) == 1
    assert len(board_of(booth)) == 1


def test_of_two_tabs_the_second_learns_of_the_first_ones_vote_with_its_receipt(
    booth: Booth, voter: Voter, watch: Watch
) -> None:
    watch.expect("status of 409")
    other = Voter(voter.page.context.new_page())
    watch.over(other.page)
    voter.open(booth.url()).to_paper()
    other.open(booth.url()).to_paper("Against")
    voter.cast().sees("Your vote was accepted")
    number = voter.tracking_number("receipt")
    other.cast().sees("Your practice has already voted")

    assert other.tracking_number("receipt") == number
    check_receipt(other.receipt(), booth.world.board.public)
    assert board_of(booth) == [number]


def test_a_lost_network_is_told_and_trying_again_sends_the_same_bytes(booth: Booth, voter: Voter, watch: Watch) -> None:
    watch.expect("net::ERR_FAILED")
    quicken(voter.page)
    sent: list[str | None] = []

    def lose(route: Route) -> None:
        sent.append(route.request.post_data)
        route.abort()

    voter.page.route(BALLOTS, lose)
    voter.open(booth.url()).to_paper().cast().sees("We do not know yet whether your vote counted")
    assert board_of(booth) == []
    voter.page.unroute(BALLOTS)
    with voter.page.expect_request(BALLOTS) as again:
        voter.click("Try again")
    voter.sees("Your vote was accepted")

    assert {*sent, again.value.post_data} == {sent[0]}
    assert len(sent) == 4
    assert len(board_of(booth)) == 1


def test_an_answer_lost_after_acceptance_is_got_again_without_a_second_ballot(
    booth: Booth, voter: Voter, watch: Watch
) -> None:
    watch.expect("net::ERR_FAILED")
    lost: list[int] = []

    def swallow(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    voter.page.route(BALLOTS, swallow)
    voter.open(booth.url()).to_paper().cast().sees("Your vote was accepted")

    assert lost == [200]
    assert board_of(booth) == [voter.tracking_number("receipt")]


def test_a_voter_who_gave_up_is_told_by_the_link_later_that_the_vote_counted(
    booth: Booth, voter: Voter, watch: Watch
) -> None:
    for told in ("net::ERR_FAILED", "status of 409"):
        watch.expect(told)
    quicken(voter.page)

    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    voter.page.route(BALLOTS, swallow)
    voter.open(booth.url()).to_paper().cast().sees("We do not know yet")
    number = voter.tracking_number()
    voter.page.on("dialog", lambda dialog: dialog.accept())
    voter.open("about:blank").open(booth.url()).sees("Your practice has already voted")

    assert voter.tracking_number("receipt") == number


def test_nothing_is_called_accepted_without_a_receipt_that_holds(booth: Booth, voter: Voter) -> None:
    def forge(route: Route) -> None:
        receipt = json.loads(route.fetch().text())
        route.fulfill(json={**receipt, "height": receipt["height"] + 1})

    voter.page.route(BALLOTS, forge)
    voter.open(booth.url()).to_paper().cast().sees("We cannot confirm that your vote counted")

    voter.page.unroute(BALLOTS)
    voter.click("Try again").sees("Your vote was accepted")


def test_a_ballot_refused_while_the_page_was_open_is_told_in_its_word(booth: Booth, voter: Voter, watch: Watch) -> None:
    watch.expect("status of 403")
    voter.open(booth.url()).to_paper()
    perform(booth.world.desk, booth.world.id, Reissue("00A", booth.link().practice), (booth.world.registrar,))
    voter.cast().sees("A newer link was sent to your practice")

    assert board_of(booth) == []


def test_a_vote_can_be_changed_where_the_last_counts_and_the_page_says_so(tmp_path: Path, voter: Voter) -> None:
    with a_world(tmp_path) as world:
        toml = world.programme_folder / "programme.toml"
        toml.write_text(toml.read_text().replace('policy = "final"', 'policy = "last-counts"'))
        with booth_of(world.open()) as booth:
            voter.open(booth.url()).to_paper().cast().sees("Your vote was accepted")
            voter.open("about:blank").open(booth.url()).sees("Vote for your practice")
            assert voter.page.get_by_text("Your practice has already voted, at").is_visible()
            voter.click("Change your vote").choose("Against").click("Continue").state("Dr Bo Elm", "I vote as proxy")
            voter.click("Encrypt my ballot").sees("Your ballot is encrypted").cast().sees("Your vote was accepted")
            assert len(board_of(booth)) == 2


def test_an_answer_must_be_chosen(booth: Booth, voter: Voter) -> None:
    voter.open(booth.url()).sees("Vote for your practice").click("Start").sees("Do you agree?").click("Continue")

    assert voter.page.get_by_role("alert").is_visible()
    assert voter.page.title().startswith("Error: ")
    voter.choose("Abstain").click("Continue").state().sees("Check your answer")
    assert voter.page.locator('[data-fill="answer-0"]').inner_text() == "Abstain"


def test_a_voter_needs_no_mouse(booth: Booth, voter: Voter) -> None:
    page = voter.open(booth.url()).sees("Vote for your practice").page
    assert page.evaluate("document.activeElement.tagName") == "H1"
    press_button(page, "Start")
    voter.sees("Do you agree?")
    while page.evaluate("document.activeElement.type") != "radio":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    press_button(page, "Continue")
    voter.sees("Who is casting this vote?")
    page.keyboard.press("Tab")
    page.keyboard.type("Dr Ada Ash")
    for _ in ("capacity", "statement"):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
    press_button(page, "Continue")
    voter.sees("Check your answer")
    press_button(page, "Encrypt my ballot")
    voter.sees("Your ballot is encrypted")
    press_button(page, "Cast my vote")
    voter.sees("Your vote was accepted")
    assert page.evaluate("document.activeElement.tagName") == "H1"


def press_button(page: Page, name: str) -> None:
    """Tab to the button and press Enter."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")


def quicken(page: Page) -> None:
    """Let waiting take no time."""
    page.add_init_script("const wait = setTimeout; globalThis.setTimeout = (act) => wait(act, 1);")


def board_of(booth: Booth) -> list[str]:
    """The tracking numbers on the board."""
    with booth.world.reading() as session:
        return [entry.tracking_number for entry in list_board(session, booth.world.row())]


def test_the_secret_is_out_of_the_address_bar_before_the_booth_has_even_loaded(
    booth: Booth, voter: Voter, watch: Watch
) -> None:
    watch.expect("net::ERR_FAILED")
    voter.page.route("**/booth.js", lambda route: route.abort())
    voter.open(booth.url()).sees("Part of this page did not arrive")

    assert voter.page.evaluate("location.href") == f"{booth.base}/vote/merger/00A"
