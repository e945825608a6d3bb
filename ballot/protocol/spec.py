"""Which text this folder follows, pinned in one place.

Belenios 3.3.0, protocol version 1: repository glondu/belenios, tag 3.3.0, doc/specification.tex.
Where that text and archives made by the reference tool differ, the archives win (docs/adr/0001).
"""

from __future__ import annotations

from typing import Final

SPECIFICATION: Final = "Belenios 3.3.0"
PROTOCOL_VERSION: Final = 1
ARCHIVE_VERSION: Final = 1

BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

MAX_SMALL_INTEGER: Final = 1073741823
"""Weights and result entries above this are written as JSON strings (2^30 - 1)."""

MAX_TOTAL_WEIGHT: Final = 10**11
"""The discrete logarithm that ends a tally is searched up to here; sealing refuses more."""
