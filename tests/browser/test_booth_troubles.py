"""Links that do not work: each has its own page in plain words, with whom to ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Route

from ballot.office.acts.counting import Abandon
from ballot.office.acts.membership import Reissue, Revoke, Strike
from ballot.office.perform import perform
from tests.browser.barriers import faults_in_every_window, shoot
from tests.browser.booth_site import Booth, Voter
from tests.browser.watch import Watch
from tests.integration.office.world import CLOSES, OPENS, SECOND, WHY
from tests.support.rewritten_links import GATEWAYS, HIDDEN

Spoil = Callable[[Booth, str], str]


def moved(change: Callable[[Booth], object]) -> Spoil:
    """The link as it was, after something happened here."""

    def spoil(booth: Booth, url: str) -> str:
        change(booth)
        return url

    return spoil


def voted_and(change: Callable[[Booth], object]) -> Spoil:
    def spoil(booth: Booth, url: str) -> str:
        assert booth.world.cast(booth.link()).status == 200
        change(booth)
        return url

    return spoil


def at(moment: object) -> Callable[[Booth], object]:
    return lambda booth: setattr(booth.world.clock, "now", moment)


def reissued(booth: Booth) -> None:
    perform(booth.world.desk, booth.world.id, Reissue("00A", booth.link().practice), (booth.world.registrar,))


def mixed(booth: Booth, url: str) -> str:
    return url.rsplit(".", 1)[0] + "." + booth.link(1).credential


def foreign(booth: Booth, url: str) -> str:
    """A code of the right form that the registrar did not sign."""
    before, _, code = url.partition("#")
    payload, signature, credential = code.split(".")
    return f"{before}#{payload}.{'A' * len(signature)}.{credential}"


TROUBLES = [
    ("cut", lambda booth, url: url[:-3], "Your link is incomplete", "link-cut", None),
    (
        "broken",
        lambda booth, url: url.partition("#")[0] + "#hello",
        "This is not a voting code",
        "link-not-a-code",
        None,
    ),
    (
        "of a mail gateway that hides it",
        lambda booth, url: url.partition("#")[0] + "#" + HIDDEN["Mimecast"],
        "This link has no voting code",
        "link-without-code",
        None,
    ),
    ("two codes", lambda booth, url: f"{url}%0A{booth.url(1)}", "There is more than one", "link-several", None),
    ("not signed", foreign, "This voting code is not valid", "token-invalid", 403),
    ("two links mixed", mixed, "The two parts of your code", "credential-of-another", None),
    (
        "another CCG",
        lambda booth, url: url.replace("/00A#", "/00B#"),
        "This link is for another ballot",
        "token-for-another-ballot",
        None,
    ),
    ("superseded", moved(reissued), "A newer link was sent", "token-superseded", 403),
    (
        "revoked",
        moved(lambda b: perform(b.world.desk, b.world.id, Revoke("00A", b.link().practice), (b.world.registrar,))),
        "Your link was revoked",
        "token-revoked",
        403,
    ),
    (
        "struck",
        moved(lambda b: perform(b.world.desk, b.world.id, Strike("00A", b.link().practice), b.world.two, WHY)),
        "Your practice is no longer on the roll",
        "practice-struck",
        403,
    ),
    ("expired", moved(at(CLOSES + timedelta(days=400))), "Your link has expired", "token-expired", 403),
    ("too early", moved(at(OPENS - SECOND)), "Voting has not opened yet", "not-open-yet", 425),
    ("too late", moved(at(CLOSES)), "Voting has closed", "closed", 410),
    ("too late, and voted", voted_and(at(CLOSES)), "Voting has closed", "closed", 410),
    (
        "abandoned",
        moved(lambda b: perform(b.world.desk, b.world.id, Abandon("00A"), b.world.two, WHY)),
        "This ballot was abandoned",
        "abandoned",
        410,
    ),
    ("voted already", voted_and(lambda b: None), "Your practice has already voted", "already-voted", 409),
    (
        "written as %23",
        lambda booth, url: url.replace("#", "%23"),
        "Your e-mail system changed",
        "link-reencoded",
        None,
    ),
]


@pytest.mark.parametrize(
    ("spoil", "heading", "word", "status"), [t[1:] for t in TROUBLES], ids=[t[0] for t in TROUBLES]
)
def test_a_link_that_does_not_work_has_a_page_of_its_own(
    booth: Booth, voter: Voter, watch: Watch, spoil: Spoil, heading: str, word: str, status: int | None
) -> None:
    if status is not None:
        watch.expect(f"status of {status}")
    page = voter.open(spoil(booth, booth.url())).sees(heading).page

    assert page.locator("main code:visible").filter(has_text=word).count() >= 1
    assert page.locator("main").get_by_text("01772 000000").locator("visible=true").count() >= 1
    assert page.evaluate("location.href") in (f"{booth.base}/vote/merger/00A", f"{booth.base}/vote/merger/00B")
    assert not [request for request in voter.requests if request.url.endswith("/ballots")]
    assert faults_in_every_window(page, f"booth-trouble-{word}") == []


def test_the_receipt_is_shown_after_closing_to_whoever_voted_and_only_then(
    booth: Booth, voter: Voter, watch: Watch
) -> None:
    watch.expect("status of 410")
    booth.world.cast(booth.link(0))
    booth.world.clock.now = CLOSES
    voter.open(booth.url(0)).sees("Voting has closed")
    assert len(voter.tracking_number("receipt")) == 43
    voter.open("about:blank").open(booth.url(1)).sees("Voting has closed")
    assert voter.page.get_by_text("No vote from your practice was accepted").locator("visible=true").count() == 1


def test_opening_times_are_told_in_words(booth: Booth, voter: Voter, watch: Watch) -> None:
    watch.expect("status of 425")
    booth.world.clock.now = OPENS - SECOND
    voter.open(booth.url()).sees("Voting has not opened yet")

    assert voter.page.locator('[data-fill="opens"]:visible').inner_text() == (
        "9am on Monday 11 May 2020, British Summer Time"
    )


WRAPPED: tuple[Callable[[str], str], ...] = (
    lambda code: "\r\n".join(code[i : i + 60] for i in range(0, len(code), 60)),
    lambda code: "\n".join("> " + code[i : i + 70] for i in range(0, len(code), 70)),
    lambda code: code.replace(".", "%2E"),
    lambda code: f"<https://vote.example.org/vote/merger/00A#{code}>",
)


def test_a_code_that_a_mail_system_mangled_can_be_pasted(open_booth: Booth, voter: Voter) -> None:
    before, _, code = open_booth.url().partition("#")
    for mangled in WRAPPED:
        voter.open("about:blank").open(before).sees("Your voting code is needed").paste(mangled(code))

        voter.sees("Vote for your practice")


def test_a_link_that_is_cut_in_the_token_is_not_whole(open_booth: Booth, voter: Voter) -> None:
    url = open_booth.url()
    voter.open(url[: url.index("#") + 60]).sees("Your link is incomplete")


ESCAPED = ("%23", "%2523", "%252523", "?", "?data=05%7C02&%23", "?data=05%7C02&sdata=x%23", "/?%23", "*")


def test_a_link_whose_hash_was_escaped_still_votes_after_the_voter_was_told(booth: Booth, voter: Voter) -> None:
    for escaped in ESCAPED:
        voter.requests.clear()
        voter.open("about:blank").open(booth.url().replace("#", escaped)).sees("Your e-mail system changed your link")
        assert voter.page.evaluate("location.href") == f"{booth.base}/vote/merger/00A"
        assert not [request for request in voter.requests if request.method != "GET"]

        voter.click("Continue with this link").sees("Vote for your practice")
    voter.to_paper().cast().sees("Your vote was accepted")


def test_what_a_mail_system_adds_before_the_hash_changes_nothing(open_booth: Booth, voter: Voter) -> None:
    for added in ("/#", "?utm_source=letter#", "/?utm_source=letter#"):
        voter.open("about:blank").open(open_booth.url().replace("#", added)).sees("Vote for your practice")
        assert voter.page.evaluate("location.href") == f"{open_booth.base}/vote/merger/00A"


def test_a_link_that_a_mail_gateway_rewrote_can_be_pasted_and_votes(booth: Booth, voter: Voter) -> None:
    page = booth.url().partition("#")[0]
    for how in ("Outlook Safe Links", "Proofpoint v2", "Proofpoint v3", "Sophos", "Trend Micro"):
        voter.open("about:blank").open(page).sees("Your voting code is needed").paste(GATEWAYS[how](booth.url()))
        voter.sees("Vote for your practice")
    voter.to_paper().cast().sees("Your vote was accepted")


def test_an_empty_box_is_told(open_booth: Booth, voter: Voter) -> None:
    voter.open(f"{open_booth.base}/vote/merger/00A").sees("Your voting code is needed").click("Continue")

    assert voter.page.get_by_role("alert").is_visible()
    assert voter.page.title().startswith("Error: ")


def test_a_page_whose_rules_were_exchanged_refuses_to_vote(open_booth: Booth, voter: Voter) -> None:
    def exchange(route: Route) -> None:
        said = route.fetch().json()
        route.fulfill(json={**said, "terms_text": said["terms_text"].replace('"final"', '"other"')})

    voter.page.route("**/entry", exchange)
    voter.open(open_booth.url()).sees("Do not vote here")


def test_a_page_whose_labels_were_exchanged_refuses_to_vote(open_booth: Booth, voter: Voter) -> None:
    def exchange(route: object) -> None:
        body = route.fetch().text()  # type: ignore[attr-defined]
        body = body.replace(">For<", ">X<") if ">For<" in body else body.replace("For\n", "X\n")
        route.fulfill(body=body, content_type="text/html")  # type: ignore[attr-defined]

    voter.page.route("**/vote/merger/00A", exchange)
    voter.open(open_booth.url())
    voter.sees("Do not vote here")


def test_a_page_that_asks_to_confirm_another_statement_refuses_to_vote(open_booth: Booth, voter: Voter) -> None:
    rewritten(voter, ("I am authorised to cast", "I am not authorised to cast")).open(open_booth.url())
    voter.sees("Do not vote here")


def test_a_name_that_the_server_would_refuse_is_refused_in_the_page(booth: Booth, voter: Voter) -> None:
    voter.open(booth.url()).sees("Vote for your practice").click("Start").choose("For").click("Continue")
    voter.state("https://evil.example").sees("Who is casting this vote?")
    assert voter.page.get_by_role("link", name="Enter your name in letters").is_visible()
    voter.state("\u00a0Dr \u00c9lodie O\u2019Ash-Elm\u00a0(locum) ").sees("Check your answer")
    assert voter.page.locator('[data-fill="authority-name"]').inner_text() == "Dr \u00c9lodie O\u2019Ash-Elm (locum)"
    voter.click("Encrypt my ballot").sees("Your ballot is encrypted").cast().sees("Your vote was accepted")


def rewritten(voter: Voter, *changes: tuple[str, str]) -> Voter:
    """The voter's page, where something has written other words into it before its script runs."""

    def rewrite(route: Route) -> None:
        body = route.fetch().text()
        for old, new in changes:
            assert old in body
            body = body.replace(old, new)
        route.fulfill(body=body, content_type="text/html")

    voter.page.route("**/vote/merger/00A", rewrite)
    return voter


