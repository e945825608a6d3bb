"""The app at the stages of a programme, each served on a port of its own, for looking at its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, abort, render_template_string
from werkzeug.datastructures import MultiDict

from ballot.config import Config, Site
from ballot.office.acts.counting import Decide
from ballot.office.perform import perform
from ballot.web.app import create_app
from ballot.web.stage import AppSurroundings
from tests.browser.conftest import served
from tests.integration.office.world import World
from tests.support.simulator import AGAINST, FOR
from tests.web.conftest import a_world
from tests.web.form_of_everything import Everything

SITE = Site("NHS Example Integrated Care Board", "the help desk", "help@vote.example.org", "01772 000000")

PAGE_WITH_FORM = """{% extends "base.html" %}{% block title %}A form{% endblock %}{% block main %}{{ form.summary() }}
<h1>A form</h1><form method="post" novalidate>{% for field in form if field.name != "csrf_token" %}{{ field() }}
{% endfor %}</form>{% endblock %}"""


@dataclass(frozen=True, slots=True)
class Served:
    """Where it is, and the tracking numbers on its board."""

    base: str
    numbers: tuple[str, ...]


@contextmanager
def site_at(stage: str, folder: Path) -> Iterator[Served]:
    """`empty`, `draft`, `open` (a ballot superseded), `decided`, or `plain` (errors and forms, nothing configured)."""
    with a_world(folder) as world:
        if stage in ("open", "decided"):
            toml = world.programme_folder / "programme.toml"
            toml.write_text(toml.read_text().replace('policy = "final"', 'policy = "last-counts"'))
            vote(world.open())
        if stage == "draft":
            world.prepare()
        if stage == "decided":
            world.close()
            world.tally()
            perform(world.desk, world.id, Decide())
        app = app_of(world, Site() if stage == "plain" else SITE)
        answer = app.test_client().get("/api/programmes/merger/00A/board")
        numbers = tuple(entry["tracking_number"] for entry in answer.json) if answer.status_code == 200 else ()
        with served(app) as base:
            yield Served(base, numbers)


def vote(world: World) -> None:
    """Some for, some against, one changed; nobody in the last CCG."""
    for ccg in world.ccgs[:2]:
        links = world.links(ccg)
        for link, choice in ((links[0], FOR), (links[1], AGAINST), (links[0], AGAINST), (links[2], FOR)):
            assert world.cast(link, world.ballot(link, choice)).status == 200


def app_of(world: World, site: Site) -> Flask:
    """The app, with routes added that fail as told, and one with a form."""
    folder = world.folder
    config = Config("", folder / "instance", "vote.example.org", folder / "config", folder / "keys", site=site)
    app = create_app(AppSurroundings(config, world.engine, world.clock, world.board))
    app.config.update(SECRET_KEY="for these tests", WTF_CSRF_ENABLED=False)

    @app.get("/fails/<int:status>")
    def fails(status: int) -> str:
        abort(status)

    @app.get("/form")
    def form() -> str:
        return render_template_string(PAGE_WITH_FORM, form=Everything(MultiDict()))

    @app.get("/form-with-errors")
    def form_with_errors() -> str:
        wrong = Everything(MultiDict({"name": "", "listed": "x", "closes-day": "30", "closes-month": "2"}))
        wrong.validate()
        return render_template_string(PAGE_WITH_FORM, form=wrong)

    return app
