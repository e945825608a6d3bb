"""A ballot set up on the pages of the office, from nothing to a folder that the command line can prepare."""

from __future__ import annotations

import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.constitution.load import load_constitution
from ballot.db.activity import ActivityFilter, list_activity
from ballot.office.setup.draft import Draft, count_roll, read_folder
from ballot.office.setup.parts import read_roll
from ballot.office.setup.tasks import Task, TaskProgress, is_complete, tasks
from ballot.office.staff.roles import StaffRole
from ballot.protocol.hashing import sha256_hex
from ballot.roll.simple import write_roll
from tests.integration.office.world import World, ceremony, make_roll
from tests.web.conftest import a_world, make_app
from tests.web.form_reading import sent_of
from tests.web.staff import staff_client, token_of

BASE = "/office/ballots/north-2020"
RULE = {
    "document": "Constitution, version 3",
    "clause": "6.4",
    "wording": "More than half\r\nof the votes.",
    "approved_by": "The governing body",
    "weighs": "no",
    "rule-tests-0-measure": "practices",
    "rule-tests-0-of": "cast",
    "rule-tests-0-how": "more_than",
    "rule-tests-0-share": "1/2",
    "rule-combine": "all",
    "rule-quorum": "none",
    "reballot": "inquorate",
    "send": "y",
}
ABOUT = {
    "name": "North",
    "policy": "final",
    "returned": "after-closing",
    "count": "together",
    "ask": "yes",
    "rehearsal": "y",
}
QUESTION = {
    "questions-0-id": "merge",
    "questions-0-text": "Do you\nagree?",
    "questions-0-kind": "answers",
    "questions-0-agree": "For",
    "questions-0-disagree": "Against",
    "questions-0-abstain": "Abstain",
}
OPTIONS = {
    **QUESTION,
    "questions-0-kind": "options",
    "questions-0-agree": "Aye",
    "questions-0-options-0-id": "north",
    "questions-0-options-0-text": "North",
    "questions-0-options-1-id": "south",
    "questions-0-options-1-text": "South",
}
SECOND = {name.replace("-0-", "-1-"): value for name, value in QUESTION.items()}
WINDOW = {
    **{
        f"opens-{part}": value
        for part, value in zip(("day", "month", "year", "hour", "minute"), ["11", "5", "2020", "9", "00"], strict=True)
    },
    **{
        f"closes-{part}": value
        for part, value in zip(("day", "month", "year", "hour", "minute"), ["29", "5", "2020", "17", "00"], strict=True)
    },
}


@pytest.fixture
def app(world: World) -> Flask:
    return make_app(world)


@pytest.fixture
def officer(app: Flask, world: World) -> FlaskClient:
    return staff_client(app, world, StaffRole.RETURNING_OFFICER)


@pytest.fixture
def draft(officer: FlaskClient, world: World) -> Draft:
    assert post(officer, "/office/ballots", id="north-2020", name="North").status_code == 303
    return Draft(world.folder / "config" / "north-2020")


def post(client: FlaskClient, path: str, **data: object) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client), **data}, content_type="multipart/form-data")


def file(data: bytes, name: str = "file") -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def progress(draft: Draft, task: Task) -> TaskProgress:
    return next(state.progress for state in tasks(draft) if state.task is task)


def fill(client: FlaskClient) -> None:
    """Everything that has a page, in the order of the list."""
    key = json.dumps(ceremony()[0].to_json(), separators=(",", ":")).encode()
    for part, data in (
        (
            "about",
            ABOUT,
        ),
        ("question", QUESTION),
        ("voting-pack", {"name": "Case for change", "file": file(b"%PDF-1.7 case", "case.pdf")}),
        ("ccgs", {"listed": "00a NHS One CCG\n\n00B  NHS Two CCG"}),
        ("window", WINDOW),
        ("outcome", {"require": "some", "at_least": "1", "otherwise": "stop"}),
        ("constitutions/00A/form", RULE),
        ("constitutions/00B/form", RULE),
        ("trustees", {"names": "One\nTwo\nThree", "threshold": "2", "key": file(key)}),
        ("roll", {"roll": file(write_roll(make_roll(("00A", "00B")).members), "roll.csv")}),
    ):
        answer = post(client, f"{BASE}/{part}", **data)
        assert answer.status_code == 303, (part, re.findall(r"error-message[^<]*<[^<]*<[^<]*", answer.text))


