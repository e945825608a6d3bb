"""A .zip of files with fixed times, so that the same files are the same bytes (by the same zlib).

A reader takes what is packed very tightly for a bomb, and rightly so. The events of a programme with hundreds of CCGs
repeat themselves so much that they would be: what cannot be packed within the limit is stored as it is.
"""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

Member = tuple[str, Callable[[], IO[bytes]]]
"""A file by its name in the .zip, and how its bytes are opened."""

MAX_RATIO, SLACK = 40, 2**16
"""A member has at most so many times its packed bytes, and these few more."""
_PIECE = 2**16


def is_too_tight(size: int, packed: int) -> bool:
    """Whether a member that was packed like this can only be a bomb."""
    return size > MAX_RATIO * max(packed, 1) + SLACK


def write_zip(target: IO[bytes], members: Iterable[Member], *, packed: bool = True) -> None:
    """The .zip of these files in the order of their names; `packed` is False where they are packed already."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, opened in sorted(members, key=lambda member: member[0]):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED if packed and _can_be_packed(opened) else zipfile.ZIP_STORED
            entry.external_attr = 0o644 << 16
            with opened() as source, archive.open(entry, "w") as out:
                shutil.copyfileobj(source, out)


def _can_be_packed(opened: Callable[[], IO[bytes]]) -> bool:
    """Found by packing it, with the settings of `zipfile`, and throwing that away."""
    size, length, pack = 0, 0, zlib.compressobj(wbits=-zlib.MAX_WBITS)
    with opened() as source:
        while piece := source.read(_PIECE):
            size, length = size + len(piece), length + len(pack.compress(piece))
    return not is_too_tight(size, length + len(pack.flush()))


def members_below(folder: Path) -> list[Member]:
    """Every file of a folder, by its path in it."""

    def opener(path: Path) -> Callable[[], IO[bytes]]:
        return lambda: path.open("rb")

    return [(path.relative_to(folder).as_posix(), opener(path)) for path in folder.rglob("*") if path.is_file()]
