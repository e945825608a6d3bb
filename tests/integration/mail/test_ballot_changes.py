"""Practices are told by e-mail what two officers changed; and a preview is what is really sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.mail.messages import Change, Kind, Message
from ballot.mail.render import Rendered, render
from ballot.mail.states import DeliveryState
from ballot.office.acts.act import Act
from ballot.office.acts.counting import Abandon
from ballot.office.acts.membership import ChangeContact, Reissue, Strike
from ballot.office.acts.window import CloseEarly, Extend, OpenEarly
from ballot.office.on_time import tick
from ballot.office.perform import perform
from ballot.office.post import send
from ballot.office.post.compose import DUMMY, preview
from ballot.office.post.dates import dates_file
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import OnePractice
from tests.integration.mail.post import HELP_DESK, Post
from tests.integration.office.world import CLOSES, OPENS, WHY, World

LATER = CLOSES + timedelta(days=7)
ALL = {f"Y0000{i}" for i in range(4)}
ACTS: dict[Change, tuple[Callable[[], Act[None]], str, set[str]]] = {
    Change.OPENED: (lambda: OpenEarly("00A"), "Voting opened early", ALL),
    Change.EXTENDED: (lambda: Extend("00A", LATER), "Voting stays open for longer", ALL),
    Change.CLOSED: (lambda: CloseEarly("00A"), "Voting closed early", ALL),
    Change.STRUCK: (lambda: Strike("00A", "Y00001"), "Your practice cannot vote", {"Y00001"}),
    Change.ABANDONED: (lambda: Abandon("00A"), "The ballot was abandoned", ALL),
}


def changed(post: Post) -> dict[str, DeliveryState | None]:
    return {row.practice: row.state for row in post.rows() if row.kind is Kind.BALLOT_CHANGED}


@pytest.mark.parametrize("change", list(Change))
def test_the_practices_concerned_are_told_of_a_change(world: World, post: Post, change: Change) -> None:
    post.invite()
    post.send()
    before = len(post.server.got)
    world.clock.now = OPENS - timedelta(days=1) if change is Change.OPENED else OPENS
    act, subject, told = ACTS[change]
    perform(world.desk, world.id, act(), world.two, WHY)
    post.later(seconds=2)  # an early closing is never in the second in which voting opened
    post.send()

    got = post.server.got[before:]
    assert {message.recipients[0] for message in got} == {f"y0{code[-1]}@example.org" for code in told}
    assert {str(message.message["Subject"]) for message in got} == {f"[Rehearsal] {subject}: A merger"}
    if change is Change.EXTENDED:
        assert all("Friday 5 June 2020" in str(message.message.get_body(("plain",))) for message in got)


MOMENT = re.compile(r"^(DTSTART|SEQUENCE|STATUS):(.*)$", re.MULTILINE)


def calendar_of(message: EmailMessage) -> tuple[bytes, list[tuple[str, str]]]:
    """The one calendar file attached, and the moments, numbers and states of its two entries."""
    (part,) = message.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == "PUBLISH"
    assert part.get_filename() == "voting-dates-00A.ics"
    data = part.get_content().encode()
    return data, MOMENT.findall(data.decode().replace("\r\n", "\n"))


def entries(opens: str, closes: str, sequence: int, status: str = "CONFIRMED") -> list[tuple[str, str]]:
    return [
        field for at in (opens, closes) for field in (("SEQUENCE", str(sequence)), ("STATUS", status), ("DTSTART", at))
    ]


@pytest.mark.parametrize("change", list(Change))
def test_every_moved_window_brings_a_calendar_file_that_corrects_the_one_of_the_invitation(
    world: World, post: Post, change: Change
) -> None:
    post.invite("Y00001")
    post.send()
    invited, planned = calendar_of(post.server.got[-1].message)
    assert planned == entries("20200511T080000Z", "20200529T160000Z", 0)
    assert b"BEGIN:VALARM" in invited

    world.clock.now = OPENS - timedelta(days=1) if change is Change.OPENED else OPENS + timedelta(days=1)
    perform(world.desk, world.id, ACTS[change][0](), world.two, WHY)
    post.later(seconds=2)
    post.send()
    told = next(got.message for got in post.server.got[1:] if got.recipients[0] == "y01@example.org")
    if change is Change.STRUCK:
        assert list(told.iter_attachments()) == []
        return
    data, moved = calendar_of(told)
    assert {
        Change.OPENED: entries("20200510T080000Z", "20200529T160000Z", 1),
        Change.EXTENDED: entries("20200511T080000Z", "20200605T160000Z", 1),
        Change.CLOSED: entries("20200511T080000Z", "20200512T080000Z", 1),
        Change.ABANDONED: entries("20200511T080000Z", "20200529T160000Z", 1, "CANCELLED"),
    }[change] == moved
    assert (b"BEGIN:VALARM" in data) == (change in (Change.OPENED, Change.EXTENDED))
    assert re.findall(rb"UID:.*", data) == re.findall(rb"UID:.*", invited)


def test_the_clock_that_opens_and_closes_a_ballot_moves_no_entry_and_no_other_ccg_does(
    world: World, post: Post
) -> None:
    def file() -> bytes:
        with reading(world.engine) as session:
            programme = find_programme(session, world.id)
            assert programme is not None
            return dates_file(session, programme, "00A")

    before = file()
    world.clock.now = OPENS
    perform(world.desk, world.id, Extend("00B", LATER), world.two, WHY)
    perform(world.desk, world.id, Reissue("00A", "Y00001"), (world.registrar,))
    world.clock.now = CLOSES
    tick(world.desk)
    assert file() == before


def test_a_channel_without_attachments_gets_the_address_of_the_file_and_no_promise_of_one(
    world: World, post: Post
) -> None:
    message = of(world, Kind.INVITATION, "Y00001")
    with_file, without = render(message), render(message, attaches=False)
    address = "https://vote.example.org/board/merger/00A/dates.ics"
    assert [name for name, _ in with_file.attachments] == ["voting-dates-00A.ics"]
    assert without.attachments == ()
    for words in (without.text, without.html):
        assert address in words
        assert "attached" not in words
    for words in (with_file.text, with_file.html):
        assert address not in words
        assert "open the attached file" in words


def test_an_early_opening_is_not_told_to_those_who_were_not_invited(world: World, post: Post) -> None:
    post.invite("Y00002")
    world.clock.now = OPENS - timedelta(days=1)
    perform(world.desk, world.id, OpenEarly("00A"), world.two, WHY)
    assert set(changed(post)) == {"Y00002"}


def test_a_change_that_was_changed_again_is_told_only_once(world: World, post: Post) -> None:
    world.clock.now = OPENS
    perform(world.desk, world.id, Extend("00A", LATER), world.two, WHY)
    perform(world.desk, world.id, Extend("00A", LATER + timedelta(days=1)), world.two, WHY)
    post.send()
    assert len(post.server.got) == 4
    assert all("Saturday 6 June 2020" in str(got.message.get_body(("plain",))) for got in post.server.got)


@pytest.mark.parametrize(
    "then", [Strike("00A", "Y00002"), ChangeContact("00A", "Y00002", None, "new@example.org")], ids=["struck", "moved"]
)
def test_an_extension_is_not_told_to_who_was_struck_or_to_an_earlier_address(
    world: World, post: Post, then: Act[None]
) -> None:
    world.clock.now = OPENS
    perform(world.desk, world.id, Extend("00A", LATER), world.two, WHY)
    perform(world.desk, world.id, then, world.two, WHY, world.registrar)
    post.send()
    rows = [row for row in post.rows("Y00001") if row.kind is Kind.BALLOT_CHANGED]
    assert [row.state for row in rows] == [DeliveryState.SENT]
    told = {got.recipients[0] for got in post.server.got if "stays open" in str(got.message["Subject"])}
    assert told == {"y00@example.org", "y01@example.org", "y03@example.org"}


def of(world: World, kind: Kind, practice: str, **how: bool) -> Message:
    return preview(world.engine, world.clock, world.id, practice, kind, "https://vote.example.org", HELP_DESK, **how)


def without_preview(message: Message) -> Rendered:
    return render(replace(message, sender=replace(message.sender, preview=False)))


@pytest.mark.parametrize("kind", [Kind.INVITATION, Kind.REMINDER, Kind.REISSUED, Kind.CONTACT_CHANGED])
@pytest.mark.parametrize("locked", [False, True])
def test_a_preview_is_what_is_sent_but_for_the_secret(
    world: World, post: Post, kind: Kind, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret of the link is replaced, and nothing else."""
    sent: list[Rendered] = []
    monkeypatch.setattr(send, "render", lambda message, attaches: sent.append(render(message, attaches)) or sent[-1])
    world.clock.now = OPENS
    if kind is Kind.INVITATION:
        invite(world.engine, world.clock, world.id, OnePractice("Y10001"))
    elif kind is Kind.REMINDER:
        post.remind("Y10001")
    elif kind is Kind.REISSUED:
        perform(world.desk, world.id, Reissue("00B", "Y10001"), (world.registrar,))
    else:
        new = ChangeContact("00B", "Y10001", "Dr B", "y11@example.org")
        perform(world.desk, world.id, new, world.two, WHY, world.registrar)
    post.locked = locked and kind is Kind.REMINDER
    post.send()
    real = sent[0]
    shown = without_preview(of(world, kind, "Y10001", with_link=not post.locked))
    link = next(each for each in world.links("00B") if each.practice == "Y10001")
    secret = link.url("https://vote.example.org").partition("#")[2]
    assert real.text.replace(secret, DUMMY) == shown.text
    assert real.subject == shown.subject
    assert (DUMMY in shown.text) == (kind is not Kind.CONTACT_CHANGED and not post.locked)
    assert "one practice and 2,000 registered patients" in shown.text


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_can_be_shown_before_it_is_due(world: World, post: Post, kind: Kind) -> None:
    rendered = render(of(world, kind, "Y00001"))
    assert rendered.subject.startswith("[Preview, not a real message]")
    assert "Y00001" in rendered.text
