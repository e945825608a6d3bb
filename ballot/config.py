"""The settings of an installation, read once from a TOML file and the environment, and handed on as an argument.

    database   = "sqlite:///instance/ballot.db"      BALLOT_DATABASE     or postgresql://...
    instance   = "instance"                          BALLOT_INSTANCE     files of its own: server keys, vault, records
    board      = "vote.example.org"                  BALLOT_BOARD        the name under which the board signs
    programmes = "config"                            BALLOT_PROGRAMMES   one folder for each programme
    keys       = "keys"                              BALLOT_KEYS         what `ballot keys init` made

What the pages say about who runs them may be left out:

    organisation   = "NHS Example ICB"               BALLOT_ORGANISATION     whose name is at the top of every page
    help_name      = "the returning officer"         BALLOT_HELP_NAME        whom to ask for help
    help_email     = "help@vote.example.org"         BALLOT_HELP_EMAIL
    help_telephone = "01772 000000"                  BALLOT_HELP_TELEPHONE
    nhs_logo       = "no"                            BALLOT_NHS_LOGO         "yes" needs permission: a protected mark

The office, where the officers sign in, is off by default. It needs the storage key to start:

    office     = "yes"                               BALLOT_OFFICE           or "no"

The environment wins over the file. A passphrase is read from BALLOT_PASSPHRASE only, or from the place that it names
(ballot/environment.py), never from the file of settings. Four tables are optional: [mail] says how e-mail is sent
(ballot/mail/settings.py has its keys); [desk] has the lists who_sees_who_has_not_voted and scan_uploads, the command
that scans an uploaded document for viruses; [service] is in ballot/service.py; [retention] has after_days for personal
data of a programme, log_after_days for names in the activity log, and backups with backups_after_days for a folder that
holds only backups. Each witness that is asked to cosign the checkpoints has a table [witness.NAME] with its vkey (C2SP
signed-note, type 4) and its url (tlog-witness).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from ballot.mail.addresses import ascii_address
from ballot.mail.settings import MailSettings, read_mail
from ballot.protocol.errors import InvalidMessage
from ballot.record.cosignatures import Witness, parse_vkey
from ballot.service import Service, read_service
from ballot.strict.errors import FileError
from ballot.strict.toml_tables import Table, read_toml, table_of

SETTINGS = ("database", "instance", "board", "programmes", "keys")
MAIL, DESK, RETENTION, WITNESS, SERVICE = TABLES = "mail", "desk", "retention", "witness", "service"
OPTIONAL = ("organisation", "help_name", "help_email", "help_telephone", "nhs_logo")
SWITCHES = ("office",)
WHO_SEES = "who_sees_who_has_not_voted"
_PREFIX = "BALLOT_"
_BOARD = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?")
_URL = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,200})?")
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ]{4,20}[0-9]")


class YesNo(Enum):
    """The two values of a switch."""

    YES = "yes"
    NO = "no"


class InvalidConfig(Exception):
    """A setting is missing or wrong. The message says which one. The program does not start."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages say about the organisation that runs them."""

    organisation: str = ""
    """At the top of every page. If empty, the page shows only the name of the service."""
    help_name: str = "the returning officer"
    help_email: str = ""
    help_telephone: str = ""
    nhs_logo: bool = False
    """The NHS logo is a protected mark. Set this only with permission to use it."""

    @property
    def help_line(self) -> str:
        """Whom to ask for help, in one line."""
        return ", ".join(part for part in (self.help_name, self.help_telephone, self.help_email) if part)


@dataclass(frozen=True, slots=True)
class Retention:
    """What `ballot retention run` removes, in days. None means that it stays, or is removed by hand."""

    after_days: int | None = None
    """Days from the close of a programme's last ballot until its personal data is removed."""
    log_after_days: int | None = None
    """Days from the writing of an activity log entry until its names are removed."""
    backups: Path | None = None
    """A folder that holds backups and nothing else."""
    backups_after_days: int | None = None
    """Days from the writing of a file in that folder until the file is removed."""


@dataclass(frozen=True, slots=True)
class WitnessSettings:
    """A witness that is asked to cosign: its key, and the submission prefix of its address (C2SP tlog-witness)."""

    witness: Witness
    url: str


@dataclass(frozen=True, slots=True)
class Config:
    """All the settings of an installation."""

    database: str = field(repr=False)
    """May contain a password, so it is not shown."""
    instance: Path
    board: str
    programmes: Path
    keys: Path
    passphrase: str | None = field(default=None, repr=False)
    """Opens the keys that the server itself needs: the board's key and the storage key."""
    site: Site = field(default_factory=Site)
    mail: MailSettings | None = None
    """How e-mail is sent. None: no e-mail is sent."""
    names_of_missing: tuple[str, ...] = ("returning-officer", "deputy")
    """The roles that can see, during voting, which practices have not voted yet."""
    scan_uploads: tuple[str, ...] = ()
    """The command that reads an uploaded document on standard input, and refuses it unless it ends with 0."""
    retention: Retention = field(default_factory=Retention)
    office: bool = False
    """Whether the office's pages are served."""
    witnesses: tuple[WitnessSettings, ...] = ()
    service: Service = field(default_factory=Service)


def load_config(file: Path | None, environment: Mapping[str, str], *, sends: bool = True) -> Config:
    """Read the settings from `file`, if one is given, and from the environment. Raises: InvalidConfig.

    A command that does not send e-mail (`sends` is False) gets none of the mail secrets.
    """
    try:
        return _config(_Sources(_read(file), environment), environment if sends else None)
    except FileError as refusal:
        raise InvalidConfig(str(refusal)) from None


