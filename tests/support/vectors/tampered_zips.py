"""Records in .zip files that two readers would read in two ways, and ones as the tools of other systems pack them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ballot.record.packing import is_too_tight
from tests.support.record_simulator import RecordSimulator
from tests.support.vectors.tampered_records import FEW
from tests.support.vectors.tampering import Vector

STORED, DEFLATED = 0, 8
SIZES_FOLLOW = 1 << 3
DESCRIPTOR = b"PK\7\x08"
HIDDEN = b"hidden from all who read the directory"
TIMES = struct.pack("<2HB2L", 0x5455, 9, 3, 1589184000, 1589184000)
"""An extra field with times, as Info-ZIP writes it into local headers; the directory's is shorter."""
TIME = struct.pack("<2HBL", 0x5455, 5, 1, 1589184000)
UNIX, AMIGA, FOLDER_OF_DOS = 3, 1, 0x10
LINK = struct.pack("<2H3BL", 0x6C78, 7, 0b101, 20, UNIX, 0o120777 << 16)
"""The extra field of libarchive, which has the attributes of the directory for whoever reads a stream: here, a link."""
MAC_NAME = struct.pack("<2H4s", 0x2605, 4, b"evil")
OWNERS = struct.pack("<2H4s", 0x7855, 4, b"\0\0\0\0")


@dataclass(frozen=True)
class Packed:
    """A member as it is written; `local` and `listed` change single fields of either header."""

    name: bytes
    body: bytes
    method: int = DEFLATED
    flags: int = 0
    local: tuple[tuple[str, Any], ...] = ()
    listed: tuple[tuple[str, Any], ...] | None = ()
    """None where the directory does not list it."""
    slack: bytes = b""
    """Behind the end of the packed bytes, and counted with them."""
    gap: bytes = b""
    """Before its header."""
    extra: tuple[bytes, bytes] = (b"", b"")
    """In the local header, and in the directory."""
    descriptor: bytes | None = None
    comment: bytes = b""
    host: int = 0
    """The system that the directory says it was packed on."""
    marks: int | None = None
    """What the directory says of its mode and kind; None for those of a file or a folder as its name has it."""

    @property
    def data(self) -> bytes:
        pack = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
        packed = self.body if self.method == STORED else pack.compress(self.body) + pack.flush()
        return packed + self.slack

    @property
    def attributes(self) -> int:
        if self.marks is not None:
            return self.marks
        return 0o040755 << 16 | FOLDER_OF_DOS if self.name.endswith(b"/") else 0o100644 << 16

    def write(self, at: int) -> tuple[bytes, bytes]:
        """The member with its header, and its entry in the directory."""
        fields: dict[str, Any] = {
            "name": self.name,
            "flags": self.flags,
            "method": self.method,
            "crc": zlib.crc32(self.body),
            "packed": len(self.data),
            "size": len(self.body),
            "at": at + len(self.gap),
        }
        follows = bool(self.flags & SIZES_FOLLOW)
        zeros = {"crc": 0, "packed": 0, "size": 0} if follows else {}
        mine, theirs = {**fields, **zeros, **dict(self.local)}, {**fields, **dict(self.listed or ())}
        local = b"PK\3\4" + _header(mine, len(self.extra[0])) + mine["name"] + self.extra[0] + self.data
        if follows:
            told = struct.pack("<3L", fields["crc"], fields["packed"], fields["size"])
            local += DESCRIPTOR + told if self.descriptor is None else self.descriptor
        entry = b"PK\1\2" + struct.pack("<2B", 20, self.host) + _header(theirs, len(self.extra[1]))
        entry += struct.pack("<3H2L", len(self.comment), 0, 0, self.attributes, theirs["at"])
        entry += theirs["name"] + self.extra[1] + self.comment
        return self.gap + local, b"" if self.listed is None else entry


def _header(fields: dict[str, Any], extra: int) -> bytes:
    numbers = (20, fields["flags"], fields["method"], 0, 0x50BD, fields["crc"], fields["packed"], fields["size"])
    return struct.pack("<5H3L2H", *numbers, len(fields["name"]), extra)


