"""The table [service] of the settings: what stands in front of the app, how much it takes, what it tells its operator.

    [service]
    proxies = 1                       # web servers in front whose X-Forwarded-For is believed; 0: none (default)
    posts_a_minute = 600              # from one address, in each worker: entries, casts, forms; 0: no limit
    reads_a_minute = 3000             # the same for whatever is only read
    log = "json"                      # or "text" (default)
    metrics_token_file = "FILE"       # or BALLOT_METRICS_TOKEN: who shows it may read /metrics; without it nobody may

The limits are generous, since a whole CCG may come from one address of HSCN. They are counted in each worker's memory;
whoever wants them exact puts a limit into the web server in front (deploy/nginx.conf has one).
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

METRICS_TOKEN = "BALLOT_METRICS_TOKEN"  # noqa: S105  (the name of a variable)
SHORTEST_TOKEN = 24
KEYS = ("proxies", "posts_a_minute", "reads_a_minute", "log", "metrics_token_file")


class InvalidServiceSettings(Exception):
    """A setting of [service] is wrong; the sentence says which, and holds no secret."""


@dataclass(frozen=True, slots=True)
class Service:
    """How the app is served."""

    proxies: int = 0
    posts_a_minute: int = 600
    reads_a_minute: int = 3000
    json_log: bool = False
    metrics_token: str | None = field(default=None, repr=False)
    """None: nobody may read the metrics."""


def read_service(table: Mapping[str, Any], environment: Mapping[str, str]) -> Service:
    """The settings in the table [service], and its secret; raises InvalidServiceSettings."""
    for name in table:
        if name not in KEYS:
            raise InvalidServiceSettings(
                f'There is no setting "{name[:60]}" in [service]; there are {", ".join(KEYS)}.'
            )
    log = table.get("log", "text")
    if log not in ("json", "text"):
        raise InvalidServiceSettings('The setting "log" in [service] must be "json" or "text".')
    return Service(
        proxies=_number(table, "proxies", Service().proxies, 8),
        posts_a_minute=_number(table, "posts_a_minute", Service().posts_a_minute, 10**6),
        reads_a_minute=_number(table, "reads_a_minute", Service().reads_a_minute, 10**6),
        json_log=log == "json",
        metrics_token=_token(table, environment),
    )


def _number(table: Mapping[str, Any], name: str, default: int, most: int) -> int:
    value = table.get(name, default)
    if type(value) is not int or not 0 <= value <= most:
        raise InvalidServiceSettings(f'The setting "{name}" in [service] must be a whole number from 0 to {most}.')
    return value


def _token(table: Mapping[str, Any], environment: Mapping[str, str]) -> str | None:
    token = environment.get(METRICS_TOKEN)
    if token is None and (given := table.get("metrics_token_file")) is not None:
        token = _first_line(Path(str(given)))
    if token is not None and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable()):
        raise InvalidServiceSettings(f"The token for /metrics must have at least {SHORTEST_TOKEN} plain characters.")
    return token


def _first_line(file: Path) -> str:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        line = (file.read_text("utf-8").splitlines() or [""])[0]
    except (OSError, UnicodeDecodeError):
        raise InvalidServiceSettings(f"The file {file.name} of the token for /metrics cannot be read.") from None
    if mode & 0o077:
        raise InvalidServiceSettings(f"{file.name} may be read by others: its mode is {mode:04o}; 0600 was expected.")
    return line
