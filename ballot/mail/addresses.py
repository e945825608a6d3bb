"""An e-mail address in the form that every mail server accepts: ASCII, an international domain in its IDNA form.

Addresses from the roll were checked there. This is the last check before one reaches a header or a server.
"""

from __future__ import annotations

import idna

from ballot.strict.email_syntax import ADDRESS, LONGEST_ADDRESS


def ascii_address(address: str) -> str:
    """The address with its domain in ASCII. Raises ValueError unless the text is exactly one address."""
    local, at, domain = address.rpartition("@")
    try:
        written = f"{local}{at}{domain if domain.isascii() else idna.encode(domain.lower()).decode('ascii')}"
    except UnicodeError:
        raise ValueError("one e-mail address was expected") from None
    if len(written) > LONGEST_ADDRESS or not ADDRESS.fullmatch(written) or written[0] in "-.":
        raise ValueError("one e-mail address was expected")
    return written
