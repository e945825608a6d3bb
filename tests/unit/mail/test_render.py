"""The words of every kind of message: required and forbidden ones, and the same links in text and HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest
from jinja2 import UndefinedError

from ballot.mail import render as module
from ballot.mail.messages import (
    NEEDS_LINK,
    TAKES_LINK,
    BallotChanged,
    Change,
    ContactChanged,
    DeclaredResult,
    HasVoted,
    Invitation,
    Kind,
    Message,
    PracticeSeat,
    QuestionOutcome,
    ReceiptMail,
    Reissued,
    Reminder,
    SeatOutcome,
    Sender,
    TrialMessage,
    VotingDocument,
)
from ballot.mail.render import TEMPLATES, render

OPENS, CLOSES = datetime(2020, 5, 11, 8, tzinfo=UTC), datetime(2020, 12, 29, 17, tzinfo=UTC)
SENDER = Sender("A merger", "ab" * 32, "help@vote.example.org")
LINK = "https://vote.example.org/vote/merger/00A#token.credential"
SEAT = PracticeSeat(
    "Y00000", "Old & <New> Surgery", "00A", "NHS 00A CCG", OPENS, CLOSES, "13 votes", "Dr <b>A</b>", LINK
)
PLAIN = replace(SEAT, link=None)
ASKED = ("Do you agree?",)
OUTCOME = SeatOutcome(PLAIN, (QuestionOutcome("Do you agree?", "not carried"),))
MESSAGES: dict[Kind, Message] = {
    Kind.INVITATION: Invitation(SENDER, ASKED, (SEAT,), True),
    Kind.REMINDER: Reminder(SENDER, ASKED, (SEAT,), True),
    Kind.REISSUED: Reissued(SENDER, ASKED, (SEAT,), True),
    Kind.CONTACT_CHANGED: ContactChanged(SENDER, PLAIN),
    Kind.RECEIPT: ReceiptMail(SENDER, PLAIN, "TRACK-ME", OPENS, b'{"receipt":1}', True),
    Kind.HAS_VOTED: HasVoted(SENDER, PLAIN, OPENS),
    Kind.RESULT: DeclaredResult(SENDER, (OUTCOME,), False, (), "https://vote.example.org/"),
    Kind.BALLOT_CHANGED: BallotChanged(SENDER, Change.EXTENDED, (PLAIN,), True),
}
URL = re.compile(r"https?://[^\s\"'<>]+")


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_there_is_a_text_and_a_page_for_every_kind() -> None:
    assert set(MESSAGES) == set(Kind)
    for name in {kind.value for kind in Kind} | {"trial", "ceremony-again"}:
        assert (TEMPLATES / f"{name}.txt").is_file()
        assert (TEMPLATES / f"{name}.html").is_file()


@pytest.mark.parametrize("kind", list(Kind))
def test_text_and_page_have_the_same_links_and_at_most_one(kind: Kind) -> None:
    rendered = render(MESSAGES[kind])
    hrefs = [unescape(href) for href in re.findall(r'href="([^"]*)"', rendered.html)]
    assert URL.findall(rendered.text) == hrefs
    assert len(hrefs) == (1 if kind in TAKES_LINK or kind is Kind.RESULT else 0)
    assert (LINK in rendered.text) == (kind in TAKES_LINK)


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_is_loaded_from_anywhere_and_nobody_is_tracked(kind: Kind) -> None:
    page = render(MESSAGES[kind]).html.lower()
    for forbidden in (
        "<img",
        "src=",
        "url(",
        "<link",
        "<script",
        "<iframe",
        "@import",
        "background=",
        "<object",
        "<form",
    ):
        assert forbidden not in page
    assert "utm_" not in page


@pytest.mark.parametrize("kind", list(Kind))
def test_every_message_names_the_programme_its_fingerprint_and_the_help_desk(kind: Kind) -> None:
    rendered = render(MESSAGES[kind])
    assert "A merger" in rendered.subject
    for words in (rendered.text, rendered.html):
        assert "ab" * 32 in words
        assert "help@vote.example.org" in words
        assert "Y00000" in words
        assert "00A" in words


@pytest.mark.parametrize("kind", list(Kind))
def test_names_are_escaped_on_the_page_and_stand_as_they_are_in_the_text(kind: Kind) -> None:
    rendered = render(MESSAGES[kind])
    assert "Old & <New> Surgery" in rendered.text
    assert "<New>" not in rendered.html
    assert "<b>A</b>" not in rendered.html


@pytest.mark.parametrize("kind", list(Kind))
def test_a_rehearsal_and_a_preview_say_so(kind: Kind) -> None:
    sender = replace(SENDER, rehearsal=True, preview=True)
    rendered = render(replace(MESSAGES[kind], sender=sender))
    assert rendered.subject.startswith("[Preview, not a real message] [Rehearsal] ")
    assert "This is a rehearsal" in rendered.text
    assert "This is a rehearsal" in rendered.html
    assert "Preview, not a real message" in rendered.html
    assert "ehearsal" not in render(MESSAGES[kind]).text + render(MESSAGES[kind]).subject


def test_times_are_of_british_walls_with_the_zone_in_words_and_in_utc() -> None:
    text = render(MESSAGES[Kind.INVITATION]).text
    assert "Voting opens:  9am on Monday 11 May 2020, British Summer Time (08:00:00 UTC on 11 May 2020)" in text
    assert "Voting closes: 5pm on Tuesday 29 December 2020, Greenwich Mean Time (17:00:00 UTC" in text


@pytest.mark.parametrize(
    ("counts_for", "sentence", "never"),
    [
        (("one vote", "one vote"), "Each member practice has one vote in its own CCG.", "count the same"),
        (
            ("12,345 registered patients",),
            "Each member practice votes once in its own CCG. Votes do not all",
            "one vote",
        ),
        (("one practice and 13 votes",), "Votes do not all count the same: see below what this", "has one vote"),
        (("one vote", "13 votes"), "Each member practice votes once in its own CCG.", "has one vote"),
    ],
)
def test_an_invitation_says_one_vote_each_only_where_that_is_so(
    counts_for: tuple[str, ...], sentence: str, never: str
) -> None:
    seats = tuple(replace(SEAT, counts_for=words) for words in counts_for)
    rendered = render(replace(MESSAGES[Kind.INVITATION], seats=seats))
    for words in (rendered.text, unescape(re.sub("<[^>]+>", " ", rendered.html))):
        assert sentence in one_line(words)
        assert never not in one_line(words)


CHANGES = {
    Change.OPENED: ("Voting opened early", "You can vote now"),
    Change.EXTENDED: ("Voting stays open for longer", "The voting link that you have works until then."),
    Change.CLOSED: ("Voting closed early", "No one can vote any more."),
    Change.STRUCK: ("Your practice cannot vote", "its voting link has stopped working"),
    Change.ABANDONED: ("The ballot was abandoned", "No vote in it is counted or decrypted."),
}


@pytest.mark.parametrize("change", list(Change))
def test_a_changed_ballot_is_told_with_what_it_means_for_the_practice(change: Change) -> None:
    rendered = render(BallotChanged(SENDER, change, (PLAIN,), True))
    subject, sentence = CHANGES[change]
    assert rendered.subject == f"{subject}: A merger"
    for words in (rendered.text, rendered.html):
        assert sentence in one_line(unescape(words))
        assert ("Tuesday 29 December 2020" in words) == (change not in (Change.STRUCK, Change.ABANDONED))
    assert "You can vote again" not in rendered.text
    again = render(BallotChanged(SENDER, Change.EXTENDED, (PLAIN,), False)).text
    assert "You can vote again until voting closes." in one_line(again)


def test_an_invitation_says_who_may_vote_what_the_link_is_and_what_whoever_has_it_can_do() -> None:
    for words in (render(MESSAGES[Kind.INVITATION]).text, render(MESSAGES[Kind.INVITATION]).html):
        for sentence in (
            "Do you agree?",
            "The person whom the practice has chosen casts it.",
            "Use the link to vote for this practice.",
            "Anyone who has the link can vote with it.",
            "A vote is final",
        ):
            assert sentence in one_line(unescape(words))


@pytest.mark.parametrize("kind", sorted(TAKES_LINK, key=str))
def test_whatever_brings_a_link_says_where_each_document_is_and_has_no_other_link(kind: Kind) -> None:
    documents = (VotingDocument("The case <for> change", True), VotingDocument("Paper by post", False))
    rendered = render(replace(MESSAGES[kind], documents=documents))  # type: ignore[call-arg]
    for words in (rendered.text, unescape(rendered.html)):
        assert "The case <for> change: a link is on the voting page" in words
        assert "Paper by post: ask your CCG for it, or the help desk" in words
    assert URL.findall(rendered.text) == [LINK]
    assert "before you vote" not in render(MESSAGES[kind]).text


@pytest.mark.parametrize("kind", sorted(TAKES_LINK, key=str))
def test_whatever_brings_a_link_says_what_the_vote_counts_for_and_what_to_do_if_the_page_differs(kind: Kind) -> None:
    for words in (render(MESSAGES[kind]).text, render(MESSAGES[kind]).html):
        assert "Its vote counts for 13 votes." in one_line(unescape(words))
        assert "If it does not say the same as this message, do not vote" in one_line(unescape(words))


def test_where_the_last_vote_counts_the_invitation_says_that() -> None:
    rendered = render(replace(MESSAGES[Kind.INVITATION], final=False))  # type: ignore[call-arg]
    assert "the last vote counts" in rendered.text
    assert "A vote is final" not in rendered.text


def test_practices_that_share_an_address_have_a_link_each_under_their_own_name() -> None:
    other = replace(SEAT, practice="Y00001", name="Another Surgery", link=LINK.replace("token", "other"))
    rendered = render(Invitation(SENDER, ASKED, (SEAT, other), True))
    assert URL.findall(rendered.text) == [LINK, LINK.replace("token", "other")]
    assert rendered.text.index("Another Surgery") > rendered.text.index(LINK)
    assert "Practices that share this address get one message" in rendered.text
    assert rendered.html.count("href=") == 2


def test_a_reminder_without_a_link_points_to_the_invitation() -> None:
    rendered = render(Reminder(SENDER, ASKED, (PLAIN,), True))
    assert "use the link in your invitation" in rendered.text
    assert "href" not in rendered.html


def test_a_receipt_has_its_tracking_number_and_is_attached_as_it_was_signed() -> None:
    rendered = render(MESSAGES[Kind.RECEIPT])
    assert "TRACK-ME" in rendered.text
    assert "TRACK-ME" in rendered.html
    assert rendered.attachments == (("receipt-Y00000-00A.json", b'{"receipt":1}'),)
    assert all(not render(MESSAGES[kind]).attachments for kind in Kind if kind is not Kind.RECEIPT)


@pytest.mark.parametrize(
    ("proceeds", "members", "sentence"),
    [
        (True, "NHS 00A and NHS 00B CCGs", "the merger goes ahead with NHS 00A and NHS 00B CCGs."),
        (False, "", "the merger does not go ahead."),
        (None, "", "gives no outcome."),
    ],
)
def test_a_result_says_what_the_ccg_decided_and_what_follows(
    proceeds: bool | None, members: str, sentence: str
) -> None:
    rendered = render(DeclaredResult(SENDER, (OUTCOME,), proceeds, members, "https://vote.example.org/"))
    for words in (rendered.text, rendered.html):
        assert "not carried" in words
        assert sentence in words


def test_a_template_that_asks_for_what_is_not_there_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        module._texts().from_string("{{ nothing }}").render()
    with pytest.raises(UndefinedError):
        module._pages().get_template("invitation.html").render(subject="", sender=SENDER)


def test_no_link_is_shown_by_any_object() -> None:
    for kind in NEEDS_LINK:
        assert "token" not in repr(MESSAGES[kind])
        assert "token" not in repr(render(MESSAGES[kind]))


def test_a_test_message_asks_for_nothing() -> None:
    rendered = render(TrialMessage(SENDER, "vote.example.org", OPENS))
    assert rendered.subject == "Test message from vote.example.org"
    assert "http" not in rendered.text
    assert "href" not in rendered.html
