"""The help desk sends a practice its link again: the same link, as a new message, to that practice alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from ballot.db.activity import ActivityFilter, list_activity
from ballot.mail.messages import Kind
from ballot.mail.states import DeliveryState
from ballot.office.activity import Who
from ballot.office.acts.counting import Abandon
from ballot.office.acts.membership import ChangeContact, Reissue, Revoke, Strike
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.post.mailings import send_link_again
from tests.integration.mail.post import Post, links_in, status
from tests.integration.office.world import CLOSES, OPENS, WHY, World


def again(world: World, practice: str = "Y00001", ccg: str = "00A") -> None:
    send_link_again(world.engine, world.clock, world.id, ccg, practice, Who("officer@example.org"))


def test_the_same_link_goes_once_more_as_a_new_message_and_to_no_other_practice(world: World, post: Post) -> None:
    post.invite()
    post.send()
    first = next(got for got in post.server.got if got.recipients == ["y01@example.org"])
    post.later(minutes=30)
    again(world)
    post.send()
    new = post.server.got[12:]
    assert [got.recipients for got in new] == [["y01@example.org"]]
    assert links_in(new[0].message) == links_in(first.message)
    assert new[0].id != first.id
    with world.reading() as session:
        entry = list_activity(session, ActivityFilter(act="mail-queued"))[0]
    assert (entry.actor, entry.ccg, entry.details) == (
        "officer@example.org",
        "00A",
        '{"kind":"invitation","messages":1}',
    )


def test_after_a_new_link_the_newest_is_sent_again(world: World, post: Post) -> None:
    world.clock.now = OPENS
    perform(world.desk, world.id, Reissue("00A", "Y00001"), (world.registrar,))
    post.send()
    again(world)
    post.send()
    assert len({tuple(links_in(got.message)) for got in post.server.got}) == 1


def test_a_practice_that_was_never_invited_gets_its_invitation_and_no_second_one_later(
    world: World, post: Post
) -> None:
    again(world)
    assert [row.practice for row in post.rows(kind=Kind.INVITATION)] == ["Y00001"]
    assert "Y00001" not in post.invite().practices


def test_a_bounce_is_no_problem_any_more_once_the_link_was_sent_again_and_arrived(world: World, post: Post) -> None:
    def lost() -> list[str]:
        return [problem.practice for problem in status(world).problems if problem.posted.kind]

    post.invite("Y00001")
    post.server.refuse = {"y01@example.org": "550 5.1.1 no such user"}
    post.send()
    assert lost() == ["Y00001"]
    post.server.refuse = {}
    post.later(minutes=1)
    again(world)
    post.send()
    assert lost() == []


STATES: dict[str, tuple[Callable[[World], object], Refusal]] = {
    "closed": (lambda world: setattr(world.clock, "now", CLOSES), Refusal.WRONG_STATE),
    "abandoned": (lambda world: perform(world.desk, world.id, Abandon("00A"), world.two, WHY), Refusal.WRONG_STATE),
    "revoked": (
        lambda world: perform(world.desk, world.id, Revoke("00A", "Y00001"), (world.registrar,)),
        Refusal.NO_LIVE_TOKEN,
    ),
    "struck": (
        lambda world: perform(world.desk, world.id, Strike("00A", "Y00001"), world.two, WHY),
        Refusal.ALREADY_STRUCK,
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_a_practice_that_cannot_vote_gets_no_link(world: World, post: Post, state: str) -> None:
    world.clock.now = OPENS
    change, word = STATES[state]
    change(world)
    before = len(post.rows(kind=Kind.INVITATION))
    with pytest.raises(Refused) as caught:
        again(world)
    assert caught.value.reason is word
    assert len(post.rows(kind=Kind.INVITATION)) == before


@pytest.mark.parametrize(("ccg", "practice"), [("00B", "Y00001"), ("00A", "Y99999"), ("00A", ""), ("", "Y00001")])
def test_a_practice_that_is_not_in_this_ccg_is_refused(world: World, post: Post, ccg: str, practice: str) -> None:
    with pytest.raises(Refused) as caught:
        again(world, practice, ccg)
    assert caught.value.reason is Refusal.NO_SUCH_PRACTICE
    assert post.rows(kind=Kind.INVITATION) == []


def test_what_waits_to_be_sent_is_not_queued_twice(world: World, post: Post) -> None:
    post.invite("Y00001")
    with pytest.raises(Refused) as caught:
        again(world)
    assert caught.value.reason is Refusal.NOTHING_CHANGES
    assert "already waiting to be sent" in caught.value.sentence
    assert len(post.rows(kind=Kind.INVITATION)) == 1


def test_a_message_that_waits_for_an_earlier_address_does_not_hold_up_the_present_one(world: World, post: Post) -> None:
    world.clock.now = OPENS
    post.locked = True
    post.invite("Y00001")
    moved = ChangeContact("00A", "Y00001", None, "new@example.org")
    perform(world.desk, world.id, moved, world.two, WHY, world.registrar)
    post.locked = False
    post.send()
    again(world)
    post.send()
    assert [got.recipients[0] for got in post.server.got if links_in(got.message)] == ["new@example.org"] * 2


def test_where_the_first_vote_is_final_a_practice_that_voted_gets_none_and_the_office_learns_nothing(
    world: World, post: Post
) -> None:
    """Who may not know who voted sees neither the message nor why it was dropped."""
    post.invite("Y00001")
    post.send()
    world.clock.now = OPENS
    link = next(each for each in world.links("00A") if each.practice == "Y00001")
    assert world.cast(link).status == 200
    post.later(seconds=int(timedelta(minutes=5).total_seconds()))
    again(world)
    post.send()
    dropped = [row for row in status(world).posted if row.state is DeliveryState.DROPPED]
    assert [(row.practice, row.answer) for row in dropped] == [("Y00001", "has-voted")]
    seen = status(world, sees_who_voted=False).posted
    assert [row for row in seen if row.state is DeliveryState.DROPPED or "voted" in row.answer] == []
