"""Forms for rules, questions and outcomes show the file's content, and sent unchanged mean the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import assume, given, settings
from werkzeug.test import TestResponse

from ballot.constitution.errors import InvalidRule
from ballot.constitution.load import load_constitution
from ballot.constitution.programme import load_programme
from ballot.constitution.rule import Constitution, Outcome
from ballot.constitution.write import says_the_same, write_constitution
from ballot.office.staff.roles import StaffRole
from ballot.web.entries import sent_by
from ballot.web.office.setting_up.constitution_form import (
    ConstitutionForm,
    can_say,
    composed,
    filled_form,
)
from ballot.web.office.setting_up.constitution_steps import QuestionsAsked
from tests.property.test_constitution_written import constitutions
from tests.web.conftest import a_world, make_app
from tests.web.form_reading import Sent, sent_of
from tests.web.staff import staff_client

CONFIG = Path(__file__).parents[2] / "config"
IDS = ("lancashire-south-cumbria-2020", "lancashire-south-cumbria-2020-options")
BASE = "/office/ballots"
MINE = f"{BASE}/mine/constitutions/00A/form"
TOML = """
programme = "mine"
name = "Mine"
[[ccg]]
ods = "00A"
name = "NHS One CCG"
[[question]]
id = "merge"
text = "Merge?"
answers = ["For", "Against", "Abstain"]
[[question]]
id = "form"
text = "Which form?"
abstain = "Abstain"
[[question.option]]
id = "one"
text = "One"
[[question.option]]
id = "two"
text = "Two"
"""
RULE = """# by hand
ccg = "00A"
name = "The name in the file"
reballot = []
[source]
document = "Constitution"
clause = "6.4"
wording = "\\n  More than half.\\n"
encoded_by = "Somebody else"
approved_by = "The governing body"
[weight]
per = 1000
rounding = "nearest"
minimum = 1
maximum = 20
snapshot = 2020-04-01
missing = "zero"
[quorum]
measure = "practices"
counting = "for-and-against"
at_least = 10
[[test]]
measure = "practices"
of = "cast"
more_than = "50.0%"
[[test]]
measure = "weight"
of = "eligible"
at_least = "2/3"
[question.form]
combine = { at_least = 1 }
[[question.form.test]]
option = "one"
measure = "practices"
of = "cast"
more_than = "1/2"
[[question.form.test]]
most_votes = true
measure = "weight"
of = "for-and-against"
at_least = "1/3"
[[question.form.locality_test]]
column = "pcn_code"
require = { at_least = 2 }
most_votes = true
measure = "practices"
of = "cast"
at_least = "1/4"
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, FlaskClient, Path]]:
    with a_world(tmp_path_factory.mktemp("rules")) as world:
        config = world.folder / "config"
        for id in IDS:
            shutil.copytree(CONFIG / id, config / id)
        (config / "mine" / "constitutions").mkdir(parents=True)
        (config / "mine" / "programme.toml").write_text(TOML)
        app = make_app(world)
        yield app, staff_client(app, world, StaffRole.DEPUTY), config


@pytest.fixture(scope="module")
def app(here: tuple[Flask, FlaskClient, Path]) -> Flask:
    return here[0]


@pytest.fixture(scope="module")
def officer(here: tuple[Flask, FlaskClient, Path]) -> FlaskClient:
    return here[1]


@pytest.fixture(scope="module")
def config(here: tuple[Flask, FlaskClient, Path]) -> Path:
    return here[2]


@pytest.fixture
def mine(config: Path) -> Path:
    path = config / "mine" / "constitutions" / "00A.toml"
    path.write_text(RULE)
    return path


def send(client: FlaskClient, path: str, sent: Sent, **more: str) -> TestResponse:
    """As a browser does, a button beside."""
    pairs = [(name, value) for name, values in sent.items() for value in values] + list(more.items())
    return client.post(path, data=urlencode(pairs), content_type="application/x-www-form-urlencoded")


def rules() -> list[tuple[str, str]]:
    return [(id, path.stem) for id in IDS for path in sorted((CONFIG / id / "constitutions").glob("*.toml"))]


def test_every_shipped_rule_is_shown_whole_and_sent_unchanged_stays_byte_for_byte(
    officer: FlaskClient, config: Path
) -> None:
    assert len(rules()) == 16
    for id, ccg in rules():
        file = config / id / "constitutions" / f"{ccg}.toml"
        before, address = file.read_bytes(), f"{BASE}/{id}/constitutions/{ccg}/form"
        sent = sent_of(officer.get(address).text, "document")
        assert send(officer, address, sent, send="y").status_code == 303, (id, ccg)
        assert file.read_bytes() == before

        assert send(officer, address, {**sent, "approved_by": ["Another"]}, send="y").status_code == 303
        old, new = (load_constitution(data, "f") for data in (before, file.read_bytes()))
        assert (new.source.approved_by, new.source.encoded_by) == ("Another", "Test Deputy")
        assert (old.tests, old.locality_tests, old.questions) == (new.tests, new.locality_tests, new.questions)
        assert (old.name, old.reballot) == (new.name, new.reballot)
        assert (old.weight, old.quorums, old.combine) == (new.weight, new.quorums, new.combine)
        file.write_bytes(before)


def test_everything_that_a_rule_can_say_comes_through_the_page(officer: FlaskClient, mine: Path) -> None:
    before = mine.read_bytes()
    assert "a new file without comments replaces this one" in officer.get(MINE.removesuffix("/form")).text
    page = officer.get(MINE).text
    sent = sent_of(page, "document")
    assert send(officer, MINE, sent, send="y").status_code == 303
    assert mine.read_bytes() == before
    sent["reballot"] = ["inquorate", "not carried"]
    assert send(officer, MINE, sent, send="y").status_code == 303
    old, new = (load_constitution(data, "f") for data in (before, mine.read_bytes()))
    assert new.reballot == frozenset({Outcome.INQUORATE, Outcome.NOT_CARRIED})
    assert new.source.wording == "\n  More than half.\n"
    assert new.name == "The name in the file"
    assert (new.questions, new.weight, new.tests) == (old.questions, old.weight, old.tests)


