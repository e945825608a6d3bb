"""Real clauses written in the form on the page, by someone who has never seen a rule file."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ballot.constitution.clauses import usual_clause
from ballot.constitution.load import load_constitution
from ballot.office.setup.draft import Draft
from ballot.office.staff.roles import StaffRole
from tests.integration.office.world import World
from tests.web.conftest import make_app
from tests.web.form_reading import sent_of
from tests.web.staff import staff_client
from tests.web.test_web_constitutions import FORM, LOCAL, QUORUM, RULE_PAGE, WEIGHS
from tests.web.test_web_setting_up import BASE, QUESTION, RULE, errors_of, post


@pytest.fixture
def app(world: World) -> Flask:
    return make_app(world)


@pytest.fixture
def officer(app: Flask, world: World) -> FlaskClient:
    return staff_client(app, world, StaffRole.RETURNING_OFFICER)


@pytest.fixture
def draft(officer: FlaskClient, world: World) -> Draft:
    post(officer, "/office/ballots", id="north-2020", name="North")
    post(officer, f"{BASE}/ccgs", listed="00A NHS One CCG\n00B NHS Two CCG")
    post(officer, f"{BASE}/question", **QUESTION)
    return Draft(world.folder / "config" / "north-2020")


def one_test(number: int, **values: str) -> dict[str, str]:
    """The fields of one test."""
    fields = {"subject": "", "measure": "practices", "of": "eligible", "how": "at_least", **values}
    return {f"rule-tests-{number}-{key}": value for key, value in fields.items()}


AGAINST = one_test(1, subject="against", how="at_most", share="10%")
SECOND_QUORUM = {
    "rule-quorum_how": "at_least",
    "rule-needed": "25%",
    "rule-more_quorums-0-measure": "weight",
    "rule-more_quorums-0-counting": "returned",
    "rule-more_quorums-0-how": "at_least",
    "rule-more_quorums-0-needed": "25%",
    "rule-combine_quorums": "all",
}
BAND = {"bands-0-up_to": "100", "bands-0-votes": "1", "bands-1-up_to": "250", "bands-1-votes": "2"}
MAJORITY = "a majority of the votes cast (with abstentions)"
CLAUSES = {
    "Landlord and Tenant Act 1987 s.37(5)(b)": (
        {**one_test(0, share="75%"), **AGAINST},
        "three quarters of the votes of all members and at most 10% of the votes of all members against",
    ),
    "s.37(5)(a)": (one_test(0, how="all_but", share="1"), "all but one of the votes of all members"),
    "7 CFR 979.32": (one_test(0, share="7"), "seven votes for"),
    "Insolvency Act 1986 s.246ZF": (
        one_test(0, subject="against", how="fewer_than", share="10%"),
        "fewer than 10% of the votes of all members against, silence being taken as consent",
    ),
    "Planning etc. (Scotland) Act 2006": (
        {**WEIGHS, **QUORUM, **SECOND_QUORUM},
        f"{MAJORITY}, if a quarter of all practices vote and a quarter of all weighted votes are cast",
    ),
    "Primary Care Trusts Regulations 2000": (
        {"rule-casting_vote": "The Chair"},
        "a majority of the votes cast (with abstentions), with a casting vote of The Chair",
    ),
    "a majority of the localities": (
        {**LOCAL, "rule-localities-0-require": "more", "rule-localities-0-at_least": "1/2"},
        f"{MAJORITY} and {MAJORITY} in more than 1/2 of the localities (pcn_code)",
    ),
    "8 V.S.A. 4366": ({**WEIGHS, "per": "150", **BAND}, "a majority of the votes cast (with abstentions)"),
}


@pytest.mark.parametrize("name", CLAUSES)
def test_a_real_clause_is_written_in_the_form_and_shown_again_as_it_was_filled_in(
    officer: FlaskClient, draft: Draft, name: str
) -> None:
    typed, clause = CLAUSES[name]
    assert post(officer, FORM, **{**RULE, **typed}).status_code == 303
    written = draft.read("constitutions/00A.toml")
    assert written is not None
    assert usual_clause(load_constitution(written, "f").rule_for()) == clause
    shown: dict[str, list[str]] = {}
    for step in ("clause", "votes", "tests", "localities", "quorum"):
        shown |= sent_of(officer.get(f"{FORM}?step={step}").text, "step")
    for field, value in typed.items():
        number_alone = field.endswith("-of") and typed.get(field.replace("-of", "-share"), "").isdigit()
        assert shown[field] == [value] or number_alone, field


SHARES = {**WEIGHS, "per": "1", "column": "shares", "unit": "share, shares"}


def test_a_form_calls_weighted_votes_what_the_rule_calls_them(officer: FlaskClient, draft: Draft) -> None:
    read = {**RULE, **WEIGHS, **one_test(0, measure="weight", share="75%"), "step": "tests", "change": "read"}
    del read["send"]
    assert ">Weighted votes<" in re.sub(r"\s*([<>])\s*", r"\1", post(officer, FORM, **read).text)
    page = re.sub(r"\s*([<>])\s*", r"\1", post(officer, FORM, **{**read, **SHARES}).text)
    assert ">Shares<" in page
    assert "of the eligible shares, whether cast or not, at least 75%" in page
    assert "eighted votes" not in page


def test_the_counts_to_try_a_rule_with_are_asked_for_in_its_unit(officer: FlaskClient, draft: Draft) -> None:
    assert post(officer, FORM, **{**RULE, **SHARES, **one_test(0, measure="weight", share="75%")}).status_code == 303

    page = officer.get(f"{RULE_PAGE}/try").text
    for label in ("Shares of them all", "For: practices", "For: shares", "Abstain: practices", "Abstain: shares"):
        assert label in page
    assert "eighted votes" not in page + officer.get(f"{RULE_PAGE}/sign").text


def test_a_rule_that_is_not_saved_yet_is_read_out_in_the_words_of_its_programme(
    officer: FlaskClient, draft: Draft
) -> None:
    file = draft.folder / "programme.toml"
    file.write_text(f'{file.read_text()}\n[words]\nmember = ["surgery", "surgeries"]\n')
    read = {**RULE, "step": "tests", "change": "read"}
    del read["send"]
    page = post(officer, FORM, **read).text

    assert "of the surgeries that voted" in page
    assert "practices" not in page[page.index("The rule in words") :].partition("</section>")[0]


def test_silence_that_is_consent_is_warned_of_on_the_page(officer: FlaskClient, draft: Draft) -> None:
    post(officer, FORM, **{**RULE, **CLAUSES["Insolvency Act 1986 s.246ZF"][0]})

    page = officer.get(RULE_PAGE).text
    assert "A practice that does not reply is taken to agree" in page
    assert "If nobody votes for or against, it is carried: silence is consent." in page


def test_the_localities_alone_decide_where_the_test_was_removed(officer: FlaskClient, draft: Draft) -> None:
    rest = {key: value for key, value in RULE.items() if not key.startswith("rule-tests")}
    assert post(officer, FORM, **{**rest, **LOCAL}).status_code == 303
    assert "nothing is asked of the votes as a whole" in officer.get(RULE_PAGE).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (one_test(0, how="at_most", share="10%"), "rule-tests-0-how: Choose at least, more than or all but"),
        (one_test(0, subject="against", share="10%"), "rule-tests-0-how: Choose at most or fewer than"),
        (one_test(0, how="all_but", share="10%"), "rule-tests-0-share: Enter a whole number, such as 1"),
        ({**LOCAL, "rule-localities-0-require": "more"}, "rule-localities-0-at_least: Enter in how many localities"),
        (
            {**LOCAL, "rule-localities-0-require": "some", "rule-localities-0-at_least": "many"},
            'rule-localities-0-at_least: "many" is not a fraction',
        ),
        ({**LOCAL, "rule-casting_vote": "The Chair"}, "rule-casting_vote: A casting vote decides between"),
        ({**QUORUM, **SECOND_QUORUM}, "rule-more_quorums-0-measure: Choose practices here"),
        (
            {**WEIGHS, **QUORUM, **SECOND_QUORUM, "rule-more_quorums-0-needed": ""},
            "rule-more_quorums-0-needed: Enter the share or the number",
        ),
        ({**WEIGHS, **BAND, "bands-1-up_to": "90"}, "bands-1-up_to: This band ends at 90"),
        ({**WEIGHS, **BAND, "bands-1-votes": ""}, "bands-1-votes: Enter the votes"),
        ({**RULE, "rule-combine_quorums": "any"}, "rule-combine_quorums: "),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    officer: FlaskClient, draft: Draft, typed: dict[str, str], said: str
) -> None:
    answer = post(officer, FORM, **{**RULE, **typed})

    assert answer.status_code == 400
    assert errors_of(answer.text)[0].startswith(said), errors_of(answer.text)
    assert draft.read("constitutions/00A.toml") is None
