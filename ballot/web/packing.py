"""Packing a public page with gzip. Only where it is asked for: a page with a secret in it must never be packed.

The length of a packed page that holds both a secret and something chosen by a stranger tells the secret (BREACH). The
booth's page holds neither: it is the same bytes whoever asks.
"""

from __future__ import annotations

import gzip

from flask import Response, request


def packed_page(html: str) -> Response:
    """The page, packed for a browser that can unpack it."""
    response = Response(html, mimetype="text/html")
    response.headers["Vary"] = "Accept-Encoding"
    if request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(html.encode(), 9, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
