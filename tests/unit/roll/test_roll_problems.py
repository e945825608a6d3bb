from __future__ import annotations

import pickle

import pytest

from ballot.roll.problems import InvalidRoll, Problem, Problems, RollReason


def test_a_problem_names_file_line_column_and_sentence() -> None:
    problem = Problem("roll.csv", 7, "email", RollReason.EMAIL, "one address was expected.")
    assert str(problem) == "roll.csv:7: column email: one address was expected."


def test_a_problem_of_a_whole_line_names_no_column() -> None:
    assert str(Problem("roll.csv", 7, None, RollReason.COLUMN_COUNT, "six.")) == "roll.csv:7: six."


def test_a_hostile_file_name_stays_on_one_line() -> None:
    assert str(Problem("a\nb\x1b[2J.csv", 1, None, RollReason.EMPTY, "empty.")) == "a\\nb\\x1b[2J.csv:1: empty."


def test_the_first_fifty_problems_are_printed_and_the_rest_counted() -> None:
    problems = tuple(Problem("roll.csv", line, None, RollReason.EMPTY, "empty.") for line in range(1, 54))
    lines = str(InvalidRoll(problems)).split("\n")
    assert len(lines) == 51
    assert lines[49].startswith("roll.csv:50:")
    assert lines[50] == "... and 3 more problems."


def test_a_million_problems_are_counted_but_not_kept() -> None:
    problems = Problems("roll.csv")
    for line in range(5000):
        problems.add(line, None, RollReason.EMPTY, "empty.")
    with pytest.raises(InvalidRoll) as caught:
        problems.check()
    assert len(caught.value.problems) == 1000
    assert caught.value.total == 5000
    assert str(caught.value).endswith("... and 4950 more problems.")


def test_a_refusal_survives_the_way_to_another_process() -> None:
    refused = InvalidRoll((Problem("roll.csv", 7, None, RollReason.EMPTY, "empty."),), 9)
    again = pickle.loads(pickle.dumps(refused))
    assert (again.problems, again.total) == (refused.problems, 9)
