"""The syntax of e-mail addresses, for every room that reads one. Each pattern accepts what its purpose needs.

`LOCAL_PART` is for addresses that a person or a roll gives; the domain has rules of its own (roll/addresses.py).
`ADDRESS` is for the last check before a mail server, `LOGIN` for a login name, and `IN_TEXT` finds addresses in a log.
"""

from __future__ import annotations

import re

LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64
_ATOM = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~-"
_HOST_LABEL = "[A-Za-z0-9-]{1,63}"
LOCAL_PART = re.compile(rf"[A-Za-z0-9_][{_ATOM}]*(?:\.[{_ATOM}]+)*")
"""No dot or hyphen comes first, and no two dots follow each other."""
ADDRESS = re.compile(rf"[.{_ATOM}]{{1,{LONGEST_LOCAL_PART}}}@(?:{_HOST_LABEL}\.)*{_HOST_LABEL}")
"""The domain is ASCII, and may be a single label such as localhost."""
LOGIN = re.compile(rf"[a-z0-9._%+'-]{{1,{LONGEST_LOCAL_PART}}}@[a-z0-9-]{{1,63}}(\.[a-z0-9-]{{1,63}})+")
"""In lower case, with at least two labels in the domain."""
IN_TEXT = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
"""Of any length, so that no part of an address stays in a log."""
