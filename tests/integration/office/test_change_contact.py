"""Another contact after sealing: the old link dies, both addresses are told, and the record names neither."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from ballot.db.events import event_lines
from ballot.db.outbox import MessageRow, list_messages
from ballot.db.practices import PracticeRow
from ballot.db.tokens import token_lines
from ballot.mail.messages import Kind, Message, Reissued
from ballot.mail.render import render
from ballot.office.acts.membership import ChangeContact, Revoke
from ballot.office.acts.sealing import Seal
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.post.compose import MailContext, NotDue, compose
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone
from ballot.record.moves import Move
from ballot.record.programme_events import parse_programme_event
from ballot.record.tokens import TokenAction, parse_token_line, token_hash
from tests.integration.office.world import CLOSES, OPENS, WHY, World

NEW = ("Dr New", "new@example.net")
Contact = tuple[str | None, str]


def change(world: World, contact: Contact = NEW, practice: str = "Y00000") -> None:
    perform(world.desk, world.id, ChangeContact("00A", practice, *contact), world.two, WHY, world.registrar)


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reason


def queued(world: World) -> list[tuple[str, str, str]]:
    with world.reading() as session:
        return [(practice.ods, message.kind, message.to) for message, practice in list_messages(session, world.id)]


def composed(world: World, kind: Kind, to: str) -> Message:
    with world.reading() as session:
        row = session.scalars(select(MessageRow).where(MessageRow.kind == kind.value, MessageRow.to == to)).one()
        programme = session.get_one(PracticeRow, row.practices[0].practice_id)
        assert programme is not None
        from ballot.db.programmes import find_programme

        found = find_programme(session, world.id)
        assert found is not None
        occasion = MailContext(session, found, "help@example.org", "https://x/", world.clock.now)
        return compose(occasion, row, lambda id: f"https://x/vote#{id}")


def test_the_old_link_stops_working_and_the_new_one_is_for_the_same_credential(opened: World) -> None:
    old = opened.links()[0]
    change(opened)
    new = opened.links()[0]
    assert (new.practice, new.credential) == (old.practice, old.credential)
    assert (new.representative, new.email) == ("Dr New", "new@example.net")
    assert opened.cast(old).word == "token-superseded"
    assert opened.cast(new).status == 200


def test_the_record_shows_a_changed_contact_and_no_name_or_address(opened: World) -> None:
    old = opened.links()[0]
    change(opened)
    with opened.reading() as session:
        lines, tokens = event_lines(session, opened.id), token_lines(session, opened.id)
    event = parse_programme_event(lines[-1])
    hashes = {"token": token_hash(opened.links()[0].token), "replaces": token_hash(old.token)}
    assert (event.move, dict(event.data)) == (Move.CONTACT_CHANGED, hashes)
    line = parse_token_line(tokens[-1][:-1])
    assert (line.action, line.token, line.replaces) == (TokenAction.REISSUED, *hashes.values())
    for private in (b"example", b"Dr New", b"Y00000"):
        assert private not in lines[-1]


def test_both_addresses_are_told_and_only_the_new_one_gets_the_link(opened: World) -> None:
    change(opened)
    assert sorted(queued(opened)) == [
        ("Y00000", "contact-changed", "new@example.net"),
        ("Y00000", "contact-changed", "y00@example.org"),
        ("Y00000", "reissued", "new@example.net"),
    ]
    assert isinstance(composed(opened, Kind.REISSUED, "new@example.net"), Reissued)
    for to in ("new@example.net", "y00@example.org"):
        words = render(composed(opened, Kind.CONTACT_CHANGED, to))
        assert "https" not in words.text
        for private in ("example.net", "Dr New", "y00@"):
            assert private not in words.text + words.html


def test_where_only_the_representative_changes_the_address_is_told_once(opened: World) -> None:
    change(opened, ("Dr New", "y00@example.org"))
    assert sorted(queued(opened)) == [
        ("Y00000", "contact-changed", "y00@example.org"),
        ("Y00000", "reissued", "y00@example.org"),
    ]


def test_an_invitation_that_waited_takes_no_new_link_to_the_old_address(sealed: World) -> None:
    invite(sealed.engine, sealed.clock, sealed.id, Everyone())
    change(sealed)
    with pytest.raises(NotDue, match="contact-changed"):
        composed(sealed, Kind.INVITATION, "y00@example.org")
    assert composed(sealed, Kind.INVITATION, "y01@example.org")


def test_a_contact_changes_again_and_each_time_the_link_is_another(opened: World) -> None:
    tokens = []
    for address in ("a@example.net", "b@example.net", "a@example.net"):
        change(opened, (None, address))
        tokens.append(opened.links()[0].token)
    assert len(set(tokens)) == 3
    assert [opened.cast(opened.links()[0], token=token).status for token in tokens] == [403, 403, 200]


@pytest.mark.parametrize(
    "contact",
    [
        ("Dr New", "no-address"),
        ("Dr New", "a@example.net, b@example.net"),
        ("Dr New", "a@example.net\r\nBcc: b@example.net"),
        ("Dr\nNew", "a@example.net"),
        ("", "a@example.net"),
        (" Dr New", "a@example.net"),
    ],
    ids=["none", "two", "header", "two-lines", "empty", "blank"],
)
def test_what_is_no_contact_is_refused_and_not_repeated(opened: World, contact: Contact) -> None:
    with pytest.raises(Refused) as refused:
        change(opened, contact)
    assert refused.value.reason is Refusal.NO_ADDRESS
    assert "example" not in refused.value.sentence
    assert "example" not in repr(ChangeContact("00A", "Y00000", *contact))


def test_the_same_contact_is_no_change(opened: World) -> None:
    assert refusal(lambda: change(opened, ("Dr A", "y00@example.org"))) is Refusal.NOTHING_CHANGES


def test_it_needs_the_registrars_key_two_people_and_a_live_token(opened: World) -> None:
    def without(registrar: object, signers: object = opened.two) -> Callable[[], None]:
        act = ChangeContact("00A", "Y00000", *NEW)
        return lambda: perform(opened.desk, opened.id, act, signers, WHY, registrar)  # type: ignore[arg-type]

    assert refusal(without(None)) is Refusal.REGISTRAR_LOCKED
    assert refusal(without(opened.board)) is Refusal.FOREIGN_KEY
    assert refusal(without(opened.registrar, (opened.deputy,))) is Refusal.WRONG_SIGNERS
    perform(opened.desk, opened.id, Revoke("00A", "Y00000"), (opened.registrar,))
    assert refusal(lambda: change(opened)) is Refusal.NO_LIVE_TOKEN
    with opened.reading() as session:
        row = session.scalars(select(PracticeRow).where(PracticeRow.ods == "Y00000")).one()
    assert row.email == "y00@example.org"


def test_no_contact_changes_before_sealing_or_after_closing(world: World) -> None:
    world.prepare().issue()
    assert refusal(lambda: change(world)) is Refusal.WRONG_STATE
    world.make_backup()
    perform(world.desk, world.id, Seal(), world.two)
    world.clock.now = OPENS
    change(world)
    world.clock.now = CLOSES
    assert refusal(lambda: change(world, (None, "later@example.net"))) is Refusal.WRONG_STATE


def test_weights_and_members_are_as_before(opened: World) -> None:
    with opened.reading() as session:
        before = [(row.ods, row.name, row.list_size, row.weight, row.credential) for row in members(session)]
    change(opened)
    with opened.reading() as session:
        assert [(row.ods, row.name, row.list_size, row.weight, row.credential) for row in members(session)] == before


def members(session: object) -> list[PracticeRow]:
    return list(session.scalars(select(PracticeRow).order_by(PracticeRow.id)))  # type: ignore[attr-defined]
