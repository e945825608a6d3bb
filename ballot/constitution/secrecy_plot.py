"""The meter as a picture: bars for a terminal, and an SVG with a text alternative. Whole numbers only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape

from ballot.constitution.secrecy_meter import Measured, Meter
from ballot.constitution.secrecy_words import percent

WIDTH = 40
_SVG = "http://www.w3.org/2000/svg"
_LEFT, _BAR, _ROW, _TOP, _GAP = 300, 400, 38, 64, 44
_STYLE = (
    "text{font:14px sans-serif;fill:#212b32}.known{fill:#005eb8}.every{fill:#7c2855}"
    ".rail{fill:#d8dde0}.ccg{font-weight:bold}"
)


def draw_bars(meter: Meter) -> Iterator[str]:
    """Two bars for each way of counting: the share of votes known, and of ballots in which every vote is."""
    yield "Votes known (#) and ballots in which every vote is known (=), from 0 to 100 %:"
    for name, measured in _bars(meter):
        yield f"{name[:36]:<36} |{_bar(measured.share_known, '#')}| {percent(measured.share_known)}"
        yield f"{'':<36} |{_bar(measured.every.share, '=')}| {percent(measured.every.share)}"


def _bars(meter: Meter) -> list[tuple[str, Measured]]:
    planned = (f"PLANNED: {meter.planned.weighting.name}", meter.planned)
    return [planned, *((other.weighting.name, other) for other in meter.others)]


def _bar(share: Fraction, mark: str) -> str:
    return (mark * _length(share, WIDTH)).ljust(WIDTH)


def _length(share: Fraction, whole: int) -> int:
    """Rounded half up; something is never drawn as nothing."""
    length = (2 * whole * share.numerator + share.denominator) // (2 * share.denominator)
    return max(length, 1) if share else 0


def draw_svg(meters: Sequence[tuple[str, Meter]]) -> str:
    """One picture of all CCGs. Its `desc` says in words all that the bars show."""
    rows, words, y = [], [], _TOP
    for name, meter in meters:
        rows.append(f'<text class="ccg" x="10" y="{y}">{escape(name)}</text>')
        y += 12
        for label, measured in _bars(meter):
            rows += _row(label, measured, y)
            y += _ROW
            words.append(
                f"{name}, {label}: {percent(measured.share_known)} of votes known; every vote known in "
                f"{percent(measured.every.share)} of {measured.every.ballots} simulated ballots."
            )
        y += _GAP
    width = _LEFT + _BAR + 90
    title = "What publishing the totals would tell about single votes"
    return "\n".join(
        [
            f'<svg xmlns="{_SVG}" role="img" aria-labelledby="title desc" viewBox="0 0 {width} {y}">',
            f'<title id="title">{title}</title>',
            f'<desc id="desc">{escape(" ".join(words))}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect width="{width}" height="{y}" fill="#ffffff"/>',
            f'<text class="ccg" x="10" y="20">{title}</text>',
            '<rect class="known" x="10" y="30" width="12" height="12"/><text x="28" y="41">votes known</text>',
            '<rect class="every" x="150" y="30" width="12" height="12"/>',
            '<text x="168" y="41">ballots in which every vote is known</text>',
            *rows,
            "</svg>",
            "",
        ]
    )


def _row(label: str, measured: Measured, y: int) -> Iterator[str]:
    yield f'<text x="10" y="{y + 20}">{escape(label)}</text>'
    for kind, share, top in (("known", measured.share_known, y + 4), ("every", measured.every.share, y + 19)):
        yield f'<rect class="rail" x="{_LEFT}" y="{top}" width="{_BAR}" height="13"/>'
        yield f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{_length(share, _BAR)}" height="13"/>'
        yield f'<text x="{_LEFT + _BAR + 8}" y="{top + 12}">{percent(share)}</text>'
