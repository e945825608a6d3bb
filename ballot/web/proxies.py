"""Who asks, where web servers stand in front: as many addresses of X-Forwarded-For are believed as the settings say."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def install(app: Flask, number: int) -> None:
    """Believe so many proxies about the address that they were asked from, and about nothing else."""
    if number:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=0, x_host=0, x_port=0, x_prefix=0)  # type: ignore[method-assign]
