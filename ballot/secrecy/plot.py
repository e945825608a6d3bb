"""The meter as a picture: bars for a terminal, and an SVG with a text alternative. Whole numbers only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape

from ballot.secrecy.meter import Measured, Meter
from ballot.secrecy.words import percent

WIDTH = 40
_SVG = "http://www.w3.org/2000/svg"
_LEFT, _BAR, _ROW, _TOP, _GAP = 10, 340, 56, 82, 32
_TEXT = 'font-family="sans-serif" font-size="14" fill="#212b32"'
_BOLD = f'{_TEXT} font-weight="bold"'
_COLOURS = {"known": "#005eb8", "every": "#7c2855", "rail": "#d8dde0"}
"""As attributes, because a page's strict policy blocks styles inside an SVG."""


def draw_bars(meter: Meter) -> Iterator[str]:
    """Two bars for each way of counting: the share of votes known, and the share of ballots with every vote known."""
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
    """Rounds half up; any share above zero gets at least one unit."""
    length = (2 * whole * share.numerator + share.denominator) // (2 * share.denominator)
    return max(length, 1) if share else 0


def draw_svg(meters: Sequence[tuple[str, Meter]]) -> str:
    """One picture of all CCGs, narrow enough for a telephone. Its `desc` is a full text alternative."""
    rows, words, y = [], [], _TOP
    for name, meter in meters:
        rows.append(f'<text {_BOLD} x="{_LEFT}" y="{y}">{escape(name)}</text>')
        y += 8
        for label, measured in _bars(meter):
            rows += _row(label, measured, y)
            y += _ROW
            words.append(
                f"{name}, {label}: {percent(measured.share_known)} of votes known; every vote known in "
                f"{percent(measured.every.share)} of {measured.every.ballots} simulated ballots."
            )
        y += _GAP
    width = _LEFT + _BAR + 80
    title = "What publishing the totals would tell about single votes"
    ids = 'aria-labelledby="secrecy-title secrecy-desc"'
    return "\n".join(
        [
            f'<svg xmlns="{_SVG}" role="img" {ids} viewBox="0 0 {width} {y}">',
            f'<title id="secrecy-title">{title}</title>',
            f'<desc id="secrecy-desc">{escape(" ".join(words))}</desc>',
            f'<rect width="{width}" height="{y}" fill="#ffffff"/>',
            f'<text {_BOLD} x="{_LEFT}" y="20">{title}</text>',
            *(
                f'<rect fill="{_COLOURS[kind]}" x="{_LEFT}" y="{top}" width="12" height="12"/>'
                f'<text {_TEXT} x="{_LEFT + 18}" y="{top + 11}">{said}</text>'
                for kind, said, top in (
                    ("known", "votes known", 30),
                    ("every", "ballots in which every vote is known", 48),
                )
            ),
            *rows,
            "</svg>",
            "",
        ]
    )


def _row(label: str, measured: Measured, y: int) -> Iterator[str]:
    yield f'<text {_TEXT} x="{_LEFT}" y="{y + 16}">{escape(label)}</text>'
    for kind, share, top in (("known", measured.share_known, y + 22), ("every", measured.every.share, y + 37)):
        for colour, width in (("rail", _BAR), (kind, _length(share, _BAR))):
            yield f'<rect fill="{_COLOURS[colour]}" x="{_LEFT}" y="{top}" width="{width}" height="13"/>'
        yield f'<text {_TEXT} x="{_LEFT + _BAR + 8}" y="{top + 12}">{percent(share)}</text>'
