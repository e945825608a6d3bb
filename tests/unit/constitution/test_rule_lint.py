"""What is allowed and looks like a mistake."""

from __future__ import annotations

import pytest

from ballot.constitution.lint import check_constitution, check_outcome_rule
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import load_outcome_rule
from ballot.constitution.reading import read_constitution_aloud

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
WEIGHT = "[weight]\nper = 1\nsnapshot = 2020-04-01\n"


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        pytest.param(PLAIN, None, id="nothing odd"),
        pytest.param(PLAIN.replace("1/2", "100%"), (10, "More than all of them"), id="more than all"),
        pytest.param(PLAIN.replace("more_than", "at_least"), (10, "At least 1/2 carries on a tie"), id="a tie carries"),
        pytest.param(PLAIN.replace("1/2", "66.67%"), (10, "66.67% is exactly 6667/10000. If 2/3"), id="rounded third"),
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
        "The vote may be held again if it is inquorate.",
    ]
