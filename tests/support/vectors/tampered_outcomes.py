"""Records that are false in who voted or what was decided, and .zip files that try tricks."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from typing import Any

from ballot.protocol.canonical import write_json
from tests.support.record_simulator import MEMBERS
from tests.support.simulator import FOR
from tests.support.vectors.tampered_records import hooked, packed, with_file, without
from tests.support.vectors.tampering import Vector

# -- Who voted, decision -----------------------------------------------------------------------------------------


def decided(change: Callable[[dict[str, Any]], Any]) -> Callable[[bytes], bytes]:
    def hook(body: bytes) -> bytes:
        value = json.loads(body)
        other = change(value)
        return write_json(value if other is None else other) + b"\n"

    return hook


def other_outcome(value: dict[str, Any]) -> None:
    value["outcome"]["outcome"] = "refused"


def other_count(value: dict[str, Any]) -> None:
    value["ccgs"]["00A"]["merge"]["counts"]["for"]["practices"] = 2


def no_working(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "ccgs": []}


def listed(practice: str, instead_of: str) -> Callable[[list[tuple[str, str, str]]], list[tuple[str, str, str]]]:
    """The list of who voted, with one practice instead of another."""
    names = {row[0]: row[1] for members in (*MEMBERS.values(), *SAME_SUM.values()) for row in members}
    return lambda rows: [
        (ccg, practice, names[practice]) if code == instead_of else (ccg, code, name) for ccg, code, name in rows
    ]


SAME_SUM = {
    "00A": MEMBERS["00A"],
    "00B": [
        ("Z90011", "Beech House", 5200),
        ("Z90012", "Beech Hill", 11000),
        ("Z90013", "Beech End", 7100),
        ("Z90014", "Beech Way", 9100),
    ],
}
"""The first two weigh together what the last two weigh."""

STRANGER = ("00A", "Z99999", "A Stranger")

OUTCOMES = [
    hooked(
        "one-too-many",
        "record.returned",
        "returned",
        lambda rows: [*rows, ("00A", "Z90003", "Lane, Ash")],
        stage="closed",
    ),
    hooked("one-missing", "record.returned", "returned", lambda rows: rows[1:], stage="closed"),
    hooked("stranger", "record.returned", "returned", lambda rows: [STRANGER, *rows[1:]], stage="closed"),
    hooked("twice", "record.returned", "returned", lambda rows: [rows[0], *rows], stage="closed"),
    hooked("another-that-weighs-more", "record.returned", "returned", listed("Z90012", "Z90011"), stage="closed"),
    hooked(
        "others-of-the-same-sum",
        "record.returned",
        "returned",
        lambda rows: [*listed("Z90013", "Z90011")(rows)[:-1], ("00B", "Z90014", "Beech Way")],
        practices=SAME_SUM,
        votes={"00A": [(0, FOR)], "00B": [(0, FOR), (1, FOR)]},
        stage="closed",
    ),
    hooked("before-closing", "record.returned", "files", with_file("returned.csv", lambda _: b"x"), stage="voting"),
    hooked("other-outcome", "record.outcome", "decision.json", decided(other_outcome)),
    hooked("other-count", "record.decision", "decision.json", decided(other_count)),
    hooked("ccg-missing", "record.decision", "decision.json", decided(lambda v: v["ccgs"].pop("00B") and None)),
    hooked("list-of-ccgs", "record.decision", "decision.json", decided(no_working)),
    hooked("more-fields", "record.decision", "decision.json", decided(lambda v: {**v, "note": "x"})),
    hooked("spaces", "record.decision", "decision.json", lambda body: body.replace(b",", b", ")),
    hooked("missing", "record.decision", "files", without("decision.json"), "events.data"),
    hooked("before-the-tally", "record.decision", "files", with_file("decision.json", lambda _: b"{}"), stage="closed"),
]


# -- A damaged .zip ----------------------------------------------------------------------------------------------


def with_entry(name: str, body: bytes = b"x", method: int = zipfile.ZIP_DEFLATED, **fields: Any) -> Callable[[], bytes]:
    """The record with one more entry."""

    def make() -> bytes:
        out = io.BytesIO(packed(stage="voting")())
        info = zipfile.ZipInfo(name, (2020, 5, 29, 17, 0, 0))
        info.compress_type, info.external_attr = method, fields.get("mode", 0o644) << 16
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr(info, body)
        return out.getvalue()

    return make


def twice(name: str) -> Callable[[], bytes]:
    def make() -> bytes:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return with_entry(name)()

    return make


def encrypted() -> bytes:
    """The flag that says so, in the central directory."""
    body = bytearray(with_entry("returned.csv")())
    at = body.rindex(b"PK\1\2")
    body[at + 8] |= 1
    return bytes(body)


def damaged(name: str, **more: Any) -> Callable[[], bytes]:
    """A file's checksum is another, in both its headers: it is read to its end, and found damaged there.

    Of the packed contents themselves no byte is changed, since what comes of that differs from byte to byte.
    """

    def make() -> bytes:
        body = bytearray(packed(**more)())
        at = body.rindex(name.encode()) - 46  # the entry of the central directory ends in the name
        body[at + 16] ^= 0x55
        body[int.from_bytes(body[at + 42 : at + 46], "little") + 14] ^= 0x55
        return bytes(body)

    return make


def local_name_changed() -> bytes:
    """A local header that names another file than the central directory does, in bytes that are no text."""
    body = bytearray(with_entry("returnéd.csv")())
    at = body.index("returnéd.csv".encode())
    body[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(body)


def _zip(fault: str, make: Callable[[], bytes], *fails: str, stage: str | None = "voting") -> Vector:
    return Vector(f"{fails[0]}--{fault}.zip", make, fails, 1, stage)


ZIPS = [
    _zip("name-that-climbs-out", with_entry("../../etc/cron.d/x"), "record.files"),
    _zip("absolute-name", with_entry("/etc/passwd"), "record.files"),
    _zip("drive-letter", with_entry("C:\\x"), "record.files"),
    _zip("member-twice", twice("roll.csv"), "record.files"),
    _zip("symlink", with_entry("returned.csv", b"/etc/passwd", mode=stat.S_IFLNK | 0o777), "record.files"),
    _zip("bomb", with_entry("elections/00Z.bel", bytes(2**21)), "record.files"),
    _zip("other-packing", with_entry("returned.csv", method=zipfile.ZIP_LZMA), "record.files"),
    _zip("encrypted", encrypted, "record.files"),
    _zip("local-name-changed", local_name_changed, "record.files", "record.manifest"),
    _zip(
        "damaged-table", damaged("returned.csv", stage="closed"), "record.manifest", "record.returned", stage="closed"
    ),
    _zip(
        "damaged-archive",
        damaged("elections/00B.bel", stage="setup"),
        *("record.manifest", "archive.whole", "record.elections", "events.heads", "events.data", "checkpoints.form"),
        stage="setup",
    ),
    Vector("unreadable--cut.zip", lambda: packed(stage="setup")()[:-30], exit=2),
    Vector("unreadable--other-files.zip", lambda: packed(hooks={"all files": lambda _: {"a.txt": b""}})(), exit=2),
]


OUTCOMES_AND_ZIPS = [*OUTCOMES, *ZIPS]
