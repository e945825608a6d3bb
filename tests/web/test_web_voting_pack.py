"""The document that a practice votes on: its name, its hash and, if given, its address."""

from __future__ import annotations

from html import unescape

from tests.integration.office.world import World
from tests.web.addresses import SITE, bearer
from tests.web.conftest import make_app

HASH = "5e" * 32
PACK = f'''
[[voting_pack]]
name = "Case for <change>"
sha256 = "{HASH}"
url = "https://documents.example.org/case.pdf?edition=2&copy=1"

[[voting_pack]]
name = "Paper by post"
sha256 = "{"0f" * 32}"
'''


def test_the_booth_and_the_entry_name_the_pack_by_hash_and_address(world: World) -> None:
    file = world.programme_folder / "programme.toml"
    file.write_text(file.read_text().replace("[trustees]", f"{PACK}\n[trustees]"))
    world.open()
    client = make_app(world).test_client()
    link = world.links()[0]

    page = client.get("/vote/merger/00A").text
    told = client.post(f"{SITE}/00A/entry", headers=bearer(link.token)).get_json()

    assert "Case for &lt;change&gt;" in page
    assert 'href="https://documents.example.org/case.pdf?edition=2&amp;copy=1"' in page
    assert HASH in page
    assert "Paper by post. This document is not on this page: ask your CCG for it, or ask" in unescape(page)
    assert page.count("is not on this page") == 1, "the other one has a link"
    assert [(pack["name"], pack["sha256"], pack["url"]) for pack in told["voting_packs"]] == [
        ("Case for <change>", HASH, "https://documents.example.org/case.pdf?edition=2&copy=1"),
        ("Paper by post", "0f" * 32, None),
    ]