def test_a_ballot_is_set_up_on_the_pages_alone(officer: FlaskClient, draft: Draft) -> None:
    fill(officer)

    assert is_complete(draft), tasks(draft)
    files = read_folder(draft.folder)
    roll = read_roll(draft, files)
    assert roll is not None
    assert set(count_roll(files, roll)) == {"00A", "00B"}
    assert files.programme.questions[0].text == "Do you agree?"
    assert files.programme.window.closes.isoformat() == "2020-05-29T17:00:00"
    assert files.constitutions["00A"][0].source.encoded_by == "Test Returning-Officer"
    page = officer.get(BASE).text
    assert page.count("Completed") >= 9
    assert "5pm on Friday 29 May 2020, British Summer Time; that is 16:00:00 UTC" in page


def test_every_form_shows_again_what_its_file_says(officer: FlaskClient, draft: Draft) -> None:
    fill(officer)
    before = {path: path.read_bytes() for path in draft.folder.rglob("*.toml") if "previous" not in path.parts}
    for part in ("about", "question", "ccgs", "window", "outcome", "trustees", "constitutions/00A/form"):
        page = officer.get(f"{BASE}/{part}")
        assert page.status_code == 200
    assert "More than half\nof the votes." in officer.get(f"{BASE}/constitutions/00A/form").text
    assert 'value="17"' in officer.get(f"{BASE}/window").text
    assert before == {path: path.read_bytes() for path in before}


@pytest.mark.parametrize(
    ("part", "data", "says"),
    [
        ("about", {**ABOUT, "name": ""}, "name: Enter a name"),
        ("ccgs", {"listed": "00A NHS One\n000000A x"}, "listed: Line 2: 000000A is not an ODS code of 3 to 6"),
        ("ccgs", {"listed": "00A"}, "listed: Line 1: enter the name of 00A"),
        ("ccgs", {"listed": "00A One\n\n00a Two"}, "listed: Line 3: 00A is listed twice"),
        ("ccgs", {"listed": "00A One \x85 Two"}, "listed: "),
        ("about", {**ABOUT, "members": "drawn"}, "returned: Choose that it is never published"),
        ("about", {**ABOUT, "members": "parrots"}, "members: Choose what the members are"),
        ("ccgs", {"listed": "LMC-NORTH North"}, "listed: Line 1: LMC-NORTH is not an ODS code of 3 to 6"),
        ("ccgs", {"listed": "SEPT2 North", "own": "y"}, "listed: Line 1: SEPT2 would be changed by a spreadsheet"),
        ("ccgs", {"listed": "LMC-I A\nLMC1 B", "own": "y"}, 'listed: "LMC1" looks like "LMC-I"'),
        ("window", {**WINDOW, "closes-month": "4"}, "closes-day: The ballot must close after it opens"),
        ("window", {**WINDOW, "opens-day": "29", "opens-month": "3", "opens-hour": "1"}, "opens-hour: The clocks go"),
        ("trustees", {"names": "Only one", "threshold": "1"}, "names: Enter at least two trustees"),
        ("trustees", {"names": "Ann\nAnn", "threshold": "1"}, "names: Give each trustee a different name"),
        ("trustees", {"names": "Ann\nBob", "threshold": "3"}, "threshold: Enter a number from 1 to 2"),
        (
            "voting-pack",
            {"name": "x", "file": file(b"no pdf")},
            "file: Choose a PDF, a Word document (.docx), an OpenDocument text (.odt) or plain text (.txt)",
        ),
        ("roll", {}, "roll: Choose the file"),
        ("question", {**QUESTION, "questions-0-disagree": "For"}, "questions-0-disagree: Enter an answer against that"),
        (
            "question",
            {**QUESTION, "questions-0-abstain": "For"},
            "questions-0-abstain: Enter an answer to abstain that",
        ),
        ("question", {**QUESTION, "questions-0-id": "to merge"}, 'questions-0-id: "to merge" is not an id'),
        ("question", {**QUESTION, **SECOND, "questions-1-id": "merge"}, 'questions-1-id: "merge" is listed twice'),
        ("question", {**OPTIONS, "questions-0-options-1-id": "for"}, 'questions-0-options-1-id: "for" is not an id'),
        ("question", {**OPTIONS, "questions-0-options-1-text": "North"}, 'questions-0-options-1-text: "North" is the'),
        ("secrecy", {"at_most": "much"}, 'at_most: "much"'),
    ],
)
def test_what_cannot_be_right_is_said_at_its_field_and_not_written(
    officer: FlaskClient, draft: Draft, part: str, data: dict[str, object], says: str
) -> None:
    before = draft.read("programme.toml")
    answer = post(officer, f"{BASE}/{part}", **data)
    assert answer.status_code == 400
    assert any(said.startswith(says) for said in errors_of(answer.text)), errors_of(answer.text)
    assert "programme.toml" not in "".join(errors_of(answer.text))
    assert "<title>Error: " in answer.text
    assert draft.read("programme.toml") == before