LABELS = ("For\n", "Daf\u00fcr\n")
TRANSLATORS = {
    "Chrome": [
        ("For\n", "<font><font>Daf\u00fcr</font></font>\n"),
        ('lang="en-GB"', 'lang="de" class="translated-ltr"'),
    ],
    "Chrome, to a language written from the right": [
        LABELS,
        ('<html lang="en-GB"', '<html lang="ar" class="translated-rtl"'),
    ],
    "Edge": [LABELS, ("<fieldset", '<fieldset _msttexthash="123" _msthash="7"')],
    "Firefox": [LABELS, ('lang="en-GB"', 'lang="de"')],
    "an add-on": [("For\n", '<font class="x">Daf\u00fcr</font>\n')],
}


@pytest.mark.parametrize("translator", TRANSLATORS)
def test_a_page_that_the_browser_translated_is_not_taken_for_interference(
    open_booth: Booth, voter: Voter, translator: str
) -> None:
    page = rewritten(voter, *TRANSLATORS[translator]).open(open_booth.url()).sees("Your browser has translated").page

    assert not page.get_by_text("interfering").locator("visible=true").count()
    assert "01772 000000" in page.locator("main").inner_text()
    seen = not translator.startswith("Chrome")  # there from the left, and from the right
    assert faults_in_every_window(page, "booth-trouble-translated", again=seen) == []


