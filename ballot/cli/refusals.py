"""Every refusal as a sentence for a person. An error missing from this table is a bug, and shows a traceback."""

from __future__ import annotations

import sys
from types import ModuleType

from ballot.audit.source import Unreadable
from ballot.config import InvalidConfig
from ballot.constitution.errors import ConstitutionError
from ballot.declaration.errors import NotDeclared
from ballot.mail.errors import NoMailbox
from ballot.office.errors import Refused
from ballot.protocol.errors import InvalidMessage
from ballot.registrar.errors import KeyRefused
from ballot.roll.problems import InvalidRoll

REFUSED = 2
"""The exit status of every refusal."""

_SERVER = (
    "alembic",
    "argon2",
    "flask",
    "flask_limiter",
    "flask_wtf",
    "flufl",
    "gunicorn",
    "jinja2",
    "prometheus_client",
    "psycopg",
    "pyotp",
    "segno",
    "sqlalchemy",
    "structlog",
    "webauthn",
    "werkzeug",
    "wtforms",
)
_NOTIFY = "notifications_python_client"


class Unacceptable(Exception):
    """An argument, or a file it names, that a command cannot use; the message is a sentence."""


def sentence_of(error: Exception) -> str | None:
    """The sentence for a person, without secrets; None for an unexpected error."""
    match error:
        case Refused() | KeyRefused():
            return error.sentence
        case NotDeclared():
            return str(error)
        case Unacceptable() | InvalidConfig() | InvalidRoll() | ConstitutionError() | NoMailbox():
            return str(error)
        case Unreadable():
            return f"{str(error).rstrip('.')}."
        case InvalidMessage():
            return f"What was given does not hold: {error.detail}."
        case ModuleNotFoundError() if (error.name or "").partition(".")[0] in _SERVER:
            return 'This command needs the packages of the server: pip install "nhs-ballot[server]".'
        case ModuleNotFoundError() if (error.name or "").partition(".")[0] == "typst":
            return 'PDFs need Typst: pip install "nhs-ballot[declaration]".'
        case ModuleNotFoundError() if (error.name or "").partition(".")[0] == _NOTIFY:
            return 'GOV.UK Notify needs its client: pip install "nhs-ballot[notify]".'
        case OSError():
            return of_system(error)
    return _of_database(error, sys.modules.get("sqlalchemy.exc"))


def of_system(error: OSError) -> str:
    """`FILE: No such file or directory.`"""
    parts = [str(part) for part in (error.filename, error.strerror or type(error).__name__) if part is not None]
    return f"{': '.join(parts)}."


def _of_database(error: Exception, known: ModuleType | None) -> str | None:
    """The first line of the driver's message, without statements and their values."""
    if known is None or not isinstance(error, known.SQLAlchemyError):
        return None
    said = str(getattr(error, "orig", None) or type(error).__name__).strip().partition("\n")[0].rstrip(".")
    return f"The database could not be used: {said}. Before you do it again, look: all of it was done, or nothing."
