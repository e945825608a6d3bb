"""One executor for every act: who signs, why, the event and the log entry, all in one transaction or not at all."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.events import event_lines
from ballot.office import chronicle as chronicles
from ballot.office import perform as performing
from ballot.office.activity import Who
from ballot.office.acts.act import Act, asked_of, fact
from ballot.office.acts.counting import Abandon, CallReballot, Decide, Declare, GiveShare
from ballot.office.acts.issuing import Issue
from ballot.office.acts.membership import ChangeContact, Reissue, Revoke, Strike
from ballot.office.acts.proposable import PROPOSABLE, act_to_bytes
from ballot.office.acts.sealing import Seal
from ballot.office.acts.window import CloseEarly, Extend, OpenEarly
from ballot.office.desk import Why
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.proposals.propose import read_statement
from ballot.office.signing import Signers
from ballot.record.moves import ARGUMENTS, SIGNERS, TWO_PEOPLE, ReasonCode
from tests.integration.office.world import CLOSES, OPENS, WHY, World

ALL: tuple[type[Act[Any]], ...] = (*PROPOSABLE, Issue, Reissue, Revoke, GiveShare, Decide)
LATER = CLOSES + timedelta(days=2)
BYTES = {
    Seal(): b'{"type":"sealed"}',
    OpenEarly("00A"): b'{"type":"opened","ccg":"00A"}',
    CloseEarly("00A"): b'{"type":"closed","ccg":"00A"}',
    Extend("00A", LATER): b'{"type":"extended","ccg":"00A","closes":"2020-05-31T16:00:00Z"}',
    Strike("00A", "Y1"): b'{"type":"struck","ccg":"00A","practice":"Y1"}',
    ChangeContact("00A", "Y1", None, "a@b.uk"): (
        b'{"type":"contact-changed","ccg":"00A","practice":"Y1","representative":null,"email":"a@b.uk"}'
    ),
    CallReballot(("00A",), "again"): b'{"type":"reballot","ccgs":["00A"],"answered_by":"again"}',
    Abandon("00A"): b'{"type":"abandoned","ccg":"00A"}',
    Declare(): b'{"type":"declared"}',
}


def refusal(world: World, act: Act[Any], signers: Signers = (), why: Why | None = None) -> Refusal:
    with pytest.raises(Refused) as refused:
        perform(world.desk, world.id, act, signers, why)
    return refused.value.reason


def logged(session: Session, act: str) -> list[tuple[str, str | None, str | None, str]]:
    return [
        (row.actor, row.acting_for, row.ccg, row.details) for row in list_activity(session, ActivityFilter(act=act))
    ]


def closed(world: World) -> World:
    world.cast(world.links()[0])
    world.close("00A")
    return world


@pytest.mark.parametrize("act", ALL, ids=lambda act: act.__name__)
def test_an_act_is_signed_by_people_who_may_sign_its_event(act: type[Act[Any]]) -> None:
    assert act.move is None or act.people in SIGNERS[act.move]


@pytest.mark.parametrize("act", PROPOSABLE, ids=lambda act: act.__name__)
def test_pages_and_commands_ask_for_every_field_of_an_act_of_two_people(act: type[Act[Any]]) -> None:
    assert act.people == TWO_PEOPLE
    assert list(asked_of(act)) == [field.name for field in fields(act)]
    assert act.move in ARGUMENTS


@pytest.mark.parametrize("act", BYTES, ids=lambda act: act.name)
def test_a_proposal_in_the_database_keeps_its_bytes(act: Act[Any]) -> None:
    assert act_to_bytes(act) == BYTES[act]


def test_every_share_is_logged_alike_whoever_gave_it(opened: World) -> None:
    world = closed(opened)
    trustee = Who("one@example.org", acting_for="trustee")
    world.give("00A", 1)
    perform(world.desk, world.id, GiveShare("00A", 2, world.share("00A", 2)), who=trustee)
    with world.reading() as session:
        assert logged(session, "share-given") == [
            ("one@example.org", "trustee", "00A", '{"election":"00A","owner":2}'),
            ("command line", None, "00A", '{"election":"00A","owner":1}'),
        ]
        assert not [row for row in logged(session, "uploaded") if '"share"' in row[3]]


def test_a_share_that_is_refused_leaves_no_entry(opened: World) -> None:
    world = closed(opened)
    assert refusal(world, GiveShare("00A", 2, b"{}")) is Refusal.INVALID_SHARE
    with world.reading() as session:
        assert logged(session, "share-given") == []


@pytest.mark.parametrize("note", ["", "two\nlines", "a bell\a", "x" * 2001])
def test_a_note_is_checked_on_every_path(opened: World, note: str) -> None:
    why, registrar = Why(ReasonCode.MAIL_LOST, note), (opened.registrar,)
    acts: tuple[tuple[Act[Any], Signers], ...] = (
        (Extend("00A", LATER), opened.two),
        (Abandon("00A"), opened.two),
        (Reissue("00A", "Y00000"), registrar),
        (Revoke("00A", "Y00000"), registrar),
    )
    for act, signers in acts:
        assert refusal(opened, act, signers, why) is Refusal.NOTE_UNFIT, act.name


@pytest.mark.parametrize("room", [chronicles, performing], ids=["an event", "an act without an event"])
def test_an_act_whose_entry_cannot_be_written_has_not_happened(
    opened: World, monkeypatch: pytest.MonkeyPatch, room: Any
) -> None:
    world = closed(opened)
    share = world.share("00A", 2)
    with world.reading() as session:
        before = list(event_lines(session, world.id))

    def full(*_: object, **__: object) -> None:
        raise OSError("the log cannot be written")

    monkeypatch.setattr(room, "note_act", full)
    act: Act[Any] = Abandon("00A") if room is chronicles else GiveShare("00A", 2, share)
    signers = opened.two if room is chronicles else ()
    with pytest.raises(OSError, match="cannot be written"):
        perform(world.desk, world.id, act, signers, WHY if signers else None)
    monkeypatch.undo()
    with world.reading() as session:
        assert list(event_lines(session, world.id)) == before
    assert world.row().state == "closed"
    assert world.give("00A", 2) is False


def test_a_key_of_another_role_signs_nothing_of_the_registrars(opened: World) -> None:
    groups: tuple[Signers, ...] = ((), (opened.officer,), opened.two, (opened.registrar, opened.officer))
    for signers in groups:
        assert refusal(opened, Reissue("00A", "Y00000"), signers, WHY) is Refusal.WRONG_SIGNERS


def test_a_sealing_that_is_refused_does_not_say_that_its_window_passed(opened: World) -> None:
    opened.clock.now = CLOSES
    assert refusal(opened, Seal(), opened.two) is Refusal.WRONG_STATE


@pytest.mark.parametrize("act", [OpenEarly("00A"), CloseEarly("00A")], ids=lambda act: act.name)
def test_the_board_which_signs_what_time_does_can_do_nothing_early(sealed: World, act: Act[Any]) -> None:
    sealed.clock.now = OPENS - timedelta(days=1) if isinstance(act, OpenEarly) else OPENS
    assert refusal(sealed, act, (sealed.board,), WHY) is Refusal.WRONG_SIGNERS
    perform(sealed.desk, sealed.id, act, sealed.two, WHY)


@pytest.mark.parametrize("act", [OpenEarly("00A"), Strike("00A", "Y00000")], ids=lambda act: act.name)
def test_an_act_of_two_people_has_a_reason(sealed: World, act: Act[Any]) -> None:
    assert refusal(sealed, act, sealed.two) is Refusal.NO_REASON


def test_no_line_of_a_quoted_name_can_pass_for_a_fact_of_its_own() -> None:
    said = fact("Question", "Do you agree?\nReason, published: as planned", "Yes")
    assert read_statement(said) == [("Question", ["Do you agree? Reason, published: as planned", "Yes"])]
