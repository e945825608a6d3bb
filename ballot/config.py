"""The settings of an installation, read once from a TOML file and the environment, and handed on as an argument.

    database   = "sqlite:///instance/ballot.db"      BALLOT_DATABASE     or postgresql://...
    instance   = "instance"                          BALLOT_INSTANCE     files of its own: server keys, vault, records
    board      = "vote.example.org"                  BALLOT_BOARD        the name under which the board signs
    programmes = "config"                            BALLOT_PROGRAMMES   one folder for each programme
    keys       = "keys"                              BALLOT_KEYS         what `ballot keys init` made

What the pages say about who runs them may be left out:

    organisation   = "NHS Example ICB"               BALLOT_ORGANISATION     whose name stands at the top of every page
    help_name      = "the returning officer"         BALLOT_HELP_NAME        whom to ask for help
    help_email     = "help@vote.example.org"         BALLOT_HELP_EMAIL
    help_telephone = "01772 000000"                  BALLOT_HELP_TELEPHONE
    nhs_logo       = "no"                            BALLOT_NHS_LOGO         "yes" only by leave: it is a protected mark

The office, where the officers sign in, is off unless it is asked for; it needs the storage key to start:

    office     = "yes"                               BALLOT_OFFICE           or "no"

The environment wins over the file. A passphrase is read from BALLOT_PASSPHRASE only, or from where that points
(ballot/environment.py), never from the file of settings. Table [mail] says how e-mail is sent, and may be left out
where none is (ballot/mail/settings.py has its keys). So may [desk], with the list who_sees_who_has_not_voted,
[service] (ballot/service.py), and [retention]: after_days for what is personal in a programme, log_after_days for names
in the activity log, backups and backups_after_days for a folder that holds backups alone. Each witness that is asked to
cosign the checkpoints has a table [witness.NAME] with its vkey (C2SP signed-note, type 4) and its url (tlog-witness).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ballot.mail.settings import InvalidMailSettings, MailSettings, read_mail
from ballot.protocol.errors import InvalidMessage
from ballot.record.cosignatures import Witness, parse_vkey
from ballot.service import InvalidServiceSettings, Service, read_service

SETTINGS = ("database", "instance", "board", "programmes", "keys")
MAIL, DESK, RETENTION, WITNESS, SERVICE = TABLES = "mail", "desk", "retention", "witness", "service"
OPTIONAL = ("organisation", "help_name", "help_email", "help_telephone", "nhs_logo")
SWITCHES = ("office",)
_PREFIX = "BALLOT_"
_BOARD = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?")
_URL = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,200})?")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ]{4,20}[0-9]")


class InvalidConfig(Exception):
    """A setting is missing or wrong; the sentence says which, and stops the start."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages say about who runs them."""

    organisation: str = ""
    """At the top of every page; empty: the name of the service alone."""
    help_name: str = "the returning officer"
    help_email: str = ""
    help_telephone: str = ""
    nhs_logo: bool = False
    """The NHS logo is a protected mark; whoever may use it says so."""

    @property
    def help_line(self) -> str:
        """Whom to ask, in one line."""
        return ", ".join(part for part in (self.help_name, self.help_telephone, self.help_email) if part)


@dataclass(frozen=True, slots=True)
class Retention:
    """What `ballot retention run` removes, in days; None: it stays, or is removed by hand."""

    after_days: int | None = None
    """After the last ballot of a programme has closed: what is personal in it."""
    log_after_days: int | None = None
    """After an entry of the activity log was written: the names in it."""
    backups: Path | None = None
    """A folder that holds backups and nothing else."""
    backups_after_days: int | None = None
    """After a file in it was written: the file."""


@dataclass(frozen=True, slots=True)
class WitnessSettings:
    """A witness that is asked to cosign: its key, and the submission prefix of its address (C2SP tlog-witness)."""

    witness: Witness
    url: str


@dataclass(frozen=True, slots=True)
class Config:
    """Everything an installation must be told."""

    database: str = field(repr=False)
    """May hold a password, hence not shown."""
    instance: Path
    board: str
    programmes: Path
    keys: Path
    passphrase: str | None = field(default=None, repr=False)
    """Opens the keys that the server itself needs: the board's and the storage key."""
    site: Site = field(default_factory=Site)
    mail: MailSettings | None = None
    """How e-mail is sent; None: not at all."""
    names_of_missing: tuple[str, ...] = ("returning-officer", "deputy")
    """The roles that see, while voting goes on, which practices have not voted yet."""
    retention: Retention = field(default_factory=Retention)
    office: bool = False
    """Whether the pages of the office are served."""
    witnesses: tuple[WitnessSettings, ...] = ()
    service: Service = field(default_factory=Service)


def load_config(file: Path | None, environment: Mapping[str, str], *, sends: bool = True) -> Config:
    """The settings in `file`, if one is given, and in the environment; raises InvalidConfig.

    Whoever `sends` no e-mail needs none of its secrets, and is given none.
    """
    values, tables = ({}, {}) if file is None else _read(file)
    mail = tables.get(MAIL)
    for name in (*SETTINGS, *OPTIONAL, *SWITCHES):
        if given := environment.get(_PREFIX + name.upper()):
            values[name] = given
    for name in SETTINGS:
        if not values.get(name):
            raise InvalidConfig(
                f'The setting "{name}" is missing: write it in the file, or set {_PREFIX}{name.upper()}.'
            )
    if not _BOARD.fullmatch(values["board"]):
        raise InvalidConfig('The setting "board" must be a host name, such as vote.example.org.')
    if values.get("office", "no") not in ("yes", "no"):
        raise InvalidConfig('The setting "office" must be "yes" or "no".')
    return Config(
        values["database"],
        Path(values["instance"]),
        values["board"],
        Path(values["programmes"]),
        Path(values["keys"]),
        environment.get("BALLOT_PASSPHRASE") or None,
        site=_site(values),
        mail=None if mail is None else _mail(mail, environment if sends else None),
        names_of_missing=_names_of_missing(tables.get(DESK, {})),
        retention=_retention(tables.get(RETENTION, {})),
        office=values.get("office") == "yes",
        witnesses=_witnesses(tables.get(WITNESS, {})),
        service=_service(tables.get(SERVICE, {}), environment),
    )


