"""A tie and the casting vote of a named office."""

from __future__ import annotations

import json

import pytest

from ballot.constitution.counts import Measure
from ballot.constitution.counts_file import parse_counts
from ballot.constitution.decide import decide
from ballot.constitution.errors import InvalidCounts, InvalidOutcomes, InvalidRule
from ballot.constitution.follows import read_effects_aloud
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import load_outcome_rule
from ballot.constitution.outcomes_file import parse_outcomes
from ballot.constitution.reading import read_rule_aloud
from ballot.constitution.rule import Constitution
from ballot.constitution.write import write_constitution
from tests.support.counts import yes_or_no
from tests.unit.constitution.test_signed_text import HEAD, WEIGHT, asks, local

CHAIR = '[tie]\ncasting_vote = "The Chair"\n'
PRESENT = asks("for-and-against", 'more_than = "1/2"')
"""Primary Care Trusts (Membership, Procedure...) Regulations 2000, schedule 2."""
RULE = CHAIR + PRESENT
QUORUM = '[quorum]\nmeasure = "practices"\ncounting = "returned"\nat_least = 6\n'


def rule_of(text: str) -> Constitution:
    return load_constitution((HEAD + text).encode(), "f")


def votes(for_: int, against: int, abstain: int = 0, casting: str | None = None) -> bytes:
    counts = yes_or_no(*(Measure(number) for number in (12, for_, against, abstain))).as_json()
    return json.dumps({**counts, **({"casting_vote": casting} if casting else {})}).encode()


def outcome(text: str, counts: bytes) -> str:
    rule = rule_of(text).rule_for()
    return decide(
        rule, parse_counts(counts, "c", weighted=False, casting_vote=rule.casting_vote is not None)
    ).outcome.value


@pytest.mark.parametrize(
    ("text", "counts", "found"),
    [
        pytest.param(RULE, votes(5, 5), "tied", id="a tie waits"),
        pytest.param(RULE, votes(5, 5, 2, "for"), "carried", id="given for"),
        pytest.param(RULE, votes(5, 5, 2, "against"), "not carried", id="given against"),
        pytest.param(RULE, votes(5, 6), "not carried", id="no tie"),
        pytest.param(RULE, votes(0, 0, 3), "not carried", id="nobody for or against is no tie"),
        pytest.param(PRESENT, votes(5, 5), "not carried", id="no casting vote"),
        pytest.param(QUORUM + RULE, votes(2, 2), "inquorate", id="no quorum, no tie"),
        pytest.param(QUORUM + RULE, votes(3, 3), "tied", id="a quorum"),
        pytest.param(CHAIR + asks("cast", 'more_than = "1/2"'), votes(5, 5), "tied", id="of those cast"),
        pytest.param(
            CHAIR + asks("cast", 'more_than = "1/2"'), votes(5, 5, 1), "not carried", id="one vote more is not enough"
        ),
        pytest.param(RULE + asks("eligible", 'at_least = "1/2"'), votes(5, 5), "not carried", id="another test fails"),
        pytest.param(RULE + asks("eligible", 'at_least = "1/2"'), votes(6, 6), "tied", id="another test holds"),
    ],
)
def test_a_tie_is_what_one_more_vote_for_would_carry(text: str, counts: bytes, found: str) -> None:
    assert outcome(text, counts) == found


def test_the_decision_says_who_decides_and_what_was_said() -> None:
    rule = rule_of(RULE).rule_for()
    waits, given = (
        decide(rule, parse_counts(votes(5, 5, 0, said), "c", weighted=False, casting_vote=True)).explanation
        for said in (None, "for")
    )

    tie = "As many voted for as against: a tie. The Chair has the casting vote."
    assert f"{tie} It was not given yet, and the decision waits for it." in waits
    assert "By clause 6.4 of Constitution: tied." in waits
    assert f"{tie} It was given for." in given
    assert given[-1] == "By clause 6.4 of Constitution: carried."


def test_the_text_to_sign_names_the_office() -> None:
    rule = rule_of(QUORUM + RULE).rule_for()

    assert "If as many practices vote for as against, The Chair has the casting vote." in list(read_rule_aloud(rule))
    assert list(read_effects_aloud(rule))[2] == (
        "A tie, everybody voting and as many for as against, is decided by the casting vote of The Chair, "
        "if there is a quorum."
    )


def test_a_question_can_leave_the_casting_vote_out() -> None:
    constitution = rule_of(RULE + '[question.x]\ntie = "none"\n')

    assert (constitution.rule_for("x").casting_vote, constitution.rule_for("y").casting_vote) == (None, "The Chair")
    assert load_constitution(write_constitution(constitution), "f") == constitution


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (CHAIR + asks("eligible", 'more_than = "1/2"'), "9: A casting vote decides between for and against: no test"),
        (CHAIR + asks("cast", 'at_least = "1/2"'), "9: A casting vote decides between for and against: no test"),
        (WEIGHT + CHAIR + asks("cast", 'more_than = "1/2"', "weight"), "13: A casting vote decides"),
        (RULE + local("cast", 'more_than = "1/2"'), "9: A casting vote decides between for and against: where members"),
        (CHAIR + asks("cast", 'more_than = "1/2"', more="most_votes = true\n"), "9: A casting vote decides between"),
        (CHAIR.replace("casting_vote", "chair") + PRESENT, '10: "chair" is not a key that belongs in [tie]'),
    ],
)  # fmt: skip
def test_a_casting_vote_that_could_decide_nothing_is_refused(text: str, refused: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        rule_of(text)

    assert str(caught.value).startswith(f"f:{refused}")


@pytest.mark.parametrize(
    ("text", "counts", "refused"),
    [
        (RULE, votes(5, 6, 0, "for"), "counts:1: There is no tie, and nothing for a casting vote to decide"),
        (RULE, votes(5, 5, 0, "yes"), 'c:1: "casting_vote" must be "for" or "against", not "yes".'),
        (PRESENT, votes(5, 5, 0, "for"), 'c:1: "casting_vote" is not a key that belongs here'),
    ],
)
def test_a_casting_vote_without_a_tie_or_an_office_is_refused(text: str, counts: bytes, refused: str) -> None:
    with pytest.raises(InvalidCounts) as caught:
        outcome(text, counts)

    assert str(caught.value).startswith(refused)


def test_a_merger_is_not_decided_while_a_tie_waits() -> None:
    rule = load_outcome_rule(b'[outcome]\nquestions = ["merge"]\nrequire = "all"\n', "p")

    with pytest.raises(InvalidOutcomes, match="A tie waits for the casting vote"):
        parse_outcomes(b'{"00A": {"merge": "tied"}}', "o", rule)
