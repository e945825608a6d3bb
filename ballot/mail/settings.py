"""The table [mail] of the settings: which channel, in whose name, how fast. Read by ballot/config.py.

    [mail]
    channel  = "smtp"                          # smtp, notify, maildir
    from     = "ballot@vote.example.org"
    name     = "NHS Example ballot"            # optional: shown beside the address
    reply_to = "help@vote.example.org"         # the help desk; answers go there
    return_path = "bounces+*@vote.example.org" # optional: where bounces go; `from` if left out. * becomes the message's
                                               # mark, so that a bounce is known by its address alone
    links    = "https://vote.example.org"      # optional: what voting links begin with; https:// and the board's name
    rate     = 60                              # optional: messages a minute
    remind_days_before = [7, 2]                # optional: on these days before closing, ballot worker sends reminders
    rehearsal_to = "team@example.org"          # optional: every e-mail of a rehearsal goes here and to nobody else

    # smtp
    host = "smtp.example.org"
    port = 587                                 # optional: 587 for starttls, 465 for tls, 25 for none
    tls  = "starttls"                          # starttls (default), tls; none only on this machine's own address
    user = "ballot"                            # optional; its password: BALLOT_MAIL_PASSWORD or password_file
    ca_file = "ca.pem"                         # optional: trust this authority instead of the system's
    timeout = 30                               # optional: seconds

    # notify: the key is BALLOT_MAIL_API_KEY or api_key_file; its callbacks' token BALLOT_MAIL_CALLBACK_TOKEN or
    #         callback_token_file
    [mail.templates]                           # ids of templates there
    invitation = "..."                         # and so on for reminder, reissued, receipt, has-voted, result

    # maildir
    folder = "instance/mail"

Secrets come from the environment or a file that only its owner can read, never from this table.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from ballot.mail.addresses import ascii_address
from ballot.mail.envelope import LENGTH
from ballot.mail.messages import Kind

COMMON = ("channel", "from", "name", "reply_to", "return_path", "links", "rate", "rehearsal_to", "remind_days_before")
OWN = {
    "smtp": ("host", "port", "tls", "user", "password_file", "ca_file", "timeout"),
    "notify": ("templates", "base", "timeout", "api_key_file", "callback_token_file"),
    "maildir": ("folder",),
}
PORTS = {"starttls": 587, "tls": 465, "none": 25}
LOCAL = ("localhost", "127.0.0.1", "::1")
RATE, TIMEOUT = 60, 30
STAR, LOCAL_PART = "*", 64


class InvalidMailSettings(Exception):
    """A setting of [mail] is missing or wrong; the sentence says which, and holds no secret."""


class Tls(Enum):
    """`STARTTLS` and `TLS` both check the server's certificate and name."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    host: str
    port: int
    tls: Tls
    user: str | None
    password: str | None = field(repr=False)
    ca_file: Path | None
    timeout: int


@dataclass(frozen=True, slots=True)
class NotifySettings:
    api_key: str = field(repr=False)
    templates: Mapping[str, str]
    callback_token: str | None = field(repr=False)
    base: str
    timeout: int


@dataclass(frozen=True, slots=True)
class MaildirSettings:
    folder: Path


ChannelSettings = SmtpSettings | NotifySettings | MaildirSettings


@dataclass(frozen=True, slots=True)
class MailSettings:
    """In whose name, how fast, and by which channel."""

    address: str
    name: str
    reply_to: str
    return_path: str
    links: str | None
    rate: int
    channel: ChannelSettings
    rehearsal_to: str | None = None
    """Where every e-mail of a rehearsal goes instead of to the practices; None: to the practices."""

    remind_days_before: tuple[int, ...] = ()

    def return_path_of(self, mark: str) -> str:
        """Where the bounces of the message with this mark go."""
        return self.return_path.replace(STAR, mark)

    """On which days before closing reminders go out by themselves."""


def read_mail(table: Mapping[str, Any], environment: Mapping[str, str] | None) -> MailSettings:
    """The settings in the table [mail]; raises InvalidMailSettings.

    Without an environment no secret is read, for whoever sends nothing: what they hold cannot open a channel.
    """
    kind = _text(table, "channel")
    if kind not in OWN:
        raise InvalidMailSettings(f'The setting "channel" in [mail] must be one of {", ".join(OWN)}.')
    for name in table:
        if name not in (*COMMON, *OWN[kind]):
            known = ", ".join((*COMMON, *OWN[kind]))
            raise InvalidMailSettings(f'There is no setting "{name[:60]}" in [mail] for {kind}; there are {known}.')
    address = _address(table, "from")
    readers: dict[str, Callable[[Mapping[str, Any], Mapping[str, str] | None], ChannelSettings]]
    readers = {"smtp": _smtp, "notify": _notify, "maildir": _maildir}
    return MailSettings(
        address=address,
        name=_text(table, "name", ""),
        reply_to=_address(table, "reply_to"),
        return_path=_return_path(table) if "return_path" in table else address,
        links=_links(table),
        rate=_whole(table, "rate", RATE, 1, 100_000),
        channel=readers[kind](table, environment),
        remind_days_before=_days(table),
        rehearsal_to=_address(table, "rehearsal_to") if "rehearsal_to" in table else None,
    )


def _days(table: Mapping[str, Any]) -> tuple[int, ...]:
    days = table.get("remind_days_before", [])
    if not isinstance(days, list) or not all(type(day) is int and 0 <= day <= 60 for day in days):
        raise InvalidMailSettings('The setting "remind_days_before" in [mail] must be a list of numbers from 0 to 60.')
    return tuple(days)


