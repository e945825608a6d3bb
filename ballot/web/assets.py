"""The page's files: scripts, styles, pictures under /static, each with its type and the hash of what is in it.

Served are the files that were in the package when the process began, and nothing else: an address is looked up, never
joined to a folder. A module imports others by plain relative address, so those are asked for again each time and
answered with 304; an address that carries the file's hash (`asset_url`) may be kept for ever. What a page needs of many
modules is linked into one script (`BUNDLES`). Text is packed with gzip once; nothing secret is ever among it.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request

from ballot.protocol.hashing import Hash, sha256_hex
from ballot.web.access import Rule, allow
from ballot.web.bundle import bundle

assets = Blueprint("assets", __name__)

STATIC = Path(__file__).resolve().parent / "static"

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""What is served at all; licences and tables that lie beside are not."""

BUNDLES = {"booth.js": "booth/booth.js", "checker.js": "booth/checker.js"}
"""Address -> the module that it begins with."""

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    body: bytes
    type: str
    hash: Hash = field(init=False)
    packed: bytes | None = field(init=False)
    """The same in gzip, where that is shorter."""

    def __post_init__(self) -> None:
        packed = gzip.compress(self.body, 9, mtime=0)
        object.__setattr__(self, "hash", sha256_hex(self.body))
        object.__setattr__(self, "packed", packed if len(packed) < len(self.body) else None)


@cache
def known_assets() -> dict[str, Asset]:
    """Every file that is served, by its address below /static/."""
    paths = sorted(path for path in STATIC.rglob("*") if path.suffix in TYPES and path.is_file())
    found = {path.relative_to(STATIC).as_posix(): Asset(path.read_bytes(), TYPES[path.suffix]) for path in paths}
    modules = {name: asset.body for name, asset in found.items()}
    return found | {name: Asset(bundle(entry, modules), TYPES[".js"]) for name, entry in BUNDLES.items()}


def asset_url(name: str) -> str:
    """The address of a file with its hash, for templates; KeyError if there is no such file."""
    return f"/static/{name}?v={known_assets()[name].hash}"


@assets.get("/static/<path:name>")
@allow(Rule.PUBLIC)
def asset(name: str) -> Response:
    """One file, or 304 where the browser has it."""
    found = known_assets().get(name)
    if found is None:
        abort(404)
    packed = found.packed if request.accept_encodings["gzip"] > 0 else None
    response = Response(packed or found.body, content_type=found.type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(f"{found.hash}-gzip" if packed else found.hash)
    response.headers["Cache-Control"] = FOR_EVER if request.args.get("v") == found.hash else ASK_AGAIN
    return response.make_conditional(request)  # type: ignore[return-value]  # it answers itself


def install(app: Flask) -> None:
    """Serve the files, and let templates ask for their addresses."""
    app.register_blueprint(assets)
    app.jinja_env.globals["asset_url"] = asset_url
