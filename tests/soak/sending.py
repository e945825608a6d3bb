"""Send one ballot over HTTP, properly or badly."""

from __future__ import annotations

import http.client
import random
import socket
import struct
import time
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from scripts.demonstration.voter import SAID, authority_header

PATIENCE = 20
"""Seconds that a voter waits for an answer."""
STANDS = (1.0, 4.0)
"""Seconds, at least and at most, for which a client pauses."""


class Way(Enum):
    """How a ballot is sent; the values are the names of the voters' habits."""

    WHOLE = "whole"
    DEAF = "deaf"
    BREAKS_OFF = "breaks off"
    RESETS = "resets"
    STOPS = "stops"

    @property
    def is_whole(self) -> bool:
        """Whether the server gets all of it."""
        return self in (Way.WHOLE, Way.DEAF)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: bytes


def send(base: str, place: str, token: str, body: bytes, way: Way) -> Reply | None:
    """Cast a ballot; None if no answer came, or if the client did not wait."""
    try:
        if way is Way.WHOLE:
            return _ask(base, place, token, body)
        _spoil(base, place, token, body, way)
    except (OSError, http.client.HTTPException):
        pass
    return None


def _ask(base: str, place: str, token: str, body: bytes) -> Reply:
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=PATIENCE)
    try:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **authority_header(SAID)}
        connection.request("POST", f"/api/programmes/{place}/ballots", body, headers)
        response = connection.getresponse()
        return Reply(response.status, response.read())
    finally:
        connection.close()


def _spoil(base: str, place: str, token: str, body: bytes, way: Way) -> None:
    """Send all or half of it, and leave."""
    parts = urlsplit(base)
    said = "".join(f"{name}: {value}\r\n" for name, value in authority_header(SAID).items())
    head = (
        f"POST /api/programmes/{place}/ballots HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"{said}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    sent = body if way.is_whole else body[: len(body) // 2]
    with socket.create_connection((parts.hostname or "", parts.port or 80), PATIENCE) as connection:
        connection.sendall(head + sent)
        if way is Way.STOPS:
            time.sleep(random.uniform(*STANDS))
        if way is Way.RESETS:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if way is Way.DEAF:
            time.sleep(random.uniform(0, 0.05))
