"""Across CCGs: does the merger proceed, and with whom?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from ballot.constitution.combine import CarriedOption, combine
from ballot.constitution.errors import InvalidOutcomes, InvalidProgramme
from ballot.constitution.outcome_rule import OutcomeRule, load_outcome_rule
from ballot.constitution.outcomes_file import parse_outcomes
from ballot.constitution.rule import Outcome

CARRIED, LOST, INQUORATE = Outcome.CARRIED, Outcome.NOT_CARRIED, Outcome.INQUORATE


def rule(require: str, otherwise: str | None, questions: str = '["merge"]', rest: str = "") -> OutcomeRule:
    last = f'otherwise = "{otherwise}"\n' if otherwise else ""
    return load_outcome_rule(
        f"{rest}[outcome]\nquestions = {questions}\nrequire = {require}\n{last}".encode(), "p.toml"
    )


def outcomes(**words: Outcome) -> dict[str, dict[str, Outcome]]:
    return {ccg: {"merge": word} for ccg, word in words.items()}


ALL = outcomes(C=CARRIED, A=CARRIED, B=CARRIED)
TWO = outcomes(C=CARRIED, A=CARRIED, B=INQUORATE)
ONE = outcomes(C=LOST, A=CARRIED, B=INQUORATE)
PROCEED, STOP = "proceed-with-those-carried", "stop"


@pytest.mark.parametrize(
    ("require", "otherwise", "votes", "members"),
    [
        pytest.param('"all"', None, ALL, "ABC", id="all carried"),
        pytest.param('"all"', None, TWO, "", id="one inquorate of all"),
        pytest.param('"all"', PROCEED, TWO, "", id="all: otherwise never matters"),
        pytest.param("{ at_least = 2 }", PROCEED, ALL, "ABC", id="more than enough"),
        pytest.param("{ at_least = 2 }", PROCEED, TWO, "AC", id="enough, proceed with those"),
        pytest.param("{ at_least = 2 }", STOP, TWO, "", id="enough, stop"),
        pytest.param("{ at_least = 2 }", STOP, ALL, "ABC", id="all carried, nothing to stop for"),
        pytest.param("{ at_least = 2 }", PROCEED, ONE, "", id="not enough"),
        pytest.param("{ at_least = 4 }", PROCEED, ALL, "", id="more than there are"),
        pytest.param('{ all_of = ["A"], at_least = 2 }', PROCEED, TWO, "AC", id="the named one carried"),
        pytest.param('{ all_of = ["B"], at_least = 2 }', PROCEED, TWO, "", id="the named one did not"),
        pytest.param('{ all_of = ["A", "C"], at_least = 1 }', PROCEED, TWO, "AC", id="both named carried"),
        pytest.param('{ all_of = ["A"], at_least = 2 }', PROCEED, ONE, "", id="named carried, too few"),
    ],
)
def test_the_merger_proceeds_as_the_programme_says(
    require: str, otherwise: str | None, votes: dict[str, dict[str, Outcome]], members: str
) -> None:
    found = combine(rule(require, otherwise), votes)

    assert (found.proceeds, found.members) == (bool(members), tuple(members))


def test_every_question_of_the_rule_must_be_carried_and_others_do_not_matter() -> None:
    votes = {"A": {"merge": CARRIED, "constitution": LOST}, "B": {"merge": CARRIED, "constitution": CARRIED}}

    assert combine(rule('"all"', None), votes).members == ("A", "B")
    both = rule("{ at_least = 1 }", PROCEED, '["merge", "constitution"]')
    assert combine(both, votes).members == ("B",)


def test_the_answer_explains_itself() -> None:
    assert combine(rule('{ all_of = ["A"], at_least = 2 }', PROCEED), TWO).as_json() == {
        "proceeds": True,
        "members": ["A", "C"],
        "explanation": [
            "A: carried.",
            "B: inquorate.",
            "C: carried.",
            "2 of 3 CCGs carried. At least 2 CCGs must agree, A among them. That is met.",
            "B did not carry. By the rule, it then goes ahead with those that carried.",
            "The merger goes ahead with A and C.",
        ],
    }


def test_an_option_that_does_not_count_is_said_to_be_one() -> None:
    wants = replace(rule("{ at_least = 1 }", PROCEED), options={"merge": "one"})
    votes = {"A": {"merge": CarriedOption("one")}, "B": {"merge": CarriedOption("five")}}
    assert combine(wants, votes).explanation[:3] == (
        "A: carried, one.",
        "B: carried, five, which does not count here.",
        "Only one counts as carried for the question.",
    )


def test_each_outcome_has_one_word_however_many_questions_the_rule_asks() -> None:
    votes = {
        "A": {"merge": CARRIED, "constitution": INQUORATE},
        "B": {"merge": CARRIED, "constitution": CARRIED},
    }
    both = rule("{ at_least = 1 }", PROCEED, '["merge", "constitution"]')
    assert combine(both, votes).explanation[:2] == (
        "A: did not carry (merge carried; constitution inquorate).",
        "B: carried (merge carried; constitution carried).",
    )


def test_ccgs_and_questions_are_called_by_their_names_where_the_file_has_them() -> None:
    """Nobody has to know a code or an id."""
    names = {"A": "NHS Avon Vale CCG", "B": "NHS Severn Mouth CCG", "merge": "Do you\n  agree?", "constitution": "And?"}
    named = replace(rule("{ at_least = 1 }", PROCEED, '["merge", "constitution"]'), ccgs=("A", "B"), names=names)
    both = {"merge": CARRIED, "constitution": CARRIED}
    assert combine(named, {"A": both, "B": both}).explanation == (
        "NHS Avon Vale CCG: carried (“Do you agree?” carried; “And?” carried).",
        "NHS Severn Mouth CCG: carried (“Do you agree?” carried; “And?” carried).",
        "2 of 2 CCGs carried. At least 1 of 2 CCGs must agree. That is met.",
        "The merger goes ahead with NHS Avon Vale and NHS Severn Mouth CCGs.",
    )


LISTED = '[[ccg]]\nods = "A"\n[[ccg]]\nods = "B"\n[[question]]\nid = "merge"\n'


@pytest.mark.parametrize(
    ("rest", "content", "refusal"),
    [
        pytest.param("", "{}", "1: No CCG is named.", id="0 of 0 is not all"),
        pytest.param("", '{\n"A": {}}', '2: "A" has no outcome for the question "merge".', id="question missing"),
        pytest.param("", '{"A":\n{"merge": "won"}}', '2: An outcome is one of "carried", "not carried"', id="odd word"),
        pytest.param("", '{"A":\n{"merge": true}}', '2: An outcome is one of "carried", "not carried"', id="true"),
        pytest.param("", '{"A": "carried"}', '1: "A" must be an object, not "carried".', id="no questions"),
        pytest.param("", '{"A": {"merge": "carried"},\n"A": {}}', '2: "A" stands twice', id="CCG twice"),
        pytest.param(LISTED, '{"A": {"merge": "carried"}}', '1: "B" has no outcome.', id="CCG missing"),
        pytest.param(
            LISTED, '{"A": {"merge": "carried"},\n"X": {"merge": "carried"}}', '2: "X" is not a CCG', id="unknown CCG"
        ),
        pytest.param(
            LISTED, '{"A": {"merge": "carried",\n"x": "carried"}}', '2: "x" is not a question', id="unknown question"
        ),
    ],
)
def test_outcomes_that_are_not_those_asked_for_are_refused(rest: str, content: str, refusal: str) -> None:
    asked = rule('"all"', None, rest=rest)

    with pytest.raises(InvalidOutcomes) as caught:
        parse_outcomes(content.encode(), "o.json", asked)

    assert str(caught.value).startswith(f"o.json:{refusal}")


def test_a_named_ccg_without_an_outcome_is_refused_and_not_taken_for_lost() -> None:
    with pytest.raises(InvalidOutcomes, match='"Z" has no outcome'):
        combine(rule('{ all_of = ["Z"], at_least = 1 }', PROCEED), ALL)


def test_a_ccg_listed_twice_is_refused_even_where_only_the_outcome_is_read() -> None:
    with pytest.raises(InvalidProgramme, match=r'^p.toml:4: "A" is listed twice.$'):
        rule('"all"', None, rest=LISTED.replace('"B"', '"A"'))