def _witnesses(table: dict[str, Any]) -> tuple[WitnessSettings, ...]:
    """The [witness] of the settings: a table for each, by any name."""
    found = []
    for name, entry in table.items():
        if not isinstance(entry, dict) or set(entry) != {"vkey", "url"} or not all(map(_is_text, entry.values())):
            raise InvalidConfig(f'[witness.{name[:60]}] needs "vkey" and "url", and nothing else.')
        if not _URL.fullmatch(entry["url"]):
            raise InvalidConfig(f"The url of [witness.{name[:60]}] must be such as https://witness.example.org/submit.")
        try:
            found.append(WitnessSettings(parse_vkey(entry["vkey"]), entry["url"].rstrip("/")))
        except InvalidMessage as fault:
            raise InvalidConfig(f"The vkey of [witness.{name[:60]}] cannot be used: {fault.detail}.") from None
    return tuple(found)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _names_of_missing(table: dict[str, Any]) -> tuple[str, ...]:
    """The [desk] of the settings."""
    roles = table.get("who_sees_who_has_not_voted", ["returning-officer", "deputy"])
    known = ("returning-officer", "deputy", "registrar", "observer")
    if (
        set(table) - {"who_sees_who_has_not_voted"}
        or not isinstance(roles, list)
        or not set(map(str, roles)) <= {*known}
    ):
        raise InvalidConfig(f'[desk] has only "who_sees_who_has_not_voted", a list of some of {", ".join(known)}.')
    return tuple(map(str, roles))


def _retention(table: dict[str, Any]) -> Retention:
    """The [retention] of the settings."""
    days = {name: table.get(name) for name in ("after_days", "log_after_days", "backups_after_days")}
    wrong = [name for name, n in days.items() if n is not None and (type(n) is not int or not 0 < n <= 3650)]
    if wrong or set(table) - {*days, "backups"}:
        named = wrong[0] if wrong else sorted(set(table) - {*days, "backups"})[0][:60]
        listed = ", ".join(f'"{name}"' for name in days)
        raise InvalidConfig(
            f'[retention] has only "after_days" and the like ({listed}, each a whole number from 1 to 3650) '
            f'and "backups", a folder; "{named}" is none of these.'
        )
    backups = table.get("backups")
    if (backups is None) is not (days["backups_after_days"] is None) or not isinstance(backups, str | None):
        raise InvalidConfig('[retention] has "backups", a folder, and "backups_after_days" together, or neither.')
    return Retention(
        days["after_days"], days["log_after_days"], Path(backups) if backups else None, days["backups_after_days"]
    )


def _mail(table: dict[str, Any], environment: Mapping[str, str] | None) -> MailSettings:
    try:
        return read_mail(table, environment)
    except InvalidMailSettings as fault:
        raise InvalidConfig(str(fault)) from None


def _service(table: dict[str, Any], environment: Mapping[str, str]) -> Service:
    try:
        return read_service(table, environment)
    except InvalidServiceSettings as fault:
        raise InvalidConfig(str(fault)) from None


def _site(values: Mapping[str, str]) -> Site:
    """What was said about who runs the pages; raises InvalidConfig for what no page should show."""
    given = {name: values[name].strip() for name in OPTIONAL if values.get(name, "").strip()}
    for name, value in given.items():
        if len(value) > 120 or not value.isprintable():
            raise InvalidConfig(f'The setting "{name}" must be one line of at most 120 characters.')
    if not _ADDRESS.fullmatch(given.get("help_email", "a@b.c")):
        raise InvalidConfig('The setting "help_email" must be one e-mail address.')
    if not _TELEPHONE.fullmatch(given.get("help_telephone", "01772 000000")):
        raise InvalidConfig('The setting "help_telephone" must be a telephone number of digits and spaces.')
    logo = given.pop("nhs_logo", "no")
    if logo not in ("yes", "no"):
        raise InvalidConfig('The setting "nhs_logo" must be "yes" or "no".')
    return Site(**given, nhs_logo=logo == "yes")


def _read(file: Path) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """The settings in the file, and those of its tables that it has."""
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise InvalidConfig(f"The file of settings {file} is missing.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise InvalidConfig(f"The file of settings {file} cannot be read as TOML.") from None
    tables = {name: found.pop(name) for name in TABLES if name in found}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise InvalidConfig(f'The setting "{name}" in {file} must be a table: [{name}].')
    for name, value in found.items():
        if name not in (*SETTINGS, *OPTIONAL, *SWITCHES):
            known = ", ".join((*SETTINGS, *OPTIONAL, *SWITCHES))
            raise InvalidConfig(f'There is no setting "{name[:60]}" in {file}; there are {known}.')
        if not isinstance(value, str):
            raise InvalidConfig(f'The setting "{name}" in {file} must be text in quotation marks.')
    return found, tables
