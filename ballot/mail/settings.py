"""The table [mail] of the settings: which channel, which sender, how fast. Read by ballot/config.py.

    [mail]
    channel  = "smtp"                          # smtp, notify, maildir
    from     = "ballot@vote.example.org"
    name     = "NHS Example ballot"            # optional: shown beside the address
    reply_to = "help@vote.example.org"         # the help desk; answers go there
    return_path = "bounces+*@vote.example.org" # optional: where bounces go; `from` if left out. * becomes the message's
                                               # mark, so that the address of a bounce identifies the message
    links    = "https://vote.example.org"      # optional: what voting links begin with; https:// and the board's name
    rate     = 60                              # optional: messages a minute
    remind_days_before = [7, 2]                # optional: on these days before closing, ballot worker sends reminders
    rehearsal_to = "team@example.org"          # optional: every e-mail of a rehearsal goes here and to no one else

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
    invitation = "..."                         # and so on for reminder, reissued, receipt, has-voted, result,
    #                                            contact-changed, ballot-changed

    # maildir
    folder = "instance/mail"

Secrets come from the environment or a file that only its owner can read, never from this table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from ballot.mail.addresses import ascii_address
from ballot.mail.envelope import LENGTH
from ballot.mail.messages import Kind
from ballot.strict.email_syntax import LONGEST_LOCAL_PART
from ballot.strict.private import read_secret
from ballot.strict.toml_tables import Table

COMMON = ("channel", "from", "name", "reply_to", "return_path", "links", "rate", "rehearsal_to", "remind_days_before")
OWN = {
    "smtp": ("host", "port", "tls", "user", "password_file", "ca_file", "timeout"),
    "notify": ("templates", "base", "timeout", "api_key_file", "callback_token_file"),
    "maildir": ("folder",),
}
LOCAL = ("localhost", "127.0.0.1", "::1")
RATE, TIMEOUT = 60, 30
STAR = "*"


class ChannelName(Enum):
    """The channels."""

    SMTP = "smtp"
    NOTIFY = "notify"
    MAILDIR = "maildir"


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


PORTS = {Tls.STARTTLS: 587, Tls.TLS: 465, Tls.NONE: 25}
ChannelSettings = SmtpSettings | NotifySettings | MaildirSettings


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The sender, the rate and the channel."""

    address: str
    name: str
    reply_to: str
    return_path: str
    links: str | None
    rate: int
    channel: ChannelSettings
    rehearsal_to: str | None = None
    """Where every e-mail of a rehearsal goes instead of to the practices. None: to the practices."""

    remind_days_before: tuple[int, ...] = ()
    """On these days before closing, reminders are sent automatically."""

    @property
    def attaches(self) -> bool:
        """Whether the channel sends attachments."""
        return not isinstance(self.channel, NotifySettings)

    def return_path_of(self, mark: str) -> str:
        """The bounce address of the message with this mark."""
        return self.return_path.replace(STAR, mark)


def read_mail(table: Table, environment: Mapping[str, str] | None) -> MailSettings:
    """Read the table [mail]. Raises: FileError, or the table's own error. Neither contains a secret.

    Without an environment no secret is read. A command that sends nothing needs none, and cannot open a channel.
    """
    channel = table.word("channel", ChannelName)
    table.only(*COMMON, *OWN[channel.value])
    address = _address(table, "from")
    readers: dict[ChannelName, Callable[[Table, Mapping[str, str] | None], ChannelSettings]]
    readers = {ChannelName.SMTP: _smtp, ChannelName.NOTIFY: _notify, ChannelName.MAILDIR: _maildir}
    return MailSettings(
        address=address,
        name=table.text("name", ""),
        reply_to=_address(table, "reply_to"),
        return_path=_return_path(table) if table.has("return_path") else address,
        links=_links(table),
        rate=table.whole("rate", RATE, most=100_000),
        channel=readers[channel](table, environment),
        remind_days_before=_days(table),
        rehearsal_to=_address(table, "rehearsal_to") if table.has("rehearsal_to") else None,
    )


def _days(table: Table) -> tuple[int, ...]:
    days = table.values.get("remind_days_before", [])
    if not isinstance(days, list) or not all(type(day) is int and 0 <= day <= 60 for day in days):
        raise table.refusal('"remind_days_before" must be a list of whole numbers from 0 to 60.', "remind_days_before")
    return tuple(days)


