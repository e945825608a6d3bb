"""The version of the specification that this folder follows.

Belenios 3.3.0, protocol version 1: repository glondu/belenios, tag 3.3.0, doc/specification.tex.
Where that text and archives made by the reference tool differ, the archives win (docs/adr/0001).
"""

from __future__ import annotations

from typing import Final

PROTOCOL_VERSION: Final = 1
ARCHIVE_VERSION: Final = 1

BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

MAX_SMALL_INTEGER: Final = 1073741823
"""2^30 - 1: larger weights and result entries are written as JSON strings."""

MAX_TOTAL_WEIGHT: Final = 10**11
"""The largest total weight: the result is searched up to it, and sealing refuses more."""
