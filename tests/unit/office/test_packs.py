"""Documents of the voting pack: four formats by name and content, and the operator's scanner."""

from __future__ import annotations

import contextlib
import io
import sys
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.constitution.programme import DOCUMENT_MAX, DocumentFormat
from ballot.office.errors import Refused
from ballot.office.setup.packs import format_of, say_size, scan


def packed(*names: str, first: bytes | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first is not None:
            archive.writestr("mimetype", first)
        for name in names:
            archive.writestr(name, b"x", zipfile.ZIP_DEFLATED)
    return out.getvalue()


WORD = packed("[Content_Types].xml", "word/document.xml")
ODT = packed("content.xml", first=b"application/vnd.oasis.opendocument.text")


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("case.pdf", b"%PDF-1.7 x", DocumentFormat.PDF),
        ("CASE.PDF", b"%PDF-2.0", DocumentFormat.PDF),
        ("a.b.docx", WORD, DocumentFormat.WORD),
        ("case.odt", ODT, DocumentFormat.OPEN_DOCUMENT),
        ("case.txt", "Why \u2013 and how\r\n".encode(), DocumentFormat.TEXT),
    ],
)
def test_a_document_is_of_the_format_that_name_and_content_agree_on(
    name: str, data: bytes, found: DocumentFormat
) -> None:
    assert format_of(name, data) is found


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("case.pdf", b""),
        ("case.pdf", b"<html>%PDF-1.7"),
        ("case.pdf", WORD),
        ("case.html", b"<html>"),
        ("case.svg", b"<svg/>"),
        ("case.docm", packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("case.docx", packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("case.docx", packed("[Content_Types].xml", "xl/workbook.xml")),
        ("case.docx", ODT),
        ("case.docx", WORD[:-4]),
        ("case.docx", b"MZ" + WORD),
        ("case.odt", WORD),
        ("case.odt", packed("content.xml", first=b"application/vnd.oasis.opendocument.text-template")),
        ("case.odt", packed("content.xml", "Basic/x", first=b"application/vnd.oasis.opendocument.text")),
        ("case.txt", b"%PDF-1.7"),
        ("case.txt", b"\xff\xfe"),
        ("case.txt", b"a\0b"),
        ("case.txt", b"\x1b[2J"),
        ("pdf", b"%PDF-1.7"),
        ("", b"%PDF-1.7"),
        ("case.pdf", b"%PDF-" + bytes(DOCUMENT_MAX)),
    ],
)
def test_anything_else_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(Refused):
        format_of(name, data)


@given(st.sampled_from(["x.pdf", "x.docx", "x.odt", "x.txt"]), st.binary(max_size=200))
def test_no_content_makes_it_crash(name: str, data: bytes) -> None:
    for each in (data, b"PK\x03\x04" + data, WORD[:40] + data, data + WORD[40:]):
        with contextlib.suppress(Refused):
            format_of(name, each)


def test_the_scanner_reads_the_file_and_only_status_0_lets_it_through() -> None:
    script = "import sys; sys.exit(b'virus' in sys.stdin.buffer.read())"
    scan((), b"virus")
    scan((sys.executable, "-c", script), b"fine")
    for command, data in (
        ((sys.executable, "-c", script), b"a virus"),
        (("/no/such/scanner",), b"fine"),
        (("true; exit 0",), b"no shell reads it"),
    ):
        with pytest.raises(Refused):
            scan(command, data)


def test_sizes_are_said_as_people_read_them() -> None:
    assert [say_size(size) for size in (1, 999, 340_400, 1_000_000, 4_194_304)] == [
        "1 kB",
        "1 kB",
        "340 kB",
        "1.0 MB",
        "4.2 MB",
    ]
