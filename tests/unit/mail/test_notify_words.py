"""A text for GOV.UK Notify, which reads it as Markdown: no line is indented, and none runs into the one before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ballot.mail.messages import CalendarFile, Invitation, Kind
from ballot.mail.notify import paragraphs
from ballot.mail.render import render
from tests.unit.mail.test_render import MESSAGES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\n    b\n", "a\n\nb\n"),
        ("a\n    b\n    c\nd\n", "a\n\nb\n\nc\n\nd\n"),
        ("a\nb\n\nc\n", "a\nb\n\nc\n"),
        ("\tb\n \n  c \n", "b\n\nc\n"),
        ("    a\n\n\n    b", "a\n\n\nb\n"),
    ],
)
def test_every_indented_line_is_a_paragraph_of_its_own(text: str, expected: str) -> None:
    assert paragraphs(text) == expected


def test_the_address_of_the_calendar_file_stands_on_a_line_of_its_own() -> None:
    address = "https://vote.example.org/board/merger/00A/dates.ics"
    message = MESSAGES[Kind.INVITATION]
    assert isinstance(message, Invitation)
    file = CalendarFile("voting-dates-00A.ics", b"", address)
    lines = paragraphs(render(replace(message, calendars=(file,)), attaches=False).text).split("\n")
    at = lines.index(address)
    assert (lines[at - 1], lines[at + 1]) == ("", "")
    assert "attached" not in " ".join(lines)
