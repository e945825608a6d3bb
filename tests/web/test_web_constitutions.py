"""A constitution on the pages: in steps, from a usual clause, tried with counts, printed; each error at its field."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ballot.constitution.load import load_constitution
from ballot.constitution.reading import text_for_signing
from ballot.office.setup.draft import Draft
from ballot.office.setup.tasks import Task, TaskProgress
from ballot.office.staff.roles import StaffRole
from tests.integration.office.world import World
from tests.web.conftest import make_app
from tests.web.form_reading import sent_of
from tests.web.staff import staff_client
from tests.web.test_web_setting_up import BASE, OPTIONS, QUESTION, RULE, WINDOW, errors_of, post, progress

RULE_PAGE = f"{BASE}/constitutions/00A"
FORM = f"{RULE_PAGE}/form"
QUORUM = {
    "rule-quorum": "own",
    "rule-quorum_measure": "practices",
    "rule-counting": "returned",
    "rule-quorum_how": "at_least",
}
WEIGHS = {"weighs": "yes", "per": "1000", "rounding": "floor", "snapshot": "2020-04-01", "missing": "refuse"}
LOCAL = {
    "rule-localities-0-column": "pcn_code",
    "rule-localities-0-require": "all",
    **{f"rule-localities-0-{key}": RULE[f"rule-tests-0-{key}"] for key in ("measure", "of", "how", "share")},
}


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


@pytest.mark.parametrize(
    ("data", "step", "says"),
    [
        ({"document": ""}, "clause", "document: Enter the document"),
        ({"rule-tests-0-share": "half"}, "tests", 'rule-tests-0-share: "half" is not a fraction'),
        ({"rule-tests-0-measure": "weight"}, "tests", "rule-tests-0-measure: Choose practices here"),
        ({"rule-combine": "some", "rule-combine_at_least": "2"}, "tests", "rule-combine_at_least: 2 tests must hold"),
        ({"rule-combine": "some"}, "tests", "rule-combine_at_least: Enter how many must hold"),
        ({**WEIGHS, "per": ""}, "votes", "per: Enter the number of patients for each vote"),
        (
            {**QUORUM, "rule-needed": "most"},
            "quorum",
            'rule-needed: "most" is not a fraction',
        ),
        ({**QUORUM, "rule-needed": "3/2"}, "quorum", 'rule-needed: "3/2"'),
        ({**QUORUM, "rule-needed": "2/3", "rule-quorum_measure": "weight"}, "quorum", "rule-quorum_measure: Choose"),
        ({**WEIGHS, "snapshot": "1 April"}, "votes", "snapshot: Enter the day of the list sizes"),
        ({**WEIGHS, "rounding": ""}, "votes", "rounding: Choose how part of a band is rounded"),
        ({**WEIGHS, "minimum": "9", "maximum": "3"}, "votes", "minimum: The minimum of 9 is above the maximum of 3"),
        ({**LOCAL, "rule-localities-0-column": "PCN code"}, "localities", 'rule-localities-0-column: "PCN code"'),
        ({**LOCAL, "rule-localities-0-require": "some"}, "localities", "rule-localities-0-at_least: Enter in how many"),
    ],
)
def test_what_is_wrong_in_a_rule_is_said_at_its_field_on_the_page_of_its_step(
    officer: FlaskClient, draft: Draft, data: dict[str, str], step: str, says: str
) -> None:
    answer = post(officer, FORM, **{**RULE, **data})
    assert answer.status_code == 400
    assert errors_of(answer.text)[0].startswith(says), errors_of(answer.text)
    assert f'<input type="hidden" name="step" value="{step}">' in answer.text
    assert f'id="{errors_of(answer.text)[0].partition(":")[0]}' in answer.text
    assert draft.read("constitutions/00A.toml") is None


def test_a_test_of_votes_for_is_refused_where_the_question_has_options(officer: FlaskClient, draft: Draft) -> None:
    post(officer, f"{BASE}/question", **OPTIONS)
    answer = post(officer, FORM, **RULE)
    assert errors_of(answer.text) == [
        "rule-tests-0-subject: The question has options. Choose the option that this test is about"
    ]
    assert "Votes for: North (north)" in answer.text
    assert post(officer, FORM, **{**RULE, "rule-tests-0-subject": "most-votes"}).status_code == 303
    post(officer, f"{BASE}/question", **QUESTION)
    page = officer.get(f"{FORM}?step=tests").text
    assert sent_of(page, "step")["rule-tests-0-subject"] == ["most-votes"]
    answer = post(officer, FORM, **{**RULE, "rule-tests-0-subject": "most-votes"})
    assert errors_of(answer.text) == ["rule-tests-0-subject: The question has no options. Choose votes for"]
    assert post(officer, FORM, **RULE).status_code == 303


def test_a_step_leads_to_the_next_only_if_it_is_right_and_holds_what_the_others_say(
    officer: FlaskClient, draft: Draft
) -> None:
    def sent(page: str, **more: str) -> dict[str, Any]:
        return {**sent_of(page, "step"), **more}

    page = officer.get(FORM).text
    assert "step 1 of 7" in page
    answer = officer.post(FORM, data=sent(page, change="next"))
    assert (answer.status_code, "step 1 of 7" in answer.text) == (400, True)
    assert [said.partition(":")[0] for said in errors_of(answer.text)] == [
        "document",
        "clause",
        "wording",
        "approved_by",
    ]
    clause = {name: RULE[name] for name in ("document", "clause", "wording", "approved_by")}
    page = officer.post(FORM, data=sent(page, **clause, change="next")).text
    page = officer.post(FORM, data=sent(page, change="next")).text
    assert "step 3 of 7" in page
    assert "Nothing is saved before" in page
    page = officer.post(FORM, data=sent(page, **{"rule-tests-0-share": "2/3"}, change="read")).text
    assert "more than 2/3 must be for" in page
    assert "What follows from it" in page
    for change in ("next", "next", "back", "next"):
        page = officer.post(FORM, data=sent(page, change=change)).text
    assert "step 5 of 7" in page
    assert draft.read("constitutions/00A.toml") is None
    assert officer.post(FORM, data=sent(page, send="y")).status_code == 303
    rule = load_constitution(draft.read("constitutions/00A.toml") or b"", "f")
    assert (rule.source.wording, rule.tests[0].threshold.written) == ("More than half\nof the votes.", "2/3")


SOURCE = {name: str(RULE[name]) for name in ("document", "clause", "wording", "approved_by")}


def test_a_usual_clause_with_its_source_is_read_out_whole_before_it_is_saved(
    officer: FlaskClient, draft: Draft
) -> None:
    page = officer.get(RULE_PAGE).text
    assert "At least two thirds of all practices" in page
    for wrong in ({"usual": "none-such"}, {"usual": "both", "quorum": "most"}, {"usual": "both"}):
        answer = post(officer, FORM, **SOURCE, **{"quorum": "none", **wrong}, change="start")
        assert answer.status_code == 400
    assert errors_of(answer.text)[0].startswith("snapshot: Enter the day of the list sizes")
    answer = post(officer, FORM, **SOURCE, quorum="none", change="start")
    assert errors_of(answer.text) == ["usual: Choose the clause that is nearest"]
    assert "<title>Error: " in answer.text
    page = post(officer, FORM, **SOURCE, usual="two-thirds-all", quorum="three-quarters", change="start").text
    for said in ("Check the rule", "More than half", "Quorum: at least 75%", "at least 2/3 must be for"):
        assert said in page
    assert draft.read("constitutions/00A.toml") is None
    assert officer.post(FORM, data={**sent_of(page, "step"), "send": "y"}).status_code == 303
    page = officer.get(RULE_PAGE).text
    assert "Quorum: at least 75%" in page
    assert "of the eligible practices, whether they voted or not, at least 2/3 must be for" in page


def test_the_rule_of_another_ccg_is_taken_with_its_weights_and_quorum_and_a_clause_of_its_own(
    officer: FlaskClient, draft: Draft
) -> None:
    assert "The same as the clause of" not in officer.get(RULE_PAGE).text
    post(officer, FORM, **{**RULE, **WEIGHS, **QUORUM, "rule-needed": "1/3"})
    other = f"{BASE}/constitutions/00B/form"
    assert "The same as the clause of NHS One CCG" in officer.get(f"{BASE}/constitutions/00B").text
    chosen = {**SOURCE, "clause": "9.1", "usual": "same-00A", "quorum": "half", "change": "start"}
    page = post(officer, other, **chosen).text
    assert officer.post(other, data={**sent_of(page, "step"), "send": "y"}).status_code == 303
    first, second = (load_constitution(draft.read(f"constitutions/{ccg}.toml") or b"", ccg) for ccg in ("00A", "00B"))
    assert (second.ccg, second.name, second.source.clause) == ("00B", "NHS Two CCG", "9.1")
    assert text_for_signing(second).rule == text_for_signing(first).rule
    assert (second.weight, len(second.rule_for().quorums)) == (first.weight, 1)


def test_a_rule_like_no_usual_one_begins_at_the_step_after_its_clause(officer: FlaskClient, draft: Draft) -> None:
    page = post(officer, FORM, **SOURCE, usual="own", quorum="none", change="start").text
    assert "step 2 of 7" in page
    assert sent_of(page, "step")["clause"] == ["6.4"]


def test_a_step_can_be_changed_from_the_page_that_reads_the_rule_out(officer: FlaskClient, draft: Draft) -> None:
    page = post(officer, FORM, **SOURCE, usual="majority", quorum="none", change="start").text
    page = officer.post(FORM, data={**sent_of(page, "step"), "change": "to:tests"}).text
    sent = {**sent_of(page, "step"), "rule-tests-0-share": "half"}
    for _ in range(4):
        page = officer.post(FORM, data={**sent, "change": "next"}).text
        sent = {**sent_of(page, "step"), "rule-tests-0-share": sent["rule-tests-0-share"]}
    assert "rule-tests-0-share" in errors_of(page)[0]
    sent["rule-tests-0-share"] = "3/5"
    for _ in range(4):
        sent = dict(sent_of(officer.post(FORM, data={**sent, "change": "next"}).text, "step"))
    assert sent["step"] == ["check"]
    assert officer.post(FORM, data={**sent, "send": "y"}).status_code == 303
    rule = load_constitution(draft.read("constitutions/00A.toml") or b"", "f")
    assert rule.tests[0].threshold.written == "3/5"


def test_saving_a_rule_goes_on_to_the_next_ccg_without_one_and_then_to_the_next_task(
    officer: FlaskClient, draft: Draft
) -> None:
    answer = post(officer, f"{BASE}/outcome", require="all", otherwise="stop", next="y")
    assert answer.location == RULE_PAGE
    for ccg, following in (("00A", f"{BASE}/constitutions/00B"), ("00B", f"{BASE}/trustees")):
        assert post(officer, f"{BASE}/constitutions/{ccg}/form", **RULE, next="y").location == following


def test_each_wrong_rule_can_be_corrected_while_others_are_wrong(officer: FlaskClient, draft: Draft) -> None:
    for ccg in ("00A", "00B"):
        assert post(officer, f"{BASE}/constitutions/{ccg}/form", **RULE).status_code == 303
    for part, data in (
        ("about", {"name": "N", "policy": "final", "returned": "never", "count": "together", "ask": "no"}),
        ("outcome", {"require": "all", "otherwise": "stop"}),
        ("trustees", {"names": "One\nTwo", "threshold": "2"}),
        ("window", WINDOW),
    ):
        assert post(officer, f"{BASE}/{part}", **data).status_code == 303, part
    post(officer, f"{BASE}/question", **OPTIONS)
    assert progress(draft, Task.CONSTITUTIONS) is TaskProgress.WRONG
    page = officer.get(BASE).text
    assert "NHS One CCG: " in page
    assert "constitutions/00A.toml" not in page
    for ccg in ("00B", "00A"):
        data = {**RULE, "rule-tests-0-subject": "most-votes"}
        assert post(officer, f"{BASE}/constitutions/{ccg}/form", **data).status_code == 303, ccg
    assert progress(draft, Task.CONSTITUTIONS) is TaskProgress.DONE


COUNTS = {"places-0-eligible": "20", "places-0-answers-0-practices": "7", "places-0-answers-1-practices": "6"}


def test_counts_can_be_tried_and_give_the_verdict_with_its_working(officer: FlaskClient, draft: Draft) -> None:
    post(officer, FORM, **RULE)
    assert officer.get(f"{RULE_PAGE}/try").status_code == 200
    for abstain, verdict, working in (("0", "Carried", "7/13 (about 53.85%)"), ("1", "Not carried", "7/14 (50%)")):
        answer = post(officer, f"{RULE_PAGE}/try", **COUNTS, **{"places-0-answers-2-practices": abstain})
        assert f'<h2 id="verdict-title">{verdict}</h2>' in answer.text
        assert working in answer.text
    answer = post(officer, f"{RULE_PAGE}/try", **COUNTS, **{"places-0-answers-2-practices": "8"})
    assert answer.status_code == 400
    assert errors_of(answer.text)[0].startswith("places-0-eligible: More votes than eligible: 21 of 20")
    answer = post(officer, f"{RULE_PAGE}/try", **COUNTS)
    assert errors_of(answer.text) == ["places-0-answers-2-practices: Enter a number; 0 if there are none"]


def test_counts_are_asked_for_by_locality_by_weight_and_by_option_as_the_rule_needs_them(
    officer: FlaskClient, draft: Draft
) -> None:
    post(officer, f"{BASE}/question", **OPTIONS)
    most = {"rule-tests-0-subject": "most-votes", "rule-localities-0-subject": "most-votes"}
    assert post(officer, FORM, **{**RULE, **WEIGHS, **LOCAL, **most}).status_code == 303
    page = post(officer, f"{RULE_PAGE}/try", change="places:add").text
    fields = [name for name in sent_of(page, "places-0-name") if name.startswith("places-1")]
    answers = [f"places-1-answers-{i}-{key}" for i in range(3) for key in ("answer", "practices", "weight")]
    assert fields == ["places-1-name", "places-1-eligible", "places-1-eligible_weight", *answers]
    counts = {}
    for place, name in enumerate(("East", "West")):
        counts |= {
            f"places-{place}-name": name,
            f"places-{place}-eligible": "5",
            f"places-{place}-eligible_weight": "50",
        }
        for answer, number in enumerate((3, 1, 0)):
            counts[f"places-{place}-answers-{answer}-practices"] = str(number)
            counts[f"places-{place}-answers-{answer}-weight"] = str(10 * number)
    page = post(officer, f"{RULE_PAGE}/try", **counts).text
    assert "Carried: North" in page, errors_of(page)
    assert "Locality test, West" in page


def test_the_rule_is_printed_with_lines_to_sign_on_and_the_hash_of_its_file(
    app: Flask, world: World, officer: FlaskClient, draft: Draft
) -> None:
    assert officer.get(f"{RULE_PAGE}/sign").status_code == 404
    post(officer, FORM, **RULE)
    observer = staff_client(app, world, StaffRole.OBSERVER)
    page = observer.get(f"{RULE_PAGE}/sign").text
    assert page.count("<dt>Date</dt>") == 2
    for said in ("More than half", "An abstention", "Signed, a second person", "data-print"):
        assert said in page
    page = observer.get(RULE_PAGE).text
    assert "Change it" not in page
    assert "Upload a rule file" not in page


def test_an_oddity_names_the_part_of_the_form_and_no_line(officer: FlaskClient, draft: Draft) -> None:
    post(officer, FORM, **{**RULE, "rule-tests-0-share": "67%", "rule-tests-0-how": "at_least"})
    page = officer.get(RULE_PAGE).text
    assert "<li>Test 1: " in page
    assert "Line " not in page


def test_a_saved_rule_leads_to_the_next_ccg_without_one(officer: FlaskClient, draft: Draft) -> None:
    post(officer, FORM, **RULE)
    page = officer.get(RULE_PAGE).text
    assert f'Next: <a href="{BASE}/constitutions/00B">Constitution of NHS Two CCG</a>' in page
    post(officer, f"{BASE}/constitutions/00B/form", **RULE)
    assert "Next: " not in officer.get(RULE_PAGE).text
