"""Strike, re-issue and revoke: who may still vote, and with which link."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ballot.db.events import event_lines
from ballot.db.tokens import token_lines
from ballot.office.acts.counting import Decide
from ballot.office.acts.membership import Reissue, Revoke, Strike
from ballot.office.acts.sealing import Seal
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.post.voting_links import PracticeLink, practice_links
from ballot.record.programme_events import Move, parse_programme_event
from ballot.record.tokens import TokenAction, parse_token_line, token_hash
from tests.integration.office.world import CLOSES, OPENS, WHY, World


def strike_it(world: World, practice: str) -> None:
    perform(world.desk, world.id, Strike("00A", practice), world.two, WHY)


def reissue_it(world: World, practice: str) -> None:
    perform(world.desk, world.id, Reissue("00A", practice), (world.registrar,))


def revoke_it(world: World, practice: str) -> None:
    perform(world.desk, world.id, Revoke("00A", practice), (world.registrar,))


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reason


def lines(world: World) -> list[tuple[TokenAction, str, str | None]]:
    with world.reading() as session:
        parsed = [parse_token_line(line[:-1]) for line in token_lines(session, world.id)]
    return [(line.action, line.token, line.replaces) for line in parsed if line.action is not TokenAction.ISSUED]


def last_event(world: World) -> tuple[Move, object]:
    with world.reading() as session:
        event = parse_programme_event(event_lines(session, world.id)[-1])
    return event.move, dict(event.data)


def public_of(world: World, link: PracticeLink) -> str:
    return next(entry.public for entry in world.entries.values() if entry.practice == link.practice)


def test_the_first_tokens_stand_by_their_hashes_which_tell_nobody_apart(sealed: World) -> None:
    with sealed.reading() as session:
        lines = [parse_token_line(line[:-1]) for line in token_lines(session, sealed.id)]

    of_the_roll = [token_hash(link.token) for ccg in sealed.ccgs for link in sealed.links(ccg)]

    assert [line.token for line in lines] == sorted(of_the_roll)
    assert [line.token for line in lines] != of_the_roll


def test_a_struck_practice_loses_its_token_and_is_named_by_its_credential(sealed: World) -> None:
    link = sealed.links()[0]
    strike_it(sealed, link.practice)
    token = token_hash(link.token)
    assert lines(sealed) == [(TokenAction.REVOKED, token, None)]
    assert last_event(sealed) == (Move.STRUCK, {"credential": public_of(sealed, link), "token": token})
    assert link.practice not in {found.practice for found in sealed.links()}
    assert refusal(lambda: strike_it(sealed, link.practice)) is Refusal.ALREADY_STRUCK
    assert refusal(lambda: reissue_it(sealed, link.practice)) is Refusal.ALREADY_STRUCK


def test_a_practice_that_has_voted_stays(opened: World) -> None:
    link = opened.links()[0]
    opened.cast(link)
    assert refusal(lambda: strike_it(opened, link.practice)) is Refusal.HAS_VOTED


def test_a_struck_practice_is_not_eligible(opened: World) -> None:
    for ccg in opened.ccgs:
        opened.cast(opened.links(ccg)[0])
    strike_it(opened, opened.links()[3].practice)
    opened.close()
    opened.tally()
    decision = json.loads(perform(opened.desk, opened.id, Decide()).to_bytes())
    assert decision["ccgs"]["00A"]["merge"]["counts"]["eligible"]["practices"] == 3


def test_a_reissued_token_replaces_the_older_for_the_same_credential(opened: World) -> None:
    old = opened.links()[0]
    reissue_it(opened, old.practice)
    new = opened.links()[0]
    assert (new.practice, new.credential) == (old.practice, old.credential)
    assert lines(opened) == [(TokenAction.REISSUED, token_hash(new.token), token_hash(old.token))]
    assert opened.cast(old).word == "token-superseded"
    assert opened.cast(new).status == 200


def test_a_practice_may_be_given_a_new_token_again_and_again(opened: World) -> None:
    practice = opened.links()[0].practice
    tokens = []
    for _ in range(3):
        reissue_it(opened, practice)
        tokens.append(opened.links()[0].token)
    assert len(set(tokens)) == 3
    assert [opened.cast(opened.links()[0], token=token).status for token in tokens] == [403, 403, 200]


def test_a_revoked_token_is_gone_for_good(opened: World) -> None:
    link = opened.links()[0]
    revoke_it(opened, link.practice)
    assert last_event(opened) == (Move.REVOKED, {"token": token_hash(link.token)})
    assert refusal(lambda: revoke_it(opened, link.practice)) is Refusal.NO_LIVE_TOKEN
    assert refusal(lambda: reissue_it(opened, link.practice)) is Refusal.NO_LIVE_TOKEN


def test_a_practice_whose_token_was_revoked_is_struck_without_one(opened: World) -> None:
    link = opened.links()[0]
    revoke_it(opened, link.practice)
    strike_it(opened, link.practice)
    assert last_event(opened) == (Move.STRUCK, {"credential": public_of(opened, link), "token": None})


@pytest.mark.parametrize("act", [strike_it, reissue_it, revoke_it])
def test_nothing_changes_about_a_practice_before_sealing_after_closing_or_if_unknown(
    world: World, act: Callable[[World, str], None]
) -> None:
    world.prepare().issue()
    practice = world.links()[0].practice
    assert refusal(lambda: act(world, practice)) is Refusal.WRONG_STATE
    world.make_backup()
    perform(world.desk, world.id, Seal(), world.two)
    world.clock.now = OPENS
    assert refusal(lambda: act(world, "Y99999")) is Refusal.NO_SUCH_PRACTICE
    world.clock.now = CLOSES
    assert refusal(lambda: act(world, practice)) is Refusal.WRONG_STATE


def test_links_need_the_registrars_own_key_and_the_vault(sealed: World) -> None:
    assert (
        refusal(lambda: practice_links(sealed.engine, sealed.id, sealed.board, sealed.entries)) is Refusal.FOREIGN_KEY
    )
    assert refusal(lambda: practice_links(sealed.engine, sealed.id, sealed.registrar, {})) is Refusal.NOT_ISSUED
    link = sealed.links()[0]
    assert link.url("https://x") == f"https://x/vote/merger/00A#{link.token}.{link.credential}"