def errors_of(page: str) -> list[str]:
    """Each error of the summary, after the id of the field to which it leads."""
    summary = unescape(page.partition('class="nhsuk-error-summary__body"')[2].partition("</ul>")[0])
    return [f"{id}: {text.strip()}" for id, text in re.findall(r'<a href="#([^"]*)">([^<]*)</a>', summary)]


def test_changing_the_kind_of_answer_back_and_forth_loses_nothing(officer: FlaskClient, draft: Draft) -> None:
    page = post(officer, f"{BASE}/question", **OPTIONS, change="questions-0-options:add").text
    for kind in ("answers", "options"):
        sent = {name: values[0] for name, values in sent_of(page, "questions-0-text").items()}
        assert (sent["questions-0-options-1-text"], sent["questions-0-agree"]) == ("South", "Aye")
        sent["questions-0-kind"] = kind
        page = officer.post(f"{BASE}/question", data={**sent, "change": "questions-0-options-2:remove"}).text
    assert (
        officer.post(f"{BASE}/question", data={**sent, "questions-0-kind": "answers", "send": "y"}).status_code == 303
    )
    assert (draft.programme().values["question"][0]["answers"]) == ["Aye", "Against", "Abstain"]
    assert post(officer, f"{BASE}/question", **OPTIONS).status_code == 303
    assert [one["id"] for one in draft.programme().values["question"][0]["option"]] == ["north", "south"]


def test_an_entry_that_was_added_is_where_the_page_comes_back_and_an_error_is_at_the_top(
    officer: FlaskClient, draft: Draft
) -> None:
    page = post(officer, f"{BASE}/question", **OPTIONS, change="questions-0-options:add").text
    assert 'value="questions-0-options:add" formaction="#questions-0-options-3"' in page
    assert '<fieldset class="nhsuk-fieldset app-entry" id="questions-0-options-2" tabindex="-1">' in page
    assert f'<form method="post" action="{BASE}/question"' in page  # without the fragment of the button before


def test_a_rule_file_that_is_none_is_refused_by_line(officer: FlaskClient, draft: Draft) -> None:
    post(officer, f"{BASE}/ccgs", listed="00A NHS One CCG")
    for data, says in ((b"ccg = 1", "file: 00A.toml:1"), (b"\xff" * 70_000, "file: 00A.toml:1: This file is larger")):
        answer = post(officer, f"{BASE}/constitutions/00A/upload", upload="y", file=file(data))
        assert answer.status_code == 400
        assert errors_of(answer.text)[0].startswith(says)
    assert draft.read("constitutions/00A.toml") is None
    assert officer.get(f"{BASE}/constitutions/99Z").status_code == 404


