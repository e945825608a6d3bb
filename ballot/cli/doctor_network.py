"""The doctor's outside checks: whether mail gets through, and what the public address answers, with which headers."""

from __future__ import annotations

import http.client
import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from ballot.cli.doctor_checks import Diagnosis, Health, judged
from ballot.config import Config
from ballot.mail.envelope import LENGTH
from ballot.mail.settings import MaildirSettings, SmtpSettings, Tls
from ballot.mail.smtp import SmtpChannel
from ballot.web.security import HEADERS

PATIENCE = 10
RENEW = timedelta(days=21)
NO_MARK = "0" * LENGTH
"""A mark of no message, for the return path."""


def mail(config: Config, newest: str | None = None) -> Iterator[Diagnosis]:
    """Connect and sign in to the mail server, and ask whether it would take a message; send nothing.

    `newest` is the recipient of the newest message: only an outside address shows whether a server relays.
    """
    if config.mail is None:
        yield Diagnosis(
            "mail", Health.WARN, "no [mail] in the settings", "without it nobody gets an invitation or receipt"
        )
        return
    channel = config.mail.channel
    if isinstance(channel, SmtpSettings):
        sender = config.mail.return_path_of(NO_MARK)
        recipients = dict.fromkeys(address for address in (newest, config.mail.reply_to) if address)
        why = SmtpChannel(channel, config.board.partition(":")[0]).try_connection(sender, recipients)
        mend = "see [mail] in the settings, and ballot mail test --to you@example.org"
        yield judged(
            "mail", why is None, f"{channel.host} takes our connection, and would take our messages", why or "", mend
        )
        if channel.tls is Tls.NONE:
            yield Diagnosis(
                "mail over TLS", Health.WARN, "not encrypted to a server on this machine", "fine for a relay here"
            )
    elif isinstance(channel, MaildirSettings):
        yield Diagnosis(
            "mail", Health.WARN, "goes into a folder, not to people", 'for a real ballot: channel = "smtp" or "notify"'
        )
        good = not channel.folder.exists() or os.access(channel.folder, os.W_OK)
        yield judged("mail folder", good, "can be written", f"{channel.folder} cannot be written", "chown it")
    else:
        yield Diagnosis("mail", Health.NA, "GOV.UK Notify is not asked here: ballot mail test --to you@example.org")


def address(config: Config, url: str | None, ca_file: Path | None) -> Iterator[Diagnosis]:
    """Check HTTPS with a good certificate, our headers on the answer, and only a redirect on plain HTTP."""
    parts = urlsplit(url or f"https://{config.board}")
    host, port = parts.hostname or "", parts.port
    if parts.scheme != "https":
        yield Diagnosis("address", Health.FAIL, f"{parts.scheme or 'no scheme'} is not https", "put TLS in front")
        return
    context = ssl.create_default_context(cafile=ca_file)
    connection = http.client.HTTPSConnection(host, port or 443, timeout=PATIENCE, context=context)
    try:
        connection.request("GET", "/readyz")
        expires = _expiry(connection)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as fault:
        why = getattr(fault, "verify_message", None) or getattr(fault, "strerror", None) or type(fault).__name__
        yield Diagnosis(
            "address", Health.FAIL, f"https://{host} does not answer: {why}", "web server, certificate, DNS, firewall"
        )
        return
    finally:
        connection.close()
    yield judged(
        "address", answer.status == 200, "answers and is ready", f"answers {answer.status}", "see readyz, the log"
    )
    if expires is not None:
        yield judged(
            "certificate",
            expires - datetime.now(UTC) > RENEW,
            f"good until {expires:%Y-%m-%d}",
            f"good until {expires:%Y-%m-%d} only",
            "renew it before voting opens",
            Health.WARN,
        )
    wrong = [name for name, value in HEADERS.items() if answer.getheader(name) != value]
    yield judged(
        "headers", not wrong, "as they left us", f"{', '.join(wrong)} changed on the way", "let the proxy pass them on"
    )
    if server := answer.getheader("Server"):
        bare = not any(letter.isdigit() for letter in server)
        yield judged("server's name", bare, server, f"{server}", "hide the version: server_tokens off", Health.WARN)
    yield _plain(host, url)


def _expiry(connection: http.client.HTTPSConnection) -> datetime | None:
    """The expiry of the certificate in use."""
    sock = connection.sock
    shown = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
    until = (shown or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC) if isinstance(until, str) else None


def _plain(host: str, url: str | None) -> Diagnosis:
    """The answer on port 80; checked only for the usual address."""
    if url is not None and urlsplit(url).port not in (None, 443):
        return Diagnosis("plain HTTP", Health.NA, "another port was named")
    connection = http.client.HTTPConnection(host, 80, timeout=PATIENCE)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        good = answer.status in (301, 308) and (answer.getheader("Location") or "").startswith("https://")
        return judged("plain HTTP", good, "only redirects", f"answers {answer.status}", "redirect all of it to https")
    except (OSError, http.client.HTTPException):
        return Diagnosis("plain HTTP", Health.OK, "does not answer")
    finally:
        connection.close()