def test_a_translated_page_whose_words_are_as_sealed_votes(open_booth: Booth, voter: Voter) -> None:
    rewritten(voter, ('lang="en-GB"', 'lang="de" class="translated-ltr"'), ("Start<", "<font>Beginnen</font><"))
    voter.open(open_booth.url()).sees("Vote for your practice").click("Beginnen").choose("For").click("Continue")
    voter.state().sees("Check your answer")


CHANGE = """(sign) => {
  document.querySelector("fieldset label").textContent = "Dagegen";
  document.documentElement.lang = sign;
}"""


@pytest.mark.parametrize(("sign", "heading"), [("de", "Your browser has translated"), ("en-GB", "Do not vote here")])
def test_words_that_change_while_the_voter_reads_are_noticed_before_anything_is_encrypted(
    open_booth: Booth, voter: Voter, sign: str, heading: str
) -> None:
    voter.open(open_booth.url()).sees("Vote for your practice").click("Start")
    voter.page.evaluate(CHANGE, sign)
    voter.page.locator("input[type=radio]").first.check()
    voter.click("Continue").sees(heading)


def test_a_browser_is_asked_not_to_translate_what_is_sealed_and_may_translate_the_rest(
    open_booth: Booth, voter: Voter
) -> None:
    page = voter.open(open_booth.url()).to_paper().page
    kept = "(selector) => [...document.querySelectorAll(selector)].map((one) => one.closest('[translate=no]') !== null)"

    question, confirmed = "[data-step^=question-]", "[data-step=authority] .nhsuk-checkboxes label"
    sealed = (f"{question} legend", f"{question} fieldset label", confirmed)
    for selector in (*sealed, "[data-fill^=answer-]", "[data-fill=fingerprint]", "[data-groups]"):
        found = page.evaluate(kept, selector)
        assert found, selector
        assert all(found), selector
    assert not any(page.evaluate(kept, "h1:not(legend h1), p:not([translate])"))


def test_without_javascript_the_page_says_why_and_whom_to_call(open_booth: Booth, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(open_booth.url())

    assert page.locator("h1:visible").all_inner_texts() == ["This page needs JavaScript"]
    assert "01772 000000" in page.locator("main").inner_text()
    shoot(page, "booth-without-javascript")
    context.close()
