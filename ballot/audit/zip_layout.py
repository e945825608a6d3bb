"""Check that a .zip is exactly what its directory says, byte for byte, so that every reader finds the same files.

A .zip names each member twice: in a header before its bytes, which stream readers use, and in the directory at the
end, which other readers use. Both must agree, and every byte of the file must belong to a member, to the directory or
to the end record: no gaps, nothing before or after, nothing after the end of packed data. Differences between tools
are accepted: the descriptor after a member, extra fields with times and owners, entries for folders, times and
versions. What a record never needs is refused: zip64, comments, encryption, other packing, other extra fields, and
attributes that make some readers see a folder or a link.

It follows APPNOTE 6.3.10 and does not use the library that reads the members.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from ballot.record.packing import is_too_tight

END, DIRECTORY, LOCAL, DESCRIPTOR = b"PK\5\6", b"PK\1\2", b"PK\3\4", b"PK\7\x08"
LOCATOR = b"PK\6\7"
_END = struct.Struct("<4s4H2LH")
_DIRECTORY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_TWO, _FOUR = 0xFFFF, 0xFFFFFFFF
"""The values that mean that only zip64 has the number."""
_SIZES_FOLLOW, _UTF8, _EFFORT = 1 << 3, 1 << 11, 0b110
_TIMES_AND_OWNERS = frozenset({0x000A, 0x5455, 0x5855, 0x7855, 0x7875})
"""Extra fields of NTFS and Info-ZIP. Others give another size, name, mode or target, and only some readers use them."""
_HOSTS = frozenset({0, 3, 10, 19})
"""MS-DOS, Unix, NTFS, macOS: all readers agree on their attributes."""
_FOLDER = 0x10
"""The attribute of MS-DOS. 7-Zip and libarchive use it; others use the slash at the end of the name."""
_MAX_DIRECTORY = 2**24
_PIECE = 2**16


class _Wrong(Exception):
    """A fault, as the end of a sentence; nothing after it can be read reliably."""


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A member as the directory lists it."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    at: int

    @property
    def shown(self) -> str:
        return self.name.decode("utf-8", "replace")[:200]


def layout_faults(stream: IO[bytes], length: int, read: Sequence[zipfile.ZipInfo]) -> Iterator[str]:
    """Yield what is wrong with a .zip of `length` bytes; `read` is what the library found in its directory."""
    try:
        start, listed = _read_directory(stream, length)
        at = 0
        for member in sorted(listed, key=lambda member: member.at):
            at = _check_member(stream, member, at)
        if at != start:
            raise _Wrong(f"has {start - at} bytes before its directory that belong to no member")
        if [_compared(member) for member in listed] != [_of_library(entry) for entry in read]:
            raise _Wrong("has a directory that can be read in two ways")
        for member in listed:
            _check_packing(stream, member)
    except _Wrong as wrong:
        yield f"the .zip {wrong}"
    except (struct.error, OSError):
        yield "the .zip ends where more of it was expected"


def _take(stream: IO[bytes], at: int, length: int) -> bytes:
    stream.seek(at)
    data = stream.read(length)
    if len(data) != length:
        raise _Wrong("ends where more of it was expected")
    return data


def _read_directory(stream: IO[bytes], length: int) -> tuple[int, list[ListedMember]]:
    """The offset of the directory, and its members in order; every byte of it must belong to a member."""
    end = length - _END.size
    if end < 0:
        raise _Wrong("is too short")
    signature, disk, first, here, count, size, start, comment = _END.unpack(_take(stream, end, _END.size))
    if signature != END or comment:
        raise _Wrong("has a comment, or bytes after its end")
    if count == _TWO or _FOUR in (size, start) or _take(stream, max(end - 20, 0), 4) == LOCATOR:
        raise _Wrong("is a zip64, which a record never needs")
    if (disk, first, here) != (0, 0, count) or start + size != end or size > _MAX_DIRECTORY:
        raise _Wrong("has a directory that is not directly before its end record")
    data, at = _take(stream, start, size), 0
    listed: list[ListedMember] = []
    while at < size:
        if len(listed) == count:
            raise _Wrong("has more members than its end says")
        member, at = _read_listed(data, at)
        listed.append(member)
    if len(listed) != count:
        raise _Wrong("has fewer members than its end says")
    return start, listed


def _read_listed(data: bytes, at: int) -> tuple[ListedMember, int]:
    """The entry of the directory at this offset, and where the next one begins."""
    if len(data) - at < _DIRECTORY.size:
        raise _Wrong("has a directory that is cut off")
    found = _DIRECTORY.unpack_from(data, at)
    signature, made_by, _, flags, method, _, _, crc, packed, size, *lengths, disk, _, marks, where = found
    name_length, extra_length, comment = lengths
    begin = at + _DIRECTORY.size
    name = data[begin : begin + name_length]
    extra = data[begin + name_length : begin + name_length + extra_length]
    if signature != DIRECTORY or len(name) != name_length or len(extra) != extra_length:
        raise _Wrong("has a directory that is cut off")
    listed = ListedMember(name, flags, method, crc, packed, size, where)
    if comment or disk:
        raise _Wrong(f"has a comment on {listed.shown}, or more than one disk")
    if not name or any(byte < 0x20 for byte in name):
        raise _Wrong("has a name with a control character, or none")
    if _FOUR in (packed, size, where):
        raise _Wrong(f"has {listed.shown} as zip64, which a record never needs")
    if made_by >> 8 not in _HOSTS:
        raise _Wrong(f"has {listed.shown} with attributes of a system that not all readers know")
    if marks & _FOLDER and not name.endswith(b"/"):
        raise _Wrong(f"has the file {listed.shown} marked as a folder")
    _check_extra(extra, listed)
    return listed, begin + name_length + extra_length


def _check_extra(extra: bytes, member: ListedMember) -> None:
    """Raise _Wrong unless the extra fields are only about times and owners."""
    at = 0
    while at < len(extra):
        if len(extra) - at < 4:
            raise _Wrong(f"has extra fields of {member.shown} in no known form")
        id, length = struct.unpack_from("<2H", extra, at)
        at += 4 + length
        if at > len(extra):
            raise _Wrong(f"has extra fields of {member.shown} in no known form")
        if id not in _TIMES_AND_OWNERS:
            raise _Wrong(f"has {member.shown} with an extra field that is not about times or owners")


def _check_member(stream: IO[bytes], member: ListedMember, at: int) -> int:
    """Raise _Wrong unless the member begins at `at` with a header that agrees; returns the offset of its end."""
    name = member.shown
    if member.at != at:
        what = "bytes before" if member.at > at else "bytes of another member in"
        raise _Wrong(f"has {what} {name}")
    found = _LOCAL.unpack(_take(stream, at, _LOCAL.size))
    signature, _, flags, method, _, _, crc, packed, size, name_length, extra_length = found
    if signature != LOCAL:
        raise _Wrong(f"has no header before {name}")
    begin = at + _LOCAL.size
    if (flags, method) != (member.flags, member.method) or _take(stream, begin, name_length) != member.name:
        raise _Wrong(f"has a header before {name} that names another file, or another packing, than the directory")
    if flags & ~(_SIZES_FOLLOW | _UTF8 | _EFFORT):
        raise _Wrong(f"has {name} encrypted, or in another way that a record never needs")
    _check_extra(_take(stream, begin + name_length, extra_length), member)
    same = (crc, packed, size) == (member.crc, member.packed, member.size)
    follows = bool(flags & _SIZES_FOLLOW)
    if not same and not (follows and (crc, packed, size) == (0, 0, 0)):
        raise _Wrong(f"has a header before {name} with another size or checksum than the directory")
    if follows and member.packed and method != zipfile.ZIP_DEFLATED:
        raise _Wrong(f"has {name} unpacked with its size after it: a stream reader could not find its end")
    if name.endswith("/") and member.size:
        raise _Wrong(f"has bytes in the folder {name}")
    end: int = begin + name_length + extra_length + member.packed
    return end + _descriptor(stream, member, end) if follows else end


def _descriptor(stream: IO[bytes], member: ListedMember, at: int) -> int:
    """The length of the descriptor after a member; its signature is optional."""
    body = struct.pack("<3L", member.crc, member.packed, member.size)
    if _take(stream, at, 16) == DESCRIPTOR + body:
        return 16
    if _take(stream, at, 12) == body:
        return 12
    raise _Wrong(f"has other sizes or another checksum after {member.shown} than in the directory")


def _check_packing(stream: IO[bytes], member: ListedMember) -> None:
    """Raise _Wrong unless packed data ends where the directory says; another member could hide after its end."""
    if member.method == zipfile.ZIP_STORED:
        if member.packed != member.size:
            raise _Wrong(f"has {member.shown} unpacked, with two sizes")
        return
    if member.method != zipfile.ZIP_DEFLATED:
        raise _Wrong(f"has {member.shown} packed by a method other than deflate")
    if is_too_tight(member.size, member.packed):
        raise _Wrong(f"has {member.shown} packed so tightly that it must be a bomb")
    lengths = _LOCAL.unpack(_take(stream, member.at, _LOCAL.size))[-2:]
    stream.seek(member.at + _LOCAL.size + sum(lengths))
    unpack, left, size = zlib.decompressobj(-zlib.MAX_WBITS), member.packed, 0
    try:
        while left and not unpack.eof and size <= member.size:
            piece = stream.read(min(left, _PIECE))
            left -= len(piece)
            while piece and size <= member.size:
                size += len(unpack.decompress(piece, _PIECE))
                piece = unpack.unconsumed_tail
    except zlib.error:
        raise _Wrong(f"has {member.shown} packed in a way that cannot be read") from None
    if not unpack.eof or unpack.unused_data or left or size != member.size:
        raise _Wrong(f"has bytes after the packed end of {member.shown}, or too few")


def _compared(member: ListedMember) -> tuple[object, ...]:
    name = member.name.decode("utf-8" if member.flags & _UTF8 else "cp437", "replace")
    return (name, member.at, member.packed, member.size, member.flags, member.method, member.crc)


def _of_library(entry: zipfile.ZipInfo) -> tuple[object, ...]:
    """The fields of `_compared`, as the library read them."""
    packed = (entry.compress_size, entry.file_size, entry.flag_bits, entry.compress_type)
    return (entry.orig_filename, entry.header_offset, *packed, entry.CRC)
