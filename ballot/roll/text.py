"""Decode a file to text. Compression, byte order mark, encoding and line ends are each noted or refused."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from ballot.roll.problems import RollReason, listed, note, refusal
from ballot.roll.unpack import unpack
from ballot.strict.errors import plain

MOST_LINES = 200_000
LONGEST_LINE = 20_000
_SEPARATOR = re.compile(r"[\"']?sep=(.)[\"']?[ \t]*(?=[\r\n]|$)", re.IGNORECASE)
_NAMES = {";": "semicolons", "\t": "tabs", "|": "bars", ":": "colons"}
_UTF8_MARK = b"\xef\xbb\xbf"
_FOREIGN = (  # Other files that people send by mistake, by their first bytes
    (b"\xd0\xcf\x11\xe0", RollReason.WRONG_FILE, "this is an old Excel workbook"),
    (b"%PDF", RollReason.WRONG_FILE, "this is a PDF"),
    (b"{\\rtf", RollReason.WRONG_FILE, "this is a word processor's document"),
    (
        b"<",
        RollReason.WRONG_FILE,
        "this is a web page or an XML file, perhaps a sign-in page saved under the file's name",
    ),
    (b"\xff\xfe", RollReason.NOT_TEXT, "this is UTF-16 or UTF-32 text"),
    (b"\xfe\xff", RollReason.NOT_TEXT, "this is UTF-16 text"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A file as text without its byte order mark, with its original line ends."""

    file: str
    text: str
    notes: tuple[str, ...]


def read_text(data: bytes, file: str) -> Text:
    """Decode a file. Raises: InvalidRoll.

    (1) Unpack gzip or ZIP. (2) Refuse anything but text, and name what it is. (3) Read UTF-8, with or without its mark,
    (4) otherwise Windows-1252, which Excel writes on Windows. (5) Limit the number of lines and their length.
    Notes say what was unusual, and for Windows-1252 which lines to check.
    """
    data = unpack(data, file)
    for start, reason, what in _FOREIGN:
        if data.startswith(start):
            raise refusal(file, 1, reason, f"{what}; a CSV file is expected (in Excel: save as CSV UTF-8).")
    if b"\0" in data:
        line = line_at(data, data.index(b"\0"))
        raise refusal(
            file, line, RollReason.NOT_TEXT, "there is a zero byte, so this is not text in UTF-8 or Windows-1252."
        )
    notes = []
    if data.startswith(_UTF8_MARK):
        data = data.removeprefix(_UTF8_MARK)
        notes.append("the file begins with a byte order mark, which was skipped.")
    if not data.strip():
        raise refusal(file, 1, RollReason.EMPTY, "the file is empty.")
    text, is_utf8 = _decode(data, file)
    _check_lengths(text, file)
    if separator := _SEPARATOR.match(text):
        text = _without_separator(text, separator, file)
        notes.append('the first line, "sep=,", is meant for Excel and was skipped.')
    if not is_utf8:
        lines = listed(_lines_beyond_ascii(data))
        notes.append(f"the file is not UTF-8 but Windows-1252; check how the names came out on lines {lines}.")
    notes.extend(_line_ends(text))
    return Text(file, text, tuple(note(file, sentence) for sentence in notes))


def _without_separator(text: str, found: re.Match[str], file: str) -> str:
    """Blank the first line if it declares commas as the separator. Raises: InvalidRoll, for any other separator."""
    if found[1] == ",":
        return text[found.end() :]
    sentence = (
        f'the line "sep={plain(found[1])}" tells Excel that {_NAMES.get(found[1], "another character")} separate the '
        "cells; commas were expected. Save the file as CSV with commas, without that line."
    )
    raise refusal(file, 1, RollReason.WRONG_FILE, sentence)


def _check_lengths(text: str, file: str) -> None:
    """Limit the number of lines and their length to what a roll can have. Raises: InvalidRoll."""
    lines = text.count("\n") + text.count("\r")
    if lines > 2 * MOST_LINES:
        raise refusal(file, MOST_LINES, RollReason.TOO_LARGE, f"the file has more than {MOST_LINES} lines.")
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if number > MOST_LINES:
            raise refusal(file, number, RollReason.TOO_LARGE, f"the file has more than {MOST_LINES} lines.")
        if len(line) > LONGEST_LINE:
            sentence = f"the line has {len(line)} characters; at most {LONGEST_LINE} are expected."
            raise refusal(file, number, RollReason.TOO_LARGE, sentence)


def line_at(data: bytes, offset: int) -> int:
    """The line number of a byte; CRLF, LF and CR each end a line."""
    before = data[:offset]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def _decode(data: bytes, file: str) -> tuple[str, bool]:
    """The text, and whether it was UTF-8. Otherwise it is Windows-1252 or refused."""
    try:
        return data.decode("utf-8"), True
    except UnicodeDecodeError as fault:
        utf8 = fault.start
    try:
        return data.decode("cp1252"), False
    except UnicodeDecodeError as fault:
        windows = fault.start
    sentence = (
        f"the file is neither UTF-8 (byte {data[utf8]:02X} on line {line_at(data, utf8)}) "
        f"nor Windows-1252 (byte {data[windows]:02X} here, which that encoding does not have); save it as CSV UTF-8."
    )
    raise refusal(file, line_at(data, windows), RollReason.NOT_TEXT, sentence)


def _lines_beyond_ascii(data: bytes) -> list[str]:
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return [str(number) for number, line in enumerate(lines, start=1) if not line.isascii()]


def _line_ends(text: str) -> list[str]:
    """Note every line end other than LF."""
    both = text.count("\r\n")
    found = [
        name
        for name, count in (
            ("CRLF (Windows)", both),
            ("LF", text.count("\n") - both),
            ("CR alone (old Macintosh)", text.count("\r") - both),
        )
        if count
    ]
    if found in ([], ["LF"]):
        return []
    return [f"the lines end in {' and '.join(found)}, which was accepted."]
