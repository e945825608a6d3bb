"""Is this one e-mail address that a mail server could take, and nothing else?

Only the syntax is looked at. Nothing that could end a mail header, name a second recipient or pass for an option gets
through. The part before the @ is ASCII; the part after it may be an international domain name.
"""

from __future__ import annotations

import re

from ballot.roll.problems import Problems, Reason, shown

MOST_FURTHER = 10
_LONGEST = 254
_LONGEST_LOCAL = 64
_LOCAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9!#$%&'*+/=?^_`{|}~-]*(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def parse_email(cell: str, line: int, column: str, problems: Problems) -> str | None:
    """An address as it stands, or None and a problem."""
    why = why_no_address(cell)
    if why is None:
        return cell
    sentence = f"{shown(cell)} {why}; one e-mail address such as manager@example.org was expected."
    problems.add(line, column, Reason.EMAIL, sentence)
    return None


def parse_emails(cell: str, line: int, column: str, problems: Problems) -> tuple[str, ...]:
    """Several addresses, separated by blanks or semicolons, each as it stands; every one that is none is a problem."""
    found: list[str] = []
    for written in cell.replace(";", " ").split():
        address = parse_email(written, line, column, problems)
        if address is None:
            continue
        if address.lower() in (other.lower() for other in found):
            problems.add(line, column, Reason.EMAIL, f"{shown(address)} stands here twice; once was expected.")
        found.append(address)
    if len(found) > MOST_FURTHER:
        sentence = f"{len(found)} addresses; at most {MOST_FURTHER} further ones are expected for a practice."
        problems.add(line, column, Reason.EMAIL, sentence)
    return tuple(found)


def why_no_address(text: str) -> str | None:
    """None for an address, else the end of a sentence that says what is wrong with it."""
    if len(text) > _LONGEST:
        return f"has {len(text)} characters, more than the {_LONGEST} an address may have"
    if any(character.isspace() or not character.isprintable() for character in text):
        return "has a blank, a line end or a character that does not print"
    if any(character in text for character in '<>,;:"()[]\\'):
        return "is more than the bare address, or more than one"
    if text.count("@") != 1:
        return "has no @" if "@" not in text else "has more than one @"
    local, domain = text.split("@")
    if len(local) > _LONGEST_LOCAL or not _LOCAL.fullmatch(local):
        return "has a part before the @ that mail servers do not take"
    return None if is_domain(domain) else "has a part after the @ that is not the name of a mail domain"


def is_domain(domain: str) -> bool:
    """At least two labels of letters, digits and inner hyphens, the last not a number.

    An international name must be the one that its ASCII form stands for, letter by letter: no full-width look-alikes.
    """
    try:
        ascii_form = domain.encode("idna").decode("ascii")
        if not domain.isascii() and ascii_form.encode("ascii").decode("idna") != domain.lower():
            return False
    except UnicodeError:
        return False
    labels = ascii_form.split(".")
    return (
        len(ascii_form) <= _LONGEST
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )
