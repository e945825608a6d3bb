"""A voting link on paper: one page for one practice, to be carried or posted where no e-mail arrives.

The PDF holds the link, as a QR code and in letters: it is a secret, written into a private file and into nothing else.
"""

from __future__ import annotations

from datetime import datetime

from ballot.constitution.programme import Programme
from ballot.office.links import PracticeLink
from ballot.paper.document import Paper
from ballot.paper.qr import qr_svg
from ballot.record.wall_times import utc_time, wall_time

_CODE = 60
"""The side of the code with its quiet zone, in millimetres."""

_HOW = (
    "To vote, point the camera of a telephone at this code, or type the address below it into a browser. Anyone who "
    "has this letter can vote for your practice. Keep it safe, and destroy it once you have voted."
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
    paper = Paper("Your practice's vote", now)
    if programme.rehearsal:
        paper.warn("REHEARSAL: no decision follows from it.")
    paper.say(f"{link.representative or 'The representative'}\n{link.name} ({link.practice})", after=8)
    paper.heading(programme.name, 1)
    for question in programme.questions:
        paper.say(question.text)
    paper.say(f"Voting closes at {wall_time(closes_at)} ({utc_time(closes_at)}).", bold=True)
    paper.say(
        f"Your practice's vote counts for {counts_for}. If the voting page says anything else, do not vote. Tell us."
    )
    paper.say(_HOW)
    paper.picture(qr_svg(url), "QR code of the address below", _CODE)
    paper.code(url, 10)
    paper.say(f"Programme fingerprint, which is also on the public board: {fingerprint}", 9)
    paper.say(f"If you need help, ask the help desk: {help_desk}")
    return paper.to_pdf()
