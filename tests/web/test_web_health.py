"""What monitoring sees: alive, ready, and figures that reveal no vote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ballot.config import Config
from ballot.service import Service
from ballot.web.app import create_app
from ballot.web.stage import AppSurroundings
from tests.integration.office.world import World
from tests.support.simulator import AGAINST, FOR
from tests.web.addresses import CAST, CCG, SITE, bearer
from tests.web.conftest import a_world

TOKEN = "only-for-the-figures-000"


def app_of(world: World, service: Service) -> AppSurroundings:
    config = Config("", world.instance, "vote.example.org", world.folder, world.keys, service=service)
    return AppSurroundings(config, world.engine, world.clock, world.board)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("health")) as world:
        yield world.open()


def test_figures_are_for_the_operator_s_token_alone(opened: World) -> None:
    guarded = create_app(app_of(opened, Service(metrics_token=TOKEN))).test_client()
    without = create_app(app_of(opened, Service())).test_client()

    assert [guarded.get("/metrics", headers=head).status_code for head in ({}, bearer("x"), bearer(TOKEN))] == [
        403,
        403,
        200,
    ]
    assert without.get("/metrics", headers=bearer(TOKEN)).status_code == 404


def test_no_figure_tells_who_voted_or_what(opened: World) -> None:
    told = []
    for link, vote in zip(opened.links()[:2], (FOR, AGAINST), strict=True):
        client = create_app(app_of(opened, Service(metrics_token=TOKEN))).test_client()
        body = opened.ballot(link, vote)
        assert client.post(CAST, data=body, headers=bearer(link.token)).status_code == 200
        assert client.post(CAST, data=b"{}", headers=bearer(link.token)).status_code == 400
        assert client.get(f"{CCG}/board").status_code == 200
        told.append(client.get("/metrics", headers=bearer(TOKEN)).text)
    for text_ in told:
        assert not re.search(r"merger|00A|Y0000|Y0001|practice \d|example", text_)
    counts = [re.findall(r"^(?!.*(?:_sum|_bucket|_created|outbox)).*$", text_, re.M) for text_ in told]
    assert counts[0] == counts[1]
    assert 'ballot_casts_total{word="accepted"} 1.0' in told[0]
    assert 'route="/api/programmes/<programme>/<ccg>/ballots",status="400"} 1.0' in told[0]
    assert "ballot_outbox_due 2.0" in told[1]  # a receipt for each: both were queued when the second was asked for


def test_it_is_ready_only_with_the_tables_of_this_version(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        client = create_app(app_of(world, Service())).test_client()
        assert client.get("/readyz").json == {"status": "ready"}
        with world.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        answers = [client.get(path) for path in ("/readyz", "/healthz")]
        assert [answer.status_code for answer in answers] == [503, 200]
        assert answers[0].json["word"] == "tables-differ"


def test_whoever_asks_too_often_waits_and_others_do_not(opened: World) -> None:
    service = Service(posts_a_minute=2, reads_a_minute=3, proxies=1)
    client = create_app(app_of(opened, service)).test_client()

    def ask(method: str, path: str, address: str) -> int:
        answer = client.open(path, method=method, headers={"X-Forwarded-For": f"203.0.113.9, {address}"}, data=b"{}")
        assert answer.status_code != 429 or (answer.json["word"], answer.headers["Retry-After"]) == (
            "too-many-requests",
            "60",
        )
        return answer.status_code

    assert [ask("GET", SITE, "192.0.2.1") for _ in range(5)] == [200, 200, 200, 429, 429]
    assert [ask("POST", CAST, "192.0.2.1") for _ in range(3)] == [400, 400, 429]
    assert [ask("GET", "/healthz", "192.0.2.1") for _ in range(4)] == [200] * 4
    assert ask("GET", SITE, "192.0.2.2") == 200


@pytest.mark.parametrize(
    ("first", "same", "other"),
    [
        pytest.param("192.0.2.1:1024", ["192.0.2.1:65535", "192.0.2.1"], "192.0.2.2:1024", id="address and port"),
        pytest.param("::ffff:192.0.2.1", ["192.0.2.1", "[::ffff:c000:201]:9"], "::ffff:192.0.2.2", id="v4 in v6"),
        pytest.param("[2001:db8::1]:443", ["2001:db8::2", "[2001:db8::3]"], "[2001:db8:0:1::1]:443", id="a network"),
        pytest.param("2001:db8::a:1", ["2001:db8:0:0:ffff:1:2:3", "2001:DB8::7%eth0"], "2001:db8:1::a:1", id="v6"),
        pytest.param("unknown", ["_hidden", "x" * 5000, "[:", '"["', "192.0.2.1.9"], "192.0.2.1", id="no address"),
    ],
)
def test_one_asker_is_one_however_the_web_server_in_front_writes_the_address(
    opened: World, first: str, same: list[str], other: str
) -> None:
    client = create_app(app_of(opened, Service(reads_a_minute=len(same) + 1, proxies=1))).test_client()

    def ask(address: str) -> int:
        return client.get(SITE, headers={"X-Forwarded-For": f"203.0.113.9, {address}"}).status_code

    assert [ask(address) for address in (first, *same)] == [200] * (len(same) + 1)
    assert [ask(address) for address in (*same, first)] == [429] * (len(same) + 1)
    assert ask(other) == 200


def test_every_answer_has_a_name_of_its_own_whatever_the_client_says(opened: World) -> None:
    client = create_app(app_of(opened, Service())).test_client()
    names = [client.get(path, headers={"X-Request-Id": "mine"}).headers["X-Request-Id"] for path in ("/", "/nowhere")]
    assert len(set(names)) == 2
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in names)


def test_a_figure_that_cannot_be_written_costs_no_vote_its_receipt(
    opened: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_app(app_of(opened, Service())).test_client()
    link = opened.links()[2]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("prometheus_client.Counter.labels", full)
    answer = client.post(CAST, data=opened.ballot(link), headers=bearer(link.token))
    assert (answer.status_code, answer.json["programme"]) == (200, "merger")
