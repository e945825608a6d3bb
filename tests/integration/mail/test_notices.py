"""The people of the office are told by e-mail what waits for them: once, and only the one for whom it waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete

from ballot.db.notices import NoticeRow
from ballot.db.session import transaction
from ballot.db.staff import find_account
from ballot.mail.states import DeliveryState
from ballot.office.acts.counting import Decide
from ballot.office.acts.window import Extend
from ballot.office.next_steps import OfficePlaces
from ballot.office.perform import perform
from ballot.office.post.mailings import invite
from ballot.office.post.notices import SETTLES, notify
from ballot.office.post.outbox import Everyone
from ballot.office.proposals.ending import withdraw
from ballot.office.proposals.propose import Officer, propose
from ballot.office.staff.accounts import add_account, disable_account, seat_trustee
from ballot.office.staff.roles import StaffRole
from tests.integration.mail.mail_server import MailServer
from tests.integration.mail.post import Post, part
from tests.integration.office.world import CLOSES, WHY, World
from tests.web.staff import a_door

SENT = {DeliveryState.SENT: 1}


@pytest.fixture
def told(post: Post, world: World) -> Post:
    """An office of two officers and two trustees; every practice is invited, so that nothing waits."""
    world.programme_folder.rename(world.folder / world.id)
    invite(world.engine, world.clock, world.id, Everyone())
    door = a_door(world)
    for role in (StaffRole.RETURNING_OFFICER, StaffRole.DEPUTY, StaffRole.REGISTRAR):
        add_account(door, f"{role.value}@example.org", role.value.title(), role)
    for number in (1, 3):
        add_account(door, f"trustee{number}@example.org", f"Trustee {number}", StaffRole.TRUSTEE)
        seat_trustee(door, f"trustee{number}@example.org", world.id, number)
    return post


def notices(post: Post, folder: str = ".") -> dict[DeliveryState, int]:
    """One round of the worker; in another folder, of one on another machine."""
    places = OfficePlaces(post.world.engine, post.world.folder / folder, post.world.folder / "records")
    return dict(notify(post.room(), places))


def test_the_other_officer_is_told_of_a_proposal_once_after_two_minutes(told: Post, mail_server: MailServer) -> None:
    act = Extend("00A", CLOSES + timedelta(days=1))
    propose(told.world.desk, told.world.id, act, WHY, Officer("officer", told.world.officer))
    assert notices(told) == {}
    told.world.clock.now += SETTLES
    assert notices(told) == SENT
    told.world.clock.now += timedelta(days=1)
    assert notices(told) == {}
    (got,) = mail_server.got
    assert got.message["To"] == "deputy@example.org"
    assert got.message["Subject"].startswith("[Rehearsal] Waiting for you: Approve or decline a proposal")
    for kind in ("plain", "html"):
        text = part(got.message, kind)
        assert "Keep voting open for longer" in text
        assert "https://vote.example.org/office" in text
        assert "/office#" not in text


def test_what_ends_within_two_minutes_is_never_sent_and_what_begins_again_is(
    told: Post, mail_server: MailServer
) -> None:
    act, officer = Extend("00A", CLOSES + timedelta(days=1)), Officer("officer", told.world.officer)
    hash = propose(told.world.desk, told.world.id, act, WHY, officer)
    assert notices(told) == {}
    withdraw(told.world.desk, told.world.id, hash, "officer")
    told.world.clock.now += SETTLES
    assert notices(told) == {}
    assert mail_server.got == []


def test_a_trustee_with_a_seat_is_told_when_the_totals_can_be_decrypted(told: Post, mail_server: MailServer) -> None:
    told.world.close()
    notices(told)
    told.world.clock.now += SETTLES
    assert notices(told) == {DeliveryState.SENT: 4}
    to = [got.message["To"] for got in mail_server.got]
    assert sorted(to) == sorted(
        ["returning-officer@example.org", "deputy@example.org", "trustee1@example.org", "trustee3@example.org"]
    )
    told.world.tally()
    perform(told.world.desk, told.world.id, Decide())
    notices(told)
    told.world.clock.now += SETTLES
    assert notices(told) == {DeliveryState.SENT: 2}


def test_a_server_that_is_away_is_asked_again_and_a_disabled_account_is_not_told(
    told: Post, mail_server: MailServer
) -> None:
    mail_server.refuse["deputy@example.org"] = "451 4.3.0 try later"
    act = Extend("00A", CLOSES + timedelta(days=1))
    propose(told.world.desk, told.world.id, act, WHY, Officer("officer", told.world.officer))
    notices(told)
    told.world.clock.now += SETTLES
    assert notices(told) == {DeliveryState.DEFERRED: 1}
    disable_account(a_door(told.world), "deputy@example.org")
    told.world.clock.now += timedelta(hours=1)
    assert notices(told) == {}
    with transaction(told.world.engine) as session:
        assert find_account(session, "deputy@example.org") is not None


def test_a_worker_without_the_folders_neither_tells_nor_makes_another_tell_again(
    told: Post, mail_server: MailServer
) -> None:
    """As on the registrar's own machine: it sends voting links, and knows nothing of what waits."""
    act = Extend("00A", CLOSES + timedelta(days=1))
    propose(told.world.desk, told.world.id, act, WHY, Officer("officer", told.world.officer))
    for _ in range(4):
        notices(told)
        assert notices(told, "elsewhere") == {}
        told.world.clock.now += SETTLES
    assert len(mail_server.got) == 1


def test_a_step_that_waits_again_is_another_message(told: Post, mail_server: MailServer) -> None:
    """With the same Message-ID a mail server could take it for a copy."""
    told.world.close()
    for _ in range(2):
        notices(told)
        told.world.clock.now += SETTLES
        notices(told)
        with transaction(told.world.engine) as session:
            session.execute(delete(NoticeRow))
    ids = [got.id for got in mail_server.got]
    assert len(ids) == len(set(ids)) == 8
