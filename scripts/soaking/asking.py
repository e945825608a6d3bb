"""Whether a machine can take a vote: its /readyz."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit


def is_ready(base: str) -> bool:
    """Whether it says so now."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