def _smtp(table: Table, environment: Mapping[str, str] | None) -> SmtpSettings:
    host, user = table.text("host"), table.text("user", "") or None
    tls = table.word("tls", Tls, Tls.STARTTLS)
    if tls is Tls.NONE and host not in LOCAL:
        raise table.refusal('"tls" may be "none" only for this machine itself: messages hold voting links.', "tls")
    return SmtpSettings(
        host,
        table.whole("port", PORTS[tls], most=65535),
        tls,
        user,
        None if user is None else _secret(table, environment, "password", f"the password of {user}"),
        Path(table.text("ca_file")) if table.has("ca_file") else None,
        table.whole("timeout", TIMEOUT, most=60),
    )


def _notify(table: Table, environment: Mapping[str, str] | None) -> NotifySettings:
    key = _secret(table, environment, "api_key", "the API key of GOV.UK Notify")
    if environment is not None and len(key) < 74:
        raise table.refusal("The API key of GOV.UK Notify is too short: name, service and secret were expected.")
    templates, wanted = table.table("templates"), sorted(kind.value for kind in Kind)
    if set(templates.values) - {"trial"} != set(wanted):
        raise templates.refusal(f"[mail.templates] must name a template for each of {', '.join(wanted)}.")
    token = None
    if environment is not None and (table.has("callback_token_file") or environment.get("BALLOT_MAIL_CALLBACK_TOKEN")):
        token = _secret(table, environment, "callback_token", "the token of callbacks")
    if token is not None and len(token) < 20:
        raise table.refusal("The token of GOV.UK Notify's callbacks must have at least 20 characters.")
    base = table.text("base", "https://api.notifications.service.gov.uk")
    if not base.startswith(("https://", "http://127.0.0.1")):
        raise table.refusal('"base" must begin with https://.', "base")
    ids = {kind: templates.text(kind) for kind in templates.values}
    return NotifySettings(key, ids, token, base, table.whole("timeout", TIMEOUT, most=60))


def _maildir(table: Table, environment: Mapping[str, str] | None) -> MaildirSettings:
    return MaildirSettings(Path(table.text("folder")))


def _address(table: Table, name: str) -> str:
    try:
        return ascii_address(table.text(name))
    except ValueError:
        raise table.refusal(f'"{name}" must be one e-mail address.', name) from None


def _return_path(table: Table) -> str:
    """Read one address. One * before the @ is replaced by a message's mark."""
    written = table.text("return_path")
    if STAR not in written:
        return _address(table, "return_path")
    local, _, domain = written.rpartition("@")
    filled = local.replace(STAR, "0" * LENGTH)
    try:
        ascii_domain = ascii_address(f"{filled}@{domain}").rpartition("@")[2]
    except ValueError:
        filled = ""
    if not filled or local.count(STAR) != 1 or not _edged(local):
        raise table.refusal(
            '"return_path" must be one e-mail address, in which one * before the @ stands for '
            f"the {LENGTH} characters of a message's mark, as in bounces+*@vote.example.org. "
            f"With the mark, the part before the @ may have {LONGEST_LOCAL_PART} characters.",
            "return_path",
        )
    return f"{local}@{ascii_domain}"


def _edged(local: str) -> bool:
    """Whether the mark is separated from the characters next to it."""
    return all(not side[-1:].isalnum() for side in (local.partition(STAR)[0], local.partition(STAR)[2][:1]))


def _links(table: Table) -> str | None:
    if not table.has("links"):
        return None
    base = table.text("links").rstrip("/")
    if not base.startswith(("https://", "http://127.0.0.1", "http://localhost")) or "#" in base:
        raise table.refusal('"links" must begin with https://.', "links")
    return base


def _secret(table: Table, environment: Mapping[str, str] | None, name: str, what: str) -> str:
    if environment is None:
        return ""
    variable = f"BALLOT_MAIL_{name.upper()}"
    if given := environment.get(variable):
        return given
    if not table.has(f"{name}_file"):
        raise table.refusal(f"{what[0].upper()}{what[1:]} is missing: set {variable}, or {name}_file in [mail].")
    return read_secret(Path(table.text(f"{name}_file")), what)
