"""Decryption: bad shares do no harm, and exactly t of the trustees' shares are published."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from ballot.db.shares import list_shares
from ballot.office.acts.counting import GiveShare
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.tally import SERVER, to_decrypt
from ballot.protocol.events import EventType
from tests.integration.office.replay import replay
from tests.integration.office.world import World
from tests.support.simulator import AGAINST, FOR


@pytest.fixture
def closed(opened: World) -> World:
    for link, vote in zip(opened.links(), (FOR, FOR, AGAINST), strict=False):
        opened.cast(link, opened.ballot(link, vote))
    opened.close("00A")
    return opened


def give(world: World, owner: int) -> bool:
    return world.give("00A", owner)


def refusal(world: World, owner: int, body: bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        perform(world.desk, world.id, GiveShare("00A", owner, body))
    return refused.value


@pytest.mark.parametrize("order", list(permutations((SERVER, 2, 4))), ids=str)
def test_the_ballot_is_tallied_with_the_last_share_in_any_order(closed: World, order: tuple[int, ...]) -> None:
    assert [give(closed, owner) for owner in order] == [False, False, True]
    found = replay(closed.archive())
    assert found.result == ((2, 1, 0),)
    assert Counter(found.types)[EventType.PARTIAL_DECRYPTION] == 3


def test_of_more_shares_than_needed_exactly_t_are_published(closed: World) -> None:
    assert [give(closed, owner) for owner in (4, 3, 2, SERVER)] == [False, False, False, True]
    assert Counter(replay(closed.archive()).types)[EventType.PARTIAL_DECRYPTION] == 3


def test_a_share_with_another_key_is_refused_by_name_and_spoils_nothing(closed: World) -> None:
    refused = refusal(closed, 3, closed.share("00A", 2))
    assert refused.reason is Refusal.INVALID_SHARE
    assert refused.sentence.startswith("The share of Two is not valid")
    with closed.reading() as session:
        assert list_shares(session, closed.row().id) == []
    assert [give(closed, owner) for owner in (SERVER, 2, 3)] == [False, False, True]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"decryption_factors":[],"decryption_proofs":[]}', b"\xff"])
def test_what_is_not_a_share_is_refused(closed: World, body: bytes) -> None:
    assert refusal(closed, 2, body).reason is Refusal.INVALID_SHARE


@pytest.mark.parametrize("owner", [-1, 0, 5])
def test_a_trustee_that_is_not_there_is_refused(closed: World, owner: int) -> None:
    assert refusal(closed, owner, b"{}").reason is Refusal.NO_SUCH_TRUSTEE


def test_a_trustee_gives_one_share_and_may_send_it_again(closed: World) -> None:
    share = closed.share("00A", 2)
    for _ in range(2):
        assert perform(closed.desk, closed.id, GiveShare("00A", 2, share)) is False
    assert refusal(closed, 2, closed.share("00A", 2)).reason is Refusal.SHARE_ALREADY_GIVEN


def test_only_a_closed_ballot_is_decrypted_and_only_once(closed: World) -> None:
    for ccg in ("00B", "99Z"):
        with pytest.raises(Refused):
            to_decrypt(closed.desk, closed.id, ccg)
    share = closed.share("00A", 2)
    closed.tally("00A")
    assert refusal(closed, 2, share).reason is Refusal.WRONG_STATE


def test_the_last_two_shares_at_once_make_one_result(closed: World) -> None:
    give(closed, SERVER)
    shares = {owner: closed.share("00A", owner) for owner in (2, 4)}
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda owner: perform(closed.desk, closed.id, GiveShare("00A", owner, shares[owner])), shares)
    assert any(made)
    assert replay(closed.archive()).types.count(EventType.RESULT) == 1
