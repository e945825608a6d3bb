"""An e-mail address in the form that every mail server accepts: ASCII, an international domain in its IDNA form.

Addresses from the roll were checked there. This is the last check before one reaches a header or a server.
"""

from __future__ import annotations

import re

import idna

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
_LONGEST = 254


def ascii_address(address: str) -> str:
    """The address with its domain in ASCII. Raises ValueError unless the text is exactly one address."""
    local, at, domain = address.rpartition("@")
    try:
        written = f"{local}{at}{domain if domain.isascii() else idna.encode(domain.lower()).decode('ascii')}"
    except UnicodeError:
        raise ValueError("one e-mail address was expected") from None
    if len(written) > _LONGEST or not _ADDRESS.fullmatch(written) or written[0] in "-.":
        raise ValueError("one e-mail address was expected")
    return written
