"""Every address of the app, filled in for the small programme."""

from __future__ import annotations

import base64

from ballot.protocol.hashing import sha256_hex
from tests.integration.office.world import SAID, World

SITE = "/api/programmes/merger"
CCG = f"{SITE}/00A"
CAST = f"{CCG}/ballots"
PAGES = (
    "/",
    "/board/merger",
    "/board/merger/events",
    "/board/merger/checkpoints",
    "/board/merger/find",
    "/board/merger/00A",
    "/board/merger/00A/ballots",
    "/how-to-check",
    "/accessibility",
)
"""Those for people."""
READABLE = (
    *PAGES,
    "/healthz",
    "/vote/merger/00A",
    "/how-it-is-counted",
    "/check-paper",
    "/api/programmes",
    SITE,
    f"{SITE}/terms.json",
    f"{SITE}/events.jsonl",
    f"{SITE}/checkpoints.jsonl",
    f"{CCG}/election.json",
    f"{CCG}/election.bel",
    f"{CCG}/board",
    f"{SITE}/logs",
    f"{SITE}/logs/00A/checkpoint",
    f"{SITE}/logs/00A/checkpoint/1",
    f"{SITE}/logs/00A/inclusion/0/1",
    f"{SITE}/logs/events/consistency/1/3",
    f"{SITE}/files/programme.toml",
    f"{SITE}/files/roll.csv",
    f"{SITE}/files/constitutions/00A.toml",
    f"{SITE}/files/keys/board.pub",
    f"{SITE}/assets.json",
)
"""Those that answer 200 while voting goes on."""


def readable(world: World) -> list[str]:
    """The same, with a receipt."""
    link = world.links()[0]
    body = world.ballot(link)
    return [*READABLE, receipt_of(body)]


def receipt_of(body: bytes) -> str:
    """Where the receipt of a ballot is."""
    return f"{CCG}/receipts/{sha256_hex(body)}"


def bearer(token: str) -> dict[str, str]:
    """The headers with a token and with who casts the ballot."""
    return {"Authorization": f"Bearer {token}", "Ballot-Authority": base64.b64encode(SAID).decode()}
