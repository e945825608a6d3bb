"""The documents of the voting pack, from the seal on and the same bytes for ever. GET only.

A browser must save such a file and never show it as a page of ours: it could hold a script. So it is an attachment,
its type is not guessed, no other site can embed it, and if it were shown after all, it would be in a sandbox.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from ballot.constitution.programme import DocumentFormat
from ballot.db.documents import find_document
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.office.sealed import read_programme
from ballot.protocol.hashing import is_hash
from ballot.web.access import AccessRule, allow
from ballot.web.stage import surroundings

documents = Blueprint("documents", __name__)

TYPES = {
    DocumentFormat.PDF: "application/pdf",
    DocumentFormat.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    DocumentFormat.OPEN_DOCUMENT: "application/vnd.oasis.opendocument.text",
    DocumentFormat.TEXT: "text/plain; charset=utf-8",
}
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "public, max-age=31536000, immutable",
}


@documents.get("/api/programmes/<programme>/documents/<sha256>")
@allow(AccessRule.PUBLIC)
def document(programme: str, sha256: str) -> Response:
    """One document of a sealed programme, by the hash that its terms name."""
    if not is_hash(sha256):
        abort(404)
    with reading(surroundings().engine) as session:
        row = find_programme(session, programme)
        body = None if row is None or row.terms is None else find_document(session, programme, sha256)
        if row is None or body is None:
            abort(404)
        packs = read_programme(row.toml).voting_packs
    kind = next(pack.format for pack in packs if pack.sha256 == sha256 and pack.format is not None)
    response = Response(body, content_type=TYPES[kind])
    response.headers.update(HEADERS)
    response.headers["Content-Disposition"] = f'attachment; filename="document-{sha256[:8]}.{kind.value}"'
    response.set_etag(sha256)
    return response.make_conditional(request)  # type: ignore[return-value]  # it answers itself
