"""One name for an election everywhere; and a CCG's counts as the sums over its elections."""

from __future__ import annotations

import pytest

from ballot.protocol.errors import InvalidMessage
from ballot.record.elections import (
    election_name,
    election_title,
    is_election_name,
    localities_of,
    parse_locality,
)


def test_an_election_is_called_after_its_ccg_and_its_locality() -> None:
    assert election_name("01A", None) == "01A"
    assert election_name("01A", "U12") == "01A.U12"
    assert election_title("NHS Ash CCG", None) == "NHS Ash CCG"
    assert election_title("NHS Ash CCG", "U12") == "NHS Ash CCG, U12"


@pytest.mark.parametrize("name", ["01A", "X2C4Y", "01A.U12", "01A.n-east_2", f"01A.{'x' * 32}"])
def test_names_of_elections_are_known(name: str) -> None:
    assert is_election_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "01a", "01A.", "01A..", ".U12", "01A.U.12", "01A.-U", "01A./x", f"01A.{'x' * 33}", "01A.Ü", "01A.U12\n"],
)
def test_what_is_no_name_of_an_election_is_not_taken_for_one(name: str) -> None:
    assert not is_election_name(name)


def test_localities_are_listed_once_and_as_text() -> None:
    assert localities_of(["b", "A", "b", "a"]) == ["A", "a", "b"]
    assert localities_of([None, None]) == [None]
    assert localities_of([]) == []


@pytest.mark.parametrize("value", ["", 7, "U.12", ["U12"], "x" * 33])
def test_a_field_that_is_no_locality_is_refused(value: object) -> None:
    with pytest.raises(InvalidMessage):
        parse_locality(value)
