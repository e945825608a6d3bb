"""A4 pages as PDF, by fpdf2: margins, plain text, and what its own fonts can show. The same content, the same bytes."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from fpdf import FPDF

MARGIN, WIDTH = 20.0, 170.0
"""In millimetres."""


class Paper(FPDF):
    """A document whose every page says at its foot what it belongs to, where that is given, and which page it is."""

    foot = ""

    def footer(self) -> None:
        if self.foot:
            self.set_y(-14)
            self.set_font("Helvetica", size=8)
            self.cell(WIDTH - 25, 5, latin(self.foot))
            self.cell(25, 5, f"Page {self.page_no()} of {{nb}}", align="R")


def new_paper(title: str, made: datetime, foot: str = "") -> Paper:
    """A document with its first page, dated by what it shows and not by when it was asked for."""
    pdf = Paper(format="A4")
    pdf.foot = foot
    pdf.set_creation_date(made)
    pdf.set_title(latin(title))
    pdf.set_lang("en-GB")
    pdf.set_margins(MARGIN, MARGIN)
    pdf.set_auto_page_break(auto=True, margin=MARGIN)
    pdf.add_page()
    return pdf


def write(pdf: FPDF, written: str, size: int, style: str = "", after: float = 0) -> None:
    """A paragraph, whole on one page, and so many millimetres below it."""
    pdf.set_font("Helvetica", style, size)
    lines = cast(list[str], pdf.multi_cell(WIDTH, 1, latin(written), align="L", dry_run=True, output="LINES"))
    height = len(lines) * size * 0.48
    if height < pdf.eph and pdf.will_page_break(height):
        pdf.add_page()
    pdf.multi_cell(WIDTH, size * 0.48, latin(written), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(after)


PLAIN = str.maketrans(
    {"\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2026": "..."}
    | {"\u2022": "-", "\u2264": "<=", "\u2265": ">="}
)
"""What word processors put into clauses, and how it is printed."""


def latin(written: str) -> str:
    """With a question mark for what the PDF's own fonts cannot show."""
    return written.translate(PLAIN).encode("latin-1", "replace").decode("latin-1")
