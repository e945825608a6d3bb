"""The plan before sending and the failures after it; one practice never becomes all practices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ballot.db.outbox import list_messages
from ballot.db.session import transaction
from ballot.mail.messages import Kind
from ballot.mail.states import DeliveryState
from ballot.office.activity import Who
from ballot.office.acts.membership import ChangeContact, Reissue, Revoke
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.post.letters import note_letter
from ballot.office.post.mail_status import HoldUpCause, hold_ups, plan
from ballot.office.post.mailings import invite, remind
from ballot.office.post.outbox import Audience, Everyone, OneCcg, OnePractice, outbox
from ballot.office.post.send import send_due
from tests.integration.mail.mail_server import MailServer
from tests.integration.mail.post import Post, status
from tests.integration.office.world import CLOSES, OPENS, WHY, World

ALL_BUT_ONE = ["", "*", "%", "Y0000", "y00001", "Y00001 Y00002", "Y00001,Y00002", "all", "None", "00A"]


@pytest.fixture
def sealed(world: World) -> World:
    return world.seal()


def sent_to(world: World, kind: Kind) -> set[str]:
    found = outbox(world.engine, world.id, Everyone())
    return {posted.practice for posted in found if posted.kind is kind}


@pytest.mark.parametrize(
    "whom", [Everyone(), OneCcg("00B"), OnePractice("Y00001")], ids=lambda whom: type(whom).__name__
)
def test_the_plan_is_what_sending_then_does(sealed: World, whom: Audience) -> None:
    told = plan(sealed.engine, sealed.clock, sealed.id, Kind.INVITATION, whom)

    queued = invite(sealed.engine, sealed.clock, sealed.id, whom)

    assert len(told.messages) == queued.messages
    assert sorted(code for m in told.messages for _, code, _ in m.practices) == sorted(queued.practices)
    assert told.without_address == queued.without_address
    again = plan(sealed.engine, sealed.clock, sealed.id, Kind.INVITATION, whom)
    assert (again.messages, sorted(again.before)) == ((), sorted(queued.practices))


def test_a_plan_of_reminders_leaves_out_who_voted_and_is_what_sending_then_does(sealed: World) -> None:
    sealed.clock.now = OPENS
    for link in sealed.links()[:2]:
        assert sealed.cast(link).status == 200

    told = plan(sealed.engine, sealed.clock, sealed.id, Kind.REMINDER, Everyone())
    queued = remind(sealed.engine, sealed.clock, sealed.id, Everyone())

    assert (sorted(told.voted), told.why_not_due) == (["Y00000", "Y00001"], "2 have voted")
    assert told.practices == len(queued.practices) == 10
    assert not {"Y00000", "Y00001"} & sent_to(sealed, Kind.REMINDER)


def test_nobody_is_reminded_before_voting_opens(sealed: World) -> None:
    told = plan(sealed.engine, sealed.clock, sealed.id, Kind.REMINDER, Everyone())
    assert (told.messages, told.why_not_due) == ((), "12 are not open yet")


@pytest.mark.parametrize(
    "practice", ["", "*", "%", "Y0000", "y00001", "Y00001 Y00002", "Y00001,Y00002", "all", "None", "00A"]
)
def test_no_way_of_writing_one_practice_means_all(sealed: World, practice: str) -> None:
    sealed.clock.now = OPENS
    with pytest.raises(Refused):
        plan(sealed.engine, sealed.clock, sealed.id, Kind.INVITATION, OnePractice(practice))
    with pytest.raises(Refused):
        invite(sealed.engine, sealed.clock, sealed.id, OnePractice(practice))
    with pytest.raises(Refused):
        perform(sealed.desk, sealed.id, Reissue("00A", practice), (sealed.registrar,))
    assert [posted for posted in outbox(sealed.engine, sealed.id, Everyone()) if posted.kind is not None] == []


def test_a_re_issue_goes_to_that_practice_alone_however_often(world: World, post: Post) -> None:
    sealed = world
    invite(sealed.engine, sealed.clock, sealed.id, Everyone())
    post.send()
    before = len(post.server.got)
    for _ in range(3):
        perform(sealed.desk, sealed.id, Reissue("00A", "Y00001"), (sealed.registrar,))
    post.send()

    assert sent_to(sealed, Kind.REISSUED) == {"Y00001"}
    assert {str(got.message["To"]) for got in post.server.got[before:]} == {"y01@example.org"}


def test_what_did_not_arrive_is_a_task_until_it_does(world: World, post: Post) -> None:
    sealed = world
    invite(sealed.engine, sealed.clock, sealed.id, Everyone())
    post.send()
    assert status(sealed).problems == ()
    progress = status(sealed).progress
    assert [(one.kind, one.arrived, one.total) for one in progress] == [(Kind.INVITATION, 12, 12)]

    bounce(sealed, "Y00002")

    (problem,) = status(sealed).problems
    assert (problem.ccg, problem.practice, problem.why) == (
        "00A",
        "Y00002",
        "invitation bounced at y02@example.org: no such mailbox",
    )


def bounce(world: World, practice: str, kind: Kind = Kind.INVITATION, to: str | None = None) -> None:
    with transaction(world.engine) as session:
        row = next(
            row
            for row, of in list_messages(session, world.id)
            if of.ods == practice and row.kind == kind.value and to in (None, row.to)
        )
        row.state, row.answer = DeliveryState.BOUNCED.value, "no such mailbox"


def problems(world: World, sees_who_voted: bool = True) -> list[str]:
    return [f"{one.practice} {one.what}" for one in status(world, sees_who_voted).problems]


def invited(world: World, post: Post, bounced: str) -> None:
    invite(world.engine, world.clock, world.id, Everyone())
    post.send()
    bounce(world, bounced)


def test_a_bounce_of_an_earlier_address_is_no_task_beside_the_present_one(world: World, post: Post) -> None:
    invited(world, post, "Y00002")
    change = ChangeContact("00A", "Y00002", "Dr B", "new@example.org")
    perform(world.desk, world.id, change, world.two, WHY, world.registrar)
    assert problems(world) == []
    post.send()
    bounce(world, "Y00002", Kind.CONTACT_CHANGED, "y02@example.org")
    assert problems(world) == []

    bounce(world, "Y00002", Kind.REISSUED)
    assert problems(world) == ["Y00002 reissued bounced"]


def test_a_reminder_that_arrived_does_not_settle_a_link_that_did_not(world: World, post: Post) -> None:
    invited(world, post, "Y00002")
    world.clock.now = OPENS
    remind(world.engine, world.clock, world.id, Everyone())
    post.send()
    assert problems(world) == ["Y00002 invitation bounced"]

    perform(world.desk, world.id, Reissue("00A", "Y00002"), (world.registrar,))
    assert problems(world) == []
    post.send()
    bounce(world, "Y00001", Kind.REMINDER)
    assert problems(world) == ["Y00001 reminder bounced"]


def test_a_vote_ends_the_task_for_those_who_may_know_of_it(world: World, post: Post) -> None:
    invited(world, post, "Y00000")
    world.clock.now = OPENS
    assert world.cast(world.links()[0]).status == 200
    post.send()
    bounce(world, "Y00000", Kind.RECEIPT)
    assert problems(world) == []
    assert problems(world, sees_who_voted=False) == ["Y00000 invitation bounced"]


def test_closing_ends_every_task_but_that_of_a_result(world: World, post: Post) -> None:
    invited(world, post, "Y00002")
    assert problems(world) == ["Y00002 invitation bounced"]
    world.clock.now = CLOSES
    assert problems(world) == []


def test_a_letter_that_was_handed_over_ends_the_task_until_its_link_is_replaced(world: World, post: Post) -> None:
    invited(world, post, "Y00002")
    who = Who("officer@example.org", acting_for="returning-officer")
    world.clock.now = OPENS
    note_letter(world.engine, world.clock, world.id, "00A", "Y00002", who)
    assert problems(world) == []
    letter = status(world).letters["00A", "Y00002"]
    assert (letter.at, letter.by) == (OPENS, "officer@example.org")
    remind(world.engine, world.clock, world.id, Everyone())
    bounce(world, "Y00002", Kind.REMINDER)
    assert problems(world) == []

    world.clock.now = OPENS + timedelta(days=1)
    perform(world.desk, world.id, Reissue("00A", "Y00002"), (world.registrar,))
    bounce(world, "Y00002", Kind.REISSUED)
    assert problems(world) == ["Y00002 reissued bounced"]


def test_no_letter_is_noted_for_a_practice_without_a_working_link(world: World, post: Post) -> None:
    perform(world.desk, world.id, Revoke("00A", "Y00001"), (world.registrar,))
    for practice in ("Y00001", "Y99999"):
        with pytest.raises(Refused) as refused:
            note_letter(world.engine, world.clock, world.id, "00A", practice, Who("officer@example.org"))
        assert refused.value.reason is Refusal.NO_LIVE_TOKEN


def held(world: World) -> list[tuple[HoldUpCause, int]]:
    with world.reading() as session:
        return [(one.cause, one.messages) for one in hold_ups(session, world.id, world.clock())]


def test_what_holds_up_sending_is_said(world: World, post: Post) -> None:
    invite(world.engine, world.clock, world.id, Everyone())
    assert held(world) == []

    world.clock.now += timedelta(minutes=6)
    assert held(world) == [(HoldUpCause.NO_WORKER, 12)]

    post.locked = True
    post.send()
    assert held(world) == [(HoldUpCause.LOCKED, 12)]

    post.locked = False
    post.server.refuse = {"y00@example.org": "450 4.2.0 greylisted"}
    post.send()
    assert held(world) == [(HoldUpCause.REFUSED, 1)]
    with world.reading() as session:
        (one,) = hold_ups(session, world.id, world.clock())
    assert "1 e-mail could not be sent yet" in one.sentence
    assert "450 4.2.0 greylisted" in one.sentence

    post.server.refuse = {}
    world.clock.now += timedelta(minutes=2)
    post.send()
    assert held(world) == []


@pytest.mark.parametrize("rehearsal", [True, False])
def test_every_e_mail_of_a_rehearsal_can_go_to_one_address_and_those_of_a_real_ballot_never(
    world: World, mail_server: MailServer, rehearsal: bool
) -> None:
    toml = world.programme_folder / "programme.toml"
    toml.write_text(toml.read_text().replace("rehearsal = true", f"rehearsal = {str(rehearsal).lower()}"))
    world.seal()
    invite(world.engine, world.clock, world.id, OneCcg("00A"))
    post = Post(world, mail_server)
    room = post.room()
    send_due(replace(room, settings=replace(room.settings, rehearsal_to="team@example.org")))
    post.close()
    expected = {"team@example.org"} if rehearsal else {f"y0{i}@example.org" for i in range(4)}
    assert {address for got in mail_server.got for address in got.recipients} == expected
