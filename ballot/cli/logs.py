"""The log on standard error: text lines for people, or JSON lines for machines, both redacted.

2026-05-11 09:00:00,000 ballot.booth cast merger 00A: 200 accepted
{"event": "cast merger 00A: 200 accepted", "word": "accepted", "request": "5f...", "logger": "ballot.booth", ...}

Code writes with `logging`. Its `extra` and the request's name become fields of the JSON. A service's own progress
("Listening on ...", "9 sent.") is printed for people, and logged for machines.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from ballot.cli.say import say
from ballot.redaction import redacted_fields

_BEFORE: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


class _PlainLines(logging.Formatter):
    """Lines for people, followed by an exception's lines; secrets are removed."""

    def format(self, record: logging.LogRecord) -> str:
        return str(redacted_fields({"line": super().format(record)})["line"])


def set_up_logs(*, json: bool) -> None:
    """Send the logs of `ballot` and gunicorn to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    if json:
        handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=_BEFORE,
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _redact,
                    structlog.processors.JSONRenderer(),
                ],
            )
        )
    else:
        handler.setFormatter(_PlainLines("%(asctime)s %(name)s %(message)s"))
    for name, level in (("ballot", logging.INFO), ("gunicorn.error", logging.ERROR)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)


def teller(name: str, *, json: bool) -> Callable[[str], None]:
    """How a service reports progress: to the log `name` if the log is JSON, otherwise by printing."""
    return logging.getLogger(name).info if json else say


def _redact(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return redacted_fields(event)