def test_add_another_and_remove_change_the_form_and_write_nothing(officer: FlaskClient, mine: Path) -> None:
    before = mine.read_bytes()
    sent = sent_of(officer.get(MINE).text, "document")
    sent["clause"] = ["typed and not saved"]
    answer = send(officer, MINE, sent, change="rule-tests:add")
    assert answer.status_code == 200
    more = sent_of(answer.text, "document")
    assert {name for name in more if name not in sent} == {
        f"rule-tests-2-{part}" for part in ("subject", "measure", "of", "how", "share")
    }
    assert more["clause"] == ["typed and not saved"]
    fewer = sent_of(send(officer, MINE, more, change="rule-tests-0:remove").text, "document")
    assert fewer["rule-tests-1-share"] == ["2/3"]
    assert "rule-tests-0-share" not in fewer
    fewer = sent_of(send(officer, MINE, fewer, change="questions-1-localities-0:remove").text, "document")
    assert not [name for name in fewer if "localities" in name]
    for button in ("nothing:add", "rule-tests-9:remove", "rule:add", "", ":", "document:remove"):
        again = sent_of(send(officer, MINE, sent, change=button).text, "document")
        assert {**again, "csrf_token": []} == {**sent, "csrf_token": []}, button
    assert mine.read_bytes() == before
    answer = send(officer, MINE, more, send="y")
    assert (answer.status_code, "Enter a share" in answer.text) == (400, True)
    assert 'href="#rule-tests-2-share"' in answer.text


def test_what_the_form_cannot_say_it_neither_shows_nor_replaces(officer: FlaskClient, mine: Path) -> None:
    sent = sent_of(officer.get(MINE).text, "document")
    test = '[[test]]\nmeasure = "practices"\nof = "cast"\nmore_than = "1/2"\n'
    for rule in (RULE.partition("[question.form]")[0] + test * 61, RULE.replace('"Constitution"', f'"{"x" * 501}"')):
        mine.write_text(rule)
        page = officer.get(MINE).text
        assert "has a rule that this form cannot show" in page
        assert 'name="document"' not in page
        answer = send(officer, MINE, sent, send="y")
        assert (answer.status_code, "Upload another file to replace it" in answer.text) == (400, True)
        assert mine.read_text() == rule


@given(constitutions())
@settings(max_examples=20)
def test_any_rule_loaded_into_the_form_and_sent_unchanged_is_the_same(app: Flask, rule: Constitution) -> None:
    try:
        rule = load_constitution(write_constitution(rule), "")
    except InvalidRule:
        assume(False)
    with app.test_request_context():
        sent = sent_by(filled_form(rule, QuestionsAsked()))
        form = ConstitutionForm(formdata=sent, meta={"csrf": False})
        form.offer(QuestionsAsked().with_rule(rule))
        if form.validate():
            assert says_the_same(composed(form, None, rule.ccg, rule.name, rule.source.encoded_by), rule)
            assert can_say(rule, QuestionsAsked())
        else:
            assert not can_say(rule, QuestionsAsked())
            assert max(map(len, (rule.source.document, rule.source.clause, rule.source.approved_by))) > 500


@pytest.mark.parametrize("id", IDS)
def test_questions_and_outcomes_sent_unchanged_mean_the_same(officer: FlaskClient, config: Path, id: str) -> None:
    file = config / id / "programme.toml"
    before = load_programme(file.read_bytes(), "f")
    for part, field in (("question", "questions-0-text"), ("outcome", "several")):
        address = f"{BASE}/{id}/{part}"
        assert send(officer, address, sent_of(officer.get(address).text, field), send="y").status_code == 303, part
        assert load_programme(file.read_bytes(), "f") == before


def test_a_question_gets_options_and_the_outcome_its_groups(officer: FlaskClient, config: Path) -> None:
    base, field = f"{BASE}/mine", "questions-0-text"
    sent = sent_of(officer.get(f"{base}/question").text, field)
    sent["questions-0-kind"] = ["options"]
    answer = send(officer, f"{base}/question", sent, send="y")
    assert (answer.status_code, "Enter the option" in answer.text) == (400, True)
    for number, word in enumerate(("north", "south")):
        sent[f"questions-0-options-{number}-id"], sent[f"questions-0-options-{number}-text"] = [word], [word.title()]
    assert send(officer, f"{base}/question", sent, send="y").status_code == 303
    assert 'id = "south"' in " ".join((config / "mine" / "programme.toml").read_text().split())
    sent = sent_of(officer.get(f"{base}/outcome").text, "several")
    sent["several"] = ["groups"]
    assert "Add the new bodies below" in send(officer, f"{base}/outcome", sent, send="y").text
    sent = sent_of(send(officer, f"{base}/outcome", sent, change="groups:add").text, "several")
    sent |= {"groups-0-name": ["North"], "groups-0-members": ["00A"], "groups-0-require": ["all"]}
    sent |= {"groups-0-options-0-option": ["north"], "questions": ["merge"]}
    answer = send(officer, f"{base}/outcome", sent, send="y")
    assert answer.status_code == 303, answer.text
    written = (config / "mine" / "programme.toml").read_text()
    assert "[[outcome.group]]" in written
    assert 'option  = "north"' in written
    (config / "mine" / "programme.toml").write_text(TOML)
