"""No interim result exists anywhere: if two ballots differ only in the votes, nothing shown or stored differs.

What is random is taken out first: ciphertexts, proofs, hashes, signatures are long strings without a blank.
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import select

from ballot.db.session import reading
from ballot.db.tables import Base
from ballot.office.staff.roles import StaffRole
from tests.integration.office.world import World
from tests.support.simulator import AGAINST, FOR
from tests.web.conftest import a_world, make_app
from tests.web.staff import staff_client
from tests.web.test_web_headers import FILLED
from tests.web.test_web_routes import GOLDEN

RANDOM = re.compile(rb"[0-9A-Za-z+/=_-]{16,}|[0-9A-F]{4}( [0-9A-F]{4}){7,}|[0-9a-f]{4}( [0-9a-f]{4}){7,}")
TOKEN = re.compile(rb'name="csrf_token"[^>]*>')
LEFT_OUT = ("/static/", "/metrics", "/office/account/password", "/api/programmes/<programme>/record-so-far.zip")
"""Files of ours; what needs the operator's token, tested apart; a new QR code each time; a .zip of all the rest."""


def without_randomness(data: bytes) -> bytes:
    """Archives have zero bytes between their parts, as many as a part is short of a block."""
    return RANDOM.sub(b"", TOKEN.sub(b"", data.replace(b"\0", b"")))


def everything(folder: Path, votes: list[list[int]]) -> dict[str, bytes]:
    """Every page and file that can be read, by the public and by the returning officer, and every row."""
    folder.mkdir()
    with a_world(folder) as world:
        world.open()
        for link, vote in zip(world.links(), votes, strict=False):
            assert world.cast(link, world.ballot(link, vote)).status == 200
        return {**said(world), **stored(world)}


def said(world: World) -> dict[str, bytes]:
    app = make_app(world)
    officer, found = staff_client(app, world, StaffRole.RETURNING_OFFICER), {}
    routes = [line.split()[1] for line in GOLDEN.read_text().splitlines() if "GET" in line.split()[0]]
    for route in routes:
        if route.startswith(LEFT_OUT):
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: FILLED.get(name[1], "1"), route)
        for who, client in (("anybody", app.test_client()), ("officer", officer)):
            answer = client.get(path)
            found[f"{who} {path} {answer.status_code}"] = without_randomness(answer.data)
    return found


def stored(world: World) -> dict[str, bytes]:
    with reading(world.engine) as session:
        return {
            table.name: b"\n".join(
                without_randomness(plain(value)) for row in session.execute(select(table)) for value in row
            )
            for table in Base.metadata.sorted_tables
        }


def plain(value: object) -> bytes:
    """A value as text; hashes and salts, which are bytes and no text, are nothing but random."""
    if not isinstance(value, bytes):
        return str(value).encode()
    return value if value.isascii() else b""


def test_whatever_is_said_or_stored_while_the_ballot_is_open_is_the_same_however_anybody_votes(tmp_path: Path) -> None:
    one = everything(tmp_path / "one", [FOR, FOR, FOR])
    other = everything(tmp_path / "other", [AGAINST, AGAINST, FOR])
    assert len(one) > 150
    assert {name for name in one | other if one.get(name) != other.get(name)} == set()