def write(members: list[Packed], *, behind: bytes = b"", before: bytes = b"", end: bytes = b"", **fields: int) -> bytes:
    """The .zip; `before` stands before the directory, `behind` in front of its end, `end` behind that."""
    out, directory = b"", b""
    for member in members:
        local, entry = member.write(len(out))
        out, directory = out + local, directory + entry
    count = fields.get("count", sum(member.listed is not None for member in members))
    start = fields.get("start", len(out) + len(before))
    told = struct.pack("<4H2LH", 0, 0, count, count, len(directory), start, fields.get("comment", 0))
    return out + before + directory + behind + b"PK\5\6" + told + end


def members(stage: str = "voting") -> list[Packed]:
    """The files of an honest record."""
    files = RecordSimulator(stage=stage, votes=FEW).files
    found = [Packed(name.encode(), body) for name, body in sorted(files.items())]
    return [replace(m, method=STORED) if is_too_tight(len(m.body), len(m.data)) else m for m in found]


def with_one(file: str, **changes: Any) -> list[Packed]:
    """One member written otherwise."""
    return [replace(m, **changes) if m.name == file.encode() else m for m in members()]


EVIL = Packed(b"roll.csv", b"another roll, for those who read from the start\n", listed=None)


def zip64(member: Packed) -> Packed:
    """Its sizes in an extra field of the directory, where zip64 has them."""
    sizes = struct.pack("<2H2Q", 1, 16, len(member.body), len(member.data))
    full = 0xFFFFFFFF
    return replace(member, listed=(("packed", full), ("size", full)), extra=(b"", sizes))


def of_zip64(found: list[Packed]) -> bytes:
    """A record of zip64 at the end, which says the same."""
    plain = write(found)
    count, size, start = struct.unpack("<H2L", plain[-12:-2])
    at = len(plain) - 22
    record = b"PK\6\6" + struct.pack("<Q2H2L4Q", 44, 45, 45, 0, 0, count, count, size, start)
    locator = b"PK\6\7" + struct.pack("<LQL", 0, at, 1)
    return plain[:at] + record + locator + plain[at:]


def _false(fault: str, make: Callable[[], bytes]) -> Vector:
    return Vector(f"record.files--zip-{fault}.zip", make, ("record.files",), 1, "voting")


def _good(tool: str, make: Callable[[], bytes]) -> Vector:
    return Vector(f"good--record-zip-{tool}.zip", make, exit=0, stage="voting")


def in_a_folder(**changes: Any) -> list[Packed]:
    """The files below a folder, which has an entry of its own."""
    inside = [replace(m, name=b"record/" + m.name, **changes) for m in members()]
    return [Packed(b"record/", b"", method=STORED), *inside]


def below(folder: bytes) -> list[Packed]:
    """All files below a folder that has no entry of its own."""
    return [replace(m, name=folder + m.name) for m in members()]


def with_every_folder() -> list[Packed]:
    """An entry for each folder, as Info-ZIP makes them."""
    found = [replace(m, host=UNIX) for m in below(b"record/")]
    folders = sorted({m.name.rpartition(b"/")[0] + b"/" for m in found})
    return [*(Packed(name, b"", STORED, host=UNIX) for name in folders), *found]


def by_stream() -> list[Packed]:
    """Sizes behind each member that is packed, as tools write that do not go back."""
    return [replace(m, flags=SIZES_FOLLOW) if m.method == DEFLATED else m for m in in_a_folder()]


def without_signature() -> list[Packed]:
    told = [(m, struct.pack("<3L", zlib.crc32(m.body), len(m.data), len(m.body))) for m in by_stream()]
    return [replace(m, descriptor=body) if m.flags else m for m, body in told]


def overlapping() -> list[Packed]:
    """A folder's entry of the directory that points to the member of another."""
    found = members()
    return [*found, Packed(b"elections/", b"", STORED, listed=(("at", 0),))]


