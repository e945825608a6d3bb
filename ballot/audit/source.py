"""Where a record is read from: a folder, a .zip of it, or a single `.bel`.

Nothing here is trusted: there may be links, names that leave the folder, bombs, or two members with one name. Files
are read up to a limit, archives as streams. Nothing is unpacked to disk.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO, Protocol, cast

from ballot.audit.zip_layout import layout_faults
from ballot.record.packing import is_too_tight

MAX_FILE = 2**28
"""Bytes. Only archives may be larger."""

MAX_ENTRIES = 10_000
"""Files and folders; records have far fewer."""


class Unreadable(Exception):
    """There is nothing that can be audited; the message says why in a sentence."""


class RecordSource(Protocol):
    """A set of named files."""

    @property
    def faults(self) -> list[str]:
        """The faults of the set itself: links, bad names, duplicates, bombs, bytes that belong to no file."""

    def names(self) -> list[str]:
        """The paths of the files, with forward slashes."""

    def open(self, name: str) -> IO[bytes]:
        """A stream over one file, from its start."""

    def size(self, name: str) -> int:
        """The size that the file claims, in bytes."""

    def close(self) -> None:
        """Release the files; nothing is read after this."""


class FolderSource:
    """A folder on disk. Links and special files are faults, and are not followed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[str] = []
        names: list[str] = []
        for where, folders, files in os.walk(folder):
            for entry in sorted(folders + files):
                path = Path(where) / entry
                name = path.relative_to(folder).as_posix()
                mode = path.lstat().st_mode
                if stat.S_ISREG(mode):
                    names.append(name)
                elif not stat.S_ISDIR(mode):
                    self.faults.append(f"{name} is neither a file nor a folder")
            if len(names) + len(self.faults) > MAX_ENTRIES:
                raise Unreadable(f"{folder} has more than {MAX_ENTRIES} files, more than a record can have")
        self._names = sorted(names)

    def names(self) -> list[str]:
        return self._names

    def open(self, name: str) -> IO[bytes]:
        return (self.folder / name).open("rb")

    def size(self, name: str) -> int:
        return (self.folder / name).lstat().st_size

    def close(self) -> None:
        """There is nothing to close."""


class ZipSource:
    """A .zip, read in place. The files may be inside one common folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except Exception:  # zipfile raises many kinds for garbage; all mean the same here
            raise Unreadable(f"{path} is not a .zip that can be read") from None
        listed = self._zip.infolist()
        if len(listed) > MAX_ENTRIES:
            self.close()
            raise Unreadable(f"{path} has {len(listed)} files and folders, more than a record can have")
        entries = [entry for entry in listed if not entry.is_dir()]
        if sum(entry.compress_size for entry in entries) > path.stat().st_size:
            self.close()
            raise Unreadable(f"{path} has files that share their bytes: it must be a bomb")
        self._faults = list(_folder_faults(entries, [entry for entry in listed if entry.is_dir()]))
        self._entries: dict[str, zipfile.ZipInfo] = {}
        prefix = _common_folder([entry.filename for entry in entries])
        if prefix and not _stays_inside(prefix):
            self._faults.append(f"a record cannot be in the folder {prefix[:200]}")
        for entry in entries:
            name = entry.filename.removeprefix(prefix)
            fault = _entry_fault(entry, name)
            if fault is None and name in self._entries:
                fault = "is there twice"
            if fault is None:
                self._entries[name] = entry
            else:
                self._faults.append(f"{name[:200]} {fault}")
        self._names = sorted(self._entries)

    @cached_property
    def faults(self) -> list[str]:
        """The faults of the members and of the whole file, which is read from end to end at the first access."""
        with self._path.open("rb") as stream:
            return [*self._faults, *layout_faults(stream, stream.seek(0, os.SEEK_END), self._zip.infolist())]

    def names(self) -> list[str]:
        return self._names

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(self._entries[name])

    def size(self, name: str) -> int:
        return self._entries[name].file_size

    def close(self) -> None:
        self._zip.close()


def _common_folder(names: list[str]) -> str:
    if any(name == "manifest.json" for name in names):
        return ""
    roots = {PurePosixPath(name).parts[0] for name in names if PurePosixPath(name).parts}
    return f"{roots.pop()}/" if len(roots) == 1 else ""


def _stays_inside(name: str) -> bool:
    """Whether a file with this name stays inside the folder where a .zip is unpacked, on every system."""
    return name != "" and not name.startswith("/") and ".." not in PurePosixPath(name).parts and not {*"\\:"} & {*name}


def _folder_faults(files: list[zipfile.ZipInfo], folders: list[zipfile.ZipInfo]) -> Iterator[str]:
    """Faults of entries for folders. They are not files of the record, but one could block a file when unpacked."""
    needed = {f"{parent}/" for entry in files for parent in PurePosixPath(entry.filename).parents}
    for folder in folders:
        if stat.S_IFMT(folder.external_attr >> 16) not in (0, stat.S_IFDIR):
            yield f"{folder.filename[:200]} has the name of a folder, but is not one"
        elif folder.filename not in needed:
            yield f"{folder.filename[:200]} is a folder without files"


def _entry_fault(entry: zipfile.ZipInfo, name: str) -> str | None:
    mode = entry.external_attr >> 16
    if not _stays_inside(name):
        return "is not the name of a file in a record"
    if entry.flag_bits & 1:
        return "is encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed by a method other than deflate"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "is neither a file nor a folder"
    if is_too_tight(entry.file_size, entry.compress_size):
        return "is packed so tightly that it must be a bomb"
    return None


class InnerSource:
    """The files of a source below one folder: a record inside a record. The outer source has the set's faults."""

    def __init__(self, source: RecordSource, folder: str) -> None:
        self._source, self._folder = source, folder
        self.faults: list[str] = []
        self._names = [name.removeprefix(folder) for name in source.names() if name.startswith(folder)]

    def names(self) -> list[str]:
        return self._names

    def open(self, name: str) -> IO[bytes]:
        return self._source.open(self._folder + name)

    def size(self, name: str) -> int:
        return self._source.size(self._folder + name)

    def close(self) -> None:
        """The outer source closes the files."""


