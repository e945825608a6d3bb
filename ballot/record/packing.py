"""A .zip of files with fixed times, so that the same files are the same bytes (by the same zlib)."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

Member = tuple[str, Callable[[], IO[bytes]]]
"""A file by its name in the .zip, and how its bytes are opened."""


def write_zip(target: IO[bytes], members: Iterable[Member], *, packed: bool = True) -> None:
    """The .zip of these files in the order of their names; `packed` is False where they are packed already."""
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, opened in sorted(members, key=lambda member: member[0]):
            entry = zipfile.ZipInfo(name)
            entry.compress_type, entry.external_attr = method, 0o644 << 16
            with opened() as source, archive.open(entry, "w") as out:
                shutil.copyfileobj(source, out)


def members_below(folder: Path) -> list[Member]:
    """Every file of a folder, by its path in it."""

    def opener(path: Path) -> Callable[[], IO[bytes]]:
        return lambda: path.open("rb")

    return [(path.relative_to(folder).as_posix(), opener(path)) for path in folder.rglob("*") if path.is_file()]
