"""Rules in which the localities alone decide, and rules that ask for a share of them."""

from __future__ import annotations

import pytest

from ballot.constitution.counts import Counts, Measure, summed
from ballot.constitution.decide import decide
from ballot.constitution.errors import InvalidRule
from ballot.constitution.follows import read_effects_aloud
from ballot.constitution.lint import check_constitution
from ballot.constitution.load import load_constitution
from ballot.constitution.reading import read_rule_aloud
from ballot.constitution.rule import Constitution
from tests.support.counts import yes_or_no
from tests.unit.constitution.test_signed_text import HEAD, MAJORITY, local

MOST = '{ more_than = "1/2" }'
BY_LOCALITIES = local("for-and-against", 'more_than = "1/2"', MOST)


def rule_of(text: str) -> Constitution:
    return load_constitution((HEAD + text).encode(), "f")


def votes(*localities: tuple[int, int]) -> Counts:
    """For and against in each locality of ten."""
    parts = [yes_or_no(*map(Measure, (10, for_, against, 0))) for for_, against in localities]
    return summed({f"U{place}": part for place, part in enumerate(parts, start=1)})


@pytest.mark.parametrize(
    ("text", "localities", "found"),
    [
        pytest.param(BY_LOCALITIES, [(6, 4), (6, 4), (0, 10)], "carried", id="two of three, fewer votes for"),
        pytest.param(BY_LOCALITIES, [(10, 0), (4, 6), (4, 6)], "not carried", id="one of three, more votes for"),
        pytest.param(BY_LOCALITIES, [(6, 4), (5, 5)], "not carried", id="one of two is not a majority"),
        pytest.param(BY_LOCALITIES + MAJORITY, [(6, 4), (6, 4), (0, 10)], "not carried", id="people and localities"),
        pytest.param(BY_LOCALITIES + MAJORITY, [(6, 4), (6, 4), (4, 6)], "carried", id="both"),
        pytest.param(
            local("cast", 'more_than = "1/2"', '{ at_least = "2/3" }'),
            [(6, 4), (6, 4), (0, 10)],
            "carried",
            id="exactly two thirds of the networks",
        ),
        pytest.param(
            local("cast", 'more_than = "1/2"'), [(6, 4), (5, 5)], "not carried", id="in all, and none besides"
        ),
    ],
)
def test_the_localities_decide(text: str, localities: list[tuple[int, int]], found: str) -> None:
    assert decide(rule_of(text).rule_for(), votes(*localities)).outcome.value == found


def test_a_share_of_the_localities_is_said_with_the_number_that_it_comes_to() -> None:
    decision = decide(rule_of(BY_LOCALITIES).rule_for(), votes((6, 4), (4, 6), (4, 6)))

    requirement = "Locality test: it must hold in more than 1/2 of the localities (locality)."
    assert f"{requirement} Holding: in 1 of 3. That is not enough." in decision.explanation
    assert "Two more practices (two of U3) voting for instead of against would have carried it." in decision.explanation
    assert decision.as_json()["locality_tests"][0]["needed"] == 2  # type: ignore[index]


def test_the_text_to_sign_says_that_nothing_is_asked_of_the_whole() -> None:
    rule = rule_of(BY_LOCALITIES).rule_for()

    assert list(read_rule_aloud(rule))[-1] == (
        "The locality test must hold, and nothing is asked of the votes as a whole."
    )
    follows = list(read_effects_aloud(rule))
    assert follows[2].startswith("A tie, everybody voting and as many for as against, is carried only where")
    assert follows[-1] == ("Unless votes for come from more than 1/2 of the localities (locality), it is not carried.")
    assert list(check_constitution(rule_of(BY_LOCALITIES))) == []


def test_a_question_can_be_decided_by_localities_alone_where_its_file_is_not() -> None:
    own = BY_LOCALITIES.replace("[[locality_test]]", "[[question.x.locality_test]]")
    constitution = rule_of(f'{MAJORITY}[question.x]\ntest = "none"\n{own}')

    assert constitution.rule_for("x").tests == ()
    assert len(constitution.rule_for("y").tests) == 1


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("", '1: "test" is missing at the top of the file.'),
        (MAJORITY + '[question.x]\ntest = "none"\n', "13: Nothing is left to decide by"),
        (local("cast", 'more_than = "1/2"', '{ more_than = "100%" }'), "11: More than all is never reached: write"),
        (local("cast", 'more_than = "1/2"', '{ at_least = "1/1" }'), "11: That is every locality: write require"),
        (local("cast", 'more_than = "1/2"', "{ more_than = 2 }"), "11: Write a number as the least that is enough"),
        (local("cast", 'more_than = "1/2"', '"a majority"'), '11: "require" must be "all"'),
        (local("cast", 'more_than = "1/2"', "{ at_least = 0 }"), '11: "at_least" must be a whole number'),
    ],
)  # fmt: skip
def test_what_leaves_nothing_to_decide_by_is_refused(text: str, refused: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        rule_of(text)

    assert str(caught.value).startswith(f"f:{refused}")


def test_several_tests_to_combine_are_refused_where_there_are_none() -> None:
    with pytest.raises(InvalidRule, match="1 tests must hold and there are only 0"):
        load_constitution(('combine = "any"\n' + HEAD + BY_LOCALITIES).encode(), "f")
