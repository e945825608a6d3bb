"""Weights from any column of the roll, with a name and a unit; and the files that are refused."""

from __future__ import annotations

import pytest

from ballot.constitution.counts import Measure
from ballot.constitution.errors import InvalidRule
from ballot.constitution.load import load_constitution
from ballot.constitution.question import Question
from ballot.constitution.reading import read_constitution_aloud, read_for_signing
from ballot.constitution.rule import Constitution
from ballot.constitution.words import Noun, Words
from ballot.constitution.write import write_constitution
from ballot.declaration.support import sum_support, tell_support
from ballot.record.counting import Counting, CountKind
from ballot.record.secrecy import planned_weighting
from ballot.secrecy.weighting import alternatives
from tests.support.counts import yes_or_no
from tests.unit.constitution.test_signed_text import HEAD, asks

TEST = asks("cast", 'at_least = "75%"', "weight")
ROUNDED = 'per = 1000\nrounding = "floor"\n'
BY_PATIENTS = 'unit = ["share", "shares"]\n' + ROUNDED
SHARES = 'column = "shares"\nunit = ["share", "shares"]\nper = 1\n'
GPS = 'column = "wte_gps"\ncounts = ["whole-time GP", "whole-time GPs"]\nper = 1\n'
BANDED = (
    'column = "beds"\ncounts = ["bed", "beds"]\nunit = ["point", "points"]\n'
    "[[weight.band]]\nup_to = 9\nvotes = 1\n[[weight.band]]\nvotes = 2\n"
)


def read(weight: str, words: Words | None = None) -> Constitution:
    text = HEAD + "[weight]\nsnapshot = 2024-04-01\n" + weight + TEST
    return load_constitution(text.encode(), "f", *([] if words is None else [words]))


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        pytest.param(
            SHARES,
            "A vote weighs as many shares as its practice has on 2024-04-01 (column shares of the roll); every "
            "practice must have a number there.",
            id="shares",
        ),
        pytest.param(
            GPS + 'maximum = 6\nmissing = "zero"\n',
            "One weighted vote per whole-time GP on 2024-04-01 (column wte_gps of the roll), at most 6 for each "
            "practice; a practice without a number there has none.",
            id="GPs",
        ),
        pytest.param(
            BY_PATIENTS,
            "One share per 1,000 registered patients on 2024-04-01, a part of 1,000 counting nothing; every practice "
            "must have a list.",
            id="shares by patients",
        ),
        pytest.param(
            BANDED,
            "Points by beds on 2024-04-01 (column beds of the roll): up to 9 one, above that two; every practice must "
            "have a number there.",
            id="bands",
        ),
    ],
)
def test_a_weight_says_what_it_counts_and_what_a_vote_is_called(weight: str, said: str) -> None:
    constitution = read(weight)

    assert list(read_constitution_aloud(constitution))[1] == said
    assert load_constitution(write_constitution(constitution), "f") == constitution


def test_the_unit_of_the_file_comes_before_the_word_of_the_programme() -> None:
    words = Words(weight=Noun("point", "points"))

    assert read(SHARES, words).rule_for().words.weight == Noun("share", "shares")
    assert read(GPS, words).rule_for().words.weight == Noun("point", "points")
    assert read(GPS, words).nouns.unit == Noun("point", "points")


def test_nothing_to_sign_speaks_of_patients_or_weighted_votes_where_shares_are_counted() -> None:
    text = "\n".join(read_for_signing(read(SHARES)))

    assert "shares" in text
    assert "patient" not in text
    assert "weighted vote" not in text


@pytest.mark.parametrize(
    ("weight", "refused"),
    [
        (
            SHARES.replace('shares"\n', 'Shares"\n', 1),
            '"Shares" is not the name of a column of the roll, such as "shares".',
        ),
        ('column = "registered_patients"\nunit = ["a1", "a2"]\nper = 1\n', 'counted without "column": leave it out'),
        ('column = "email"\nunit = ["share", "shares"]\nper = 1\n', '"email" of a roll has no numbers'),
        ('column = "shares"\nper = 1\n', "Say what the column counts, one and several"),
        (SHARES.replace("per = 1\n", ROUNDED), "Say what the column counts, one and several"),
        ('counts = ["share", "shares"]\nper = 1\n', 'Without "column" the registered patients are counted'),
        ('column = "shares"\ncounts = ["share"]\nper = 1\n', "must be two texts, singular and plural"),
        (
            SHARES.replace("per = 1\n", 'counts = ["share", "shares"]\n' + ROUNDED),
            "A vote is not one share here: call it something else than what the column counts.",
        ),
        ('unit = ["registered patient", "registered patients"]\n' + ROUNDED, "A vote is not one registered patient"),
    ],
)
def test_a_weight_that_says_too_little_or_contradicts_itself_is_refused(weight: str, refused: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        read(weight)

    assert refused in str(caught.value)
    assert str(caught.value).startswith("f:")


def test_the_column_of_the_localities_cannot_weigh() -> None:
    local = '[[locality_test]]\ncolumn = "shares"\nrequire = "all"\nmeasure = "practices"\nof = "cast"\n'
    text = HEAD + "[weight]\nsnapshot = 2024-04-01\n" + SHARES + TEST + local + 'more_than = "1/2"\n'

    with pytest.raises(InvalidRule, match='The column "shares" is that of the localities'):
        load_constitution(text.encode(), "f")


@pytest.mark.parametrize(
    ("weight", "meter", "measure", "adds_up"),
    [
        pytest.param(SHARES, "exact numbers of shares", "shares", True, id="shares"),
        pytest.param(GPS, "exact numbers of whole-time GPs", "whole-time GPs", True, id="GPs"),
        pytest.param(BANDED, "irregular bands of beds", "points", False, id="bands"),
        pytest.param(
            'unit = ["share", "shares"]\n' + ROUNDED, "bands of 1,000 patients", "shares", False, id="patients"
        ),
    ],
)
def test_the_meter_and_the_level_of_support_name_what_is_counted(
    weight: str, meter: str, measure: str, adds_up: bool
) -> None:
    constitution, question = read(weight), Question("q", "Agreed?", ("For", "Against", "Abstain"))
    counts = yes_or_no(Measure(3, 30), Measure(2, 20), Measure(1, 10), Measure(0, 0))

    assert planned_weighting(constitution, Counting(CountKind.PATIENTS), [20, 10]).name == meter
    support = [each for each in tell_support(constitution, question, counts) if each.measure != "practices"]
    assert {(each.measure, each.adds_up) for each in support} == {(measure, adds_up)}
    summed = {total.support.measure for total in sum_support([("A", support), ("B", support)])}
    assert summed == ({measure} if adds_up else set())


def test_bands_wider_than_any_number_are_no_alternative() -> None:
    names = [weighting.name for weighting in alternatives([700, 90], "shares")]

    assert names == [
        "heads only",
        "bands of 500 shares",
        "exact numbers of shares",
        "packed: heads and exact numbers of shares",
    ]
