"""How often one address may ask: so many times a minute, more often for what is only read (ballot/service.py).

Counted in the memory of each worker, and forgotten with it. What tells an operator how the service is doing is not
limited: whoever watches it must not be shut out by whoever floods it. Signing in has its own, slower brake
(office/staff/throttle.py), which outlives a restart. Whoever asks too often is answered 429 (web/errors.py).
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, request
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.util import get_remote_address

from ballot.service import Service


def install(app: Flask, service: Service, unlimited: frozenset[str]) -> None:
    """Hold every request to the limits, but for these endpoints. A limit of 0 is none."""
    kinds = (("posts", service.posts_a_minute, _is_read), ("reads", service.reads_a_minute, _is_sent))
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri="memory://",
        strategy="fixed-window",
        application_limits=[_limit(kind, most, exempt) for kind, most, exempt in kinds if most],
    )
    limiter.request_filter(lambda: request.endpoint in unlimited)


def _limit(kind: str, most: int, exempt: Callable[[], bool]) -> ApplicationLimit:
    return ApplicationLimit(f"{most} per minute", exempt_when=exempt, scope=kind)


def _is_sent() -> bool:
    return request.method == "POST"


def _is_read() -> bool:
    return request.method != "POST"
