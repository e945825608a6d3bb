"""`ballot constitution write` and `ballot office tasks FOLDER` need no knowledge of TOML and no installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballot.cli.main import main
from ballot.constitution.clauses import usual_clause
from ballot.constitution.load import load_constitution

SOURCE = (
    *("--ccg", "00A", "--name", 'NHS "A" CCG', "--document", "Constitution v3", "--clause", "6.4"),
    *("--wording", "More than half\nof the practices.", "--encoded-by", "A. Officer", "--approved-by", "The board"),
)
EXPECTED = Path(__file__).parents[3] / "config" / "lancashire-south-cumbria-2020"


def test_limits_numbers_and_a_casting_vote_are_written(tmp_path: Path) -> None:
    file = tmp_path / "01A.toml"
    tests = ("--test", "practices", "-", "at_least", "7", "--test", "practices", "cast", "more_than", "1/2")
    more = ("--against", "practices", "eligible", "at_most", "10%", "--casting-vote", "The Chair")

    assert main(["constitution", "write", str(file), *SOURCE, *tests, *more]) == 0

    rule = load_constitution(file.read_bytes(), "f").rule_for()
    assert usual_clause(rule) == (
        "seven votes for, a majority of the votes cast (with abstentions) and at most 10% of the votes of all members "
        "against, with a casting vote of The Chair"
    )


def test_a_rule_is_written_and_read_back_aloud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "00A.toml"
    weight = ("--per", "1000", "--rounding", "ceiling", "--snapshot", "2020-04-01", "--missing", "zero")
    tests = ("--test", "practices", "cast", "more_than", "1/2", "--test", "weight", "eligible", "at_least", "66.67%")
    quorum = ("--quorum", "practices", "returned", "at_least", "12")

    assert main(["constitution", "write", str(file), *SOURCE, *tests, *quorum, *weight, "--combine", "1"]) == 0

    rule = load_constitution(file.read_bytes(), "f")
    assert (rule.name, rule.source.wording) == ('NHS "A" CCG', "More than half\nof the practices.")
    assert (rule.combine, rule.quorums[0].threshold.value, len(rule.tests)) == (1, 12, 2)
    said = capsys.readouterr().out
    assert "more than 1/2" in said
    assert "Odd: " in said  # 66.67% is not two thirds


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--test", "practices", "cast", "over", "1/2"), "at_least or more_than"),
        (("--test", "practices", "cast", "more_than", "half"), "half"),
        (("--test", "heads", "cast", "more_than", "1/2"), "practices"),
        (("--test", "weight", "cast", "more_than", "1/2"), "no [weight]"),
        (("--test", "practices", "cast", "more_than", "1/2", "--combine", "2"), "only 1"),
        (("--test", "practices", "cast", "more_than", "1/2", "--per", "1"), "--snapshot"),
    ],
)
def test_what_is_no_rule_is_refused_and_leaves_no_file(
    arguments: tuple[str, ...], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "00A.toml"
    assert main(["constitution", "write", str(file), *SOURCE, *arguments]) == 2
    assert says in capsys.readouterr().err
    assert not file.exists()


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "00A.toml"
    file.write_text("mine")
    test = ("--test", "practices", "cast", "more_than", "1/2")
    assert main(["constitution", "write", str(file), *SOURCE, *test]) == 2
    assert file.read_text() == "mine"


def test_the_task_list_of_a_folder_needs_no_installation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["office", "tasks", str(EXPECTED)]) == 0
    said = capsys.readouterr().out
    assert "[completed] Upload the roll of member practices\n    215 practices of 8 CCGs." in said
    assert "[in progress] Name the trustees" in said


def test_two_rolls_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newer = tmp_path / "newer.csv"
    lines = (EXPECTED / "roll.csv").read_text().splitlines()
    newer.write_text("\n".join(line for line in lines if ",Z91002," not in line) + "\n")

    assert main(["roll", "compare", str(EXPECTED / "roll.csv"), str(newer), "--programme", str(EXPECTED)]) == 0

    assert capsys.readouterr().out == "1 practice left: Z91002 (00Q).\n"
