"""Hints for the mistakes that people make in a rule file: one more sentence that says what to write instead.

Each function gets what was written and knows nothing of the file. It returns a sentence that begins with a space, or
an empty text if it cannot tell what was meant.
"""

from __future__ import annotations

import datetime as dt
import re

from ballot.strict.errors import quoted
from ballot.strict.fraction import meant_fraction, parse_fraction

_LONGEST = 200
_CURLY = re.compile("[\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb]")
_GROUPED = re.compile(r"=\s*([0-9]{1,3}(?:,[0-9]{3})+)\s*(?:#.*)?$")
_DATE = re.compile(r"=\s*(?:([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})|([0-9]{4})[/.]([0-9]{1,2})[/.]([0-9]{1,2}))\b")
_DATE_IN_WORDS = re.compile(r"=\s*[0-9]{1,2}(?:st|nd|rd|th)?\s+[A-Za-z]{3,9}\s+[0-9]{4}")
_SHARE = re.compile(r"=\s*([0-9]+\s*/\s*[0-9]+|[0-9]+(?:\.[0-9]+)?\s*%)")
_TRUTH = re.compile(r"=\s*(True|TRUE|False|FALSE|yes|Yes|no|No)\b")
_WORD = re.compile(r"=\s*([A-Za-z][A-Za-z -]*[A-Za-z])\s*(?:#.*)?$")
_COLON = re.compile(r"\s*([A-Za-z_]+)\s*:")
_TWICE = re.compile(r"Cannot declare \('([a-z_]+)',\) twice")

_REASONS = {
    "Expected newline or end of document": "After a value nothing can stand on its line but a comment, after #.",
    "Expected '=' after a key": "Write key = value.",
    "Invalid date": "The calendar has no such day; a date is written 2020-04-01.",
    'Expected "\'"': "A quotation mark that opens a text, here or further up, is not closed by the same one.",
    'Expected \'"""\'': 'A text that begins with """ further up is not closed by """.',
    "Expected ']": "Brackets do not match: [quorum] has one on each side, [[test]] two.",
}
"""Hints by the TOML reader's message, for lines whose text shows no mistake."""

_FRACTIONS = {
    "half": "1/2", "a half": "1/2", "one half": "1/2", "\u00bd": "1/2",
    "a third": "1/3", "one third": "1/3", "\u2153": "1/3", "two thirds": "2/3", "\u2154": "2/3",
    "a quarter": "1/4", "one quarter": "1/4", "\u00bc": "1/4",
    "three quarters": "3/4", "\u00be": "3/4", "three fifths": "3/5", "two fifths": "2/5",
    "all": "100%", "everybody": "100%", "everyone": "100%", "unanimous": "100%", "unanimity": "100%",
}  # fmt: skip
_MAJORITY = re.compile(r"(simple |absolute |bare |clear )?majority|.*(1/2|50 ?%|half)\s*(\+|plus|and)\s*(1|one).*")
_PER_CENT = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*(?:%|per ?cent|pc|pct)")
_RATIO = re.compile(r"([0-9]+)\s*(?:/|:|of|in|out of)\s*([0-9]+)")
_DECIMAL = re.compile(r"0?[.,]([0-9]{1,18})|1[.,]0+")
_WORDS = (
    (re.compile(r"(?:not more than|no more than|at most|up to|maximum|max\.?|<=|\u2264)\s*"), "at_most"),
    (re.compile(r"(?:fewer than|less than|under|below|<)(?!=)\s*"), "fewer_than"),
    (re.compile(r"(?:more than|over|above|greater than|>)(?!=)\s*"), "more_than"),
    (re.compile(r"(?:at least|not less than|no fewer than|minimum|min\.?|>=|\u2265)\s*"), "at_least"),
)
"""Beginnings of a share that say how it is compared. "Not more than" comes before "more than"."""
_ALL_BUT = re.compile(r"all (?:but|except|bar|less) (\w+)")
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
}  # fmt: skip


def hint_for_line(line: str, reason: str) -> str:
    """A hint for a line that is not TOML, from its text and the reader's message."""
    if found := _TWICE.search(reason):
        return f" Where there are several, each is written [[{found[1]}]], with two brackets on each side."
    if reason.startswith("Cannot overwrite"):
        return " This key stands twice in one table: remove one of the two."
    code = line[:_LONGEST]
    if found := _CURLY.search(code):
        return f' {found[0]} is a typographic quotation mark: write the straight one, ", on both sides.'
    if found := _GROUPED.search(code):
        return f" Write the number without commas: {found[1].replace(',', '')}."
    if (found := _DATE.search(code)) or _DATE_IN_WORDS.search(code):
        return f" A date is written year, month, day, without quotation marks{_as_date(found)}."
    if found := _SHARE.search(code):
        share = "".join(found[1].split())
        return f' A share stands in quotation marks: "{share}".'
    if found := _TRUTH.search(code):
        return f" Write {'true' if found[1][0] in 'TtYy' else 'false'}, in small letters and without quotation marks."
    if found := _WORD.search(code):
        return f' Words stand in quotation marks: "{found[1]}".'
    if (found := _COLON.match(code)) and "=" not in code:
        return f" Write = after the key and not a colon: {found[1]} = ..."
    if reason.startswith(("Illegal character '\\n'", "Unterminated string")) and code.count('"') % 2:
        return ' A quotation mark " is missing at its end; a text of several lines stands between three, """.'
    return next((f" {hint}" for beginning, hint in _REASONS.items() if reason.startswith(beginning)), "")


