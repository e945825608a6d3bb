"""A text for GOV.UK Notify, which reads it as Markdown: no line is indented, and none runs into the one before it."""

from __future__ import annotations

import pytest

from ballot.mail.notify import paragraphs


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
