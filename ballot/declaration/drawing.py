"""The pictures on paper: a bar with a pattern for each part, a legend with its number, and the mark of what is needed.

Colour says nothing that the pattern and the words do not: for is solid, against is hatched, abstained is dotted,
not returned is empty.
"""

from __future__ import annotations

from fpdf import FPDF

from ballot.declaration.bars import Bar, Part, Segment
from ballot.paper import MARGIN, WIDTH, latin

BLUE, ORANGE, GREY, BLACK, WHITE = (0, 94, 184), (184, 84, 0), (76, 98, 114), (33, 43, 50), (255, 255, 255)
HEIGHT, OVER, GAP = 8.0, 2.5, 1.7
"""Of a bar, of what its mark stands out, and between the lines of a pattern, in millimetres."""


def draw(pdf: FPDF, bar: Bar) -> None:
    """The bar with its title and legend, kept together on a page."""
    if pdf.will_page_break(HEIGHT + 2 * OVER + 14 + 4.4 * len(bar.segments)):
        pdf.add_page()
    _text(pdf, bar.title, 10, "B")
    top = pdf.get_y() + OVER + 0.5
    for segment in bar.segments:
        left, right = (MARGIN + float(WIDTH * end) for end in (segment.start, segment.end))
        _fill(pdf, segment.part, left, top, right - left, HEIGHT)
    _outline(pdf, MARGIN, top, WIDTH, HEIGHT)
    if bar.mark is not None and bar.mark.at is not None:
        _mark(pdf, MARGIN + float(WIDTH * bar.mark.at), top)
    pdf.set_y(top + HEIGHT + OVER + 1)
    for segment in bar.segments:
        _legend(pdf, segment)
    _text(pdf, _below(bar), 9)
    pdf.ln(2.5)


def _below(bar: Bar) -> str:
    """What the picture is out of, and what its mark means."""
    of = f"Out of {bar.whole:,} {bar.of}."
    if bar.mark is None:
        return of
    where = "the black line" if bar.mark.at is not None else "more than the whole bar"
    return f"{of} Needed, {where}: {bar.mark.words}. {'Met' if bar.mark.holds else 'Not met'}."


def _text(pdf: FPDF, written: str, size: int, style: str = "") -> None:
    pdf.set_text_color(*BLACK)
    pdf.set_font("Helvetica", style, size)
    pdf.multi_cell(WIDTH, size * 0.46, latin(written), align="L", new_x="LMARGIN", new_y="NEXT")


def _legend(pdf: FPDF, segment: Segment) -> None:
    """A sample of the pattern, the number, the label."""
    top = pdf.get_y()
    _fill(pdf, segment.part, MARGIN, top + 0.4, 6, 3.2)
    _outline(pdf, MARGIN, top + 0.4, 6, 3.2)
    pdf.set_xy(MARGIN + 8, top)
    pdf.set_font("Helvetica", size=9)
    pdf.multi_cell(
        WIDTH - 8, 4.2, latin(f"{segment.number:,} {segment.label}"), align="L", new_x="LMARGIN", new_y="NEXT"
    )


def _outline(pdf: FPDF, x: float, y: float, width: float, height: float) -> None:
    pdf.set_draw_color(*BLACK)
    pdf.set_line_width(0.25)
    pdf.rect(x, y, width, height)


def _mark(pdf: FPDF, x: float, top: float) -> None:
    """A black line with white beside it, so that it is seen on every pattern, and a triangle above."""
    for colour, width in ((WHITE, 1.6), (BLACK, 0.7)):
        pdf.set_draw_color(*colour)
        pdf.set_line_width(width)
        pdf.line(x, top - OVER / 2, x, top + HEIGHT + OVER)
    pdf.set_fill_color(*BLACK)
    pdf.polygon([(x - 1.6, top - OVER), (x + 1.6, top - OVER), (x, top)], style="F")


def _fill(pdf: FPDF, part: Part, x: float, y: float, width: float, height: float) -> None:
    match part:
        case Part.FOR | Part.RETURNED:
            pdf.set_fill_color(*BLUE)
            pdf.rect(x, y, width, height, style="F")
        case Part.AGAINST:
            _hatch(pdf, x, y, width, height)
        case Part.ABSTAINED:
            _dot(pdf, x, y, width, height)
        case Part.NOT_RETURNED:
            pass
    pdf.set_draw_color(*BLACK)
    pdf.set_line_width(0.25)
    pdf.line(x + width, y, x + width, y + height)


def _hatch(pdf: FPDF, x: float, y: float, width: float, height: float) -> None:
    """Slanting lines."""
    pdf.set_draw_color(*ORANGE)
    pdf.set_line_width(0.7)
    with pdf.rect_clip(x, y, width, height):
        for step in range(int((width + height) / GAP) + 1):
            left = x - height + step * GAP
            pdf.line(left, y + height, left + height, y)


def _dot(pdf: FPDF, x: float, y: float, width: float, height: float) -> None:
    """Rows of dots."""
    pdf.set_fill_color(*GREY)
    with pdf.rect_clip(x, y, width, height):
        for row in range(int(height / GAP) + 1):
            for column in range(int(width / GAP) + 1):
                left = x + column * GAP + (row % 2) * GAP / 2
                pdf.ellipse(left, y + row * GAP + 0.3, 0.8, 0.8, style="F")
