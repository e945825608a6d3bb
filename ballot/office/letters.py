"""A voting link on paper: one page for one practice, to be carried or posted where no e-mail arrives.

The PDF holds the link, as a QR code and in letters: it is a secret, written into a private file and into nothing else.
The code begins at the finder patterns of a plain QR code of level M, black on white, and is drawn as rectangles.
"""

from __future__ import annotations

from datetime import datetime

import segno
from fpdf import FPDF

from ballot.constitution.programme import Programme
from ballot.office.links import PracticeLink
from ballot.record.wall_times import utc_time, wall_time

_WIDTH, _CODE = 170, 60
"""Millimetres: of the text, and of the code with its quiet zone."""

_HOW = (
    "To vote, point the camera of a telephone at this code, or type the address below it into a browser. Whoever has "
    "this letter can vote for your practice: keep it to yourself, and destroy it once you have voted."
)


def letter(
    programme: Programme,
    link: PracticeLink,
    base: str,
    help_desk: str,
    fingerprint: str,
    counts_for: str,
    closes_at: datetime,
    now: datetime,
) -> bytes:
    """The PDF. `help_desk` is whom to ask; `counts_for` and `closes_at` are of the practice's own ballot."""
    url = link.url(base)
    page = FPDF(unit="mm", format="A4")
    page.set_creation_date(now)
    page.set_title("Your practice's vote")
    page.set_margin(20)
    page.add_page()

    def say(text: str, size: int = 11, style: str = "", gap: float = 3) -> None:
        page.set_font("Helvetica", style, size)
        page.multi_cell(_WIDTH, size * 0.5, printable(text), align="L", new_x="LMARGIN", new_y="NEXT")
        page.ln(gap)

    if programme.rehearsal:
        say("REHEARSAL. No decision follows from this.", 12, "B")
    say(f"{link.representative or 'The representative'}\n{link.name} ({link.practice})", 11, "", 8)
    say(programme.name, 16, "B")
    for question in programme.questions:
        say(question.text)
    say(f"Voting closes at {wall_time(closes_at)} ({utc_time(closes_at)}).", 11, "B")
    say(f"Your practice's vote counts for {counts_for}. If the voting page says anything else, do not vote: tell us.")
    say(_HOW)
    draw_code(page, url)
    page.set_font("Courier", "", 10)
    page.multi_cell(_WIDTH, 5, url, align="L", new_x="LMARGIN", new_y="NEXT")
    page.ln(4)
    say(f"The fingerprint of this ballot, which stands on the public board too: {fingerprint}", 9)
    say(f"Help: {help_desk}", 11)
    return bytes(page.output())


def draw_code(page: FPDF, text: str) -> None:
    """The QR code of a text, as large as it is to be, where the page has come to."""
    matrix = segno.make(text, error="m", micro=False).matrix_iter(border=4)
    rows = [list(row) for row in matrix]
    size = _CODE / len(rows)
    left, top = page.l_margin, page.get_y()
    page.set_fill_color(0, 0, 0)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                page.rect(left + x * size, top + y * size, size, size, style="F")
    page.set_y(top + _CODE + 2)


def printable(text: str) -> str:
    """What the PDF's own fonts have; anything else as `?`, since a name must not stop a letter."""
    plain = text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-"})
    return plain.encode("latin-1", "replace").decode("latin-1")
