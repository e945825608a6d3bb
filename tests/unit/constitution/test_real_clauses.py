"""Real clauses as rule files: each is decided as its words say, and `check` names the clause that it means."""

from __future__ import annotations

import pytest

from ballot.constitution.clauses import usual_clause
from ballot.constitution.lint import check_constitution
from ballot.constitution.load import load_constitution
from tests.unit.constitution.test_several_quorums import BOTH
from tests.unit.constitution.test_signed_text import HEAD, QUORUM, WEIGHT, asks, local
from tests.unit.constitution.test_ties import RULE as PRESIDING
from tests.unit.constitution.test_votes_against import ALL_BUT_ONE, CONSENT, LEASES, SEVEN, limit

MAJORITY = asks("for-and-against", 'more_than = "1/2"')


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        pytest.param(
            QUORUM + 'at_least = "1/2"\n' + MAJORITY + asks("eligible", 'at_least = "40%"'),
            "a majority of the votes for and against and at least 40% of the votes of all members, if at least half of "
            "all practices vote",
            id="Trade Union Act 2016",
        ),
        pytest.param(
            MAJORITY + WEIGHT + asks("for-and-against", 'at_least = "75%"', "weight"),
            "a majority of the votes for and against and three quarters of the weighted votes for and against",
            id="Companies Act 2006 s.907",
        ),
        pytest.param(
            BOTH,
            "a majority of the votes cast (with abstentions), if a quarter of all practices vote and a quarter of all "
            "weighted votes are cast",
            id="Planning etc. (Scotland) Act 2006",
        ),
        pytest.param(
            LEASES,
            "three quarters of the votes of all members and at most 10% of the votes of all members against",
            id="Landlord and Tenant Act 1987 s.37(5)(b)",
        ),
        pytest.param(ALL_BUT_ONE, "all but one of the votes of all members", id="s.37(5)(a)"),
        pytest.param(
            CONSENT,
            "fewer than 10% of the votes of all members against, silence being taken as consent",
            id="Insolvency Act 1986 s.246ZF",
        ),
        pytest.param(SEVEN, "seven votes for", id="7 CFR 979.32"),
        pytest.param(
            PRESIDING,
            "a majority of the votes for and against, with a casting vote of The Chair",
            id="Primary Care Trusts Regulations 2000",
        ),
        pytest.param(
            local("cast", 'at_least = "2/3"'),
            "two thirds of the votes cast (with abstentions) in every locality",
            id="General Synod",
        ),
        pytest.param(
            asks("eligible", 'at_least = "55%"') + limit("fewer_than = 4"),
            "at least 55% of the votes of all members and fewer than 4 votes against",
            id="Council of the EU, in part",
        ),
    ],
)
def test_check_names_the_clause_that_a_file_seems_to_mean(text: str, clause: str) -> None:
    assert usual_clause(load_constitution((HEAD + text).encode(), "f").rule_for()) == clause


@pytest.mark.parametrize(
    ("wording", "warning"),
    [
        ("A majority of those voting, if not more than 10 % are opposed.", "a limit on those against"),
        ("Consent is deemed unless one in ten objects.", "that silence is consent"),
        ("In an equality of votes the chair has a casting vote.", "a casting vote"),
        ("Half shall be a quorum.", "a quorum"),
        ("A majority in each network.", "localities"),
        ("Confirmed by a majority at a second meeting.", "a second vote"),
        ("By a two-thirds majority.", '"two thirds"'),
        ("By 75 per cent of the votes.", '"75 per cent"'),
    ],
)
def test_what_the_wording_says_and_the_rule_does_not_is_named(wording: str, warning: str) -> None:
    head = HEAD.replace("A clause.", wording)

    found = list(check_constitution(load_constitution((head + MAJORITY).encode(), "f")))

    assert {oddity.line for oddity in found} == {6}
    assert [oddity.sentence for oddity in found if warning in oddity.sentence]


def test_a_wording_that_the_rule_follows_is_not_named() -> None:
    head = HEAD.replace("A clause.", "75 % consent, and not more than 10 % of all oppose it.")

    assert list(check_constitution(load_constitution((head + LEASES).encode(), "f"))) == []
