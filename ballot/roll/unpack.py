"""Unpack a gzip file, or a ZIP with the one CSV inside, as the NHS ships list sizes.

The file may be hostile: memory and time stay in proportion to what a roll can be.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from ballot.roll.problems import InvalidRoll, RollReason, listed, refusal

STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_MOST_FILES = 1000
_ENTRY = b"PK\x01\x02"
_SPREADSHEETS = {
    "[Content_Types].xml": "this is an Excel workbook; a CSV file is expected (in Excel: save as CSV UTF-8).",
    "content.xml": "this is an OpenDocument spreadsheet; a CSV file is expected (save it as CSV, in UTF-8).",
}
"""For ZIP files of other kinds: a member that each always has, and the sentence for it."""

_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1


def csv_inside(data: bytes, file: str, largest: int) -> bytes:
    """The only CSV file in a ZIP file; at most one byte more than `largest`. Raises: InvalidRoll.

    (1) Its directory is small enough to read. (2) It is not a spreadsheet, which is also a ZIP file. (3) It names one
    CSV file; others may be beside it. (4) The CSV file has no password and a usual compression. (5) Reading stops at
    the limit, and the checksum holds.
    """
    if data.count(_ENTRY) > _MOST_FILES:
        raise _refused(file, f"the ZIP file holds more than {_MOST_FILES} files; one CSV file was expected")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive, _only_csv(archive, file), file, largest)
    except InvalidRoll:
        raise
    except Exception:  # zipfile raises many kinds of error for garbage; all mean the same here
        raise _refused(file, "the ZIP file is damaged or cut off; copy it again") from None


def _only_csv(archive: zipfile.ZipFile, file: str) -> zipfile.ZipInfo:
    entries = [
        entry for entry in archive.infolist() if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
    ]
    for entry in entries:
        if entry.filename in _SPREADSHEETS:
            raise refusal(file, 1, RollReason.WRONG_FILE, _SPREADSHEETS[entry.filename])
    found = [entry for entry in entries if entry.filename.lower().endswith(".csv")]
    if len(found) > 1:
        names = listed([entry.filename for entry in found])
        raise _refused(file, f"the ZIP file holds {len(found)} CSV files ({names}); unpack it and give one of them")
    if not found:
        names = f", but {listed([entry.filename for entry in entries])}" if entries else ""
        raise _refused(file, f"the ZIP file holds no CSV file{names}")
    return found[0]


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str, largest: int) -> bytes:
    if entry.flag_bits & _ENCRYPTED:
        raise _refused(file, "the ZIP file asks for a password; unpack it and give the CSV file")
    if entry.compress_type not in _READABLE:
        raise _refused(file, "the ZIP file is packed in an unusual way; unpack it and give the CSV file")
    with archive.open(entry) as stream:
        return stream.read(largest + 1)


def _refused(file: str, sentence: str) -> InvalidRoll:
    return refusal(file, 1, RollReason.ZIP, f"{sentence}.")


LARGEST = 16 * 1024 * 1024  # epraccur.csv, the largest NHS file, has 4 MiB
_MOST_MEMBERS = 10_000
_GZIP = b"\x1f\x8b"
_STEP = 64 * 1024


def unpack(data: bytes, file: str, largest: int = LARGEST) -> bytes:
    """The contents of a gzip file, the CSV inside a ZIP file, or `data` itself if it is neither.

    (1) The first bytes, not the name, mark gzip and ZIP. (2) A gzip file may have several members, one after another.
    (3) Reading goes in steps, so that the limit stops it before memory is used up. (4) Checksums must hold.

    Raises: InvalidRoll.
    """
    if len(data) > largest:
        raise _too_large(file, largest)
    if data.startswith(STARTS):
        inside = csv_inside(data, file, largest)
        if len(inside) > largest:
            raise _too_large(file, largest)
        if inside.startswith((*STARTS, _GZIP)):
            raise refusal(file, 1, RollReason.ZIP, "the file inside the ZIP file is compressed again; unpack it once.")
        return inside
    if not data.startswith(_GZIP):
        if file.lower().endswith(".gz") and data:
            raise refusal(file, 1, RollReason.GZIP, "the name ends in .gz but the contents are not gzip.")
        return data
    out, position, members = bytearray(), 0, 0
    while data.startswith(_GZIP, position):
        members += 1
        if members > _MOST_MEMBERS:
            raise refusal(file, 1, RollReason.GZIP, f"the gzip file has more than {_MOST_MEMBERS} parts.")
        position = _one_member(data, position, out, file, largest)
    if data[position:].strip(b"\0"):  # Zeros after the end are padding, as in gzip's own reader
        raise refusal(
            file, 1, RollReason.GZIP, f"the gzip file is followed by {len(data) - position} bytes that are not gzip."
        )
    if out.startswith(_GZIP):
        raise refusal(file, 1, RollReason.GZIP, "the file was compressed twice, gzip inside gzip; unpack it once.")
    return bytes(out)


def _one_member(data: bytes, position: int, out: bytearray, file: str, largest: int) -> int:
    """Append the gzip member at `position` to `out`; return the position after it."""
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    while not unpacker.eof:
        fed = data[position : position + _STEP]
        if not fed:
            raise refusal(file, 1, RollReason.GZIP, "the gzip file is cut off, its end is missing; copy it again.")
        position += len(fed)
        try:
            out += unpacker.decompress(fed, largest + 1 - len(out))
        except zlib.error:
            raise refusal(
                file, 1, RollReason.GZIP, "the gzip file is damaged and cannot be unpacked; copy it again."
            ) from None
        if len(out) > largest:
            raise _too_large(file, largest)
    return position - len(unpacker.unused_data)


def _too_large(file: str, largest: int) -> InvalidRoll:
    return refusal(
        file, 1, RollReason.TOO_LARGE, f"the file is larger, unpacked, than the {largest} bytes a roll may have."
    )