def _as_date(found: re.Match[str] | None) -> str:
    """Day and month in British order; the hint spells the date out so that the reader can check the order."""
    if found is None:
        return ": 2020-04-01 is 1 April 2020"
    day, month, year = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    try:
        date = dt.date(int(year), int(month), int(day))
    except ValueError:
        return ": 2020-04-01 is 1 April 2020"
    return f": {date.isoformat()} is {date.day} {date:%B} {date.year}"


def hint_for_share(written: str, key: str) -> str:
    """How to write a share, or a number of votes, that was written in a form we do not read."""
    text = " ".join(written[:_LONGEST].lower().replace("-", " ").split())
    if _MAJORITY.fullmatch(text):
        return ' A majority is written more_than = "1/2", which 3 of 5 and 6 of 10 are.'
    for pattern, meant in _WORDS:
        if found := pattern.match(text):
            key, text = meant, text[found.end() :].strip()
            break
    if (found := _ALL_BUT.fullmatch(text)) and (number := _whole(found[1])):
        return f" Write all_but = {number}."
    if (number := _whole(text)) and text.isdecimal():
        return f' A number is written without quotation marks, {key} = {number}; a share as "{text[:3]}%".'
    if number:
        return f" Write {key} = {number}."
    if key == "at_most" and re.fullmatch(r"none|nobody|0(\.0*)?\s*%?", text):
        return " Write at_most = 0."
    share = _share(text)
    if share is None:
        return ""
    simple = meant_fraction(share)
    or_meant = "" if simple is None else f', or "{simple}" if that is meant'
    return f' Write {key} = "{share}"{or_meant}.'


def _whole(text: str) -> int:
    """The whole number that a text is, in digits or as a word up to sixteen; otherwise 0."""
    return int(text[:18]) if text.isdecimal() and text.isascii() else _NUMBERS.get(text, 0)


def _share(text: str) -> str | None:
    """The share that a text means, as a rule file writes it."""
    text = re.sub(r" (of|majority|votes|the|members|practices).*$", "", text) if "%" in text else text
    text = text.removesuffix(" majority")
    share = _FRACTIONS.get(text)
    if share is None and (found := _PER_CENT.fullmatch(text)):
        share = f"{found[1].replace(',', '.')}%"
    elif share is None and (found := _RATIO.fullmatch(text)):
        share = f"{found[1]}/{found[2]}"
    elif share is None and (found := _DECIMAL.fullmatch(text)):
        digits = (found[1] or "").ljust(2, "0")
        share = f"{int(digits[:2])}{'.' + digits[2:] if digits[2:] else ''}%" if found[1] else "100%"
    try:
        parse_fraction(share or "")
    except ValueError:
        return None
    return share


def hint_for_number(value: object, key: str, *, of: str) -> str:
    """`{ at_least = 3 }`, if a number of `of` was given alone or in words."""
    if isinstance(value, bool):
        return ""
    if of == "localities" and isinstance(value, str) and _MAJORITY.fullmatch(value.strip().lower().removeprefix("a ")):
        return f' A majority of the {of} is written {key} = {{ more_than = "1/2" }}.'
    number = value if isinstance(value, int) else None
    if isinstance(value, str) and (found := re.search(r"[0-9]{1,6}", value)):
        number = int(found[0])
    shown = number if number is not None and 0 < number < 10**6 else 2
    return f" To ask for a number of {of}, write {key} = {{ at_least = {shown} }}."


_MEANT = {
    "patients": ("weight",),
    "lists": ("weight",),
    "list size": ("weight",),
    "list sizes": ("weight",),
    "votes": ("cast", "weight"),
    "votes cast": ("cast",),
    "valid votes": ("for-and-against",),
    "for and against": ("for-and-against",),
    "heads": ("practices",),
    "members": ("practices", "eligible"),
    "all members": ("eligible",),
    "all": ("eligible",),
    "lost": ("not carried",),
    "failed": ("not carried",),
    "rejected": ("not carried",),
    "no quorum": ("inquorate",),
    "not quorate": ("inquorate",),
    "down": ("floor",),
    "up": ("ceiling",),
    "round": ("nearest",),
}


def hint_for_word(value: object, words: tuple[str, ...]) -> str:
    """The word to use in place of another word with the same meaning."""
    text = value.strip().lower().removeprefix("the ") if isinstance(value, str) else ""
    for word in _MEANT.get(text, ()):
        if word in words:
            return f" Here that is {quoted(word)}."
    spelled = text.replace("_", "-")
    same = [word for word in words if spelled in (word, word.replace(" ", "-"), word.removesuffix("s"))]
    return f" Write {quoted(same[0])}." if same else ""
