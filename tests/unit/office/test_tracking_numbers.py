"""Tracking numbers as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.office.board.tracking import NoTrackingNumber, parse_tracking_number
from ballot.protocol.hashing import base64_of_hex


@given(st.binary(min_size=32, max_size=32), st.lists(st.integers(0, 43), max_size=8))
def test_white_space_anywhere_and_padding_do_no_harm(raw: bytes, breaks: list[int]) -> None:
    number = base64_of_hex(raw.hex())
    typed = number
    for place in sorted(breaks, reverse=True):
        typed = f"{typed[:place]} \n{typed[place:]}"

    assert parse_tracking_number(f'"{typed}="') == raw.hex()


@given(st.binary(min_size=32, max_size=32))
def test_plus_signs_that_an_address_lost_are_found_again(raw: bytes) -> None:
    number = base64_of_hex(raw.hex())

    if not number.startswith("+") and not number.endswith("+"):
        assert parse_tracking_number(number.replace("+", " ")) == raw.hex()


@given(st.text(max_size=300))
def test_whatever_is_typed_is_a_number_or_refused_in_a_sentence(typed: str) -> None:
    try:
        assert len(parse_tracking_number(typed)) == 64
    except NoTrackingNumber as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017  (either is right)


def test_two_spellings_of_one_number_are_not_both_it() -> None:
    with pytest.raises(NoTrackingNumber):
        parse_tracking_number("A" * 42 + "B")
