"""What waits, for whom, in every phase of a programme: from the folder to the published result."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from ballot.db.outbox import MessageRow
from ballot.db.session import transaction
from ballot.mail.states import DeliveryState
from ballot.office.acts.counting import Abandon, Decide, Declare
from ballot.office.acts.sealing import Seal
from ballot.office.acts.window import CloseEarly
from ballot.office.desk import Why
from ballot.office.next_steps import BallotProgress, OfficePlaces, Phase, StepKind, progress_of
from ballot.office.perform import perform
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone
from ballot.office.proposals.propose import Officer, propose
from ballot.office.staff.roles import OFFICERS, StaffRole
from ballot.record.moves import ReasonCode
from tests.integration.office.world import CLOSES, OPENS, SECOND, WHY, World
from tests.support.databases import ON_ONE

pytestmark = ON_ONE
K = StepKind


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    world = World(engine, tmp_path)
    world.programme_folder = world.programme_folder.rename(tmp_path / world.id)
    return world


def look(world: World, *, sees_who_voted: bool = True) -> BallotProgress:
    places = OfficePlaces(world.engine, world.folder, world.folder / "records")
    return progress_of(places, world.id, world.clock.now, sees_who_voted=sees_who_voted)


def kinds(world: World) -> list[StepKind]:
    return [step.kind for step in look(world).steps]


def test_before_preparing_the_officers_set_up_and_every_trustee_is_asked_for_a_certificate(world: World) -> None:
    steps = look(world).steps
    assert look(world).phase is Phase.SETTING_UP
    assert [(step.kind, step.trustee) for step in steps] == [(K.CEREMONY, n) for n in (1, 2, 3)] + [(K.SET_UP, None)]
    assert steps[-1].roles == set(OFFICERS)
    assert {step.roles for step in steps[:-1]} == {frozenset({StaffRole.TRUSTEE})}


def test_after_preparing_the_backup_the_links_and_then_sealing_wait_each_for_its_own_people(world: World) -> None:
    world.prepare()
    assert [(step.kind, step.who) for step in look(world).steps] == [
        (K.BACK_UP, "Either officer"),
        (K.ISSUE, "The registrar"),
    ]
    world.make_backup().issue()
    (seal,) = look(world).steps
    assert (seal.kind, seal.due) == (K.SEAL, OPENS)
    propose(world.desk, world.id, Seal(), WHY, Officer("officer", world.officer))
    (approve,) = look(world).steps
    assert (approve.kind, approve.roles, approve.detail) == (K.APPROVE, {StaffRole.DEPUTY}, Seal.title)
    perform(world.desk, world.id, Seal(), world.two)
    assert (look(world).phase, kinds(world)) == (Phase.SEALED, [K.INVITE])


def test_while_voting_nothing_waits_once_everyone_is_invited(world: World) -> None:
    world.open()
    assert (look(world).phase, kinds(world)) == (Phase.OPEN, [K.INVITE])
    invite(world.engine, world.clock, world.id, Everyone())
    assert kinds(world) == []


def test_who_may_not_know_who_voted_cannot_tell_it_from_the_practices_left_to_reach(world: World) -> None:
    """A vote ends the task of reaching its practice, for those alone who may see that it has voted."""
    world.open()
    invite(world.engine, world.clock, world.id, Everyone())
    with transaction(world.engine) as session:
        session.execute(update(MessageRow).values(state=DeliveryState.BOUNCED.value))
    link = world.links()[0]
    said = [[step.detail for step in look(world, sees_who_voted=sees).steps] for sees in (True, False)]
    assert world.cast(link).status == 200
    after = [[step.detail for step in look(world, sees_who_voted=sees).steps] for sees in (True, False)]
    assert (said, after) == ([["12 practices"]] * 2, [["11 practices"], ["12 practices"]])


def test_after_closing_the_server_and_the_trustees_are_asked_until_enough_have_given_a_share(world: World) -> None:
    world.open()
    world.close("00A", "00B", "00C")
    assert look(world).phase is Phase.CLOSED
    shares = [step.trustee for step in look(world).steps if step.kind is K.SHARE]
    assert (kinds(world)[0], shares) == (K.SERVER_SHARE, [1, 2, 3])
    for election in world.elections:
        world.give(election, 1)
        world.give(election, 2)
    assert [(step.kind, step.trustee) for step in look(world).steps] == [(K.SHARE, 2), (K.SHARE, 3)]
    for election in world.elections:
        world.give(election, 4)
    assert (look(world).phase, kinds(world)) == (Phase.COUNTED, [K.DECIDE])
    perform(world.desk, world.id, Decide())
    assert kinds(world) == [K.DECLARE]
    perform(world.desk, world.id, Declare(), world.two, WHY)
    assert (look(world).phase, kinds(world)) == (Phase.DECLARED, [K.PUBLISH])


def test_no_share_is_asked_for_while_another_ballot_that_is_counted_together_is_open(world: World) -> None:
    toml = world.programme_folder / "programme.toml"
    toml.write_text(toml.read_text().replace('count = "each"', 'count = "together"'))
    world.open()
    invite(world.engine, world.clock, world.id, Everyone())
    world.clock.now = CLOSES - SECOND
    perform(world.desk, world.id, CloseEarly("00A"), world.two, WHY)
    assert (look(world).phase, kinds(world)) == (Phase.OPEN, [])


def test_where_every_ballot_was_abandoned_nothing_waits(world: World) -> None:
    world.open()
    for ccg in world.ccgs:
        perform(world.desk, world.id, Abandon(ccg), world.two, Why(ReasonCode.TECHNICAL_FAILURE, None))
    assert (look(world).phase, kinds(world)) == (Phase.ABANDONED, [])