def _smtp(table: Mapping[str, Any], environment: Mapping[str, str] | None) -> SmtpSettings:
    host, user = _text(table, "host"), _text(table, "user", "") or None
    written = _text(table, "tls", "starttls")
    if written not in PORTS:
        raise InvalidMailSettings('The setting "tls" in [mail] must be starttls, tls or none.')
    if written == "none" and host not in LOCAL:
        raise InvalidMailSettings(
            'The setting "tls" in [mail] may be "none" only for this machine itself: the messages hold voting links.'
        )
    password = None
    if user is not None:
        password = _secret(table, environment, "password", f"the password of {user}")
    return SmtpSettings(
        host,
        _whole(table, "port", PORTS[written], 1, 65535),
        Tls(written),
        user,
        password,
        Path(_text(table, "ca_file")) if "ca_file" in table else None,
        _whole(table, "timeout", TIMEOUT, 1, 60),
    )


def _notify(table: Mapping[str, Any], environment: Mapping[str, str] | None) -> NotifySettings:
    key = _secret(table, environment, "api_key", "the API key of GOV.UK Notify")
    if environment is not None and len(key) < 74:
        raise InvalidMailSettings("The API key of GOV.UK Notify is too short: name, service and secret were expected.")
    templates = table.get("templates")
    wanted = {kind.value for kind in Kind}
    if not isinstance(templates, dict) or set(templates) - {"trial"} != wanted:
        listed = ", ".join(sorted(wanted))
        raise InvalidMailSettings(f'The setting "templates" in [mail] must name a template for each of {listed}.')
    if not all(isinstance(id, str) and id for id in templates.values()):
        raise InvalidMailSettings('The setting "templates" in [mail] must hold the id of each template, as text.')
    token = None
    if environment is not None and ("callback_token_file" in table or environment.get("BALLOT_MAIL_CALLBACK_TOKEN")):
        token = _secret(table, environment, "callback_token", "the token of callbacks")
    if token is not None and len(token) < 20:
        raise InvalidMailSettings("The token of GOV.UK Notify's callbacks must have at least 20 characters.")
    base = _text(table, "base", "https://api.notifications.service.gov.uk")
    if not base.startswith(("https://", "http://127.0.0.1")):
        raise InvalidMailSettings('The setting "base" in [mail] must begin with https://.')
    return NotifySettings(key, dict(templates), token, base, _whole(table, "timeout", TIMEOUT, 1, 60))


def _maildir(table: Mapping[str, Any], environment: Mapping[str, str] | None) -> MaildirSettings:
    return MaildirSettings(Path(_text(table, "folder")))


def _text(table: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = table.get(name, default)
    if value is None or (value == "" and default is None):
        raise InvalidMailSettings(f'The setting "{name}" in [mail] is missing.')
    if not isinstance(value, str) or not value.isprintable():
        raise InvalidMailSettings(f'The setting "{name}" in [mail] must be one line of text in quotation marks.')
    return value


def _address(table: Mapping[str, Any], name: str) -> str:
    try:
        return ascii_address(_text(table, name))
    except ValueError:
        raise InvalidMailSettings(f'The setting "{name}" in [mail] must be one e-mail address.') from None


def _return_path(table: Mapping[str, Any]) -> str:
    """One address, in which one * before the @ may stand for a message's mark."""
    written = _text(table, "return_path")
    if STAR not in written:
        return _address(table, "return_path")
    local, _, domain = written.rpartition("@")
    filled = local.replace(STAR, "0" * LENGTH)
    try:
        ascii_domain = ascii_address(f"{filled}@{domain}").rpartition("@")[2]
    except ValueError:
        filled = ""
    if not filled or local.count(STAR) != 1 or not _edged(local):
        raise InvalidMailSettings(
            'The setting "return_path" in [mail] must be one e-mail address, in which one * before the @ stands for '
            f"the {LENGTH} characters of a message's mark, as in bounces+*@vote.example.org; "
            f"what stands before the @ may have {LOCAL_PART} characters with the mark."
        )
    return f"{local}@{ascii_domain}"


def _edged(local: str) -> bool:
    """Whether the mark can be told from what stands beside it."""
    return all(not side[-1:].isalnum() for side in (local.partition(STAR)[0], local.partition(STAR)[2][:1]))


def _links(table: Mapping[str, Any]) -> str | None:
    if "links" not in table:
        return None
    base = _text(table, "links").rstrip("/")
    if not base.startswith(("https://", "http://127.0.0.1", "http://localhost")) or "#" in base:
        raise InvalidMailSettings('The setting "links" in [mail] must begin with https://.')
    return base


def _whole(table: Mapping[str, Any], name: str, default: int, least: int, most: int) -> int:
    value = table.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidMailSettings(f'The setting "{name}" in [mail] must be a whole number from {least} to {most}.')
    return value


def _secret(table: Mapping[str, Any], environment: Mapping[str, str] | None, name: str, what: str) -> str:
    if environment is None:
        return ""
    variable = f"BALLOT_MAIL_{name.upper()}"
    if given := environment.get(variable):
        return given
    if f"{name}_file" not in table:
        raise InvalidMailSettings(f"{what[0].upper()}{what[1:]} is missing: set {variable}, or {name}_file in [mail].")
    file = Path(_text(table, f"{name}_file"))
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        line = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InvalidMailSettings(f"The file {file}, with {what}, cannot be read.") from None
    if mode & 0o077:
        raise InvalidMailSettings(f"The file {file} may be read by others: its mode is {mode:04o}, not 0600.")
    if not line or not line[0].strip():
        raise InvalidMailSettings(f"The file {file} has nothing in its first line; {what} was expected.")
    return line[0].strip()