def test_a_file_that_is_another_ccgs_rule_is_refused(officer: FlaskClient, draft: Draft) -> None:
    fill(officer)
    before = draft.read("constitutions/00A.toml")
    other = draft.read("constitutions/00B.toml") or b""
    answer = post(officer, f"{BASE}/constitutions/00A/upload", upload="y", file=file(other))
    assert (answer.status_code, "the rule of 00B" in answer.text) == (400, True)
    assert draft.read("constitutions/00A.toml") == before


def test_a_bad_roll_is_shown_by_line_and_cannot_be_chosen(officer: FlaskClient, draft: Draft) -> None:
    fill(officer)
    in_use = draft.read("roll.csv")
    bad = (in_use or b"").replace(b",Y00001,", b",???,").replace(b"2000", b"many", 1)
    assert post(officer, f"{BASE}/roll", roll=file(bad)).status_code == 303
    page = officer.get(f"{BASE}/roll/uploaded").text
    assert "This roll cannot be used: 2 problems" in page
    assert "registered_patients" in page
    assert post(officer, f"{BASE}/roll/uploaded").status_code == 409
    assert draft.read("roll.csv") == in_use


def test_another_roll_is_compared_before_it_is_chosen(officer: FlaskClient, draft: Draft) -> None:
    fill(officer)
    fewer = b"".join(line for line in (draft.read("roll.csv") or b"").splitlines(True) if b"Y00003" not in line)
    post(officer, f"{BASE}/roll", roll=file(fewer))
    assert "1 practice left: Y00003 (00A)." in officer.get(f"{BASE}/roll/uploaded").text
    assert b"Y00003" in (draft.read("roll.csv") or b"")
    post(officer, f"{BASE}/roll/uploaded")
    assert draft.read("roll.csv") == fewer
    assert draft.read("uploaded/roll.csv") is None


def test_a_first_roll_with_nothing_unusual_is_used_at_once_and_any_other_is_shown_first(
    officer: FlaskClient, draft: Draft
) -> None:
    fill(officer)
    good = draft.read("roll.csv") or b""
    assert "What each CCG has on this roll" in officer.get(f"{BASE}/roll").text
    for roll in (good, good.replace(b"y00@example.org", b""), good.replace(b",1000,", b",,", 1)):
        if roll != good:
            draft.path("roll.csv").unlink()
        assert post(officer, f"{BASE}/roll", roll=file(roll)).location.endswith("/roll/uploaded")
        assert draft.read("roll.csv") == (good if roll == good else None)
        post(officer, f"{BASE}/roll/uploaded")


def test_the_roll_page_says_which_columns_are_read_and_gives_an_empty_file_with_them(
    officer: FlaskClient, draft: Draft
) -> None:
    local = {f"rule-localities-0-{key}": RULE[f"rule-tests-0-{key}"] for key in ("measure", "of", "how", "share")}
    local |= {"rule-localities-0-column": "pcn_code", "rule-localities-0-require": "all"}
    post(officer, f"{BASE}/ccgs", listed="00A NHS One CCG")
    post(officer, f"{BASE}/constitutions/00A/form", **RULE, **local)
    page = officer.get(f"{BASE}/roll").text
    template = officer.get(f"{BASE}/roll/template.csv")
    columns = ["ccg_ods_code", "practice_ods_code", "practice_name", "registered_patients", "representative", "email"]
    assert template.text.strip().split(",") == [*columns, "notify", "pcn_code"]
    assert [name for name in (*columns, "notify", "pcn_code") if f">{name}</code>" not in page] == []
    assert "The locality of each practice of NHS One CCG" in page


