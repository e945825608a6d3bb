"""The plan before sending and the failures after it; one practice never becomes all practices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ballot.db.outbox import list_messages
from ballot.db.session import transaction
from ballot.mail.messages import Kind
from ballot.mail.states import DeliveryState
from ballot.office.acts.membership import Reissue
from ballot.office.errors import Refused
from ballot.office.perform import perform
from ballot.office.post.mail_status import mail_status, plan
from ballot.office.post.mailings import invite, remind
from ballot.office.post.outbox import Audience, Everyone, OneCcg, OnePractice, outbox
from ballot.office.post.send import send_due
from tests.integration.mail.mail_server import MailServer
from tests.integration.mail.post import Post
from tests.integration.office.world import OPENS, World

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

    assert sorted(told.not_due) == ["Y00000", "Y00001"]
    assert told.practices == len(queued.practices) == 10
    assert not {"Y00000", "Y00001"} & sent_to(sealed, Kind.REMINDER)


def test_nobody_is_reminded_before_voting_opens(sealed: World) -> None:
    told = plan(sealed.engine, sealed.clock, sealed.id, Kind.REMINDER, Everyone())
    assert (told.messages, len(told.not_due)) == ((), 12)


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
    assert mail_status(sealed.engine, sealed.id).problems == ()
    progress = mail_status(sealed.engine, sealed.id).progress
    assert [(one.kind, one.arrived, one.total) for one in progress] == [(Kind.INVITATION, 12, 12)]

    bounce(sealed, "Y00002")

    (problem,) = mail_status(sealed.engine, sealed.id).problems
    assert (problem.ccg, problem.practice, problem.why) == (
        "00A",
        "Y00002",
        "invitation bounced at y02@example.org: no such mailbox",
    )


def bounce(world: World, practice: str) -> None:
    with transaction(world.engine) as session:
        row = next(row for row, of in list_messages(session, world.id) if of.ods == practice)
        row.state, row.answer = DeliveryState.BOUNCED.value, "no such mailbox"


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
