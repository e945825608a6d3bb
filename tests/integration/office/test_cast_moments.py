"""When a vote counts: the time is read once, under the lock, after the proofs; and times never fall."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, StatementError

import ballot.office.casting.cast as office_cast
from ballot.audit.catalogue import Stage
from ballot.audit.run import Options, audit
from ballot.db.appending import NewRow, Values
from ballot.db.base import Base
from ballot.db.casting import read_cast_states
from ballot.db.events import event_lines
from ballot.db.logs import list_checkpoints
from ballot.db.session import transaction
from ballot.office.acts.membership import Revoke, Strike
from ballot.office.acts.window import CloseEarly, OpenEarly
from ballot.office.board.publish import publish
from ballot.office.casting.cast import CastAnswer, append_vote
from ballot.office.chronicle import open_chronicle
from ballot.office.perform import perform
from ballot.office.post.voting_links import PracticeLink
from ballot.protocol.ballots import parse_ballot
from ballot.protocol.events import EventType
from ballot.protocol.hashing import sha256_hex
from ballot.record.authority import parse_authority
from ballot.record.checkpoints import open_checkpoint
from ballot.record.programme_events import parse_programme_event
from ballot.record.times import time_text
from ballot.record.tokens import token_hash
from tests.integration.office.replay import replay
from tests.integration.office.world import CLOSES, OPENS, SAID, SECOND, WHY, World
from tests.support.simulator import G


def test_closing_between_the_check_and_the_lock_refuses_the_vote(opened: World) -> None:
    opened.clock.script = [CLOSES - SECOND, CLOSES]
    before = opened.archive()
    assert opened.cast(opened.links()[0]) == CastAnswer(410, "closed")
    assert opened.archive() == before
    assert opened.clock.script == []


def test_a_vote_counts_in_the_last_second_that_the_lock_reads(opened: World) -> None:
    opened.clock.script = [CLOSES - 2 * SECOND, CLOSES - timedelta(microseconds=1)]
    assert opened.cast(opened.links()[0]).status == 200


def test_a_sealed_ballot_is_open_once_its_time_has_come_whether_or_not_anybody_wrote_so(sealed: World) -> None:
    sealed.clock.now = OPENS
    assert sealed.row().state == "sealed"
    assert sealed.cast(sealed.links()[0]).status == 200


def test_times_never_fall(opened: World) -> None:
    links = opened.links()
    for link, moment in zip(links, (5, 2, 9), strict=False):
        opened.clock.now = OPENS + timedelta(minutes=moment)
        assert opened.cast(link).status == 200
    with opened.reading() as session:
        notes = [note for log, note in list_checkpoints(session, opened.id) if log == "00A"]
    times = [open_checkpoint(note, opened.board.public).time for note in notes]
    assert times[1:] == [OPENS + timedelta(minutes=minutes) for minutes in (5, 5, 9)]


def test_a_clock_that_steps_back_behind_opening_does_not_close_what_was_open(opened: World) -> None:
    first, second = opened.links()[:2]
    assert opened.cast(first).status == 200
    opened.clock.now = OPENS - timedelta(hours=1)
    assert opened.cast(second).status == 200


@pytest.mark.parametrize("act", [Strike, Revoke])
def test_after_an_event_no_ballot_is_dated_before_it_however_the_clock_goes_back(opened: World, act: Any) -> None:
    first, second, third = opened.links("00A")[:3]
    opened.clock.now = event_at = OPENS + timedelta(hours=2)
    by = (opened.registrar,) if act is Revoke else opened.two
    perform(opened.desk, opened.id, act("00B", opened.links("00B")[0].practice), by, WHY)
    opened.clock.now = OPENS + timedelta(hours=1)

    answers = [opened.cast(first), opened.cast(second)]

    assert {json.loads(answer.receipt or b"")["time"] for answer in answers} == {time_text(event_at)}
    packed = publish(opened.desk, opened.id, opened.folder / "record", lambda _: None)
    assert audit(packed, Options(stage=Stage.VOTING)).failed() == []
    assert opened.cast(third).status == 200


def test_a_ballot_in_the_second_of_an_early_closing_stands_before_it(sealed: World) -> None:
    sealed.clock.now = OPENS - timedelta(days=1)
    perform(sealed.desk, sealed.id, OpenEarly("00A"), sealed.two, WHY)
    answer = sealed.cast(sealed.links()[0])
    perform(sealed.desk, sealed.id, CloseEarly("00A"), sealed.two, WHY)
    time = json.loads(answer.receipt or b"")["time"]
    assert time < sealed.row().closes_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert sealed.cast(sealed.links()[1]).status == 410


def together(world: World, casts: list[tuple[PracticeLink, bytes]], threads: int) -> list[CastAnswer]:
    """All at once, as nearly as threads can."""
    barrier = Barrier(min(threads, len(casts)))

    def one(number: int) -> CastAnswer:
        if number < barrier.parties:
            barrier.wait()
        return world.cast(*casts[number])

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(len(casts))))


def test_two_ballots_of_one_practice_at_once_are_one_vote(opened: World) -> None:
    for link in opened.links():
        answers = together(opened, [(link, opened.ballot(link)) for _ in range(2)], 2)
        assert sorted(answer.status for answer in answers) == [200, 409]
    assert len(replay(opened.archive()).ballots) == len(opened.links())


def test_the_same_ballot_many_times_at_once_is_one_vote_with_one_receipt(opened: World) -> None:
    link = opened.links()[0]
    answers = together(opened, [(link, opened.ballot(link))] * 6, 6)
    assert len(set(answers)) == 1
    assert len(replay(opened.archive()).ballots) == 1


def test_many_practices_at_once_make_one_chain_each(opened: World) -> None:
    casts = [(link, opened.ballot(link)) for ccg in opened.ccgs for link in opened.links(ccg)]
    answers = together(opened, casts, 6)
    assert Counter(answer.status for answer in answers) == {200: len(casts)}
    for ccg in opened.ccgs:
        assert replay(opened.archive(ccg)).types == [EventType.SETUP] + [EventType.BALLOT] * 4


def test_acts_and_casts_at_once_do_not_wait_in_a_circle(opened: World) -> None:
    links = [link for ccg in opened.ccgs for link in opened.links(ccg)]
    casts = [(link, opened.ballot(link)) for link in links[:-3]]

    def strike_last(number: int) -> None:
        perform(opened.desk, opened.id, Strike("00C", links[-1 - number].practice), opened.two, WHY)

    with ThreadPoolExecutor(6) as pool:
        strikes = [pool.submit(strike_last, number) for number in range(3)]
        answers = list(pool.map(lambda cast: opened.cast(*cast), casts))
        for future in strikes:
            future.result()
    assert {answer.status for answer in answers} == {200}


def test_a_vote_is_a_handful_of_statements(opened: World) -> None:
    first, second = opened.links()[:2]
    assert opened.cast(first).status == 200
    body, said = opened.ballot(second), list[str]()
    event.listen(opened.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    assert opened.cast(second, body).status == 200
    if opened.engine.dialect.name == "postgresql":
        expected = ["SELECT", "SELECT", "SELECT", "WITH"]  # looks, holds, looks again, writes
    else:
        mails = sum(statement.startswith("INSERT INTO message ") for statement in said)
        writes = ["INSERT"] * 4 + ["INSERT", "INSERT"] * mails + ["INSERT", "UPDATE"]
        expected = ["SELECT", "BEGIN", "SELECT", *writes]
    assert [statement.split()[0] for statement in said] == expected


def test_a_vote_of_which_the_last_row_is_refused_leaves_none(opened: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = opened.links()[:2]
    queue, of_first = office_cast.receipt_messages, list[Any]()
    monkeypatch.setattr(office_cast, "receipt_messages", lambda *about: of_first.extend(queue(*about)) or of_first)
    body, archive = opened.ballot(second), opened.archive()
    assert opened.cast(first).status == 200
    monkeypatch.setattr(office_cast, "receipt_messages", lambda *about: of_first)  # the same e-mail a second time
    before = opened.archive()
    with pytest.raises(IntegrityError, match="message"):
        opened.cast(second, body)
    assert opened.archive() == before != archive
    monkeypatch.undo()
    assert opened.cast(second, body).status == 200
    found = replay(opened.archive())
    with opened.reading() as session:
        notes = [note for log, note in list_checkpoints(session, opened.id) if log == first.ccg]
    assert [open_checkpoint(note, opened.board.public).head for note in notes] == [event.hash for event in found.events]


def test_a_column_that_a_vote_forgets_is_an_error_and_never_null(
    opened: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, archive = opened.links()[0], opened.archive()

    def forgetful(of: type[Base], values: Values, below: tuple[NewRow, ...] = ()) -> NewRow:
        return NewRow(of, {column: value for column, value in values.items() if column != "once"}, below)

    monkeypatch.setattr(office_cast, "NewRow", forgetful)
    with pytest.raises(StatementError, match=r"required for bind parameter 'row\d*_once'"):
        opened.cast(link)
    assert opened.archive() == archive


def test_an_act_that_holds_the_logs_may_append_a_vote(sealed: World) -> None:
    sealed.clock.now = OPENS
    first, second = sealed.links("00A")[:2]
    body = sealed.ballot(first)
    with transaction(sealed.engine) as session:
        chronicle, connection = open_chronicle(session, sealed.desk, sealed.id), session.connection()
        assert chronicle.open_if_due(chronicle.ballot("00A"))
        (row,) = read_cast_states(connection, sealed.id, "00A", token_hash(first.token), sha256_hex(body))
        assert row.holder is not None
        about = (row.holder, parse_ballot(G, body), body, chronicle.now, sealed.board, parse_authority(SAID))
        receipt, chronicle.logs["00A"] = append_vote(connection, row, chronicle.logs["00A"], *about)
        assert chronicle.open_all_due()  # the others: these events name the head that the vote made
    assert sealed.cast(first, body) == CastAnswer(200, "accepted", receipt)
    assert sealed.cast(second).status == 200
    packed = publish(sealed.desk, sealed.id, sealed.folder / "record", lambda _: None)
    assert audit(packed, Options(stage=Stage.VOTING)).failed() == []
    with sealed.reading() as session:
        last = parse_programme_event(event_lines(session, sealed.id)[-1])
    assert last.heads["00A"].hash == replay(sealed.archive()).events[-2].hash
