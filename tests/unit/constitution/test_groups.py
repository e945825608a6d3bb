"""Several new bodies in one programme, and the option on which the CCGs must agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ballot.cli.main import main
from ballot.constitution.combine import CarriedOption, combine
from ballot.constitution.errors import InvalidOutcomes, InvalidProgramme
from ballot.constitution.lint import check_outcome_rule
from ballot.constitution.outcome_rule import load_outcome_rule
from ballot.constitution.outcomes_file import parse_outcomes
from ballot.constitution.reading import read_outcome_rule_aloud
from ballot.constitution.rule import Outcome

GROUPS = """\
[outcome]
questions = ["merge"]
[[outcome.group]]
name = "Fylde Coast"
members = ["00R", "02M"]
require = "all"
[[outcome.group]]
name = "Pennine Lancashire"
members = ["00Q", "01A"]
require = { at_least = 1 }
otherwise = "proceed-with-those-carried"
[[outcome.group]]
name = "West Lancashire"
members = ["02G"]
require = "all"
"""
OPTION = """\
[outcome]
questions = ["form"]
option = "one"
require = { at_least = 2 }
otherwise = "proceed-with-those-carried"
"""
YES, NO = Outcome.CARRIED, Outcome.NOT_CARRIED
ONE, FIVE = CarriedOption("one"), CarriedOption("five")


def test_each_group_answers_for_itself() -> None:
    words = {"00R": YES, "02M": NO, "00Q": YES, "01A": NO, "02G": YES}

    answer = combine(load_outcome_rule(GROUPS.encode(), "p.toml"), {ccg: {"merge": w} for ccg, w in words.items()})

    shown = answer.as_json()
    assert (shown["proceeds"], shown["members"]) == (True, ["00Q", "02G"])
    assert [(group.name, group.outcome.proceeds, group.outcome.members) for group in answer.groups] == [
        ("Fylde Coast", False, ()),
        ("Pennine Lancashire", True, ("00Q",)),
        ("West Lancashire", True, ("02G",)),
    ]
    assert shown["explanation"] == [
        "Fylde Coast does not go ahead.",
        "Pennine Lancashire goes ahead with 00Q.",
        "West Lancashire goes ahead with 02G.",
        "2 of 3 groups go ahead.",
    ]
    assert "01A did not carry. By the rule, it then goes ahead with those that carried." in (
        answer.groups[1].outcome.explanation
    )


def test_nothing_proceeds_where_no_group_does() -> None:
    answer = combine(
        load_outcome_rule(GROUPS.encode(), "p.toml"),
        {ccg: {"merge": Outcome.INQUORATE} for ccg in ("00R", "02M", "00Q", "01A", "02G")},
    )

    assert (answer.proceeds, answer.members) == (False, ())


@pytest.mark.parametrize(
    ("results", "proceeds", "members"),
    [
        pytest.param({"A": ONE, "B": ONE, "C": FIVE}, True, ("A", "B"), id="enough carried the option that is named"),
        pytest.param({"A": ONE, "B": FIVE, "C": FIVE}, False, (), id="more carried another"),
        pytest.param({"A": ONE, "B": NO, "C": Outcome.INQUORATE}, False, (), id="too few"),
    ],
)
def test_only_the_named_option_counts(
    results: dict[str, Outcome | CarriedOption], proceeds: bool, members: tuple[str, ...]
) -> None:
    rule = load_outcome_rule(OPTION.encode(), "p.toml")

    answer = combine(rule, {ccg: {"form": result} for ccg, result in results.items()})

    assert (answer.proceeds, answer.members) == (proceeds, members)
    assert answer.as_json().get("option") == ({"form": "one"} if proceeds else None)


@pytest.mark.parametrize(
    ("results", "proceeds"),
    [
        pytest.param({"A": FIVE, "B": FIVE, "C": NO}, True, id="the same option"),
        pytest.param({"A": FIVE, "B": ONE, "C": FIVE}, False, id="different options"),
    ],
)
def test_where_no_option_is_named_the_ccgs_must_agree_on_one(
    results: dict[str, Outcome | CarriedOption], proceeds: bool
) -> None:
    rule = load_outcome_rule(OPTION.replace('option = "one"\n', "").encode(), "p.toml")

    answer = combine(rule, {ccg: {"form": result} for ccg, result in results.items()})

    assert answer.proceeds is proceeds
    assert ("They do not agree on one option for the question: five and one." in answer.explanation) is not proceeds


def test_an_option_may_be_named_for_each_question_and_each_group() -> None:
    text = GROUPS.replace('["merge"]', '["form", "merge"]\noption = { form = "five" }')
    text = text.replace('["02G"]\n', '["02G"]\noption = { form = "one" }\n')

    rule = load_outcome_rule(text.encode(), "p.toml")

    assert rule.options == {"form": "five"}
    assert [group.rule.options["form"] for group in rule.groups] == ["five", "five", "one"]


def test_a_ccg_may_be_in_two_groups_that_ask_for_different_options() -> None:
    text = GROUPS.replace('["merge"]', '["form"]\noption = "five"') + (
        '[[outcome.group]]\nname = "Lancashire"\nmembers = ["00R", "02M", "00Q", "01A", "02G"]\n'
        'option = "one"\nrequire = { at_least = 3 }\notherwise = "proceed-with-those-carried"\n'
    )
    results = {"00R": FIVE, "02M": FIVE, "00Q": ONE, "01A": ONE, "02G": ONE}

    answer = combine(load_outcome_rule(text.encode(), "p.toml"), {ccg: {"form": r} for ccg, r in results.items()})

    assert {group.name: group.outcome.members for group in answer.groups if group.outcome.proceeds} == {
        "Fylde Coast": ("00R", "02M"),
        "Lancashire": ("00Q", "01A", "02G"),
    }


OUTCOMES = """{
 "A": {"form": {"outcome": "carried", "option": "one"}},
 "B": {"form": "not carried"},
 "C": {"form": {"outcome": "inquorate", "option": null}}
}"""


def test_outcomes_with_options_are_read_as_they_stand() -> None:
    rule = load_outcome_rule(OPTION.encode(), "p.toml")

    assert parse_outcomes(OUTCOMES.encode(), "o.json", rule) == {
        "A": {"form": ONE},
        "B": {"form": NO},
        "C": {"form": Outcome.INQUORATE},
    }


BAD_OUTCOMES = {
    "carried with nothing": ('"not carried"', '"carried"', '3: "form" is carried with an option; say which one.'),
    "an option of what is lost": ("null", '"one"', "4: What is not carried has no option."),
    "no option": (', "option": "one"', "", '2: "option" must be the id of an option, not nothing.'),
    "no outcome": ('"outcome": "carried", ', "", '2: "outcome" is missing.'),
    "another key": ('"option": "one"', '"choice": "one"', '2: "choice" is not a key that belongs here'),
    "an option that is a number": ('"one"', "1", '2: "option" must be the id of an option, not 1.'),
}


@pytest.mark.parametrize(("old", "new", "refusal"), BAD_OUTCOMES.values(), ids=BAD_OUTCOMES.keys())
def test_outcomes_with_options_that_are_none_are_refused(old: str, new: str, refusal: str) -> None:
    with pytest.raises(InvalidOutcomes) as caught:
        parse_outcomes(OUTCOMES.replace(old, new, 1).encode(), "o.json", load_outcome_rule(OPTION.encode(), "p.toml"))

    assert str(caught.value).startswith(f"o.json:{refusal}")


REFUSALS = {
    "a CCG in two groups": ('"02G"', '"01A"', '14: "01A" is in "Pennine Lancashire" too, and could'),
    "two groups of one name": ("West Lancashire", "Fylde Coast", '13: "Fylde Coast" is the name of two groups.'),
    "no members": ('["02G"]', "[]", '14: "members" must be a list of texts, and not empty.'),
    "no require": ('"all"\n[[outcome.group]]\nname = "Pen', '"all"\n[[outcome.group]]\nnam = "Pen', "8: "),
    "require over the groups": ('["merge"]\n', '["merge"]\nrequire = "all"\n', "3: Each [[outcome.group]] has its own"),
    "more than there are": ("at_least = 1", "at_least = 3", "10: 3 CCGs must carry and"),
    "an option of another question": ('["merge"]\n', '["merge"]\noption = { form = "x" }\n', '3: "form" is not a key'),
}


@pytest.mark.parametrize(("old", "new", "refusal"), REFUSALS.values(), ids=REFUSALS.keys())
def test_groups_that_leave_something_open_are_refused(old: str, new: str, refusal: str) -> None:
    assert old in GROUPS
    with pytest.raises(InvalidProgramme) as caught:
        load_outcome_rule(GROUPS.replace(old, new, 1).encode(), "p.toml")

    assert str(caught.value).startswith(f"p.toml:{refusal}")


def test_groups_are_read_back_and_a_ccg_in_none_of_them_is_odd() -> None:
    listed = GROUPS + "".join(f'[[ccg]]\nods = "{ods}"\n' for ods in ("00R", "02M", "00Q", "01A", "02G", "01K"))
    rule = load_outcome_rule(listed.encode(), "p.toml")

    assert next(iter(read_outcome_rule_aloud(rule))) == (
        "Fylde Coast, of 00R and 02M: A CCG carries if its vote is carried. All CCGs must agree."
    )
    assert [oddity.sentence for oddity in check_outcome_rule(rule)] == ["01K votes and is in no group."]


def test_the_command_answers_per_group(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    programme, outcomes = tmp_path / "p.toml", tmp_path / "o.json"
    programme.write_text(GROUPS)
    outcomes.write_text(json.dumps({ccg: {"merge": "carried"} for ccg in ("00R", "02M", "00Q", "01A", "02G")}))

    assert main(["outcome", str(programme), str(outcomes)]) == 0

    answer = json.loads(capsys.readouterr().out)
    assert [group["name"] for group in answer["groups"]] == ["Fylde Coast", "Pennine Lancashire", "West Lancashire"]
    assert all(group["proceeds"] for group in answer["groups"])
    outcomes.write_text('{"00R": {"merge": "carried"}}')
    assert main(["outcome", str(programme), str(outcomes)]) == 2
    assert capsys.readouterr().err.endswith('o.json:1: "02M" has no outcome.\n')


def test_a_ccg_that_carried_with_an_option_makes_every_other_say_with_which() -> None:
    rule = load_outcome_rule(b'[outcome]\nquestions = ["form"]\nrequire = "all"\n', "p.toml")
    written = b'{"00Q": {"form": "carried"},\n "01A": {"form": {"outcome": "carried", "option": "joint"}}}'

    with pytest.raises(InvalidOutcomes, match=r'o.json:1: "form" is carried with an option; say which one\.'):
        parse_outcomes(written, "o.json", rule)
