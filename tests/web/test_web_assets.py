"""The page's files: served with type and hash, cached if the address has the hash, and nothing else served."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ballot.web import assets, security
from ballot.web.assets import STATIC, TYPES, asset_url, known_assets, release

MODULE = "protocol.js"
MODULES = sorted(name for name in known_assets() if name.endswith(".js") and not name.startswith("vendor/"))


@pytest.fixture(scope="module")
def files() -> FlaskClient:
    """An app that only serves files."""
    app = Flask("files", static_folder=None)
    app.url_map.merge_slashes = False  # as create_app does
    assets.install(app)
    security.install(app)
    return app.test_client()


def test_every_file_of_a_known_type_is_served_as_it_is(files: FlaskClient) -> None:
    assert MODULE in known_assets()
    for name, asset in known_assets().items():
        answer = files.get(f"/static/{name}")
        assert (answer.status_code, answer.data) == (200, (STATIC / name).read_bytes())
        assert answer.headers["Content-Type"] == TYPES[Path(name).suffix]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["ETag"] == f'"{asset.hash}"'


def test_a_module_is_asked_for_again_and_answered_without_its_body(files: FlaskClient) -> None:
    first = files.get(f"/static/{MODULE}")
    again = files.get(f"/static/{MODULE}", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.data) == (304, b"")


def test_an_address_with_the_right_hash_may_be_kept_for_ever(files: FlaskClient) -> None:
    assert "immutable" in files.get(asset_url(MODULE)).headers["Cache-Control"]
    other = files.get(f"/static/{'0' * 16}/{MODULE}")
    assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-cache")
    assert files.get(f"/static/{release()}/{release()}/{MODULE}").status_code == 404


def test_the_address_names_the_hash_of_what_sha256sum_would_list(tmp_path: Path) -> None:
    listed = [
        f"{hashlib.sha256((STATIC / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(known_assets())
    ]

    assert asset_url(MODULE) == f"/static/{hashlib.sha256(''.join(listed).encode()).hexdigest()[:16]}/{MODULE}"


@pytest.mark.parametrize("name", MODULES)
def test_what_a_script_imports_is_kept_for_ever_too(files: FlaskClient, name: str) -> None:
    for relative in re.findall(r' from "(.+?)"', (STATIC / name).read_text()):
        assert relative.startswith("./")
        answer = files.get(f"{asset_url(name).rpartition('/')[0]}/{relative.removeprefix('./')}")
        assert (answer.status_code, "immutable" in answer.headers["Cache-Control"]) == (200, True)


def test_no_script_of_ours_lies_in_a_folder_and_the_page_of_votes_needs_two_and_the_curve() -> None:
    assert [name for name in MODULES if "/" in name] == []
    imports = {name: re.findall(r' from "(.+?)"', (STATIC / name).read_text()) for name in MODULES}
    assert imports["protocol.js"] == ["./vendor/noble-ed25519/index.js"]
    assert imports["booth.js"] == imports["checker.js"] == ["./protocol.js"]
    assert imports["trustee.js"] == ["./ceremony.js", "./protocol.js"]
    assert imports["ceremony.js"] == ["./protocol.js"], "and voters' pages load neither"


@pytest.mark.parametrize(
    "path",
    [
        "vendor",
        "vendor/",
        "none.js",
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "//protocol.js",
    ],
)
def test_what_is_no_file_of_ours_is_not_there(files: FlaskClient, path: str) -> None:
    assert files.get(f"/static/{path}").status_code == 404


def test_a_template_cannot_name_a_file_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        asset_url("none.js")


def test_scripts_come_from_our_own_files_only() -> None:
    policy = security.HEADERS["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
