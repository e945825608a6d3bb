"""A .zip with fixed times, so that the same files give the same bytes (with the same zlib).

Readers rightly refuse very tightly packed files as bombs. The events of a programme with hundreds of CCGs repeat
themselves so much that they would be refused, so a file that packs too tightly is stored unpacked.
"""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

Member = tuple[str, Callable[[], IO[bytes]]]
"""A file's name in the .zip, and a function that opens its bytes."""

MAX_RATIO, SLACK = 40, 2**16
"""A member may be at most MAX_RATIO times its packed size, plus SLACK bytes."""
_PIECE = 2**16


def is_too_tight(size: int, packed: int) -> bool:
    """Whether a member of these sizes in bytes must be a bomb."""
    return size > MAX_RATIO * max(packed, 1) + SLACK


def write_zip(target: IO[bytes], members: Iterable[Member], *, packed: bool = True) -> None:
    """Write a .zip of these files, sorted by name; `packed` is False if their content is packed already."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, opened in sorted(members, key=lambda member: member[0]):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED if packed and _can_be_packed(opened) else zipfile.ZIP_STORED
            entry.external_attr = 0o644 << 16
            with opened() as source, archive.open(entry, "w") as out:
                shutil.copyfileobj(source, out)


def _can_be_packed(opened: Callable[[], IO[bytes]]) -> bool:
    """Whether packing stays within the limit: packs with the settings of `zipfile` and discards the result."""
    size, length, pack = 0, 0, zlib.compressobj(wbits=-zlib.MAX_WBITS)
    with opened() as source:
        while piece := source.read(_PIECE):
            size, length = size + len(piece), length + len(pack.compress(piece))
    return not is_too_tight(size, length + len(pack.flush()))


def members_below(folder: Path) -> list[Member]:
    """Every file below a folder, by its path relative to the folder."""

    def opener(path: Path) -> Callable[[], IO[bytes]]:
        return lambda: path.open("rb")

    return [(path.relative_to(folder).as_posix(), opener(path)) for path in folder.rglob("*") if path.is_file()]