@dataclass(frozen=True, slots=True)
class _Sources:
    """The settings as given in the environment, which wins, or in the file."""

    file: Table
    environment: Mapping[str, str]

    def of(self, name: str) -> Table:
        """The table that contains this setting."""
        variable = _PREFIX + name.upper()
        value = self.environment.get(variable)
        return table_of({name: value}, variable) if value else self.file

    def text(self, name: str) -> str:
        """A required setting."""
        table = self.of(name)
        if not table.has(name):
            variable = _PREFIX + name.upper()
            raise self.file.refusal(f'The setting "{name}" is missing: write it in the file, or set {variable}.')
        return table.text(name)

    def switch(self, name: str) -> bool:
        """A setting that is "yes" or "no"; "no" if it is left out."""
        return self.of(name).word(name, YesNo, YesNo.NO) is YesNo.YES

    def table(self, name: str) -> Table:
        """One of the file's tables, or an empty one if it is left out."""
        return self.file.table(name) if self.file.has(name) else table_of({}, f"[{name}]")


def _read(file: Path | None) -> Table:
    if file is None:
        return table_of({}, "settings")
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise InvalidConfig(f"The file of settings {file} is missing.") from None
    except OSError:
        raise InvalidConfig(f"The file of settings {file} cannot be read.") from None
    table = read_toml(content, file.name, FileError, hints=False)  # a hint may repeat the line, which may have a secret
    table.only(*SETTINGS, *OPTIONAL, *SWITCHES, *TABLES)
    return table


def _config(given: _Sources, mail_environment: Mapping[str, str] | None) -> Config:
    texts = {name: given.text(name) for name in SETTINGS}
    if not _BOARD.fullmatch(texts["board"]):
        raise given.of("board").refusal('"board" must be a host name, such as vote.example.org.', "board")
    return Config(
        texts["database"],
        Path(texts["instance"]),
        texts["board"],
        Path(texts["programmes"]),
        Path(texts["keys"]),
        given.environment.get("BALLOT_PASSPHRASE") or None,
        site=_site(given),
        mail=read_mail(given.table(MAIL), mail_environment) if given.file.has(MAIL) else None,
        names_of_missing=_names_of_missing(given.table(DESK)),
        scan_uploads=_scan_uploads(given.table(DESK)),
        retention=_retention(given.table(RETENTION)),
        office=given.switch("office"),
        witnesses=tuple(_witness(given.table(WITNESS).table(name)) for name in given.table(WITNESS).values),
        service=read_service(given.table(SERVICE), given.environment),
    )


def _witness(table: Table) -> WitnessSettings:
    """Read one [witness.NAME] table."""
    table.only("vkey", "url")
    url = table.text("url")
    if not _URL.fullmatch(url):
        raise table.refusal(f'"url" {table.place()} must be such as https://witness.example.org/submit.', "url")
    try:
        return WitnessSettings(parse_vkey(table.text("vkey")), url.rstrip("/"))
    except InvalidMessage as fault:
        raise table.refusal(f'"vkey" {table.place()} cannot be used: {fault.detail}.', "vkey") from None


def _names_of_missing(table: Table) -> tuple[str, ...]:
    """Read the [desk] table."""
    table.only(WHO_SEES, "scan_uploads")
    roles = table.values.get(WHO_SEES, ["returning-officer", "deputy"])
    known = ("returning-officer", "deputy", "registrar", "observer", "scrutineer")
    if not isinstance(roles, list) or not set(map(str, roles)) <= {*known}:
        raise table.refusal(f'"{WHO_SEES}" must be a list of some of {", ".join(known)}.', WHO_SEES)
    return tuple(map(str, roles))


def _scan_uploads(table: Table) -> tuple[str, ...]:
    """The command of [desk] scan_uploads: the program, then its arguments. No shell reads it."""
    return table.texts("scan_uploads") if table.has("scan_uploads") else ()


def _retention(table: Table) -> Retention:
    """Read the [retention] table."""
    days = ("after_days", "log_after_days", "backups_after_days")
    table.only(*days, "backups")
    if table.has("backups") is not table.has("backups_after_days"):
        raise table.refusal('"backups", a folder, and "backups_after_days" belong together: write both, or neither.')
    after, log, backups = (table.whole(name, most=3650) if table.has(name) else None for name in days)
    return Retention(after, log, Path(table.text("backups")) if table.has("backups") else None, backups)


def _site(given: _Sources) -> Site:
    """Read what the pages say about the organisation that runs them."""
    said = {}
    for name in ("organisation", "help_name", "help_email", "help_telephone"):
        table = given.of(name)
        if value := table.text(name, "").strip():
            if len(value) > 120 or not value.isprintable():
                raise table.refusal(f'"{name}" must be one line of at most 120 characters.', name)
            said[name] = value
    try:
        ascii_address(said.get("help_email", "a@b.org"))
    except ValueError:
        raise given.of("help_email").refusal('"help_email" must be one e-mail address.', "help_email") from None
    if not _TELEPHONE.fullmatch(said.get("help_telephone", "01772 000000")):
        table = given.of("help_telephone")
        raise table.refusal('"help_telephone" must be a telephone number of digits and spaces.', "help_telephone")
    return Site(**said, nhs_logo=given.switch("nhs_logo"))
