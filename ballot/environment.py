"""The environment, and the other places where its secrets can be: files, or systemd's credentials.

    BALLOT_PASSPHRASE=...                             in the environment itself
    BALLOT_PASSPHRASE_FILE=/run/secrets/passphrase    in a file of mode 0600, as container engines hand out secrets
    $CREDENTIALS_DIRECTORY/passphrase                 LoadCredential= or LoadCredentialEncrypted= of a systemd unit

This works for every BALLOT_ variable. A credential has the name of its variable, in lower case, with dashes. The
environment itself wins, then the file, then the credential. A newline at the end of a file is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ballot.strict.private import why_not_private

PREFIX, FILE = "BALLOT_", "_FILE"
CREDENTIALS = "CREDENTIALS_DIRECTORY"
LARGEST = 64 * 1024


class InvalidEnvironment(Exception):
    """A secret's file cannot be used. The message names the file and says why. It never says what the file contains."""


def with_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, with the value of every secret that it only points to. Raises: InvalidEnvironment."""
    found: dict[str, str] = {}
    if folder := environment.get(CREDENTIALS):
        found |= _credentials(Path(folder))
    for name, value in environment.items():
        if name.startswith(PREFIX) and name.endswith(FILE) and value:
            found[name.removesuffix(FILE)] = _read(Path(value), private=True)
    return {**found, **{name: value for name, value in environment.items() if value}}


def _credentials(folder: Path) -> dict[str, str]:
    """Read the credentials. systemd makes the folder for this service. Its modes show an ACL and are not checked."""
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