def test_a_rule_that_weighs_by_shares_is_filled_in_and_the_roll_page_asks_for_its_column(
    officer: FlaskClient, draft: Draft
) -> None:
    shares = {"weighs": "yes", "per": "1", "snapshot": "2024-04-01", "missing": "refuse", "column": "shares"}
    shares |= {"unit": "share, shares", "rule-tests-0-measure": "weight"}
    post(officer, f"{BASE}/ccgs", listed="00A NHS One CCG")
    post(officer, f"{BASE}/constitutions/00A/form", **{**RULE, **shares})
    rule = load_constitution(draft.read("constitutions/00A.toml") or b"", "00A.toml")
    assert (rule.weight_column, rule.nouns.unit.many, rule.nouns.counts.many) == ("shares", "shares", "shares")

    page, template = officer.get(f"{BASE}/roll").text, officer.get(f"{BASE}/roll/template.csv").text
    assert template.strip().endswith(",notify,shares")
    assert "registered_patients" not in page + template
    assert "The number of shares of each practice of NHS One CCG" in page
    assert "epraccur.csv can be used as it is" not in page
    trial = officer.get(f"{BASE}/constitutions/00A/try").text
    assert "For: shares" in trial
    assert "eighted votes" not in trial


def test_an_uploaded_roll_is_counted_by_ccg_with_its_patients_and_missing_addresses(
    officer: FlaskClient, draft: Draft
) -> None:
    fill(officer)
    lines = [
        "ccg_ods_code,practice_ods_code,practice_name,registered_patients,representative,email",
        "00A,Y00001,One,1500,,a@example.org",
        "00A,Y00002,Two,500,,",
        "00B,Y00003,Three,,,",
    ]
    post(officer, f"{BASE}/roll", roll=file("\n".join(lines).encode()))
    page = officer.get(f"{BASE}/roll/uploaded").text
    table = page.partition("What each CCG has on this roll")[2].partition("</table>")[0]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)[1:]
    cells = [re.sub(r"<span[^>]*>.*?</span>|<[^>]*>", " ", row).split() for row in rows]
    assert cells == [["NHS", "One", "CCG", "2", "2,000", "0", "1"], ["NHS", "Two", "CCG", "1", "0", "1", "1"]]


def test_what_the_roll_waits_for_is_named(officer: FlaskClient, draft: Draft) -> None:
    fill(officer)
    toml = draft.path("programme.toml")
    toml.write_bytes(toml.read_bytes().partition(b"[trustees]")[0])
    post(officer, f"{BASE}/roll", roll=file(draft.read("roll.csv") or b""))
    for path in (BASE, f"{BASE}/roll/uploaded"):
        assert "when this is complete: the names of the trustees." in unescape(officer.get(path).text), path


def test_times_in_the_past_warn_on_the_list_and_on_their_page(officer: FlaskClient, draft: Draft, world: World) -> None:
    post(officer, f"{BASE}/window", **WINDOW)
    for path in (BASE, f"{BASE}/window"):
        assert "time has passed" not in officer.get(path).text
    for days, says in ((0, "The opening time has passed"), (30, "The closing time has passed")):
        world.clock.now = datetime(2020, 5, 12, 9, tzinfo=UTC) + timedelta(days=days)
        again = staff_client(make_app(world), world, StaffRole.RETURNING_OFFICER)
        for path in (BASE, f"{BASE}/window"):
            assert says in again.get(path).text, path


def test_the_real_ballot_is_copied_from_its_rehearsal_with_everything_but_the_trustees_key(
    officer: FlaskClient, draft: Draft
) -> None:
    fill(officer)
    assert "Copy this rehearsal" in officer.get(BASE).text
    assert post(officer, f"{BASE}/copy", id="north-2020", name="North").status_code == 400
    assert post(officer, f"{BASE}/copy", id="north-real", name="North, for real").status_code == 303
    copy = Draft(draft.folder.with_name("north-real"))
    before, after = draft.programme().values, copy.programme().values
    assert {key for key in before | after if before.get(key) != after.get(key)} == {"programme", "name", "rehearsal"}
    assert "rehearsal" not in after
    for name in ("constitutions/00A.toml", "constitutions/00B.toml", "roll.csv"):
        assert copy.read(name) == draft.read(name), name
    assert copy.read("trustees.json") is None
    states = {state.task: state.progress for state in tasks(copy)}
    assert {task for task, found in states.items() if found is not TaskProgress.DONE} == {Task.TRUSTEES, Task.SECRECY}


