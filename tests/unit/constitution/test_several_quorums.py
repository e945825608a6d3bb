"""Several quorums, a quorum in each locality, and a question without the quorum of its file."""

from __future__ import annotations

import pytest

from ballot.constitution.counts import Counts, Measure, summed
from ballot.constitution.decide import Decision, decide
from ballot.constitution.errors import InvalidRule
from ballot.constitution.follows import read_effects_aloud
from ballot.constitution.load import load_constitution
from ballot.constitution.reading import read_constitution_aloud
from ballot.constitution.rule import Constitution
from ballot.constitution.write import write_constitution
from tests.support.counts import yes_or_no
from tests.unit.constitution.test_signed_text import HEAD, MAJORITY, WEIGHT


def quorum(needed: str, measure: str = "practices", name: str = "[[quorum]]", more: str = "") -> str:
    return f'{name}\n{more}measure = "{measure}"\ncounting = "returned"\n{needed}\n'


BOTH = quorum('at_least = "25%"') + quorum('at_least = "25%"', "weight") + WEIGHT + MAJORITY
"""Planning etc. (Scotland) Act 2006: a quarter by number and by value."""
EITHER = 'combine_quorums = "any"\n'
PLACES = 'column = "locality"\nrequire = "all"\n'
LOCAL = quorum('at_least = "1/2"', name="[[locality_quorum]]", more=PLACES)


def rule_of(text: str, first: str = "") -> Constitution:
    return load_constitution((first + HEAD + text).encode(), "f")


def weighed(*pairs: tuple[int, int]) -> Counts:
    return yes_or_no(*(Measure(*pair) for pair in pairs))


def decided(text: str, counts: Counts, first: str = "") -> Decision:
    return decide(rule_of(text, first).rule_for(), counts)


@pytest.mark.parametrize(
    ("first", "for_", "found"),
    [
        ("", (25, 250), "carried"),
        ("", (25, 249), "inquorate"),
        ("", (24, 250), "inquorate"),
        (EITHER, (25, 249), "carried"),
        (EITHER, (24, 250), "carried"),
        (EITHER, (24, 249), "inquorate"),
    ],
)
def test_all_quorums_must_be_met_or_any_as_the_file_says(first: str, for_: tuple[int, int], found: str) -> None:
    assert decided(BOTH, weighed((100, 1000), for_, (0, 0), (0, 0)), first).outcome.value == found


def test_several_quorums_are_each_worked_out_and_said() -> None:
    decision = decided(BOTH, weighed((100, 1000), (30, 200), (0, 0), (0, 0)))

    assert decision.as_json()["quorum"] == {
        "required": True,
        "holds": False,
        "parts": [{"holds": True, "share": "30/100"}, {"holds": False, "share": "200/1000"}],
    }
    assert "Every quorum must be met. Met: 1 of 2." in decision.explanation
    assert "Quorum 2 was short by 50 weighted votes." in decision.explanation


def locals_of(*returned: int) -> Counts:
    parts = {f"U{place}": weighed((4, 0), (number, 0), (0, 0), (0, 0)) for place, number in enumerate(returned, 1)}
    return summed(parts)


@pytest.mark.parametrize(
    ("require", "returned", "found"),
    [
        ('"all"', (2, 2, 4), "carried"),
        ('"all"', (1, 4, 4), "inquorate"),
        ("{ at_least = 2 }", (1, 4, 4), "carried"),
        ("{ at_least = 2 }", (1, 1, 4), "inquorate"),
    ],
)
def test_a_quorum_in_each_locality_is_met_there_and_not_by_others(
    require: str, returned: tuple[int, ...], found: str
) -> None:
    text = LOCAL.replace('"all"', require) + MAJORITY

    assert decided(text, locals_of(*returned)).outcome.value == found


def test_a_locality_without_its_quorum_is_named_with_what_was_short() -> None:
    decision = decided(LOCAL + MAJORITY, locals_of(1, 4, 4))

    assert "Locality quorum: it must be met in every locality (locality). Met: in 2 of 3. That is not enough." in (
        decision.explanation
    )
    assert decision.explanation[-2:] == (
        "The locality quorum in U1 was short by one practice.",
        "One more practice (one of U1) voting for instead of not voting would have carried it.",
    )
    assert decision.as_json()["quorum"]["localities"][0]["holding"] == 2  # type: ignore[index]
    follows = list(read_effects_aloud(rule_of(LOCAL + MAJORITY).rule_for()))
    assert "A locality (locality) that returns no vote makes the whole vote inquorate." in follows


def test_a_question_can_have_no_quorum_where_its_file_has_one() -> None:
    text = quorum('at_least = "75%"', name="[quorum]") + MAJORITY + '[question.x]\nquorum = "none"\n'
    constitution = rule_of(text)

    assert not constitution.rule_for("x").needs_quorum
    assert constitution.rule_for("y").needs_quorum
    assert load_constitution(write_constitution(constitution), "f") == constitution
    assert list(read_constitution_aloud(constitution))[-1] == (
        "The vote may be held again if it is inquorate (x cannot be: there is no quorum for it)."
    )


@pytest.mark.parametrize(
    ("text", "first", "refused"),
    [
        (BOTH, 'combine_quorums = "most"\n', '1: "combine_quorums" must be "all" or "any"'),
        (MAJORITY, EITHER, '1: "combine_quorums" is for several [[quorum]] tables, and there are 0.'),
        ('quorum = "none"\n' + MAJORITY, "", '9: "quorum" is not a key that belongs'),
        (LOCAL.replace(PLACES, 'column = "locality"\n') + MAJORITY, "", '9: "require" is missing'),
        (LOCAL.replace("practices", "weight") + MAJORITY, "", "12: This quorum counts weight and the file has no"),
        (LOCAL + LOCAL.replace('"locality"', '"pcn"') + MAJORITY, "", '18: Members are divided by "locality"'),
        (LOCAL * 3 + MAJORITY, "", "24: There are more than 2 locality tests"),
    ],
)  # fmt: skip
def test_quorums_that_cannot_be_are_refused_with_their_line(text: str, first: str, refused: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        rule_of(text, first)

    assert str(caught.value).startswith(f"f:{refused}")
