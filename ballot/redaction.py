"""Remove from every log text and field what no log may contain, whatever the code meant to write.

This is the second line of defence. The first is that no secret is given to a logger at all; tests check that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ballot.protocol.spec import BASE58
from ballot.strict.email_syntax import IN_TEXT

HIDDEN = "[redacted]"
NAMES = (
    "authorization",
    "cookie",
    "credential",
    "email",
    "passphrase",
    "password",
    "passwd",
    "secret",
    "token",
    "totp",
)
"""A field whose name contains one of these words is never written."""

_BASE58 = f"[{BASE58}]"
_HYPHEN = r"(?:[%=-](?:25)*2D|&#(?:45|x2D);|[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d])"
"""A hyphen as mail systems write it. `withoutEscapes` and `OTHER_HYPHENS` in protocol.js undo the same forms."""
_GROUPS = rf"(?:{_HYPHEN}|[ +]|%(?:25)*20)?".join(["[0-9A-Z]{5}"] * 5 + ["[0-9A-Z]{2}"])
"""A letter's code, however its groups are parted."""
_PATTERNS = (
    re.compile(r"(?i)(?:#|%(?:25)*23)[^\s\"'<>]{40,}"),  # what follows the # of a voting link, however it is written
    re.compile(r"eyJwcm9ncmFtbWUi[^\s\"'<>]*"),  # a token from its first character on, in a link of any mail gateway
    re.compile(r"aHR0c[A-Za-z0-9+/_=%-]{100,}"),  # a link in Base64, as some mail gateways write it
    re.compile(f"(?i:{_HYPHEN})".join(f"{_BASE58}{{{n}}}" for n in (5, 6, 5, 6))),  # a private credential
    re.compile(rf"(?i)(?<![0-9A-Z])(?=\D{{0,31}}[0-9]){_GROUPS}(?![0-9A-Z])"),  # a letter's code; words have no digit
    re.compile(r"[A-Za-z0-9_-]{40,}(?:\.|%(?:25)*2[Ee])[A-Za-z0-9_-]{60,}"),  # a token, or part of one
    re.compile(r"(?i)(?<=bearer )\S+"),
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]*(?=@)"),  # user and password in an address
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END|\Z)", re.DOTALL),
    IN_TEXT,  # an e-mail address
)


def redacted(text: str) -> str:
    """`text` without secrets and addresses."""
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text


def redacted_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields of a log line, redacted by name and by content, at every depth."""
    return {name: HIDDEN if _is_secret(name) else _redacted(value) for name, value in fields.items()}


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in NAMES)


def _redacted(value: object) -> object:
    if isinstance(value, Mapping):
        return redacted_fields({str(name): entry for name, entry in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(entry) for entry in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redacted(value if isinstance(value, str) else repr(value))
