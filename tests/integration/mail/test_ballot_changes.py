"""Practices are told by e-mail what two officers changed; and a preview is what is really sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ballot.mail.messages import Change, Kind, Message
from ballot.mail.render import Rendered, render
from ballot.mail.states import DeliveryState
from ballot.office.acts.act import Act
from ballot.office.acts.counting import Abandon
from ballot.office.acts.membership import ChangeContact, Reissue, Strike
from ballot.office.acts.window import CloseEarly, Extend, OpenEarly
from ballot.office.perform import perform
from ballot.office.post import send
from ballot.office.post.compose import DUMMY, preview
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
