"""Which characters the PDFs' font can show. A PDF shows any other character by its number.

A practice's name may hold any character of Unicode. The font covers Latin (Welsh, Polish, Vietnamese), Greek, Cyrillic,
Armenian, Georgian, Hebrew, Arabic and common symbols. Any other character is printed as, for example, [U+4E2D], never
as a question mark or an empty box.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).resolve().parent / "fonts"
_FOLDER = FONTS / "dejavu-fonts-ttf"
REGULAR, BOLD, MONO = (_FOLDER / f"{name}.ttf" for name in ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"))

_SHOWN_THOUGH_FORMAT = {"\u200c", "\u200d"}
"""The joiners of Arabic script. Other format characters are invisible or reverse text, so a PDF shows their number."""


def fit_to_font(text: str, *, mono: bool = False) -> str:
    """The text in composed form (NFC), with missing characters as numbers. Line ends stay; tabs become blanks."""
    lacking = set(lacks(text, mono=mono))
    return "".join(f"[U+{ord(c):04X}]" if c in lacking else c for c in _composed(text))


def lacks(text: str, *, mono: bool = False) -> list[str]:
    """The characters of a text that the font cannot show, each once, in Unicode order."""
    covered = coverage(MONO) if mono else coverage(REGULAR) & coverage(BOLD)
    return sorted(c for c in set(_composed(text)) - {"\n"} if not _is_shown(c, covered))


def _composed(text: str) -> str:
    return "\n".join(unicodedata.normalize("NFC", text).replace("\t", " ").splitlines())


def _is_shown(character: str, covered: frozenset[int]) -> bool:
    if unicodedata.category(character).startswith("C") and character not in _SHOWN_THOUGH_FORMAT:
        return False
    return ord(character) in covered


@cache
def coverage(font: Path) -> frozenset[int]:
    """Every code point with a glyph in this TrueType file, from its character map of format 12."""
    data = font.read_bytes()
    (tables,) = struct.unpack_from(">H", data, 4)
    directory = {tag: start for tag, _, start, _ in struct.iter_unpack(">4sIII", data[12 : 12 + 16 * tables])}
    cmap = directory[b"cmap"]
    (maps,) = struct.unpack_from(">H", data, cmap + 2)
    for _, _, offset in struct.iter_unpack(">HHI", data[cmap + 4 : cmap + 4 + 8 * maps]):
        start = cmap + offset
        (form,) = struct.unpack_from(">H", data, start)
        if form == 12:
            (groups,) = struct.unpack_from(">I", data, start + 12)
            ranges = struct.iter_unpack(">III", data[start + 16 : start + 16 + 12 * groups])
            return frozenset(code for first, last, _ in ranges for code in range(first, last + 1))
    raise ValueError(f"{font.name} has no character map of format 12")
