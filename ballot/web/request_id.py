"""A name for each request, by which its lines in the log and its answer are found together: random, no more."""

from __future__ import annotations

import secrets

import structlog
from flask import Flask, Response

HEADER = "X-Request-Id"


def install(app: Flask) -> None:
    """Name every request; what a client sends in its place is ignored."""

    @app.before_request
    def begin() -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=secrets.token_hex(8))

    @app.after_request
    def tell(response: Response) -> Response:
        name = structlog.contextvars.get_contextvars().get("request")
        if name is not None:
            response.headers[HEADER] = name
        return response
