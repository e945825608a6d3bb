"""The log on standard error: a line of text for people, or of JSON for machines, redacted either way.

    2026-05-11 09:00:00,000 ballot.booth cast merger 00A: 200 accepted
    {"event": "cast merger 00A: 200 accepted", "word": "accepted", "request": "5f...", "logger": "ballot.booth", ...}

Code writes with `logging`; what it gives as `extra` becomes fields of the JSON, and so does the name of the request.
What a service says of its own course ("Listening on ...", "9 sent.") is printed for people, and logged for machines.
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
    """Lines for people: an exception's lines follow, and nothing is left in that must not be."""

    def format(self, record: logging.LogRecord) -> str:
        return str(redacted_fields({"line": super().format(record)})["line"])


def set_up_logs(*, json: bool) -> None:
    """Send what `ballot` and gunicorn log to standard error."""
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
    """The function by which a service says what it does: in the log of that name if the log is JSON, else printed."""
    return logging.getLogger(name).info if json else say


def _redact(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return redacted_fields(event)