class SingleSource:
    """A single `.bel`, outside a record."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[str] = []

    def names(self) -> list[str]:
        return [self.path.name]

    def open(self, name: str) -> IO[bytes]:
        return self.path.open("rb")

    def size(self, name: str) -> int:
        return self.path.stat().st_size

    def close(self) -> None:
        """There is nothing to close."""


@contextmanager
def open_source(path: Path) -> Iterator[RecordSource]:
    """The source at `path`; raises Unreadable if there is none."""
    source = _find_source(path)
    try:
        yield source
    finally:
        source.close()


def _find_source(path: Path) -> RecordSource:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return FolderSource(path)
        if not stat.S_ISREG(mode):
            raise Unreadable(f"{path} is neither a file nor a folder")
        with path.open("rb") as stream:
            start = stream.read(8)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or 'cannot be read'}") from None
    if start[:4] in (b"PK\3\4", b"PK\5\6"):
        return ZipSource(path)
    return SingleSource(path)


def read_file(source: RecordSource, name: str, limit: int = MAX_FILE) -> bytes:
    """A whole file of the record; raises Unreadable if it has more than `limit` bytes or is damaged."""
    with reading(source, name) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise Unreadable(f"{name} is larger than a file of a record can be")
    return data


@contextmanager
def reading(source: RecordSource, name: str) -> Iterator[IO[bytes]]:
    """A stream over one file; damage found at any time raises only Unreadable."""
    try:
        stream = source.open(name)
    except Exception as error:  # zipfile raises many kinds for garbage; all mean the same here
        raise _unreadable(name, error) from None
    with stream:
        yield cast(IO[bytes], GuardedStream(name, stream))


class GuardedStream:
    """Turns the errors of reading a damaged file into Unreadable, but not those of the code that uses it."""

    def __init__(self, name: str, stream: IO[bytes]) -> None:
        self._name, self._stream = name, stream

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except Exception as error:
            raise _unreadable(self._name, error) from None

    def seek(self, offset: int) -> int:
        try:
            return self._stream.seek(offset)
        except Exception as error:
            raise _unreadable(self._name, error) from None


def _unreadable(name: str, error: Exception) -> Unreadable:
    return Unreadable(f"{name} cannot be read: {type(error).__name__}")
