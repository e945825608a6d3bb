"""Our own style and scripts, and what is vendored: one folder, one public route, nothing from anywhere else.

A page names each file with the beginning of its SHA-256 (`?v=`): under that address its bytes never change, so that a
browser may keep it for ever. Under the bare address, as modules import one another, it is asked about every time.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Blueprint, Flask, request, send_from_directory, url_for
from werkzeug.wrappers import Response

from ballot.web.access import Rule, allow

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".toml": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}
"""Said here, since what the machine's own table says differs from machine to machine."""

files = Blueprint("files", __name__)


@files.get("/static/<path:name>")
@allow(Rule.PUBLIC)
def static_file(name: str) -> Response:
    """One file of the folder; 404 for anything that is not one."""
    kept = request.args.get("v") == version_of(name)
    answer = send_from_directory(STATIC, name, mimetype=TYPES.get(Path(name).suffix))
    if kept:
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def version_of(name: str) -> str | None:
    """The beginning of the file's SHA-256; None if there is no such file."""
    return _VERSIONS.get(name)


def address_of(name: str) -> str:
    """Where a page finds a file. Raises: KeyError for one that is not there, so that no page asks in vain."""
    return url_for("files.static_file", name=name, v=_VERSIONS[name])


def install(app: Flask) -> None:
    """The route, and `static('name')` for templates."""
    app.register_blueprint(files)
    app.jinja_env.globals["static"] = address_of


def _read_versions() -> dict[str, str]:
    return {
        file.relative_to(STATIC).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        for file in STATIC.rglob("*")
        if file.is_file()
    }


_VERSIONS = _read_versions()
