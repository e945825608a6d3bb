"""What a file may say but probably does not mean."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from ballot.constitution.lint import check_constitution, check_outcome_rule
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import load_outcome_rule
from ballot.constitution.reading import read_constitution_aloud
from ballot.strict.fraction import parse_fraction

PLAIN = """\
ccg  = "01A"
name = "NHS East Lancashire CCG"
[source]
document = "Constitution"
clause = "6.4"
wording = "A resolution ..."
encoded_by = "A"
approved_by = "B"
[[test]]
measure = "practices"
of = "cast"
more_than = "1/2"
"""
THIRDS = "If 2/3 is meant, write 2/3:"
MAJORITY = 'is more than a majority needs. If a majority is meant, write more_than = "1/2"'
WEIGHT = "[weight]\nper = 1\nsnapshot = 2020-04-01\n"


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        pytest.param(PLAIN, None, id="nothing odd"),
        pytest.param(PLAIN.replace("1/2", "100%"), (12, "More than all of them"), id="more than all"),
        pytest.param(PLAIN.replace("more_than", "at_least"), (12, "At least 1/2 carries on a tie"), id="a tie carries"),
        pytest.param(PLAIN.replace("1/2", "66.67%"), (12, "66.67% is exactly 6667/10000. If 2/3"), id="rounded third"),
        pytest.param(PLAIN + WEIGHT, (13, "[weight] is counted, and no test"), id="weight for nothing"),
        pytest.param(PLAIN + "[question.x]\n", (13, "[question.x] replaces nothing."), id="empty question"),
    ],
)
def test_an_oddity_of_a_rule_is_named_with_its_line(text: str, warning: tuple[int, str] | None) -> None:
    found = [(oddity.line, oddity.sentence) for oddity in check_constitution(load_constitution(text.encode(), "f"))]

    assert len(found) == (warning is not None)
    assert all(warning and line == warning[0] and sentence.startswith(warning[1]) for line, sentence in found)


@pytest.mark.parametrize(
    ("require", "otherwise", "warning"),
    [
        ('"all"', "stop", None),
        ("{ at_least = 2 }", "proceed-with-those-carried", None),
        ("{ at_least = 2 }", "stop", 'at_least with otherwise = "stop" is the same as require = "all".'),
        (
            '{ all_of = ["A", "B"], at_least = 1 }',
            "proceed-with-those-carried",
            "at_least = 1 asks for less than all_of, which names 2.",
        ),
    ],
)
def test_an_outcome_rule_that_says_less_than_it_seems_is_named(
    require: str, otherwise: str, warning: str | None
) -> None:
    text = f'[outcome]\nquestions = ["merge"]\nrequire = {require}\notherwise = "{otherwise}"\n'

    found = [(oddity.line, oddity.sentence) for oddity in check_outcome_rule(load_outcome_rule(text.encode(), "f"))]

    assert found == ([(3, warning)] if warning else [])


def test_a_rule_is_read_back_in_plain_english() -> None:
    assert list(read_constitution_aloud(load_constitution(PLAIN.encode(), "f"))) == [
        "NHS East Lancashire CCG (01A), by clause 6.4 of Constitution.",
        "One practice, one vote.",
        "There is no quorum.",
        "Test: of the practices that voted (abstentions included), more than 1/2 must be for.",
        "The vote may not be held again. There is no quorum, so it cannot be inquorate.",
    ]


def warnings_of(text: str) -> list[tuple[int, str]]:
    return [(oddity.line, oddity.sentence) for oddity in check_constitution(load_constitution(text.encode(), "f"))]


@pytest.mark.parametrize(
    ("needed", "sentence"),
    [
        ('at_least = "67%"', f"67% is exactly 67/100. {THIRDS} 2 of 3 is at least 2/3 and not at least 67%."),
        ('at_least = "66%"', f"66% is exactly 33/50. {THIRDS} 33 of 50 is at least 66% and not at least 2/3."),
        ('more_than = "66%"', f"66% is exactly 33/50. {THIRDS} 2 of 3 is more than 66% and not more than 2/3."),
        ('more_than = "33%"', "33% is exactly 33/100. If 1/3 is meant, write 1/3: 1 of 3 is more than 33% and not"),
        ('at_least = "66.7%"', "66.7% is exactly 667/1000. If 2/3"),
        ('at_least = "66.66%"', "66.66% is exactly 3333/5000. If 2/3"),
        ('at_least = "66.70%"', "66.70% is exactly 667/1000. If 2/3"),
        ('at_least = "67/100"', "67/100 is exactly 67/100. If 2/3"),
        ('at_least = "66.666666666666666666%"', "66.666666666666666666% is exactly"),
        ('at_least = "83%"', "83% is exactly 83/100. If 5/6 is meant"),
        ('at_least = "57%"', "57% is exactly 57/100. If 4/7 is meant"),
        ('at_least = "51%"', f"51% {MAJORITY}: 26 of 51 is more than 1/2 and not at least 51%."),
        ('at_least = "50.1%"', f"50.1% {MAJORITY}: 251 of 501 is more than 1/2 and not at least 50.1%."),
        ('more_than = "50.5%"', f"50.5% {MAJORITY}: "),
        ('at_least = "51/100"', f"51/100 {MAJORITY}: "),
        ('at_least = "50.000000000000000001%"', f"50.000000000000000001% {MAJORITY}: "),
    ],
)
def test_a_rounding_is_named_with_a_count_that_shows_the_difference(needed: str, sentence: str) -> None:
    ((line, found),) = [one for one in warnings_of(PLAIN.replace('more_than = "1/2"', needed)) if " tie " not in one[1]]

    assert line == 12
    assert found.startswith(sentence)
    shown = re.search(
        r": ([0-9,]+) of ([0-9,]+) is (at least|more than) (\S+) and not (at least|more than) (\S+)\.$", found
    )
    assert shown is not None
    share = Fraction(int(shown[1].replace(",", "")), int(shown[2].replace(",", "")))
    for comparison, value, holds in ((shown[3], shown[4], True), (shown[5], shown[6], False)):
        needs = parse_fraction(value)
        assert (share >= needs if comparison == "at least" else share > needs) == holds


SHARES = "60% 75% 80% 55% 65% 70% 85% 90% 100% 52% 2/3 3/5 7/10 62.5% 87.5% 99% 75.0%"


@pytest.mark.parametrize("share", SHARES.split())
def test_a_percentage_that_is_no_rounding_raises_no_alarm(share: str) -> None:
    assert warnings_of(PLAIN.replace('more_than = "1/2"', f'at_least = "{share}"')) == []


@pytest.mark.parametrize("share", ["50%", "1/2"])
def test_a_half_is_no_rounding(share: str) -> None:
    assert warnings_of(PLAIN.replace("1/2", share)) == []


def test_the_roundings_of_a_quorum_and_of_a_locality_test_are_named_too() -> None:
    quorum = '[quorum]\nmeasure = "practices"\ncounting = "returned"\nat_least = "67%"\n'
    local = '[[locality_test]]\ncolumn = "pcn"\nrequire = "all"\nmeasure = "practices"\nof = "cast"\nat_least = "51%"\n'

    assert [line for line, _ in warnings_of(PLAIN + quorum + local)] == [16, 22]


def test_a_tie_that_localities_can_stop_is_not_said_to_carry() -> None:
    local = (
        '[[locality_test]]\ncolumn = "pcn"\nrequire = "all"\nmeasure = "practices"\nof = "cast"\nmore_than = "1/2"\n'
    )

    assert warnings_of(PLAIN.replace("1/2", "2/5") + local) == [
        (9, "A tie passes the tests of the whole CCG, and so does less than half of those for and against.")
    ]
