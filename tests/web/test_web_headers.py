"""Every route answers with every header, for every client and every refusal."""

from __future__ import annotations

from pathlib import Path

from ballot.office.on_time import tick
from ballot.web.security import HEADERS
from tests.web.conftest import a_world, make_app

ALWAYS = {name: value for name, value in HEADERS.items() if name != "Cache-Control"}
FILLED = {"programme": "merger", "ccg": "00A", "election": "00A", "part": "rules", "kind": "invitation"}
BROWSER = {"Accept": "text/html"}


def test_every_route_and_every_refusal_has_every_header(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        tick(world.open().desk)
        app = make_app(world)
        client = app.test_client()
        addresses = app.url_map.bind("localhost")
        asked = 0
        for rule in app.url_map.iter_rules():
            known = next(iter((rule.methods or set()) & {"GET", "POST"}))
            values = {name: FILLED.get(name, "1") for name in rule.arguments}
            path = addresses.build(rule.endpoint, values, method=known, append_unknown=False)
            for method, headers in (("GET", BROWSER), ("GET", {}), ("POST", BROWSER), ("POST", {}), ("OPTIONS", {})):
                body = b"{}" if method == "POST" else None
                answer = client.open(path, method=method, headers=headers, data=body)
                assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, (method, path, answer.status)
                assert answer.status_code < 500, (method, path)
                kept = answer.headers["Cache-Control"]
                assert kept == "no-store" or path.startswith("/static/"), (method, path, kept)
                asked += 1
        assert asked > 300
