"""The client's address behind web servers: trust as many addresses in X-Forwarded-For as the settings say."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def install(app: Flask, number: int) -> None:
    """Trust this number of proxies about the client's address, and about nothing else."""
    if number:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=0, x_host=0, x_port=0, x_prefix=0)  # type: ignore[method-assign]
