"""What the environment says, and where its secrets may lie instead: in files, or in systemd's credentials.

    BALLOT_PASSPHRASE=...                             in the environment itself
    BALLOT_PASSPHRASE_FILE=/run/secrets/passphrase    in a file of mode 0600, as container engines hand out secrets
    $CREDENTIALS_DIRECTORY/passphrase                 LoadCredential= or LoadCredentialEncrypted= of a systemd unit

The same for every BALLOT_ variable; a credential is named like its variable, in lower case, with dashes. Whatever
stands in the environment itself wins, then the file, then the credential. A newline at a file's end is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ballot.strict.private import why_not_private

PREFIX, FILE = "BALLOT_", "_FILE"
CREDENTIALS = "CREDENTIALS_DIRECTORY"
LARGEST = 64 * 1024


class InvalidEnvironment(Exception):
    """A file of a secret cannot be used; the sentence names it and says why, never what is in it."""


def with_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with every secret that it only points at; raises InvalidEnvironment."""
    found: dict[str, str] = {}
    if folder := environment.get(CREDENTIALS):
        found |= _credentials(Path(folder))
    for name, value in environment.items():
        if name.startswith(PREFIX) and name.endswith(FILE) and value:
            found[name.removesuffix(FILE)] = _read(Path(value), private=True)
    return {**found, **{name: value for name, value in environment.items() if value}}


def credential_name(variable: str) -> str:
    """`passphrase-returning-officer` for BALLOT_PASSPHRASE_RETURNING_OFFICER."""
    return variable.removeprefix(PREFIX).lower().replace("_", "-")


def _credentials(folder: Path) -> dict[str, str]:
    """Those of this service. systemd made the folder for it alone: modes are not looked at, since they show an ACL."""
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:
        raise InvalidEnvironment(f"The folder that {CREDENTIALS} names cannot be read.") from None
    return {f"{PREFIX}{path.name.upper().replace('-', '_')}": _read(path, private=False) for path in files}


def _read(path: Path, *, private: bool) -> str:
    try:
        reason = why_not_private(path) if private else None
        data = path.read_bytes()
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise InvalidEnvironment(f"The file of a secret, {path.name}, cannot be read as text.") from None
    if reason is not None:
        raise InvalidEnvironment(reason)
    if len(data) > LARGEST or "\0" in text:
        raise InvalidEnvironment(f"The file of a secret, {path.name}, holds what no secret is.")
    return text.removesuffix("\n").removesuffix("\r")
