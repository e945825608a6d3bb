"""A screen reader can read every PDF, every character is shown or named, the same content gives the same bytes."""

# ruff: noqa: RUF001  (names in other scripts are what this is about)
from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pypdfium2
import pytest
from pypdf import PdfReader

from ballot.pdf.characters import BOLD, MONO, REGULAR, coverage, fit_to_font, lacks
from ballot.pdf.document import Document, Piece
from ballot.pdf.qr import qr_svg

MADE = datetime(2026, 3, 29, 1, 30, 5, tzinfo=UTC)
DATA = '{"name":"Ŵ"}'.encode()


def full_paper(name: str = "Meddygfa Ŵyl") -> Document:
    """A paper with a block of every kind."""
    paper = Document(f"Declaration: {name}", MADE, foot="merger: declaration")
    paper.banner("Declaration of the result", "Member practice voting")
    paper.warn("REHEARSAL")
    paper.heading("Outcome", 2)
    paper.say(name, 14, bold=True)
    paper.table(("CCG", "Practices"), [(name, "3")], (70, 38), words=1)
    paper.heading("Turnout", 3)
    halves = [
        Piece("solid", "3 for", Fraction(0), Fraction(1, 2)),
        Piece("empty", "3 not", Fraction(1, 2), Fraction(1)),
    ]
    paper.bar("Test", halves, Fraction(2, 3), "Out of 6.", "Of 6: 3 for, 3 not.")
    paper.picture(qr_svg("https://board.example"), "QR code", 42, "Scan it.", "https://board.example")
    paper.code("ballot verify RECORD")
    paper.attach("data.json", DATA, "The same as data")
    return paper


def said(text: str) -> Document:
    paper = Document("A paper", MADE)
    paper.heading("One", 1)
    paper.say(text)
    return paper


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def tags_of(pdf: bytes) -> list[tuple[str, str]]:
    """Every structure element in reading order, with its alternative text."""
    return list(_walk(PdfReader(io.BytesIO(pdf)).root_object["/StructTreeRoot"]["/K"]))


def _walk(node: Any) -> Iterator[tuple[str, str]]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for kid in node:
            yield from _walk(kid)
    elif isinstance(node, dict) and "/S" in node:
        yield str(node["/S"])[1:], str(node.get("/Alt", ""))
        yield from _walk(node.get("/K", []))


def test_a_screen_reader_finds_headings_paragraphs_tables_and_what_pictures_show() -> None:
    tags = tags_of(full_paper().to_pdf())
    kinds = [kind for kind, _ in tags if kind not in ("Strong", "Div")]

    assert kinds == ["Document", "H1", "P", "P", "H2", "P",
                     "Table", "THead", "TR", "TH", "TH", "TBody", "TR", "TD", "TD",
                     "H3", "P", "Figure", "P", "P", "P", "Figure", "P", "P", "P"]  # fmt: skip
    assert [alt for kind, alt in tags if kind == "Figure"] == ["Of 6: 3 for, 3 not.", "QR code"]


def test_a_paper_says_its_title_its_language_and_that_it_is_for_screen_readers() -> None:
    reader = PdfReader(io.BytesIO(full_paper().to_pdf()))
    root = reader.root_object

    assert reader.metadata is not None
    assert reader.metadata.title == "Declaration: Meddygfa Ŵyl"
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()


def test_the_same_content_gives_the_same_bytes_dated_by_what_it_shows() -> None:
    pdf = full_paper().to_pdf()
    reader = PdfReader(io.BytesIO(pdf))

    assert full_paper().to_pdf() == pdf
    assert reader.metadata is not None
    assert reader.metadata.creation_date == MADE
    elsewhere = Document("A paper", MADE.astimezone(timezone(timedelta(hours=1))).replace(microsecond=7))
    elsewhere.heading("One", 1)
    elsewhere.say("x")
    assert elsewhere.to_pdf() == said("x").to_pdf()


def test_an_attached_file_comes_out_byte_for_byte() -> None:
    assert PdfReader(io.BytesIO(full_paper().to_pdf())).attachments == {"data.json": [DATA]}


def test_only_the_letters_in_use_are_embedded() -> None:
    assert len(full_paper().to_pdf()) < 100_000


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Tŷ’r Ŵyl, Ẁẃẅỳ Ŷŵ", id="Welsh"),
        pytest.param("Łódź, Gdańsk, Świętego", id="Polish"),
        pytest.param("Nguyễn Thị Hằng", id="Vietnamese"),
        pytest.param("Ελένη Οικονόμου", id="Greek"),
        pytest.param("Ольга Їжак", id="Cyrillic"),
        pytest.param("“≥ ⅔” – ½ … • € £ §", id="symbols"),
    ],
)
def test_a_name_is_printed_as_it_is_written(name: str) -> None:
    assert lacks(name) == []
    assert name in text_of(full_paper(name).to_pdf())


@pytest.mark.parametrize("name", ["שלום", "مرحبا", "e\u0301" * 200, "a" + "\u0301" * 40, "می\u200cخواهم"])
def test_combining_marks_and_writing_from_the_right_are_drawn(name: str) -> None:
    pdf = full_paper(name).to_pdf()

    assert lacks(name) == []
    assert "U+" not in text_of(pdf)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("中文", "[U+4E2D][U+6587]"),
        ("🗳", "[U+1F5F3]"),
        ("abc\u202edcba", "abc[U+202E]dcba"),
        ("zero\u200bwidth", "zero[U+200B]width"),
        ("bell\x07", "bell[U+0007]"),
        ("\ufeffmark", "[U+FEFF]mark"),
        ("nothing\x00", "nothing[U+0000]"),
        ("private\ue000", "private[U+E000]"),
    ],
)
def test_a_character_that_is_not_shown_is_named_by_its_number(name: str, shown: str) -> None:
    text = text_of(said(name).to_pdf())

    assert shown in text
    assert "The font of this paper lacks some characters" in text


def test_what_looks_like_a_command_to_the_printer_is_printed_as_it_is() -> None:
    hostile = '#read("/etc/passwd") *x* _y_ $z$ `code` <label> @ref \\u{41} // #panic() = head "quote" [c] {d}'

    assert hostile in text_of(full_paper(hostile).to_pdf())


@pytest.mark.parametrize("letter", ["W", "\u1e80", "i"])
def test_a_name_without_a_blank_is_broken_and_nothing_leaves_the_page(letter: str) -> None:
    document = pypdfium2.PdfDocument(full_paper(letter * 400).to_pdf())
    try:
        for page in document:
            drawn = page.render(scale=1).to_pil().convert("L")
            beside = drawn.crop((drawn.width - 50, 120, drawn.width, drawn.height))
            assert beside.getextrema() == (255, 255)
    finally:
        document.close()


def test_a_text_of_many_pages_is_printed_to_its_end() -> None:
    assert "word the end" in text_of(said("word " * 5000 + "the end").to_pdf())


def test_the_font_covers_what_names_in_the_union_are_written_in() -> None:
    letters = {
        code for first, last in ((0x20, 0x7E), (0xA1, 0x24F), (0x1E00, 0x1EF9)) for code in range(first, last + 1)
    }
    letters |= {*range(0x400, 0x500), *range(0x391, 0x3A2), *range(0x3A3, 0x3CF)}

    assert letters - {0xAD} <= coverage(REGULAR) & coverage(BOLD)
    assert {*range(0x20, 0x7F)} <= coverage(MONO)


def test_text_for_machines_is_shown_by_what_its_own_font_has() -> None:
    assert fit_to_font("ש", mono=False) == "ש"
    assert fit_to_font("ש", mono=True) == "[U+05E9]"
