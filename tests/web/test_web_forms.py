"""Forms in the NHS design system: every error is in the summary, linked to its field, and described at it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from ballot.installed import TEMPLATES
from ballot.web import forms
from tests.integration.office.world import World
from tests.web.conftest import make_app
from tests.web.form_of_everything import Everything


class Ids(HTMLParser):
    """Ids of a page, and what refers to them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.described: dict[str, list[str]] = {}
        self.anchors: list[str] = []
        self.labels: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attrs = dict(given)
        if attrs.get("id"):
            self.ids.append(str(attrs["id"]))
        if attrs.get("aria-describedby"):
            self.described[attrs.get("id") or tag] = str(attrs["aria-describedby"]).split()
        if tag == "a":
            self.anchors.append(str(attrs.get("href"))[1:])
        if tag == "label":
            self.labels.append(str(attrs["for"]))


@pytest.fixture
def app(world: World) -> Iterator[Flask]:
    app = make_app(world)
    app.config.update(SECRET_KEY="for this test", WTF_CSRF_ENABLED=False)
    with app.test_request_context(method="POST"):
        yield app


def whole(form: forms.Form) -> str:
    return str(form.summary()) + "".join(str(field()) for field in form if field.name != "csrf_token")


def test_a_form_with_errors_says_every_one_in_the_summary_and_beside_its_field(app: Flask) -> None:
    form = Everything(MultiDict({"name": "", "listed": "x"}))
    assert not form.validate()
    html = whole(form)
    found = Ids(html)

    for said in ("Enter your name", "Say why", "Choose an answer", "Tick the box", "Enter a number"):
        assert html.count(said) == 2, said
    assert html.count("Enter the closing time") == 2
    assert found.anchors == ["name", "why", "answer", "sure", "number", "passphrase", "closes-day"]
    assert 'data-module="nhsuk-error-summary"' in html
    assert html.index("nhsuk-error-summary") < html.index("nhsuk-form-group")


def test_every_reference_of_a_form_leads_to_an_id_that_is_there_once(app: Flask) -> None:
    form = Everything(MultiDict({"name": "", "listed": "x"}))
    form.validate()
    found = Ids(whole(form))

    assert len(found.ids) == len(set(found.ids))
    assert [target for target in (*found.anchors, *found.labels) if target not in found.ids] == []
    assert [part for parts in found.described.values() for part in parts if part not in found.ids] == []
    assert found.described["name"] == ["name-hint", "name-error"]
    assert found.described["why"] == ["why-error"]
    assert "fieldset" in found.described


def test_a_form_without_errors_has_no_summary(app: Flask) -> None:
    assert Everything(MultiDict()).summary() == ""
    assert "nhsuk-form-group--error" not in whole(Everything(MultiDict()))


def test_what_was_sent_is_shown_again_and_escaped_but_no_secret(app: Flask) -> None:
    hostile = '"><script>alert(1)</script>'
    sent = MultiDict({"name": hostile, "why": hostile, "answer": "yes", "several": "b", "passphrase": "hunter2"})
    form = Everything(sent)
    html = whole(form)

    assert "<script>" not in html
    assert "Do you &lt;agree&gt;?" in html
    assert "Yes &amp; no" in html
    assert html.count(" checked") == 2
    assert "hunter2" not in html


def test_the_legend_can_be_the_heading_of_the_page(app: Flask) -> None:
    form = Everything(MultiDict())

    assert '<h1 class="nhsuk-fieldset__heading">' in form.answer(heading="l")
    assert "<h1" not in form.answer()


def sent(written: str) -> MultiDict[str, str]:
    parts = ("day", "month", "year", "hour", "minute")
    return MultiDict(dict(zip((f"closes-{part}" for part in parts), written.split(","), strict=True)))


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("29,5,2020,17,00", datetime(2020, 5, 29, 16, tzinfo=UTC)),
        ("1,12,2020,17,30", datetime(2020, 12, 1, 17, 30, tzinfo=UTC)),
        (" 1 ,7, 2020,00,05", datetime(2020, 6, 30, 23, 5, tzinfo=UTC)),
        ("29,3,2020,2,00", datetime(2020, 3, 29, 1, tzinfo=UTC)),
        ("25,10,2020,0,59", datetime(2020, 10, 24, 23, 59, tzinfo=UTC)),
        ("25,10,2020,2,00", datetime(2020, 10, 25, 2, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_as_british_wall_time(app: Flask, written: str, moment: datetime) -> None:
    form = Everything(sent(written))
    form.validate()

    assert form.closes.errors == []
    assert form.closes.data == moment
    assert Everything(MultiDict(), data={"closes": moment}).closes.data == moment


@pytest.mark.parametrize(
    ("written", "error", "wrong"),
    [
        (",5,2020,17,00", "must include a day", ("day",)),
        ("29,5,2020,,", "must include an hour and a minute", ("hour", "minute")),
        ("29,13,2020,17,00", "Enter a month from 1 to 12", ("month",)),
        ("29,5,2020,24,00", "Enter an hour from 0 to 23", ("hour",)),
        ("x,y,2020,17,00", "Enter a day from 1 to 31 and a month from 1 to 12", ("day", "month")),
        ("\u0662,5,2020,17,00", "Enter a day from 1 to 31", ("day",)),
        ("-1,5,2020,17,00", "Enter a day from 1 to 31", ("day",)),
        ("31,4,2020,17,00", "no such day", ("day",)),
        ("1,1,1,0,0", "", ()),
        ("9999999999999999999,5,2020,17,00", "Enter a day from 1 to 31", ("day",)),
        ("29,3,2020,1,30", "clocks go forward", ("hour",)),
        ("25,10,2020,1,30", "clocks go back", ("hour",)),
    ],
)
def test_what_is_no_moment_or_two_is_refused_in_words(
    app: Flask, written: str, error: str, wrong: tuple[str, ...]
) -> None:
    form = Everything(sent(written))
    form.validate()

    assert error in "".join(form.closes.errors)
    assert form.closes.wrong == wrong
    if error:
        assert form.closes.data is None
        html = str(form.closes())
        assert html.count("nhsuk-input--error") == len(wrong)
        assert f'href="#closes-{wrong[0]}"' in form.summary()


def test_only_the_page_around_all_pages_says_error_in_a_title() -> None:
    begins = re.compile(r"<title>.*Error:|title %}.*Error:")
    assert [path.name for path in TEMPLATES.rglob("*.html") if begins.search(path.read_text())] == ["base.html"]


def test_a_form_without_its_guard_against_forgery_is_refused(world: World) -> None:
    app = make_app(world, office=False)
    with app.test_request_context(method="POST"), pytest.raises(RuntimeError, match="secret key"):
        Everything(MultiDict())
    app.config["SECRET_KEY"] = "for this test"
    with app.test_request_context(method="POST"):
        form = Everything(MultiDict({"name": "x"}))
        assert not form.validate()
        assert "csrf_token" in form.errors
