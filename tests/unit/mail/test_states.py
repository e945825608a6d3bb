"""The table of delivery states is complete, and no message gets lost in it."""

from __future__ import annotations

from itertools import product

import pytest

from ballot.mail.channel import SendOutcome
from ballot.mail.states import DUE, LONGEST, TABLE, UNDELIVERED, DeliveryState, can_become, short_reason


def test_every_state_is_in_the_table() -> None:
    assert set(TABLE) == set(DeliveryState)


def test_a_message_is_due_exactly_where_it_can_still_be_sent() -> None:
    assert {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED} == DUE


def test_whatever_a_channel_says_of_a_message_in_hand_can_be_written_down() -> None:
    assert all(can_become(DeliveryState.SENDING, outcome.value) for outcome in SendOutcome)


def test_what_did_not_arrive_can_be_tried_again_and_nothing_else_can() -> None:
    again = {
        state
        for state, following in product(DeliveryState, DeliveryState)
        if following is DeliveryState.QUEUED and can_become(state, following)
    }
    assert again == UNDELIVERED


def test_nothing_that_was_sent_is_ever_sent_again_by_itself() -> None:
    for state in (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.DROPPED):
        assert not can_become(state, DeliveryState.SENDING)
        assert not can_become(state, DeliveryState.QUEUED)


@pytest.mark.parametrize(
    ("said", "short"),
    [
        (b"550 5.1.1 \xff no such user\r\n", "550 5.1.1 \ufffd no such user"),
        ("blocked https://vote.example.org/vote/m/00A#tok.cred now", "blocked [...] now"),
        ("blocked hxxps:vote%23tok now", "blocked [...] now"),
        ("x" * 61, "[...]"),
        ("the secret abc here", "the secret [...] here"),
    ],
)
def test_an_answer_is_one_short_line_without_what_could_be_a_secret(said: object, short: str) -> None:
    assert short_reason(said, ("abc",)) == short


def test_an_answer_is_never_long() -> None:
    assert len(short_reason("word " * 1000)) == LONGEST