def test_a_draft_is_deleted_after_a_confirmation_and_a_prepared_ballot_never(
    officer: FlaskClient, draft: Draft, world: World
) -> None:
    fill(officer)
    assert errors_of(post(officer, f"{BASE}/delete").text) == [
        "sure: Tick the box to delete the ballot, or go back to the task list"
    ]
    assert draft.folder.is_dir()
    post(officer, f"{BASE}/copy", id="second", name="Second")
    assert post(officer, "/office/ballots/second/delete", sure="y").status_code == 303
    assert [path.name for path in draft.folder.parent.iterdir() if "second" in path.name] == []
    assert officer.get("/office/ballots/second").status_code == 404
    with world.reading() as session:
        assert [row.programme for row in list_activity(session, ActivityFilter(act="draft-deleted"))] == ["second"]
    world.programme_folder, world.ccgs = draft.folder, ("00A", "00B")
    world.roll = make_roll(world.ccgs)
    world.prepare()
    assert "so it cannot be deleted" in officer.get(f"{BASE}/delete").text
    assert post(officer, f"{BASE}/delete", sure="y").status_code == 409
    assert draft.folder.is_dir()


def test_a_document_is_kept_only_if_the_scanner_of_the_settings_accepts_it(
    app: Flask, officer: FlaskClient, draft: Draft
) -> None:
    scanner = (sys.executable, "-c", "import sys; sys.exit(b'EICAR' in sys.stdin.buffer.read())")
    here = app.extensions["ballot"]
    app.extensions["ballot"] = replace(here, config=replace(here.config, scan_uploads=scanner))

    refused = post(officer, f"{BASE}/voting-pack", name="Case", file=file(b"%PDF-1.7 EICAR", "case.pdf"))
    accepted = post(officer, f"{BASE}/voting-pack", name="Case", file=file(b"%PDF-1.7 case", "case.pdf"))

    assert (refused.status_code, accepted.status_code) == (400, 303)
    assert "The virus scanner refused this file" in refused.text
    (kept,) = (draft.folder / "packs").iterdir()
    assert kept.read_bytes() == b"%PDF-1.7 case"


def test_what_is_prepared_stays_as_it_is(officer: FlaskClient, draft: Draft, world: World) -> None:
    fill(officer)
    world.programme_folder, world.ccgs = draft.folder, ("00A", "00B")
    world.roll = make_roll(world.ccgs)
    world.prepare()
    before = {path: path.read_bytes() for path in draft.folder.rglob("*") if path.is_file()}
    for part, data in (
        ("about", {"name": "Other", "policy": "final", "returned": "never", "count": "each", "ask": "yes"}),
        ("constitutions/00A/form", {**RULE, "rule-tests-0-share": "2/3"}),
        ("voting-pack", {"name": "x", "file": file(b"%PDF-x", "x.pdf")}),
        ("roll", {"roll": file(b"x")}),
        ("roll/uploaded", {}),
    ):
        assert post(officer, f"{BASE}/{part}", **data).status_code == 409, part
    assert "This ballot is prepared" in officer.get(f"{BASE}/about").text
    assert before == {path: path.read_bytes() for path in draft.folder.rglob("*") if path.is_file()}


def test_every_change_is_in_the_activity_log_by_name_and_hash(officer: FlaskClient, draft: Draft, world: World) -> None:
    fill(officer)
    with world.reading() as session:
        rows = list_activity(session, ActivityFilter(act="uploaded"))
    kinds = Counter(json.loads(row.details)["kind"] for row in rows)
    assert kinds == {
        "programme": 7,
        "voting-pack": 1,
        "constitution": 2,
        "trustees": 1,
        "roll-to-look-at": 1,
        "roll": 1,
    }
    assert {(row.actor, row.programme) for row in rows} == {("returning-officer@example.org", "north-2020")}
    roll = sha256_hex(draft.read("roll.csv") or b"")
    assert str(roll) in [json.loads(row.details)["sha256"] for row in rows]


