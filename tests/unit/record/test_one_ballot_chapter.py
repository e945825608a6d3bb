"""docs/one-ballot.md stays correct: each value is derived again from its record."""

from __future__ import annotations

import re

from tests.support.one_ballot import CHAPTER, derive, fill, names_of

TEXT = CHAPTER.read_text("utf-8")


def test_every_value_of_the_chapter_is_the_one_derived() -> None:
    assert fill(TEXT) == TEXT, "make vectors writes the chapter's values anew"


def test_every_value_derived_is_shown_once() -> None:
    assert sorted(names_of(TEXT)) == sorted(derive())


def test_no_long_value_stands_in_the_chapter_that_is_not_derived() -> None:
    prose = re.sub(r"^.* = .*$", "", TEXT, flags=re.MULTILINE)
    assert not re.findall(r"[0-9a-f]{16,}|[0-9]{8,}|[A-Za-z0-9+/]{40,}", prose)


def test_a_wrong_value_would_be_seen() -> None:
    assert fill(TEXT.replace("tracking number      = d", "tracking number      = e")) == TEXT
