"""The page's test vectors equal Python's values today, and cover every kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ballot.protocol.errors import Reason
from tests.support.pdfs import SHAPES
from tests.support.vectors.browser import FOLDER, browser_vectors


def test_making_the_browser_vectors_again_leaves_no_difference() -> None:
    assert browser_vectors() == {path.name: path.read_bytes() for path in FOLDER.iterdir()}


def test_there_is_a_paper_of_every_shape() -> None:
    assert {path.stem for path in FOLDER.glob("paper--*")} == {f"paper--{shape}" for shape in SHAPES}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("messages--*")), ids=lambda path: path.stem)
def test_messages_are_good_and_bad_and_named_once(path: Path) -> None:
    listed = json.loads(path.read_text())
    assert len({message["name"] for message in listed}) == len(listed)
    assert None in {message["reason"] for message in listed}
    assert {message["reason"] for message in listed} - {None} <= {reason.value for reason in Reason}
    assert len({message["reason"] for message in listed}) > 1
