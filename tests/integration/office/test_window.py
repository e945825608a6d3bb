"""Opening, closing, extending and abandoning: on time automatically, otherwise by two people with a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from ballot.db.events import event_lines, private_notes
from ballot.db.session import transaction
from ballot.office.acts.counting import Abandon, Decide, Declare
from ballot.office.acts.window import CloseEarly, Extend, OpenEarly
from ballot.office.board.election_status import election_statuses
from ballot.office.casting.cast import cast
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.on_time import close_on_time, open_on_time
from ballot.office.perform import perform
from ballot.office.tally import append_closing, count_before
from ballot.protocol.events import EventType
from ballot.record.keys import Role
from ballot.record.programme_events import Move, ProgrammeEvent, ReasonCode, parse_programme_event
from tests.integration.office.replay import replay
from tests.integration.office.world import CLOSES, OPENS, SECOND, WHY, World

EARLY = OPENS - timedelta(days=2)
LATER = CLOSES + timedelta(days=2)


def events(world: World) -> list[ProgrammeEvent]:
    with world.reading() as session:
        return [parse_programme_event(line) for line in event_lines(session, world.id)]


def reason_of(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reason


def test_opening_and_closing_on_time_are_the_boards_and_may_be_repeated(sealed: World) -> None:
    assert reason_of(lambda: open_on_time(sealed.desk, sealed.id, "00A")) is Refusal.TOO_EARLY
    sealed.clock.now = OPENS
    open_on_time(sealed.desk, sealed.id, "00A")
    open_on_time(sealed.desk, sealed.id, "00A")
    assert reason_of(lambda: close_on_time(sealed.desk, sealed.id, "00A")) is Refusal.TOO_EARLY
    sealed.clock.now = CLOSES
    close_on_time(sealed.desk, sealed.id, "00A")
    close_on_time(sealed.desk, sealed.id, "00A")
    written = events(sealed)[3:]
    assert [(event.move, event.ccg) for event in written] == [(Move.OPENED, "00A"), (Move.CLOSED, "00A")]
    assert {signature.role for event in written for signature in event.signatures} == {Role.BOARD}


def test_a_ballot_that_nobody_wrote_was_open_is_opened_in_the_log_when_it_closes(opened: World) -> None:
    opened.cast(opened.links()[0])
    opened.close("00A")
    assert [event.move for event in events(opened)[3:]] == [Move.OPENED, Move.CLOSED]
    expected = [EventType.SETUP, EventType.BALLOT, EventType.END_BALLOTS, EventType.ENCRYPTED_TALLY]
    assert replay(opened.archive()).types == expected


def test_two_people_open_early_and_votes_count_from_then(sealed: World) -> None:
    sealed.clock.now = EARLY
    assert sealed.cast(sealed.links()[0]).status == 425
    perform(sealed.desk, sealed.id, OpenEarly("00A"), sealed.two, WHY)
    assert sealed.cast(sealed.links()[0]).status == 200
    assert sealed.cast(sealed.links("00B")[0]).status == 425
    assert reason_of(lambda: perform(sealed.desk, sealed.id, OpenEarly("00A"), sealed.two, WHY)) is Refusal.WRONG_STATE


def test_two_people_close_early_and_nothing_counts_after(opened: World) -> None:
    opened.cast(opened.links()[0])
    opened.clock.now = OPENS + timedelta(days=1)
    perform(opened.desk, opened.id, CloseEarly("00A"), opened.two, WHY)
    assert opened.cast(opened.links()[1]).status == 410
    assert opened.row().closes_at == opened.clock.now
    assert reason_of(lambda: perform(opened.desk, opened.id, CloseEarly("00A"), opened.two, WHY)) is Refusal.WRONG_STATE


def test_an_early_close_because_all_have_voted_is_refused_while_one_has_not(opened: World) -> None:
    all_voted = Why(ReasonCode.ALL_RETURNED)
    *others, last = opened.links()
    for link in others:
        opened.cast(link)
    with pytest.raises(Refused, match=r"1 of 4 practices of NHS 00A CCG have not voted\. Choose another reason\."):
        perform(opened.desk, opened.id, CloseEarly("00A"), opened.two, all_voted)
    opened.cast(last)
    opened.clock.now += timedelta(days=1)
    perform(opened.desk, opened.id, CloseEarly("00A"), opened.two, all_voted)
    assert opened.row().state == State.CLOSED.value


def test_a_ballot_that_comes_between_the_counting_and_the_lock_is_counted(opened: World) -> None:
    links = opened.links()
    opened.cast(links[0])
    body = opened.ballot(links[1])
    counted = count_before(opened.desk, opened.id, "00A")
    assert opened.cast(links[1], body).status == 200
    with transaction(opened.engine) as session:
        chronicle = open_chronicle(session, opened.desk, opened.id)
        chronicle.now = CLOSES
        ballot = chronicle.ballot("00A")
        chronicle.open_if_due(ballot)
        append_closing(chronicle, ballot, counted)
    assert len(replay(opened.archive()).ballots) == 2


def test_two_people_extend_an_open_ballot_with_the_tokens_it_has(opened: World) -> None:
    perform(opened.desk, opened.id, Extend("00A", LATER), opened.two, WHY)
    opened.clock.now = CLOSES + SECOND
    assert opened.cast(opened.links()[0]).status == 200
    assert opened.cast(opened.links("00B")[0]).status == 410
    assert reason_of(lambda: close_on_time(opened.desk, opened.id, "00A")) is Refusal.TOO_EARLY


def test_only_an_open_ballot_is_extended_and_only_to_a_later_time(sealed: World) -> None:
    def to(moment: object) -> Refusal:
        return reason_of(lambda: perform(sealed.desk, sealed.id, Extend("00A", moment), sealed.two, WHY))  # type: ignore[arg-type]

    assert to(LATER) is Refusal.WRONG_STATE
    sealed.clock.now = OPENS
    assert to(CLOSES) is Refusal.NOT_LATER
    sealed.clock.now = CLOSES
    assert to(LATER) is Refusal.WRONG_STATE


ACTS = {
    "open": lambda w, s, why: perform(w.desk, w.id, OpenEarly("00A"), s, why),
    "close": lambda w, s, why: perform(w.desk, w.id, CloseEarly("00A"), s, why),
    "extend": lambda w, s, why: perform(w.desk, w.id, Extend("00A", LATER), s, why),
    "abandon": lambda w, s, why: perform(w.desk, w.id, Abandon("00A"), s, why),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_needs_two_people_needs_both_and_a_reason(opened: World, act: str) -> None:
    for signers in ((), (opened.officer,), (opened.deputy,), (opened.officer, opened.registrar)):
        assert reason_of(lambda s=signers: ACTS[act](opened, s, WHY)) is Refusal.WRONG_SIGNERS  # type: ignore[misc]
    assert reason_of(lambda: ACTS[act](opened, opened.two, None)) is Refusal.NO_REASON
    assert len(events(opened)) == 3


def test_a_reason_is_a_code_in_public_and_a_note_in_private(opened: World) -> None:
    note = "Dr A rang on Tuesday"
    perform(opened.desk, opened.id, Abandon("00A"), opened.two, Why(ReasonCode.TECHNICAL_FAILURE, note))
    event = events(opened)[-1]
    assert event.reason is ReasonCode.TECHNICAL_FAILURE
    assert note.encode() not in event.to_bytes()
    with opened.reading() as session:
        (kept,) = private_notes(session, opened.id)
    assert (kept.text, kept.height) == (note, event.height)
    assert event.note == hashlib.sha256(kept.salt + note.encode()).hexdigest()


def test_nothing_is_abandoned_once_the_programme_is_decided(opened: World) -> None:
    opened.close()
    assert reason_of(lambda: perform(opened.desk, opened.id, Decide())) is Refusal.NOT_READY
    assert reason_of(lambda: perform(opened.desk, opened.id, Declare(), opened.two)) is Refusal.NOT_READY
    opened.tally()
    perform(opened.desk, opened.id, Decide())
    assert reason_of(lambda: perform(opened.desk, opened.id, Decide())) is Refusal.ALREADY_DECIDED
    assert (
        reason_of(lambda: perform(opened.desk, opened.id, Abandon("00A"), opened.two, WHY)) is Refusal.ALREADY_DECIDED
    )
    assert reason_of(lambda: perform(opened.desk, opened.id, Declare(), (opened.officer,))) is Refusal.WRONG_SIGNERS
    perform(opened.desk, opened.id, Declare(), opened.two)
    assert {opened.row(ccg).state for ccg in opened.ccgs} == {"declared"}


def test_every_event_carries_the_head_of_every_archive(opened: World) -> None:
    for link in opened.links()[:2]:
        opened.cast(link)
    open_on_time(opened.desk, opened.id, "00B")
    heads = events(opened)[-1].heads
    assert {ccg: head.height for ccg, head in heads.items()} == {"00A": 2, "00B": 0, "00C": 0}
    assert heads["00A"].hash == replay(opened.archive()).events[-1].hash


def test_another_boards_key_writes_nothing(opened: World) -> None:
    stranger = Desk(opened.engine, opened.clock, opened.rng, opened.registrar)
    assert reason_of(lambda: perform(stranger, opened.id, Extend("00A", LATER), opened.two, WHY)) is Refusal.FOREIGN_KEY
    link = opened.links()[0]
    with pytest.raises(ValueError, match="key of the programme's board"):
        cast(opened.engine, opened.clock, opened.id, "00A", link.token, opened.ballot(link), opened.registrar)
    assert len(events(opened)) == 3


def test_the_standings_say_what_each_ccg_is_now(opened: World) -> None:
    opened.cast(opened.links()[0])
    with opened.reading() as session:
        found = election_statuses(session, opened.id, CLOSES - SECOND)
        later = election_statuses(session, opened.id, CLOSES)
    assert [(s.ccg, s.state, s.returned, s.eligible, s.height) for s in found] == [
        ("00A", State.OPEN, 1, 4, 1),
        ("00B", State.OPEN, 0, 4, 0),
        ("00C", State.OPEN, 0, 4, 0),
    ]
    assert {standing.state for standing in later} == {State.CLOSED}