def test_preflight_is_a_page_with_what_blocks_first(officer: FlaskClient, draft: Draft) -> None:
    fill(officer)
    page = officer.get(f"{BASE}/preflight").text
    assert "This ballot cannot be sealed yet." in page
    assert page.index("Blocks") < page.index("Look at this") < page.index("Passed")
    assert "No one has tested it yet" in page


@pytest.mark.parametrize("path", ["", "/about", "/roll", "/constitutions", "/preflight"])
def test_a_ballot_that_is_not_there_is_not_found(officer: FlaskClient, path: str) -> None:
    for id in ("none", "..", "%2e%2e", ".", "a%2fb"):
        assert officer.get(f"/office/ballots/{id}{path}").status_code == 404


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, World, Path]]:
    with a_world(tmp_path_factory.mktemp("roles")) as world:
        app = make_app(world)
        post(staff_client(app, world, StaffRole.DEPUTY), "/office/ballots", id="north-2020", name="North")
        yield app, world, world.folder / "config" / "north-2020"


CHANGING = ("about", "question", "ccgs", "window", "outcome", "trustees", "voting-pack", "roll", "roll/uploaded")


@pytest.mark.parametrize("role", [StaffRole.REGISTRAR, StaffRole.OBSERVER, StaffRole.TRUSTEE])
def test_nobody_but_the_officers_changes_anything(site: tuple[Flask, World, Path], role: StaffRole) -> None:
    app, world, folder = site
    client = staff_client(app, world, role)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for part in CHANGING:
        assert client.get(f"{BASE}/{part}").status_code == 403
        assert post(client, f"{BASE}/{part}", name="Mine").status_code == 403
    assert post(client, "/office/ballots", id="mine", name="Mine").status_code == 403
    expected = 403 if role is StaffRole.TRUSTEE else 200
    assert [client.get(path).status_code for path in (BASE, f"{BASE}/constitutions", f"{BASE}/preflight")] == [
        expected
    ] * 3
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_no_form_is_taken_without_its_token(site: tuple[Flask, World, Path]) -> None:
    app, world, folder = site
    client = staff_client(app, world, StaffRole.RETURNING_OFFICER)
    for part in CHANGING:
        assert client.post(f"{BASE}/{part}", data={"name": "Forged"}).status_code == 400
    assert b"Forged" not in (folder / "programme.toml").read_bytes()


def test_a_part_is_saved_and_the_next_task_that_is_left_is_opened(officer: FlaskClient) -> None:
    """One press less for each part. Where nothing is left after it, the ballot's page says what is next."""
    officer.post("/office/ballots", data={"id": "north-2020", "name": "North", "csrf_token": token_of(officer)})
    saved = {**QUESTION, "csrf_token": token_of(officer), "send": "y"}
    assert officer.post(f"{BASE}/question", data=saved).headers["Location"] == BASE
    on = officer.post(f"{BASE}/question", data={**saved, "next": "y"}).headers["Location"]
    assert on in (f"{BASE}/ccgs", f"{BASE}/voting-pack")
    (wrong,) = [officer.post(f"{BASE}/window", data={"csrf_token": token_of(officer), "next": "y"})]
    assert wrong.status_code == 400


def test_a_ballot_of_bodies_and_members_with_codes_of_their_own_is_set_up(officer: FlaskClient, draft: Draft) -> None:
    post(officer, f"{BASE}/about", **{**ABOUT, "members": "own"})
    post(officer, f"{BASE}/ccgs", listed="LMC-NORTH North", own="y")
    root = draft.programme()
    assert root.table("codes").values == {"member": "own", "body": "own"}

    post(officer, f"{BASE}/about", **{**ABOUT, "members": "drawn", "returned": "never"})
    root = draft.programme()
    assert root.table("codes").values == {"body": "own"}
    assert root.table("members").values == {"kind": "persons"}


