"""One name for an election, wherever it is meant; and the counts of a CCG as the sums over its elections."""

from __future__ import annotations

import pytest

from ballot.constitution.counts import Counts, Measure
from ballot.protocol.errors import InvalidMessage
from ballot.record.counting import add_counts
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


def test_the_counts_of_a_ccg_are_the_sums_over_its_elections() -> None:
    one = Counts(Measure(3, 30), Measure(1, 10), Measure(0, 0), Measure(1, 5), Measure(2, 15))
    two = Counts(Measure(2, 9), Measure(0, 0), Measure(1, 4), Measure(0, 0), Measure(1, 4))

    assert add_counts([one]) == one
    assert add_counts([one, two]) == Counts(
        Measure(5, 39), Measure(1, 10), Measure(1, 4), Measure(1, 5), Measure(3, 19)
    )


def test_what_is_not_known_of_one_is_not_known_of_the_sum() -> None:
    heads = Counts(Measure(3), Measure(1), Measure(1), Measure(0))
    more = Counts(Measure(4), Measure(2), Measure(0), Measure(0))

    assert add_counts([heads, more]) == Counts(Measure(7), Measure(3), Measure(1), Measure(0))
    patients = Counts(Measure(3, 30), *(Measure(weight=n) for n in (10, 5, 0)), Measure(2, 15))
    twice = add_counts([patients, patients])
    assert (twice.for_, twice.against, twice.returned) == (Measure(None, 20), Measure(None, 10), Measure(4, 30))
