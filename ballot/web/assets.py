"""The pages' files: scripts, styles and pictures under /static, each with its type and hash.

Only the files that were in the package when the process began are served: an address is looked up, never joined to a
folder. Scripts are the modules in the repository, byte for byte, without bundling. They import each other by relative
address, so the address in a page (`asset_url`) has one hash over all files (`release`) as its first folder. Browsers
may keep every file below it for ever, including those that only a module or a style names. At its plain address a file
is revalidated each time, with 304 if unchanged. Text is compressed with gzip once; none of it is secret.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request

from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.assets import release_of
from ballot.web.access import AccessRule, allow

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
"""The file types that are served; licences and tables beside them are not."""

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

_RELEASE = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    body: bytes
    type: str
    hash: Hash = field(init=False)
    packed: bytes | None = field(init=False)
    """The content in gzip, if that is shorter."""

    def __post_init__(self) -> None:
        packed = gzip.compress(self.body, 9, mtime=0)
        object.__setattr__(self, "hash", sha256_hex(self.body))
        object.__setattr__(self, "packed", packed if len(packed) < len(self.body) else None)


@cache
def known_assets() -> dict[str, Asset]:
    """Every file that is served, by its address below /static/."""
    paths = sorted(path for path in STATIC.rglob("*") if path.suffix in TYPES and path.is_file())
    return {path.relative_to(STATIC).as_posix(): Asset(path.read_bytes(), TYPES[path.suffix]) for path in paths}


@cache
def release() -> str:
    """The folder in every file's address: the start of the hash of the list of files."""
    return release_of({name: asset.hash for name, asset in known_assets().items()})


def asset_url(name: str) -> str:
    """The permanent address of a file, for templates; KeyError if there is no such file."""
    if name not in known_assets():
        raise KeyError(name)
    return f"/static/{release()}/{name}"


@assets.get("/static/<path:name>")
@allow(AccessRule.PUBLIC)
def asset(name: str) -> Response:
    """Serve one file, or 304 if the browser has it. At another release's address, serve ours without caching."""
    first, _, rest = name.partition("/")
    found = known_assets().get(rest if _RELEASE.fullmatch(first) else name)
    if found is None:
        abort(404)
    packed = found.packed if request.accept_encodings["gzip"] > 0 else None
    response = Response(packed or found.body, content_type=found.type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(f"{found.hash}-gzip" if packed else found.hash)
    response.headers["Cache-Control"] = FOR_EVER if first == release() else ASK_AGAIN
    return response.make_conditional(request)  # type: ignore[return-value]  # it answers itself


def install(app: Flask) -> None:
    """Serve the files, and let templates look up their addresses."""
    app.register_blueprint(assets)
    app.jinja_env.globals["asset_url"] = asset_url
