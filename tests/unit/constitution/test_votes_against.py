"""Tests of the votes against, tests by whole number, and what silence does in a file that only has a limit."""

from __future__ import annotations

import pytest

from ballot.constitution.counts import Measure
from ballot.constitution.decide import decide
from ballot.constitution.effects import MemberVoter
from ballot.constitution.follows import read_effects_aloud
from ballot.constitution.lint import check_against_roll, check_constitution
from ballot.constitution.load import load_constitution
from ballot.constitution.reading import read_rule_aloud
from ballot.constitution.rule import Constitution, Outcome
from tests.support.counts import yes_or_no
from tests.unit.constitution.test_signed_text import HEAD, asks

SUPPORT = asks("eligible", 'at_least = "75%"')


def limit(needed: str, of: str = "eligible", measure: str = "practices") -> str:
    of = f'of = "{of}"\n' if '"' in needed else ""
    return f'[[test]]\nvotes = "against"\nmeasure = "{measure}"\n{of}{needed}\n'


def number(needed: str) -> str:
    return f'[[test]]\nmeasure = "practices"\n{needed}\n'


def rule_of(text: str) -> Constitution:
    return load_constitution((HEAD + text).encode(), "f")


def outcome(text: str, eligible: int, for_: int, against: int, abstain: int = 0) -> str:
    counts = yes_or_no(*(Measure(number) for number in (eligible, for_, against, abstain)))
    return decide(rule_of(text).rule_for(), counts).outcome.value


LEASES = SUPPORT + limit('at_most = "10%"')
"""Landlord and Tenant Act 1987, section 37(5)(b)."""
CONSENT = limit('fewer_than = "10%"')
"""Insolvency Act 1986, section 246ZF: consent is deemed to be given unless one in ten objects."""
SEVEN = number("at_least = 7")
"""7 CFR 979.32: seven concurring votes."""
ALL_BUT_ONE = asks("eligible", "all_but = 1")
"""Landlord and Tenant Act 1987, section 37(5)(a)."""
EVERYONE = "of the eligible practices, whether they voted or not"


@pytest.mark.parametrize(
    ("text", "votes", "found"),
    [
        pytest.param(LEASES, (20, 18, 2), "carried", id="ten in a hundred oppose"),
        pytest.param(LEASES, (20, 17, 3), "not carried", id="more oppose"),
        pytest.param(LEASES, (20, 14, 0), "not carried", id="too few consent"),
        pytest.param(limit('at_most = "10%"', "cast") + SUPPORT, (20, 15, 1, 0), "carried", id="of those voting"),
        pytest.param(limit('at_most = "10%"', "cast") + SUPPORT, (20, 15, 2, 0), "not carried", id="2 of 17 voting"),
        pytest.param(limit("fewer_than = 4"), (27, 0, 3), "carried", id="three against"),
        pytest.param(limit("fewer_than = 4"), (27, 23, 4), "not carried", id="four against"),
        pytest.param(limit("at_most = 0"), (5, 1, 0), "carried", id="nobody objects"),
        pytest.param(limit("at_most = 0"), (5, 4, 1), "not carried", id="one objects"),
        pytest.param(CONSENT, (20, 0, 0), "carried", id="no reply is consent"),
        pytest.param(CONSENT, (20, 18, 2), "not carried", id="one in ten objects"),
        pytest.param(limit('at_most = "10%"', "cast"), (20, 0, 0), "not carried", id="0 of 0 passes no limit"),
        pytest.param(SEVEN, (12, 7, 5), "carried", id="seven concur"),
        pytest.param(SEVEN, (12, 6, 0), "not carried", id="six concur"),
        pytest.param(number("more_than = 7"), (12, 7, 0), "not carried", id="more than seven"),
        pytest.param(ALL_BUT_ONE, (8, 7, 1), "carried", id="all but one"),
        pytest.param(ALL_BUT_ONE, (8, 6, 0), "not carried", id="all but two"),
        pytest.param(ALL_BUT_ONE, (1, 0, 0), "not carried", id="all but one of one is not none"),
    ],
)
def test_a_clause_decides_as_its_words_say(text: str, votes: tuple[int, ...], found: str) -> None:
    assert outcome(text, *votes) == found


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (limit('at_most = "10%"'), f"Test: {EVERYONE}, at most 10% (exactly 1/10) may be against."),
        (limit("fewer_than = 4"), "Test: fewer than 4 practices may be against, whatever the number that vote."),
        (SEVEN, "Test: at least 7 practices must be for, whatever the number that vote."),
        (ALL_BUT_ONE, f"Test: {EVERYONE}, all but one must be for, and at least one."),
    ],
)  # fmt: skip
def test_a_clause_is_read_back_in_words(text: str, sentence: str) -> None:
    assert sentence in list(read_rule_aloud(rule_of(text).rule_for()))


def test_what_silence_does_is_said_and_warned_of() -> None:
    follows = list(read_effects_aloud(rule_of(CONSENT).rule_for()))
    (oddity,) = check_constitution(rule_of(CONSENT))

    assert "A vote that is not returned has the effect of a vote for in the test." in follows
    assert "If nobody votes for or against, it is carried: silence is consent." in follows
    assert oddity.sentence.startswith("A practice that does not reply is taken to agree")


def test_a_limit_beside_a_test_of_votes_for_is_no_consent() -> None:
    assert list(check_constitution(rule_of(LEASES))) == []
    assert "If nobody votes for or against, it is not carried." in list(read_effects_aloud(rule_of(LEASES).rule_for()))


def test_who_may_still_object_is_said_of_what_was_carried() -> None:
    decision = decide(rule_of(limit("fewer_than = 4")).rule_for(), yes_or_no(*map(Measure, (27, 0, 1, 4))))

    assert decision.explanation[-2:] == (
        "It would still have carried with up to two practices voting against instead of abstaining.",
        "It would still have carried with up to two practices voting against instead of not voting.",
    )


def test_what_everybody_could_vote_against_and_still_carry_says_so() -> None:
    decision = decide(rule_of(limit("fewer_than = 4")).rule_for(), yes_or_no(*map(Measure, (3, 0, 3, 0))))

    assert decision.outcome is Outcome.CARRIED
    assert decision.explanation[-1] == "It carried with every eligible practice against."


def test_a_number_that_the_roll_cannot_reach_is_named() -> None:
    voters = [MemberVoter(f"P8100{place}", 100) for place in range(6)]
    sentences = [oddity.sentence for oddity in check_against_roll(rule_of(SEVEN), voters)]

    assert sentences == ["This test can never be met: at least 7, of 6 eligible practices."]


@pytest.mark.parametrize(
    ("needed", "sentence"),
    [
        ('at_most = "100%"', "At most all of them is no limit."),
        ('at_most = "1/2"', "At most 1/2 against allows a tie"),
        ('at_most = "33%"', "33% is exactly 33/100. If 1/3 is meant, write 1/3: 1 of 3 is at most 1/3 and not at"),
        ('fewer_than = "34%"', "34% is exactly 17/50. If 1/3 is meant, write 1/3: 1 of 3 is fewer than 34% and not"),
    ],
)  # fmt: skip
def test_an_odd_limit_is_named(needed: str, sentence: str) -> None:
    found = [oddity.sentence for oddity in check_constitution(rule_of(SUPPORT + limit(needed)))]

    assert [each for each in found if each.startswith(sentence)]
