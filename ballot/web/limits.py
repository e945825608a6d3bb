"""How often one address may ask: so many times a minute, more often for what is only read (ballot/service.py).

Counted in the memory of each worker, and forgotten with it. What tells an operator how the service is doing is not
limited: whoever watches it must not be shut out by whoever floods it. A password costs much to check, so an address may
send a tenth of that many of them. Guesses under one login name wait besides (office/staff/throttle.py), and that
outlives a restart. Whoever asks too often is answered 429 (web/errors.py).

One address is one however the web server in front writes it: with a port, in brackets, or as IPv4 within IPv6. A home
or an office has 2**64 addresses of IPv6 at least, so that there the network of 64 bits counts as one.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

from flask import Flask, request
from flask_limiter import ApplicationLimit, Limiter

from ballot.service import Service

NO_ADDRESS = "unknown"
"""The bucket for requests without a readable address."""
SHARE_OF_PASSWORDS = 10
"""One in this many of the forms that an address may send may hold a password."""


def install(app: Flask, service: Service, unlimited: frozenset[str], passwords: frozenset[str]) -> None:
    """Limit requests, except to `unlimited` endpoints; `passwords` are endpoints that check one. 0 means no limit."""
    posts = service.posts_a_minute
    kinds = (
        ("posts", posts, _is_read),
        ("reads", service.reads_a_minute, _is_sent),
        ("passwords", max(1, posts // SHARE_OF_PASSWORDS) if posts else 0, lambda: not _is_password(passwords)),
    )
    limiter = Limiter(
        lambda: bucket_of(request.remote_addr or ""),
        app=app,
        storage_uri="memory://",
        strategy="fixed-window",
        application_limits=[_limit(kind, most, exempt) for kind, most, exempt in kinds if most],
    )
    limiter.request_filter(lambda: request.endpoint in unlimited)


def bucket_of(written: str) -> str:
    """The bucket that counts the requests from an address, as a web server in front wrote it."""
    address = _read(written) or _read(written.rpartition(":")[0])
    if address is None:
        return NO_ADDRESS
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)


def _read(written: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(written.strip("[]"))
    except ValueError:
        return None


def _limit(kind: str, most: int, exempt: Callable[[], bool]) -> ApplicationLimit:
    return ApplicationLimit(f"{most} per minute", exempt_when=exempt, scope=kind)


def _is_password(endpoints: frozenset[str]) -> bool:
    return _is_sent() and request.endpoint in endpoints


def _is_sent() -> bool:
    return request.method == "POST"


def _is_read() -> bool:
    return request.method != "POST"
