"""A letter typed at the voting page: the code opens the practice's link in the page, and is never sent."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page

from ballot.office.activity import COMMAND_LINE
from ballot.office.acts.membership import Reissue
from ballot.office.perform import perform
from ballot.office.post.letters import make_letter
from ballot.office.staff.codes import ALPHABET
from tests.browser.barriers import faults_in_every_window
from tests.browser.booth_site import Booth, Voter
from tests.browser.watch import Watch
from tests.support.letters import code_on, keys_of
from tests.support.vectors.browser import FOLDER

VECTORS = json.loads((FOLDER / "letters.json").read_text())
OPEN = """
async ({ printed, sealed }) => {
  const { code } = protocol.readLetterCode(printed);
  const { id, key } = await protocol.letterKeys(code);
  return { code, printed, id, key: protocol.hexText(key), sealed, opened: await protocol.openLetter(key, sealed) };
}
"""
READ = "(typed) => protocol.readLetterCode(typed)"
CODE, PRINTED = VECTORS[0]["code"], VECTORS[0]["printed"]
MISTYPED = {"reason": "letter-mistyped"}


def test_the_page_derives_what_python_derived_and_opens_what_it_sealed(protocol: Page) -> None:
    for number, vector in enumerate(VECTORS):
        assert protocol.evaluate(OPEN, vector) == {**vector, "opened": f"a voting code {number}"}


def test_a_key_opens_no_other_letter(protocol: Page) -> None:
    told = """async ([one, other]) => protocol.openLetter((await protocol.letterKeys(one.code)).key, other.sealed)
        .then(() => "opened", () => "refused")"""

    assert [protocol.evaluate(told, [VECTORS[0], other]) for other in VECTORS[:2]] == ["opened", "refused"]


@pytest.mark.parametrize(
    "typed",
    [
        PRINTED.lower(),
        PRINTED.replace("-", ""),
        PRINTED.replace("-", " "),
        f" {PRINTED.replace('-', ' - ')}.\n",
        PRINTED.replace("-", "\u2013"),
        PRINTED.replace("-", "\u00a0\u200b"),
        PRINTED.replace("0", "O").replace("1", "l"),
        PRINTED.replace("0", "o").replace("1", "I"),
        "".join(chr(ord(each) + 0xFEE0) for each in PRINTED),
    ],
)
def test_a_code_is_read_however_it_is_typed(protocol: Page, typed: str) -> None:
    assert set("01") <= set(PRINTED)
    assert protocol.evaluate(READ, typed) == {"code": CODE}


def test_every_wrong_character_is_told(protocol: Page) -> None:
    letters = PRINTED.replace("-", "")
    wrong = [
        letters[:place] + other + letters[place + 1 :]
        for place in range(len(letters))
        for other in f"{ALPHABET}U"
        if other != letters[place]
    ]
    read = protocol.evaluate("(all) => all.map((typed) => protocol.readLetterCode(typed))", wrong)

    assert [code for code, found in zip(wrong, read, strict=True) if found != MISTYPED] == []


def test_two_characters_that_changed_places_or_one_too_few_or_too_many_are_told(protocol: Page) -> None:
    letters = PRINTED.replace("-", "")
    swapped = [
        letters[:i] + letters[i + 1] + letters[i] + letters[i + 2 :]
        for i in range(len(letters) - 1)
        if letters[i] != letters[i + 1] and {letters[i], letters[i + 1]} != {"0", "Z"}
    ]
    for wrong in (*swapped, letters[:-1], letters[1:], letters + "0", letters[:-4]):
        assert protocol.evaluate(READ, wrong) == MISTYPED, wrong


@pytest.mark.parametrize("text", ["", "hello", "abcde-fghijk-mnopq-rstuvw", "https://vote.example.org/vote/merger/00A"])
def test_what_does_not_look_like_a_code_is_left_to_the_reading_of_links(protocol: Page, text: str) -> None:
    assert protocol.evaluate(READ, text) is None


def letter_of(booth: Booth, number: int = 0, ccg: str = "00A") -> str:
    """A new letter of this practice; its code as printed."""
    desk = booth.world.desk
    return code_on(
        make_letter(desk, booth.world.id, booth.link(number, ccg), booth.base, "the help desk", COMMAND_LINE)
    )


def wrong_in_one_place(code: str) -> str:
    return code[:-1] + ("2" if code[-1] != "2" else "3")


def test_a_practice_types_its_letter_with_mistakes_and_votes(booth: Booth, voter: Voter, watch: Watch) -> None:
    watch.expect("status of 404")
    code = letter_of(booth)
    page = voter.open(f"{booth.base}/vote/merger/00A").sees("Your voting code is needed").page
    assert faults_in_every_window(page, "booth-code") == []

    voter.paste(wrong_in_one_place(code)).sees("The code of your letter is not typed correctly")
    assert page.locator("main code:visible").inner_text() == "letter-mistyped"
    assert page.locator("textarea:visible").input_value() == wrong_in_one_place(code)
    assert not [request for request in voter.requests if request.method != "GET"]
    assert faults_in_every_window(page, "booth-trouble-letter-mistyped") == []

    voter.paste(PRINTED).sees("No letter has this code")
    assert page.locator("main code:visible").inner_text() == "letter-unknown"
    assert page.locator("textarea:visible").input_value() == PRINTED
    assert faults_in_every_window(page, "booth-trouble-letter-unknown") == []

    voter.paste(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")).sees("Vote for your practice")
    assert page.locator('[data-fill="practice-code"]:visible').first.inner_text() == booth.link().practice
    voter.to_paper().cast().sees("Your vote was accepted")
    check_never_sent(voter, code)


def check_never_sent(voter: Voter, code: str) -> None:
    """No request holds the code or its key, in any way in which it could be written."""
    id, key = keys_of(code)
    sent = [request for request in voter.requests if request.url.endswith("/letter")]
    assert [request.post_data for request in sent][-1] == id
    for request in voter.requests:
        said = f"{request.url} {request.headers} {request.post_data}".upper()
        assert code.replace("-", "") not in re.sub(r"[^0-9A-Z]", "", said)
        assert key.hex().upper() not in said
    assert voter.page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    assert code[:11] not in voter.page.evaluate("document.documentElement.outerHTML + location.href")


def test_a_letter_of_another_ccg_or_of_a_replaced_link_says_so(booth: Booth, voter: Voter, watch: Watch) -> None:
    watch.expect("status of 404")
    elsewhere, older = letter_of(booth, ccg="00B"), letter_of(booth)
    voter.open(f"{booth.base}/vote/merger/00A").sees("Your voting code is needed").paste(elsewhere)
    voter.sees("This link is for another ballot")

    perform(booth.world.desk, booth.world.id, Reissue("00A", booth.link().practice), (booth.world.registrar,))
    voter.paste(older).sees("No letter has this code")
    voter.paste(letter_of(booth)).sees("Vote for your practice")


def test_a_sealed_code_that_the_typed_code_does_not_open_stops_the_page(open_booth: Booth, voter: Voter) -> None:
    def exchange(route: Any) -> None:
        route.fulfill(json={**route.fetch().json(), "sealed": VECTORS[0]["sealed"]})

    voter.page.route("**/letter", exchange)
    voter.open(f"{open_booth.base}/vote/merger/00A").sees("Your voting code is needed").paste(letter_of(open_booth))
    voter.sees("Do not vote here")


def test_a_code_is_tried_again_after_the_network_was_gone(open_booth: Booth, voter: Voter, watch: Watch) -> None:
    watch.expect("ERR_FAILED")
    voter.open(f"{open_booth.base}/vote/merger/00A").sees("Your voting code is needed")
    voter.page.route("**/letter", lambda route: route.abort())
    voter.paste(letter_of(open_booth, 1)).sees("The voting page could not be reached")
    voter.page.unroute("**/letter")
    voter.click("Try again").sees("Vote for your practice")
