"""ZIP files: list sizes as the NHS ships them, and anything else that may be in one."""

from __future__ import annotations

import gzip
import hashlib
import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest

from ballot.roll.problems import InvalidRoll, RollReason
from ballot.roll.read import RollFile, read_files
from ballot.roll.text import read_text
from ballot.roll.unpack import LARGEST, unpack

CCGS = ("00Q", "01E")
NAME = "gp-reg-pat-prac-all.zip"


def zipped(*files: tuple[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as archive:
        for name, body in files:
            archive.writestr(name, body)
    return out.getvalue()


def refused(data: bytes, file: str = NAME) -> tuple[RollReason, str]:
    with pytest.raises(InvalidRoll) as caught:
        read_text(data, file)
    (problem,) = caught.value.problems
    return problem.reason, problem.sentence


@pytest.mark.parametrize("name", ["gp-reg-pat-prac-all.csv", "GP-REG.CSV", "a folder/lists.csv"])
@pytest.mark.parametrize("packed", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_list_sizes_are_read_from_the_zip_that_the_nhs_ships(
    simple: Callable[..., bytes], lists: Callable[..., bytes], name: str, packed: int
) -> None:
    data = zipped((name, lists(("Z91001", "12345"), ("Z96001", "5000"))), packed=packed)
    roll = read_files(RollFile("roll.csv", simple("00Q,Z91001,A,,,", "01E,Z96001,B,,,")), CCGS, RollFile(NAME, data))
    assert [member.list_size for member in roll.members] == [12345, 5000]
    assert roll.sources[1].sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("beside", ["epraccur.pdf", "__MACOSX/._epraccur.csv", "read me.txt", "folder/"])
def test_other_files_may_stand_beside_the_csv(beside: str) -> None:
    assert unpack(zipped((beside, b"" if beside.endswith("/") else b"x"), ("epraccur.csv", b"a,b\n")), NAME) == b"a,b\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(zipped(("a.csv", b"1"), ("b.csv", b"2")), "holds 2 CSV files (a.csv, b.csv)", id="two"),
        pytest.param(zipped(("a.csv", b"1"), ("x/a.csv", b"2")), "holds 2 CSV files", id="two of one name"),
        pytest.param(zipped(("a.txt", b"1")), "holds no CSV file, but a.txt", id="none"),
        pytest.param(zipped(), "holds no CSV file", id="nothing"),
        pytest.param(zipped(("a\x1b[2J.txt", b"1")), "but a\\x1b[2J.txt", id="a name that draws"),
        pytest.param(zipped(("a.csv", b"a" * 99))[:-30], "damaged or cut off", id="cut off"),
        pytest.param(zipped(("a.csv", b"a" * 99), packed=0).replace(b"aaaa", b"aaab"), "damaged", id="checksum"),
        pytest.param(b"PK\x03\x04" + bytes(999), "damaged or cut off", id="garbage"),
        pytest.param(zipped(("a.csv", b"1"), packed=zipfile.ZIP_LZMA), "unusual way", id="lzma"),
        pytest.param(zipped(("a.csv", b"1"), packed=zipfile.ZIP_BZIP2), "unusual way", id="bzip2"),
        pytest.param(zipped(("a.csv", gzip.compress(b"1"))), "compressed again", id="gzip inside"),
        pytest.param(zipped(("a.csv", zipped(("a.csv", b"1")))), "compressed again", id="zip inside"),
        pytest.param(zipped(*((f"{i}.txt", b"") for i in range(1001))), "more than 1000 files", id="many files"),
    ],
)
def test_any_other_zip_is_refused_with_a_sentence_and_never_as_a_workbook(data: bytes, words: str) -> None:
    reason, sentence = refused(data)
    assert reason is RollReason.ZIP
    assert words in sentence
    assert "Excel" not in sentence


def test_a_zip_with_a_password_is_refused() -> None:
    data = bytearray(zipped(("a.csv", b"1")))
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(start) + flags] |= 1
    assert "asks for a password" in refused(bytes(data))[1]


@pytest.mark.parametrize(
    ("file", "words"), [("[Content_Types].xml", "an Excel workbook"), ("content.xml", "an OpenDocument spreadsheet")]
)
def test_a_spreadsheet_is_named_as_what_it_is(file: str, words: str) -> None:
    reason, sentence = refused(zipped(("mimetype", b"x"), (file, b"<x/>"), ("docs/a.csv", b"1")), "roll.xlsx")
    assert (reason, words in sentence) == (RollReason.WRONG_FILE, True)


@pytest.mark.parametrize("size", [LARGEST + 1, 6 * LARGEST])
def test_a_bomb_is_refused_before_it_goes_off(size: int) -> None:
    data = zipped(("a.csv", b"0" * size))
    started = time.monotonic()
    tracemalloc.start()
    try:
        assert refused(data)[0] is RollReason.TOO_LARGE
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert time.monotonic() - started < 10
    assert peak < 4 * LARGEST


def test_a_size_that_is_not_true_is_damage() -> None:
    data = bytearray(zipped(("a.csv", b"0" * 1000)))
    for start, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(start) + at
        data[place : place + 4] = (10).to_bytes(4, "little")
    assert "damaged" in refused(bytes(data))[1]
