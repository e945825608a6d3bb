"""A random name for each request, which links its log lines and its answer."""

from __future__ import annotations

import secrets

import structlog
from flask import Flask, Response

HEADER = "X-Request-Id"


def install(app: Flask) -> None:
    """Name every request; ignore a name that a client sends."""

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
