"""The voting pack is given out from the seal on: the same bytes for ever, as a file that no browser shows as a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ballot.office.errors import Refused
from ballot.protocol.canonical import parse_json
from ballot.protocol.hashing import sha256_hex
from tests.integration.office.world import World
from tests.web.addresses import SITE, bearer
from tests.web.conftest import a_world, make_app

CASE = b"%PDF-1.7 the case for change"
HASH = str(sha256_hex(CASE))
PACK = f'''
[[voting_pack]]
name = "Case for <change>"
sha256 = "{HASH}"
format = "pdf"
size = {len(CASE)}
'''


def with_pack(world: World, data: bytes = CASE, name: str = "case.pdf") -> World:
    file = world.programme_folder / "programme.toml"
    file.write_text(file.read_text().replace("[trustees]", f"{PACK}\n[trustees]"))
    (world.programme_folder / "packs").mkdir()
    (world.programme_folder / "packs" / name).write_bytes(data)
    return world


def test_a_document_is_given_out_once_sealed_and_never_as_a_page(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        with_pack(world).prepare()
        address = f"{SITE}/documents/{HASH}"
        assert make_app(world).test_client().get(address).status_code == 404
    (tmp_path / "sealed").mkdir()
    with a_world(tmp_path / "sealed") as world:
        with_pack(world).open()
        client = make_app(world).test_client()
        answer = client.get(address)

        assert (answer.status_code, answer.data, answer.content_type) == (200, CASE, "application/pdf")
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "immutable" in answer.headers["Cache-Control"]
        for other in (f"{SITE}/documents/{'0' * 64}", f"{SITE}/documents/x", f"/api/programmes/x/documents/{HASH}"):
            assert client.get(other).status_code == 404
        page = client.get("/vote/merger/00A").text
        assert f'data-address="{address}"' in page
        assert "(PDF, 1 kB)" in page
        told = client.post(f"{SITE}/00A/entry", headers=bearer(world.links()[0].token)).get_json()
        assert told["voting_packs"][0]["url"] == address
        sealed = {"name": "Case for <change>", "sha256": HASH, "format": "pdf", "size": len(CASE)}
        assert parse_json(told["terms_text"].encode())["voting_pack"] == [sealed]
        with pytest.raises(DBAPIError), world.engine.begin() as connection:
            connection.execute(text("UPDATE document SET body = 'x'"))


@pytest.mark.parametrize(
    ("data", "name"), [(b"%PDF-1.7 the case for none__", "case.pdf"), (CASE, "case.txt"), (CASE[:-1], "case.pdf")]
)
def test_a_ballot_is_not_prepared_with_another_document_than_its_file_says(
    tmp_path: Path, data: bytes, name: str
) -> None:
    with a_world(tmp_path) as world, pytest.raises(Refused):
        with_pack(world, data, name).prepare()
