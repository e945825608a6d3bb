"""What one practice's vote counts for, in the words of e-mails, letters and the booth: never a packed number."""

from __future__ import annotations

import pytest

from ballot.constitution.weight import DEFAULT_NOUNS, WeightNouns
from ballot.constitution.words import Noun
from ballot.record.counting import Counting, CountKind

HEADS, PATIENTS = Counting(CountKind.HEADS), Counting(CountKind.PATIENTS)
PACKED = Counting(CountKind.PACKED, 10**6)


@pytest.mark.parametrize(
    ("counting", "weight", "list_size", "words"),
    [
        (HEADS, None, 12_345, "one vote"),
        (HEADS, 3, 12_345, "3 votes"),
        (PATIENTS, 12_345, 12_345, "12,345 registered patients"),
        (PATIENTS, 13, 6_500, "13 votes"),
        (PATIENTS, 1, 400, "one vote"),
        (PATIENTS, 0, None, "0 registered patients"),
        (PATIENTS, 0, 400, "0 votes"),
        (PACKED, 1_012_345, 12_345, "one practice and 12,345 registered patients"),
        (PACKED, 1_000_013, 6_500, "one practice and 13 votes"),
        (PACKED, 1_000_000, None, "one practice and 0 registered patients"),
        (PACKED, 2_012_345, 12_345, "2 practices and 12,345 registered patients"),
    ],
)
def test_a_weight_is_said_in_the_units_of_the_count(
    counting: Counting, weight: int | None, list_size: int | None, words: str
) -> None:
    assert counting.say_weight(weight, list_size) == words


SHARE, GP = Noun("share", "shares"), Noun("whole-time GP", "whole-time GPs")
SHARES = Counting(CountKind.PATIENTS, None, WeightNouns(SHARE, SHARE))
GPS = Counting(CountKind.PACKED, 10**6, WeightNouns(DEFAULT_NOUNS.unit, GP, Noun("surgery", "surgeries")))


@pytest.mark.parametrize(
    ("counting", "weight", "number", "words", "total"),
    [
        (SHARES, 300, 300, "300 shares", "300 shares"),
        (SHARES, 1, 900, "one share", "one share"),
        (GPS, 1_000_012, 12, "one surgery and 12 whole-time GPs", "one surgery and 12 weighted votes"),
        (GPS, 1_000_003, 12, "one surgery and 3 votes", "one surgery and 3 weighted votes"),
    ],
)
def test_weights_of_another_column_are_said_in_its_nouns(
    counting: Counting, weight: int, number: int, words: str, total: str
) -> None:
    assert (counting.say_weight(weight, number), counting.say_total(weight)) == (words, total)


@pytest.mark.parametrize(
    ("counting", "total", "words"),
    [
        (HEADS, 8, "8 practices"),
        (PATIENTS, 62_345, "62,345 weighted votes"),
        (PACKED, 8_062_345, "8 practices and 62,345 weighted votes"),
        (PACKED, 1_000_001, "one practice and one weighted vote"),
        (PACKED, 0, "0 practices and 0 weighted votes"),
    ],
)
def test_a_total_weight_is_said_in_the_units_of_the_count(counting: Counting, total: int, words: str) -> None:
    assert counting.say_total(total) == words