def test_a_ballot_can_call_its_bodies_and_members_otherwise(officer: FlaskClient, draft: Draft) -> None:
    page = officer.get(f"{BASE}/about").text
    for usual in ("CCG, CCGs", "practice, practices", "weighted vote, weighted votes", "merger, mergers"):
        assert f'value="{usual}"' in page

    called = {"called_body": "LMC, LMCs", "called_member": "surgery, surgeries", "called_weight": "", "send": "y"}
    assert post(officer, f"{BASE}/about", **ABOUT, **called).status_code == 303
    assert draft.programme().values["words"] == {"body": ["LMC", "LMCs"], "member": ["surgery", "surgeries"]}
    assert "Surgeries of LMCs vote on a merger." in officer.get(BASE).text
    assert "The LMCs that vote" in officer.get(f"{BASE}/ccgs").text
    assert "If a surgery votes a second time" in officer.get(f"{BASE}/about").text

    assert post(officer, f"{BASE}/about", **ABOUT, send="y").status_code == 303
    assert "words" in draft.programme().values  # a form without these fields leaves them as they are
    usual = {"called_body": "CCG, CCGs", "called_member": "practice, practices"}
    assert post(officer, f"{BASE}/about", **ABOUT, **usual, send="y").status_code == 303
    assert "words" not in draft.programme().values


@pytest.mark.parametrize("typed", ["LMC", "<b>, <i>", "practice, practices"])
def test_a_word_that_is_no_noun_is_refused_at_its_field(officer: FlaskClient, draft: Draft, typed: str) -> None:
    refused = post(officer, f"{BASE}/about", **ABOUT, called_body=typed, send="y")

    assert refused.status_code == 400
    assert 'href="#called_body"' in refused.text
    assert "words" not in draft.programme().values


def test_core_partners_of_pcns_are_uploaded_beside_the_practices(officer: FlaskClient, draft: Draft) -> None:
    fill(officer)
    columns = ["Z91001", "INKWELL SURGERY", *[""] * 25]
    columns[12], columns[14], columns[25] = "A", "00Q", "4"
    relation = "Z91001,INKWELL SURGERY,00Q,X,12345,TARN PCN,00Q,X,20190701,,Yes"
    partners = f"Z91009,X,00Q,X,U12345,TARN PCN,00Q,X,20190701,,Yes\n{relation}\n".encode()
    post(officer, f"{BASE}/roll", roll=file(",".join(columns).encode()), partners=file(partners))
    page = unescape(officer.get(f"{BASE}/roll/uploaded").text)
    assert '"12345" is not the code of a PCN' in page
    assert draft.read("uploaded/partners.csv") == partners
    assert draft.read("partners.csv") is None


def test_an_uploaded_list_of_persons_gets_its_codes(officer: FlaskClient, draft: Draft) -> None:
    fill(officer)
    post(officer, f"{BASE}/about", **{**ABOUT, "members": "drawn", "returned": "never"})
    listed = "ccg_ods_code,name,email\n" + "".join(f"{ccg},Dr {ccg},{ccg}@example.org\n" for ccg in ("00A", "00B"))
    page = unescape(officer.get(f"{BASE}/roll").text)
    assert "Each person gets a code drawn at random" in page
    assert "epraccur.csv" not in page
    post(officer, f"{BASE}/roll", roll=file(listed.encode()))
    stored = draft.read("uploaded/roll.csv") or b""
    assert stored.startswith(b"ccg_ods_code,practice_ods_code,practice_name,email,salt")
    post(officer, f"{BASE}/roll", roll=file(listed.replace("email", "post").encode()))
    assert "A list of persons has the columns ccg_ods_code, name, email" in officer.get(f"{BASE}/roll/uploaded").text