ZIP_LAYOUTS = [
    _good("of-explorer", lambda: write(in_a_folder())),
    _good("of-info-zip", lambda: write(in_a_folder(extra=(TIMES + OWNERS, TIME)))),
    _good("of-macos", lambda: write([replace(m, extra=(OWNERS, OWNERS)) for m in by_stream()])),
    _good("of-unix-with-folders", lambda: write(with_every_folder())),
    _good("without-signatures", lambda: write(without_signature())),
    _false("member-of-no-directory", lambda: write([*members()[:3], EVIL, *members()[3:]])),
    _false("first-member-of-no-directory", lambda: write([EVIL, *members()])),
    _false("last-member-of-no-directory", lambda: write([*members(), EVIL])),
    _false("gap", lambda: write(with_one("roll.csv", gap=HIDDEN))),
    _false("bytes-before-the-directory", lambda: write(members(), before=HIDDEN)),
    Vector("unreadable--zip-bytes-behind-the-directory.zip", lambda: write(members(), behind=HIDDEN), exit=2),
    _false("bytes-behind-the-end", lambda: write(members(), end=HIDDEN)),
    _false("comment", lambda: write(members(), end=HIDDEN, comment=len(HIDDEN))),
    _false("comment-on-a-member", lambda: write(with_one("roll.csv", comment=HIDDEN))),
    _false("member-behind-packed-bytes", lambda: write(with_one("roll.csv", slack=EVIL.write(0)[0]))),
    _false("overlapping", lambda: write(overlapping())),
    _false("folder-with-bytes", lambda: write([*members(), Packed(b"elections/", HIDDEN, STORED)])),
    _false("other-size", lambda: write(with_one("roll.csv", local=(("size", 7),)))),
    _false("other-packed-size", lambda: write(with_one("roll.csv", local=(("packed", 7),)))),
    _false("other-checksum", lambda: write(with_one("roll.csv", local=(("crc", 7),)))),
    _false("other-method", lambda: write(with_one("roll.csv", local=(("method", STORED),)))),
    _false("other-flags", lambda: write(with_one("roll.csv", local=(("flags", SIZES_FOLLOW),)))),
    _false(
        "false-descriptor", lambda: write(with_one("roll.csv", flags=SIZES_FOLLOW, descriptor=DESCRIPTOR + bytes(12)))
    ),
    _false("no-descriptor", lambda: write(with_one("roll.csv", flags=SIZES_FOLLOW, descriptor=b""))),
    _false("unpacked-with-descriptor", lambda: write(with_one("roll.csv", flags=SIZES_FOLLOW, method=STORED))),
    _false("sizes-of-zip64", lambda: write([zip64(m) if m.name == b"roll.csv" else m for m in members()])),
    _false("end-of-zip64", lambda: of_zip64(members())),
    _false("other-name-in-an-extra-field", lambda: write(with_one("roll.csv", extra=(other_name(), other_name())))),
    _false("mode-in-an-extra-field", lambda: write(with_one("roll.csv", extra=(LINK, b"")))),
    _false("name-of-a-mac-in-an-extra-field", lambda: write(with_one("roll.csv", extra=(b"", MAC_NAME)))),
    _false("file-with-the-mark-of-a-folder", lambda: write(with_one("roll.csv", marks=FOLDER_OF_DOS))),
    _false("mode-of-another-system", lambda: write(with_one("roll.csv", host=AMIGA, marks=0o104644 << 16))),
    _false("folder-that-climbs-out", lambda: write(below(b"../"))),
    _false("folder-on-a-drive", lambda: write(below(b"C:/"))),
    _false("folder-of-no-file-climbs-out", lambda: write([Packed(b"../../evil/", b"", STORED), *members()])),
    _false("folder-in-the-way-of-a-file", lambda: write([Packed(b"roll.csv/", b"", STORED), *members()])),
    _false(
        "folder-that-is-a-link",
        lambda: write([Packed(b"elections/", b"", STORED, marks=0o120777 << 16), *members()]),
    ),
    _false("name-with-a-zero", lambda: write(with_one("roll.csv", name=b"roll.csv\0.exe"))),
    _false("fewer-than-counted", lambda: write(members(), count=99)),
    _false("directory-elsewhere", lambda: b"PK\3\4" + HIDDEN + write(members())),
]


def other_name() -> bytes:
    """The extra field of Info-ZIP that gives a name in Unicode, which only some readers prefer."""
    name = b"decision.json"
    return struct.pack("<2HBL", 0x7075, 5 + len(name), 1, zlib.crc32(b"roll.csv")) + name
