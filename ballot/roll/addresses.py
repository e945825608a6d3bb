"""Is this one e-mail address that a mail server could take, and nothing else?

Only the syntax is looked at. Nothing that could end a mail header, name a second recipient or pass for an option gets
through. The part before the @ is ASCII; the part after it may be an international domain name.
"""

from __future__ import annotations

import re
import unicodedata

import idna

from ballot.roll.problems import Problems, RollReason, shown
from ballot.strict.email_syntax import LOCAL_PART, LONGEST_ADDRESS, LONGEST_LOCAL_PART

MOST_FURTHER = 10
_TOGETHER = (
    {"CJK", "HIRAGANA", "KATAKANA", "LATIN"},
    {"CJK", "BOPOMOFO", "LATIN"},
    {"CJK", "HANGUL", "LATIN"},
)
"""Scripts that domain registries allow together."""

_LIKE_LATIN = set("асԁеһіјӏорԛѕԝхуүαικνορτυχγ")
"""Small Cyrillic and Greek letters that look Latin: a label with only these deceives."""

_PHONETIC = (range(0x250, 0x2B0), range(0x1D00, 0x1DC0), range(0xA720, 0xA800))
"""Phonetic letters, some of which look Latin. One of them is also a letter of Azerbaijani."""

_SCHWA = 0x259
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def parse_email(cell: str, line: int, column: str, problems: Problems) -> str | None:
    """An address exactly as written, or None and a problem."""
    why = why_no_address(cell)
    if why is None:
        return cell
    sentence = f"{shown(cell)} {why}; one e-mail address such as manager@example.org was expected."
    problems.add(line, column, RollReason.EMAIL, sentence)
    return None


def parse_emails(cell: str, line: int, column: str, problems: Problems) -> tuple[str, ...]:
    """Several addresses, separated by blanks or semicolons, exactly as written; each invalid one is a problem."""
    found: list[str] = []
    for written in cell.replace(";", " ").split():
        address = parse_email(written, line, column, problems)
        if address is None:
            continue
        if address.lower() in (other.lower() for other in found):
            problems.add(line, column, RollReason.EMAIL, f"{shown(address)} stands here twice; once was expected.")
        found.append(address)
    if len(found) > MOST_FURTHER:
        sentence = f"{len(found)} addresses; at most {MOST_FURTHER} further ones are expected for a practice."
        problems.add(line, column, RollReason.EMAIL, sentence)
    return tuple(found)


def why_no_address(text: str) -> str | None:
    """None for an address, otherwise the end of a sentence that says what is wrong with it."""
    if len(text) > LONGEST_ADDRESS:
        return f"has {len(text)} characters, more than the {LONGEST_ADDRESS} an address may have"
    if any(character.isspace() or not character.isprintable() for character in text):
        return "has a blank, a line end or a character that does not print"
    if any(character in text for character in '<>,;:"()[]\\'):
        return "is more than the bare address, or more than one"
    if text.count("@") != 1:
        return "has no @" if "@" not in text else "has more than one @"
    local, domain = text.split("@")
    if bad := next((character for character in local if not character.isascii()), None):
        return f"has {_named(bad)} before the @, which mail servers do not take"
    if len(local) > LONGEST_LOCAL_PART or not LOCAL_PART.fullmatch(local):
        return "has a part before the @ that mail servers do not take"
    return why_no_domain(domain)


def why_no_domain(domain: str) -> str | None:
    """None for a mail domain, otherwise the end of a sentence that says what is wrong with it.

    It needs at least two labels of letters, digits and inner hyphens, and the last is not a number. An international
    name must already be valid under IDNA 2008: nothing is mapped to a lookalike. Each label must use one script, so
    that no letter can be mistaken for another.
    """
    not_a_domain = "has a part after the @ that is not the name of a mail domain"
    labels = domain.lower().split(".")
    length = -1
    for label in labels:
        try:
            shown_as = idna.ulabel(label) if label.startswith("xn--") else label
            if bad := _stranger(shown_as):
                return f"has {_named(bad)} after the @, which no mail domain has"
            if bad := _impostor(shown_as):
                return (
                    f"has {_named(bad)} after the @, among or in place of letters of another alphabet that look alike"
                )
            if not shown_as.isascii():
                label = idna.alabel(shown_as).decode("ascii")
        except UnicodeError:  # idna's errors are UnicodeErrors
            return not_a_domain
        if not _LABEL.fullmatch(label):
            return not_a_domain
        length += len(label) + 1
    if length > LONGEST_ADDRESS or len(labels) < 2 or labels[-1].isdigit():
        return not_a_domain
    return None


def _stranger(label: str) -> str | None:
    """The first character beyond ASCII that is not allowed in any label."""
    for character in label:
        if not character.isascii():
            try:
                idna.check_label("a" + character)
            except idna.InvalidCodepoint:
                return character
            except idna.IDNAError:  # Allowed only next to certain characters; the whole label is judged later
                continue
    return None


def _impostor(label: str) -> str | None:
    """A letter from another script than the label's, or the first letter of a label that only looks Latin."""
    if bad := next((character for character in label if _is_phonetic(ord(character))), None):
        return bad
    scripts = {character: _script(character) for character in label if character.isalpha()}
    found = set(scripts.values())
    if len(found) > 1 and not any(found <= together for together in _TOGETHER):
        usual = "LATIN" if "LATIN" in found else scripts[next(iter(scripts))]
        return next(character for character, script in scripts.items() if script != usual)
    if found and found <= {"CYRILLIC", "GREEK"} and set(scripts) <= _LIKE_LATIN:
        return next(iter(scripts))
    return None


def _is_phonetic(code: int) -> bool:
    return code != _SCHWA and any(code in each for each in _PHONETIC)


def _script(character: str) -> str:
    """The alphabet of a letter, by the first word of its name."""
    word = unicodedata.name(character, "UNKNOWN").split()[0]
    return "LATIN" if character.isascii() else word.partition("-")[0]


def _named(character: str) -> str:
    return f'"{character}" (U+{ord(character):04X}, {unicodedata.name(character, "without a name")})'
