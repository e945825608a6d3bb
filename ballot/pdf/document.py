"""A document: its content in order, typeset as an A4 PDF by Typst. The same content gives the same bytes.

The document is tagged: a screen reader finds headings, paragraphs, tables with their headers, and a sentence for each
picture; it skips page numbers. Typst refuses (PDF/UA-1) what it cannot tag or show.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import typst

from ballot.pdf.characters import FONTS, fit_to_font, lacks

_TEMPLATE = Path(__file__).resolve().parent / "document.typ"
_WIDTH = 170_000
"""The width of the text in thousandths of a millimetre, the unit of a bar's parts."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: a pattern of document.typ, its text in the legend, and its ends as parts of 1."""

    pattern: str
    label: str
    start: Fraction
    end: Fraction


@dataclass(slots=True)
class Document:
    """A document. `made` is the time of what it shows, not of the request; `foot` is repeated on every page."""

    title: str
    made: datetime
    foot: str = ""
    _blocks: list[dict[str, Any]] = field(default_factory=list, init=False)
    _attached: list[dict[str, str]] = field(default_factory=list, init=False)
    _lacking: set[str] = field(default_factory=set, init=False)

    def banner(self, heading: str, below: str) -> None:
        """The main heading on a blue background across the top of the first page."""
        self._add("banner", text=self._show(heading), below=self._show(below))

    def heading(self, text: str, level: int, *, new_page: bool = False) -> None:
        """A heading. Use level 1 once, and skip no level."""
        self._add("heading", text=self._show(text), level=level, new_page=new_page)

    def say(self, text: str, size: int = 10, *, bold: bool = False, after: int = 3) -> None:
        """A paragraph; `size` in points, `after` in millimetres of space below."""
        self._add("say", text=self._show(text), size=size, bold=bold, after=after)

    def sentences(self, sentences: Sequence[str]) -> None:
        """A paragraph for each sentence."""
        for sentence in sentences:
            self.say(sentence)

    def warn(self, text: str) -> None:
        """A paragraph on a yellow background."""
        self._add("warn", text=self._show(text))

    def code(self, text: str, size: int = 9) -> None:
        """Monospaced text for machines; a line breaks only where it is full. `size` in points."""
        self._add("code", text=self._show(text, mono=True), size=size)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], *, words: int) -> None:
        """A table with a header row. The first `words` columns hold words, the others numbers; `widths` in mm."""
        cells = [[self._show(cell) for cell in row] for row in rows]
        self._add("table", heads=[self._show(head) for head in heads], rows=cells, widths=list(widths), words=words)

    def bar(self, title: str, pieces: Sequence[Piece], mark: Fraction | None, below: str, alt: str) -> None:
        """A bar with a legend and a black line at `mark` (0 to 1). `alt` describes all that it shows."""
        parts = [
            {
                "pattern": piece.pattern,
                "label": self._show(piece.label),
                "left": round(_WIDTH * piece.start),
                "width": round(_WIDTH * piece.end) - round(_WIDTH * piece.start),
            }
            for piece in pieces
        ]
        at = None if mark is None else round(_WIDTH * mark)
        self._add("bar", title=self._show(title), parts=parts, mark=at, below=self._show(below), alt=self._show(alt))

    def picture(self, svg: bytes, alt: str, side: int, beside: str = "", code: str = "") -> None:
        """A square picture of `side` millimetres; on its right the words `beside` and the monospaced text `code`."""
        words = {"alt": self._show(alt), "beside": self._show(beside), "code": self._show(code, mono=True)}
        self._add("picture", svg=svg.decode(), side=side, **words)

    def attach(self, name: str, data: bytes, description: str) -> None:
        """Attach a JSON file, byte for byte."""
        self._attached.append({"name": name, "data": data.decode("utf-8"), "description": description})

    def to_pdf(self) -> bytes:
        """The bytes of the PDF."""
        made = self.made.astimezone(UTC).replace(microsecond=0)
        content = {
            "title": fit_to_font(self.title),
            "foot": self._show(self.foot),
            "made": [made.year, made.month, made.day, made.hour, made.minute, made.second],
            "blocks": self._blocks,
            "lacking": [fit_to_font(character) for character in sorted(self._lacking)],
            "attached": self._attached,
        }
        return typst.compile(
            _TEMPLATE,
            root=_TEMPLATE.parent,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=made,
        )

    def _show(self, text: str, *, mono: bool = False) -> str:
        """The text as the font can show it; the end of the document explains the characters that it lacks."""
        self._lacking.update(lacks(text, mono=mono))
        return fit_to_font(text, mono=mono)

    def _add(self, kind: str, **fields: Any) -> None:
        self._blocks.append({"kind": kind, **fields})


def _fonts() -> typst.Fonts:
    """The vendored font only, so that every machine gives the same bytes."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
