"""A gzip or ZIP file to its contents, never using memory or time out of proportion to what a roll can be."""

from __future__ import annotations

import zlib

from ballot.roll.problems import InvalidRoll, Reason, refusal
from ballot.roll.zips import STARTS, csv_inside

LARGEST = 16 * 1024 * 1024  # epraccur.csv, the largest of them, has 4
_MOST_MEMBERS = 10_000
_GZIP = b"\x1f\x8b"
_STEP = 64 * 1024


def unpack(data: bytes, file: str, largest: int = LARGEST) -> bytes:
    """The contents of a gzip file, the CSV inside a ZIP file, or `data` itself where it is neither.

    (1) gzip and ZIP are known by their first bytes, not by their name, (2) members of gzip follow each other until the
    file ends, (3) each is read in steps, so that the limit is met before the memory is used, (4) checksums must hold.

    Raises: InvalidRoll.
    """
    if len(data) > largest:
        raise _too_large(file, largest)
    if data.startswith(STARTS):
        inside = csv_inside(data, file, largest)
        if len(inside) > largest:
            raise _too_large(file, largest)
        if inside.startswith((*STARTS, _GZIP)):
            raise refusal(file, 1, Reason.ZIP, "the file inside the ZIP file is compressed again; unpack it once.")
        return inside
    if not data.startswith(_GZIP):
        if file.lower().endswith(".gz") and data:
            raise refusal(file, 1, Reason.GZIP, "the name ends in .gz but the contents are not gzip.")
        return data
    out, position, members = bytearray(), 0, 0
    while data.startswith(_GZIP, position):
        members += 1
        if members > _MOST_MEMBERS:
            raise refusal(file, 1, Reason.GZIP, f"the gzip file has more than {_MOST_MEMBERS} parts.")
        position = _one_member(data, position, out, file, largest)
    if data[position:].strip(b"\0"):  # zeros after the end are padding, as in gzip's own reader
        raise refusal(
            file, 1, Reason.GZIP, f"the gzip file is followed by {len(data) - position} bytes that are not gzip."
        )
    if out.startswith(_GZIP):
        raise refusal(file, 1, Reason.GZIP, "the file was compressed twice, gzip inside gzip; unpack it once.")
    return bytes(out)


def _one_member(data: bytes, position: int, out: bytearray, file: str, largest: int) -> int:
    """Append the gzip member at `position` to `out`; answer the position after it."""
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    while not unpacker.eof:
        fed = data[position : position + _STEP]
        if not fed:
            raise refusal(file, 1, Reason.GZIP, "the gzip file is cut off, its end is missing; copy it again.")
        position += len(fed)
        try:
            out += unpacker.decompress(fed, largest + 1 - len(out))
        except zlib.error:
            raise refusal(
                file, 1, Reason.GZIP, "the gzip file is damaged and cannot be unpacked; copy it again."
            ) from None
        if len(out) > largest:
            raise _too_large(file, largest)
    return position - len(unpacker.unused_data)


def _too_large(file: str, largest: int) -> InvalidRoll:
    return refusal(
        file, 1, Reason.TOO_LARGE, f"the file is larger, unpacked, than the {largest} bytes a roll may have."
    )
