"""E-mail to people, through the watcher's own server: smtplib, with TLS unless the settings say `none`.

[mail]
host     = "smtp.example.org"
port     = 587
security = "starttls"            or "tls", or "none" (only for a server on this machine)
user     = "watcher"             optional; the password is in BALLOT_MONITOR_PASSWORD, never in the file
sender   = "watcher@example.org"
to       = ["observer@example.org"]
"""

from __future__ import annotations

import smtplib
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from ballot.record.times import parse_time
from ballot.watch.alarms import Sighting

SECONDS = 30
SECURITIES = ("starttls", "tls", "none")
PASSWORD = "BALLOT_MONITOR_PASSWORD"  # noqa: S105  (a name, not a secret)
KEYS = frozenset({"host", "port", "security", "user", "sender", "to"})


class InvalidMailing(Exception):
    """The settings cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """The server, the sender and the recipients."""

    host: str
    port: int
    security: str
    sender: str
    to: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def read_mailing(path: Path, environment: Mapping[str, str]) -> Mailing:
    """The table [mail] of a settings file; raises InvalidMailing."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))["mail"]
        return _mailing(table, environment)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as fault:
        raise InvalidMailing(f"{path} has no readable table [mail]: {type(fault).__name__}") from None


def _mailing(table: dict[str, Any], environment: Mapping[str, str]) -> Mailing:
    if set(table) - KEYS:
        raise InvalidMailing(f"[mail] may only have {', '.join(sorted(KEYS))}")
    to, security = table["to"], table.get("security", "starttls")
    addresses = [table["sender"], *to] if isinstance(to, list) else []
    if not addresses[1:] or not all(isinstance(a, str) and "@" in a and a.isprintable() for a in addresses):
        raise InvalidMailing("[mail] needs a sender and a list of addresses, to")
    if security not in SECURITIES:
        raise InvalidMailing(f"security must be one of {', '.join(SECURITIES)}")
    if security == "none" and table["host"] not in ("localhost", "127.0.0.1", "::1"):
        raise InvalidMailing("security may be none only for a server on this machine")
    user = table.get("user")
    return Mailing(
        str(table["host"]),
        int(table.get("port", 465 if security == "tls" else 587)),
        security,
        table["sender"],
        tuple(to),
        user,
        environment.get(PASSWORD) if user else None,
    )


def compose(site: str, programme: str, at: str, sightings: list[Sighting], mailing: Mailing) -> EmailMessage:
    """The message about new sightings; `at` is the time of the look in the record's form."""
    alarms = [sighting for sighting in sightings if sighting.is_alarm]
    message = EmailMessage()
    what = f"{len(alarms)} alarm{'s' if len(alarms) > 1 else ''}" if alarms else "cannot be read"
    message["Subject"] = f"[ballot watch] {programme} at {site}: {what}"
    message["From"], message["To"] = mailing.sender, ", ".join(mailing.to)
    message["Date"] = format_datetime(parse_time(at))
    lines = [f"Looked at {site}, programme {programme}, at {at}.", "", *map(str, sightings), ""]
    lines.append("docs/watching.md says what each word means, and what to do. Keep the watcher's folder as it is.")
    message.set_content("\n".join(lines))
    return message


def send(message: EmailMessage, mailing: Mailing) -> None:
    """Send the message; raises OSError or smtplib.SMTPException."""
    context = ssl.create_default_context()
    if mailing.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(mailing.host, mailing.port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(mailing.host, mailing.port, timeout=SECONDS)
    with server:
        if mailing.security == "starttls":
            server.starttls(context=context)
        if mailing.user is not None and mailing.password is not None:
            server.login(mailing.user, mailing.password)
        server.send_message(message)
