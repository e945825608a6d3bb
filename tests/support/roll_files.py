"""The readers of single roll files, from bytes."""

from __future__ import annotations

from collections.abc import Sequence

from ballot.roll import epraccur
from ballot.roll.codes import check_ccgs
from ballot.roll.list_sizes import ListSizes, list_sizes_of_text
from ballot.roll.member import Roll
from ballot.roll.read import Format, detect_text
from ballot.roll.text import read_text


def read_epraccur(data: bytes, file: str, ccgs: Sequence[str]) -> Roll:
    """The active GP practices of these CCGs, without lists."""
    known = check_ccgs(ccgs)
    return epraccur.roll_of_text(read_text(data, file), known)


def read_list_sizes(data: bytes, file: str) -> ListSizes:
    """The list sizes in a file of either generation."""
    return list_sizes_of_text(read_text(data, file))


def detect(data: bytes, file: str) -> Format:
    """Which of the three formats a file has, from its first row."""
    return detect_text(read_text(data, file))
