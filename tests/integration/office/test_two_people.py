"""One person proposes, another approves: never the same person, never other content than shown, never twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from ballot.audit.catalogue import Stage
from ballot.audit.run import Options, audit
from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.events import event_lines, private_notes
from ballot.db.proposals import ProposalRow, find_proposal
from ballot.db.session import transaction
from ballot.office.acts.act import Act
from ballot.office.acts.counting import Abandon, CallReballot, Decide, Declare
from ballot.office.acts.membership import ChangeContact, Strike
from ballot.office.acts.proposable import PROPOSABLE, act_to_bytes, parse_act
from ballot.office.acts.sealing import Seal
from ballot.office.acts.window import CloseEarly, Extend, OpenEarly
from ballot.office.board.publish import publish
from ballot.office.desk import Why
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import approve, complete, give_approval, perform
from ballot.office.proposals.ending import decline, shown_hash, withdraw
from ballot.office.proposals.listing import ListedProposal, ProposalState, one_proposal
from ballot.office.proposals.propose import VALID, Officer, prepare_proposal, propose, sign_prepared
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.keys import Purpose, Role, sign_as
from ballot.record.moves import SIGNERS, TWO_PEOPLE, Move, ReasonCode
from ballot.record.programme_events import ProgrammeEvent, check_event_signatures, parse_programme_event
from ballot.record.proposals import approval_bytes
from ballot.registrar.keyring import init_keys, read_public_keys
from tests.integration.office.world import CLOSES, OPENS, SECOND, WHY, World
from tests.support.databases import ON_ONE

LATER = CLOSES + timedelta(days=2)
EXTEND = Extend("00A", LATER)
MOVED = ChangeContact("00A", "Y00000", "Dr New", "new@example.net")


def officer(world: World) -> Officer:
    return Officer("anna@example.org", world.officer)


def deputy(world: World) -> Officer:
    return Officer("ben@example.org", world.deputy)


def proposed(world: World, act: Act[Any] = EXTEND, why: Why = WHY, by: Officer | None = None) -> ListedProposal:
    hash = propose(world.desk, world.id, act, why, by or officer(world))
    return shown(world, hash)


def shown(world: World, hash: str) -> ListedProposal:
    with world.reading() as session:
        told = one_proposal(session, world.id, hash, world.clock.now)
    assert told is not None
    return told


def approve_it(world: World, told: ListedProposal, by: Officer | None = None) -> None:
    approve(world.desk, world.id, told.hash, told.shown_hash, by or deputy(world), world.registrar)


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reason


def events(world: World) -> list[ProgrammeEvent]:
    with world.reading() as session:
        return [parse_programme_event(line) for line in event_lines(session, world.id)]


def set_row(owner: Engine, hash: Hash, **values: object) -> None:
    """As only the owner of the tables could."""
    with transaction(owner) as session:
        session.execute(update(ProposalRow).where(ProposalRow.hash == hash).values(**values))


def test_every_move_that_two_people_sign_can_be_proposed() -> None:
    assert {act.move for act in PROPOSABLE} == {move for move, signers in SIGNERS.items() if TWO_PEOPLE in signers}


@pytest.mark.parametrize(
    "act",
    [
        Seal(),
        OpenEarly("00A"),
        CloseEarly("00A"),
        EXTEND,
        Strike("00A", "Y00000"),
        MOVED,
        CallReballot(("00A", "00B"), "merger-again"),
        Abandon("00A"),
        Declare(),
    ],
    ids=lambda act: act.move.value,
)
def test_an_act_is_read_as_it_was_kept(act: Act[Any]) -> None:
    assert parse_act(act_to_bytes(act)) == act


def test_a_proposal_changes_nothing_until_another_approves_it(opened: World) -> None:
    before = events(opened)
    told = proposed(opened)
    assert events(opened) == before
    assert opened.row().closes_at == CLOSES
    approve_it(opened, told)
    assert opened.row().closes_at == LATER
    assert shown(opened, told.hash).standing is ProposalState.DONE


def test_both_have_signed_with_their_own_keys_and_an_auditor_can_see_it(opened: World) -> None:
    approve_it(opened, proposed(opened))
    event = events(opened)[-1]
    assert event.signers == (Role.RETURNING_OFFICER, Role.DEPUTY)
    assert [signature.role for signature in event.signatures] == [Role.BOARD]
    check_event_signatures(event, read_public_keys(opened.keys))


@ON_ONE
def test_what_is_approved_says_the_times_in_words_and_in_utc(opened: World) -> None:
    told = proposed(opened)
    assert "Closes: 5pm on Friday 29 May 2020, British Summer Time; that is 16:00:00 UTC on 29 May 2020" in told.words
    assert (
        "New closing time: 5pm on Sunday 31 May 2020, British Summer Time; that is 16:00:00 UTC on 31 May" in told.words
    )
    assert told.shown == told.words.encode() + b"\n" + told.body.encode() + b"\n"
    assert told.shown_hash == sha256_hex(told.shown)


@ON_ONE
def test_nobody_approves_their_own_proposal(opened: World) -> None:
    told = proposed(opened)
    for by in (
        officer(opened),
        Officer("anna@example.org", opened.deputy),
        Officer("ben@example.org", opened.officer),
    ):
        assert refusal(lambda by=by: approve_it(opened, told, by)) is Refusal.OWN_PROPOSAL  # type: ignore[misc]
    assert opened.row().closes_at == CLOSES


@ON_ONE
def test_the_deputy_alone_can_do_nothing(opened: World) -> None:
    told = proposed(opened, by=deputy(opened))
    assert refusal(lambda: approve_it(opened, told)) is Refusal.OWN_PROPOSAL
    assert (
        refusal(lambda: perform(opened.desk, opened.id, Extend("00A", LATER), (opened.deputy,), WHY))
        is Refusal.WRONG_SIGNERS
    )
    approve_it(opened, told, officer(opened))
    assert events(opened)[-1].signers == (Role.DEPUTY, Role.RETURNING_OFFICER)


@ON_ONE
def test_whoever_is_neither_proposes_nothing_and_approves_nothing(opened: World) -> None:
    registrar = Officer("carl@example.org", opened.registrar)
    assert refusal(lambda: proposed(opened, by=registrar)) is Refusal.WRONG_SIGNERS
    assert refusal(lambda: approve_it(opened, proposed(opened), registrar)) is Refusal.WRONG_SIGNERS
    assert opened.row().closes_at == CLOSES


@ON_ONE
def test_a_key_of_another_programme_neither_proposes_nor_approves(opened: World, tmp_path: Path) -> None:
    init_keys(tmp_path / "others")
    other = World(opened.engine, tmp_path / "other", keys_of=tmp_path / "others")
    assert refusal(lambda: proposed(opened, by=Officer("anna@example.org", other.officer))) is Refusal.FOREIGN_KEY
    told = proposed(opened)
    assert refusal(lambda: approve_it(opened, told, Officer("ben@example.org", other.deputy))) is Refusal.FOREIGN_KEY


@ON_ONE
def test_only_what_was_shown_is_approved(opened: World) -> None:
    told = proposed(opened)
    other = sha256_hex(b"another page")
    assert refusal(lambda: approve(opened.desk, opened.id, told.hash, other, deputy(opened))) is Refusal.SHOWN_DIFFERS


@pytest.mark.parametrize("column", ["words", "body", "salt", "note", "note_salt", "signature"])
def test_a_proposal_changed_in_the_database_is_not_what_was_signed(engine: Engine, opened: World, column: str) -> None:
    told = proposed(opened)
    with opened.reading() as session:
        row = find_proposal(session, opened.id, told.hash)
        assert row is not None
        value = getattr(row, column)
    set_row(engine, told.hash, **{column: f"{value}." if isinstance(value, str) else b"0" + value[1:]})
    with opened.reading() as session:
        row = find_proposal(session, opened.id, told.hash)
        assert row is not None
        as_shown = shown_hash(row)
    act = lambda: approve(opened.desk, opened.id, told.hash, as_shown, deputy(opened))  # noqa: E731
    assert refusal(act) is Refusal.SHOWN_DIFFERS
    assert opened.row().closes_at == CLOSES


def test_another_act_put_behind_the_words_is_not_done(engine: Engine, opened: World) -> None:
    told = proposed(opened)
    set_row(engine, told.hash, act=act_to_bytes(Extend("00A", LATER + timedelta(days=9))))
    assert refusal(lambda: approve_it(opened, told)) is Refusal.PROPOSAL_STALE


def test_a_proposal_is_approved_once(opened: World) -> None:
    told = proposed(opened)
    approve_it(opened, told)
    assert refusal(lambda: approve_it(opened, told)) is Refusal.PROPOSAL_ENDED


def test_a_proposal_ends_after_seventy_two_hours(opened: World) -> None:
    told = proposed(opened)
    opened.clock.now = OPENS + VALID
    assert shown(opened, told.hash).standing is ProposalState.EXPIRED
    assert refusal(lambda: approve_it(opened, told)) is Refusal.PROPOSAL_EXPIRED
    opened.clock.now -= SECOND
    approve_it(opened, told)


def test_what_is_no_longer_so_is_not_approved(opened: World) -> None:
    told = proposed(opened)
    perform(opened.desk, opened.id, Extend("00A", CLOSES + timedelta(days=1)), opened.two, WHY)
    assert shown(opened, told.hash).standing is ProposalState.STALE
    assert refusal(lambda: approve_it(opened, told)) is Refusal.PROPOSAL_STALE
    assert opened.row().closes_at == CLOSES + timedelta(days=1)


def test_a_proposer_withdraws_and_another_declines(opened: World) -> None:
    first, second = proposed(opened), proposed(opened)
    assert refusal(lambda: withdraw(opened.desk, opened.id, first.hash, "ben@example.org")) is Refusal.OWN_PROPOSAL
    assert refusal(lambda: decline(opened.desk, opened.id, first.hash, "anna@example.org")) is Refusal.OWN_PROPOSAL
    withdraw(opened.desk, opened.id, first.hash, "anna@example.org")
    decline(opened.desk, opened.id, second.hash, "ben@example.org")
    for told, standing in ((first, ProposalState.WITHDRAWN), (second, ProposalState.DECLINED)):
        assert shown(opened, told.hash).standing is standing
        assert refusal(lambda told=told: approve_it(opened, told)) is Refusal.PROPOSAL_ENDED  # type: ignore[misc]


@ON_ONE
def test_what_cannot_be_done_is_not_proposed(sealed: World) -> None:
    assert refusal(lambda: proposed(sealed, Extend("00A", LATER))) is Refusal.WRONG_STATE
    assert refusal(lambda: proposed(sealed, Extend("00A", CLOSES))) is Refusal.NOT_LATER
    assert refusal(lambda: proposed(sealed, Abandon("00Z"))) is Refusal.NO_SUCH_BALLOT
    assert refusal(lambda: proposed(sealed, Strike("00A", "Y99999"))) is Refusal.NO_SUCH_PRACTICE
    assert refusal(lambda: proposed(sealed, Seal())) is Refusal.WRONG_STATE
    assert refusal(lambda: proposed(sealed, Declare())) is Refusal.NOT_READY


@ON_ONE
@pytest.mark.parametrize("note", ["", "two\nlines", "a bell\a", "x" * 2001])
def test_a_note_that_could_not_be_shown_whole_is_refused(opened: World, note: str) -> None:
    assert refusal(lambda: proposed(opened, why=Why(ReasonCode.MAIL_LOST, note))) is Refusal.NOTE_UNFIT


def test_an_extension_that_was_proposed_while_open_is_not_approved_after_closing(opened: World) -> None:
    opened.clock.now = CLOSES - timedelta(hours=1)
    told = proposed(opened)
    opened.clock.now = CLOSES
    assert refusal(lambda: approve_it(opened, told)) is Refusal.WRONG_STATE
    assert shown(opened, told.hash).standing is ProposalState.STALE
    assert opened.cast(opened.links()[0]).status == 410


def test_of_two_who_approve_at_once_one_succeeds(opened: World) -> None:
    told = proposed(opened, Abandon("00A"))
    barrier, found = threading.Barrier(4), []

    def run() -> None:
        barrier.wait()
        try:
            approve_it(opened, told)
            found.append("done")
        except Refused as refused:
            found.append(refused.reason.value)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["done", *["proposal-ended"] * 3]
    assert [event.move for event in events(opened)].count(Move.ABANDONED) == 1


def test_what_was_refused_is_in_the_activity_log_and_changes_nothing_else(opened: World) -> None:
    told = proposed(opened)
    before = events(opened)
    refusal(lambda: approve_it(opened, told, officer(opened)))
    assert events(opened) == before
    with opened.reading() as session:
        (entry,) = list_activity(session, ActivityFilter(act="approval-refused"))
    assert (entry.actor, entry.acting_for, entry.ccg) == ("anna@example.org", "returning-officer", "00A")
    assert "own-proposal" in entry.details


def test_the_activity_log_names_both_and_the_reason_but_no_free_text(opened: World) -> None:
    approve_it(opened, proposed(opened, why=Why(ReasonCode.MAIL_LOST, "Dr A rang on Tuesday")))
    with opened.reading() as session:
        entries = list_activity(session, ActivityFilter(ccg="00A"))
    found = [(e.act, e.actor, e.second, e.acting_for, e.reason) for e in entries]
    assert found == [
        ("extended", "anna@example.org", "ben@example.org", "returning-officer", "mail-lost"),
        ("opened", "board", None, None, None),
        ("proposed", "anna@example.org", None, "returning-officer", "mail-lost"),
    ]
    assert not any("Tuesday" in entry.details for entry in entries)


def test_a_note_is_private_and_its_hash_stands_in_the_event(opened: World) -> None:
    approve_it(opened, proposed(opened, why=Why(ReasonCode.MAIL_LOST, "Dr A rang")))
    event = events(opened)[-1]
    with opened.reading() as session:
        (kept,) = private_notes(session, opened.id)
    assert kept.text == "Dr A rang"
    assert event.note == sha256_hex(kept.salt + b"Dr A rang")
    assert b"rang" not in event.to_bytes()


def at_own_desk(world: World, act: Act[Any] = EXTEND) -> ListedProposal:
    """Prepared for the returning officer to sign in their own browser."""
    role = Role.RETURNING_OFFICER
    return shown(world, prepare_proposal(world.desk, world.id, act, WHY, "anna@example.org", role))


def test_both_officers_can_sign_apart_from_the_server(opened: World) -> None:
    told = at_own_desk(opened)
    assert told.standing is ProposalState.UNSIGNED
    assert refusal(lambda: approve_it(opened, told)) is Refusal.PROPOSAL_ENDED
    signature = sign_as(opened.officer, Purpose.PROPOSAL, told.body.encode())
    sign_prepared(opened.desk, opened.id, told.hash, "anna@example.org", signature)
    approval = sign_as(opened.deputy, Purpose.APPROVAL, approval_bytes(told.hash))
    give_approval(opened.desk, opened.id, told.hash, told.shown_hash, "ben@example.org", approval)
    assert opened.row().closes_at == LATER
    check_event_signatures(events(opened)[-1], read_public_keys(opened.keys))


def test_a_signature_of_another_key_person_or_text_is_not_taken(opened: World) -> None:
    told = at_own_desk(opened)
    body, anna = told.body.encode(), "anna@example.org"
    for name, signature, word in (
        (anna, sign_as(opened.officer, Purpose.PROPOSAL, body + b" "), Refusal.SHOWN_DIFFERS),
        (anna, sign_as(opened.officer, Purpose.EVENT, body), Refusal.SHOWN_DIFFERS),
        (anna, sign_as(opened.deputy, Purpose.PROPOSAL, body), Refusal.OWN_PROPOSAL),
        ("ben@example.org", sign_as(opened.officer, Purpose.PROPOSAL, body), Refusal.OWN_PROPOSAL),
    ):
        act = lambda name=name, signature=signature: sign_prepared(  # noqa: E731
            opened.desk, opened.id, told.hash, name, signature
        )
        assert refusal(act) is word
    told = proposed(opened)
    for signature, word in (
        (sign_as(opened.deputy, Purpose.APPROVAL, approval_bytes(Hash("ab" * 32))), Refusal.SHOWN_DIFFERS),
        (sign_as(opened.deputy, Purpose.PROPOSAL, approval_bytes(told.hash)), Refusal.SHOWN_DIFFERS),
        (sign_as(opened.officer, Purpose.APPROVAL, approval_bytes(told.hash)), Refusal.OWN_PROPOSAL),
    ):
        act = lambda signature=signature: give_approval(  # type: ignore[misc]  # noqa: E731
            opened.desk, opened.id, told.hash, told.shown_hash, "ben@example.org", signature
        )
        assert refusal(act) is word
    assert opened.row().closes_at == CLOSES


def test_a_change_of_contact_waits_for_the_registrar_and_is_then_done_at_once(opened: World) -> None:
    old, told = opened.links()[0], proposed(opened, MOVED)
    approve(opened.desk, opened.id, told.hash, told.shown_hash, deputy(opened))
    assert shown(opened, told.hash).standing is ProposalState.APPROVED
    assert opened.links()[0] == old
    assert refusal(lambda: approve_it(opened, told)) is Refusal.PROPOSAL_ENDED
    for key, word in ((opened.deputy, Refusal.FOREIGN_KEY), (opened.registrar, None)):
        act = lambda key=key: complete(opened.desk, opened.id, told.hash, key)  # noqa: E731
        if word is None:
            act()
        else:
            assert refusal(act) is word
    assert opened.links()[0].email == "new@example.net"
    event = events(opened)[-1]
    assert (event.move, event.signers) == (Move.CONTACT_CHANGED, (Role.RETURNING_OFFICER, Role.DEPUTY))
    check_event_signatures(event, read_public_keys(opened.keys))
    assert refusal(act) is Refusal.PROPOSAL_ENDED


def test_an_approved_change_ends_when_it_is_withdrawn_too_old_or_no_longer_true(opened: World) -> None:
    for end in ("withdrawn", "stale", "expired"):
        told = proposed(opened, MOVED)
        approve(opened.desk, opened.id, told.hash, told.shown_hash, deputy(opened))
        if end == "withdrawn":
            withdraw(opened.desk, opened.id, told.hash, "anna@example.org")
        elif end == "stale":
            perform(opened.desk, opened.id, replace(MOVED, email="x@example.net"), opened.two, WHY, opened.registrar)
        else:
            told = proposed(opened, MOVED)
            approve(opened.desk, opened.id, told.hash, told.shown_hash, deputy(opened))
            opened.clock.now += VALID
        assert shown(opened, told.hash).standing.value == end
        with pytest.raises(Refused):
            complete(opened.desk, opened.id, told.hash, opened.registrar)


def test_a_whole_programme_by_proposal_and_approval_verifies(engine: Engine, tmp_path: Path) -> None:
    world = World(engine, tmp_path)
    world.prepare().make_backup().issue()
    by_plan = Why(ReasonCode.AS_PLANNED)

    def both(act: Act[Any], why: Why = WHY) -> None:
        approve_it(world, proposed(world, act, why))

    both(Seal(), by_plan)
    world.clock.now = OPENS - timedelta(days=1)
    both(OpenEarly("00A"))
    world.clock.now = OPENS
    world.cast(world.links()[0])
    both(EXTEND)
    both(Strike("00B", "Y10003"))
    both(ChangeContact("00C", "Y20001", None, "new@example.net"))
    assert world.cast(world.links("00C")[1]).status == 200
    world.clock.now = CLOSES - timedelta(hours=1)
    both(CloseEarly("00B"))
    world.close("00C")
    world.clock.now = LATER
    world.close_due("00A")
    world.tally()
    perform(world.desk, world.id, Decide())
    both(Declare(), by_plan)
    world.clock.now += timedelta(days=1)
    assert world.row().state == "declared"

    def check(folder: Path) -> None:
        report = audit(folder, Options(stage=Stage.TALLIED))
        assert not [*report.failed(), *report.skipped()], report.to_text()

    publish(world.desk, world.id, tmp_path / "published" / "record", check)
    moved = {event.move for event in events(world) if event.proposal is not None}
    assert moved == {act.move for act in PROPOSABLE} - {Move.REBALLOT, Move.ABANDONED, Move.CASTING_VOTE}
    lines = (tmp_path / "published" / "record" / "events.jsonl").read_bytes()
    for private in (b"example.net", b"anna@", b"as minuted"):
        assert private not in lines


def test_sealing_as_planned_what_totals_tell_too_much_is_refused_when_proposed_and_names_the_reason(
    world: World,
) -> None:
    toml = world.programme_folder / "programme.toml"
    toml.write_text(toml.read_text().replace('at_most = "100%"', 'at_most = "1/1000000"'))
    world.prepare().make_backup().issue()
    with pytest.raises(Refused) as refused:
        proposed(world, Seal(), Why(ReasonCode.AS_PLANNED))
    assert refused.value.reason is Refusal.TOO_REVEALING
    assert "the reason “what the totals may tell was accepted”" in refused.value.sentence
    approve_it(world, proposed(world, Seal(), Why(ReasonCode.SECRECY_ACCEPTED)))


def test_terms_that_changed_between_proposing_and_approving_are_not_sealed(engine: Engine, world: World) -> None:
    world.prepare().make_backup().issue()
    told = proposed(world, Seal(), Why(ReasonCode.AS_PLANNED))
    from ballot.db.practices import PracticeRow

    with transaction(engine) as session:
        session.execute(update(PracticeRow).where(PracticeRow.ods == "Y20000").values(weight=7))
    assert refusal(lambda: approve_it(world, told)) is Refusal.PROPOSAL_STALE
    assert world.row().state == "draft"


def test_a_practice_that_votes_after_the_proposal_is_not_struck(opened: World) -> None:
    told = proposed(opened, Strike("00A", "Y00000"))
    opened.cast(opened.links()[0])
    assert refusal(lambda: approve_it(opened, told)) is Refusal.HAS_VOTED
    with opened.reading() as session:
        assert find_proposal(session, opened.id, told.hash) is not None
    assert (
        refusal(lambda: perform(opened.desk, opened.id, Strike("00A", "Y00000"), opened.two, WHY)) is Refusal.HAS_VOTED
    )
