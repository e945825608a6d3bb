"""Compress a public page with gzip. Opt-in: a page with a secret must never be compressed.

If a compressed page holds both a secret and text chosen by a stranger, its length reveals the secret (BREACH). The
booth's page holds neither: it has the same bytes for everyone.
"""

from __future__ import annotations

import gzip

from flask import Response, request


def packed_page(html: str) -> Response:
    """The page, compressed if the browser accepts that."""
    response = Response(html, mimetype="text/html")
    response.headers["Vary"] = "Accept-Encoding"
    if request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(html.encode(), 9, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
