"""The signed list of the pages' files, for watchers: every file under /static, and the booth's pages."""

from __future__ import annotations

from flask import current_app, url_for
from sqlalchemy.orm import Session

from ballot.db.ballots import list_ballots
from ballot.db.programmes import ProgrammeRow
from ballot.protocol.hashing import sha256_hex
from ballot.record.assets import AssetManifest, sign_assets
from ballot.web.assets import known_assets
from ballot.web.booth.views import booth_page
from ballot.web.stage import surroundings

_KEPT = "ballot asset lists"
"""By programme, for each app: the files cannot change while it runs, so the list is made and signed once."""


def asset_list(session: Session, programme: ProgrammeRow) -> bytes:
    """assets.json of one programme; before sealing without pages, and not cached."""
    kept: dict[str, bytes] = current_app.extensions.setdefault(_KEPT, {})
    if programme.id in kept:
        return kept[programme.id]
    files = {name: asset.hash for name, asset in known_assets().items()}
    pages = {
        url_for("booth.show", programme=programme.id, ccg=row.ccg): sha256_hex(
            booth_page(programme, row.ccg, row.election).encode()
        )
        for row in list_ballots(session, programme.id)
        if row.election is not None
    }
    data = sign_assets(AssetManifest(programme.id, files, pages), surroundings().board).to_bytes()
    if programme.fingerprint is not None:
        kept[programme.id] = data
    return data
