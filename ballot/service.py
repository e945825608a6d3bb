"""The table [service] of the settings: the proxies in front of the app, its rate limits, its log and its metrics.

    [service]
    proxies = 1                       # web servers in front whose X-Forwarded-For is believed; 0: none (default)
    posts_a_minute = 600              # from one address, in each worker: entries, casts, forms; 0: no limit
    reads_a_minute = 3000             # from one address, in each worker: requests that only read; 0: no limit
    log = "json"                      # or "text" (default)
    metrics_token_file = "FILE"       # or BALLOT_METRICS_TOKEN: needed to read /metrics; without it no one can

The limits are generous, because a whole CCG may come from one HSCN address. Each worker counts in its own memory. For
an exact limit, set one in the web server in front (deploy/nginx.conf has one).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from ballot.strict.private import read_secret
from ballot.strict.toml_tables import Table

METRICS_TOKEN = "BALLOT_METRICS_TOKEN"  # noqa: S105  (the name of a variable)
SHORTEST_TOKEN = 24
KEYS = ("proxies", "posts_a_minute", "reads_a_minute", "log", "metrics_token_file")


class LogForm(Enum):
    """The form of the log."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Service:
    """How the app is served."""

    proxies: int = 0
    posts_a_minute: int = 600
    reads_a_minute: int = 3000
    json_log: bool = False
    metrics_token: str | None = field(default=None, repr=False)
    """None: no one can read the metrics."""


def read_service(table: Table, environment: Mapping[str, str]) -> Service:
    """Read the table [service] and its secret. Raises: FileError, or the table's own error."""
    table.only(*KEYS)
    return Service(
        proxies=table.whole("proxies", Service().proxies, least=0, most=8),
        posts_a_minute=table.whole("posts_a_minute", Service().posts_a_minute, least=0, most=10**6),
        reads_a_minute=table.whole("reads_a_minute", Service().reads_a_minute, least=0, most=10**6),
        json_log=table.word("log", LogForm, LogForm.TEXT) is LogForm.JSON,
        metrics_token=_token(table, environment),
    )


def _token(table: Table, environment: Mapping[str, str]) -> str | None:
    token = environment.get(METRICS_TOKEN)
    if token is None and table.has("metrics_token_file"):
        token = read_secret(Path(table.text("metrics_token_file")), "the token for /metrics")
    if token is not None and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable()):
        raise table.refusal(f"The token for /metrics must have at least {SHORTEST_TOKEN} plain characters.")
    return token
