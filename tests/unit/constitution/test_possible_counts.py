"""Weight needs practices, none is left if all voted, and [weight] limits a practice's weight."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ballot.cli.rules import decide_command
from ballot.constitution.counts import Measure
from ballot.constitution.decide import decide
from ballot.constitution.errors import InvalidCounts
from ballot.constitution.load import load_constitution
from tests.support.counts import yes_or_no

RULE = """\
ccg  = "01A"
name = "A CCG"
[source]
document = "Constitution"
clause = "6.4"
wording = "..."
encoded_by = "A"
approved_by = "B"
[weight]
per = 1
snapshot = 2020-04-01
missing = "zero"
[[test]]
measure = "weight"
of = "cast"
more_than = "1/2"
"""
LISTED = RULE.replace('"zero"', '"refuse"')
AT_LEAST_5 = RULE.replace("per = 1", "per = 1\nminimum = 5")
AT_MOST_6 = AT_LEAST_5.replace("per = 1", "per = 1\nmaximum = 6")
BANDS = LISTED.replace("per = 1", 'per = 1000\nrounding = "floor"')
LOCAL = (
    RULE + '[[locality_test]]\ncolumn = "pcn"\nrequire = "all"\nmeasure = "weight"\nof = "cast"\nmore_than = "1/2"\n'
)
OPTIONS = RULE.replace("[[test]]", "[[test]]\nmost_votes = true")

Pair = tuple[int, int]


def counts(eligible: Pair, for_: Pair, against: Pair = (0, 0), abstain: Pair = (0, 0)) -> dict[str, object]:
    groups = {"eligible": eligible, "for": for_, "against": against, "abstain": abstain}
    return {name: {"practices": pair[0], "weight": pair[1]} for name, pair in groups.items()}


def written(value: dict[str, object]) -> str:
    """One key a line, so that eligible stands on line 2, for on 3, against on 4, abstain on 5."""
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(part)}" for key, part in value.items()) + "\n}\n"


def run(folder: Path, rule: str, value: dict[str, object], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    (folder / "r.toml").write_text(rule)
    (folder / "c.json").write_text(written(value))
    status = decide_command([str(folder / "r.toml"), str(folder / "c.json")])
    printed = capsys.readouterr()
    return status, printed.out, printed.err.replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("rule", "value", "refusal"),
    [
        pytest.param(RULE, counts((1, 10), (0, 10)), "c.json:3: No practice voted for, and 10", id="ghost for"),
        pytest.param(RULE, counts((2, 9), (1, 4), (0, 1)), "c.json:4: No practice voted against", id="ghost against"),
        pytest.param(
            RULE, counts((2, 9), (1, 4), (0, 0), (0, 1)), "c.json:5: No practice abstained", id="ghost abstain"
        ),
        pytest.param(RULE, counts((0, 10), (0, 0)), "c.json:2: No practice is eligible", id="nobody eligible"),
        pytest.param(RULE, counts((2, 10), (2, 4)), "c.json:2: Every eligible practice returned a vote", id="leftover"),
        pytest.param(LISTED, counts((2, 1), (1, 1)), "c.json:2: 2 practices are eligible with 1", id="two of one vote"),
        pytest.param(LISTED, counts((3, 9), (1, 0)), "c.json:3: 1 practice voted for with 0", id="for with nothing"),
        pytest.param(LISTED, counts((2, 9), (1, 9)), "c.json:2: 1 practice is left that", id="nothing for the silent"),
        pytest.param(
            AT_LEAST_5, counts((2, 9), (1, 4)), "c.json:3: 1 practice voted for with 4", id="below the minimum"
        ),
        pytest.param(AT_MOST_6, counts((2, 13), (1, 6)), "c.json:2: 2 practices are eligible", id="above the maximum"),
        pytest.param(AT_MOST_6, counts((3, 12), (2, 7)), "c.json:3: 2 practices voted for with 7", id="between two"),
        pytest.param(
            LOCAL,
            counts((2, 9), (1, 4)) | {"localities": {"U1": counts((1, 9), (0, 4)), "U2": counts((1, 0), (1, 0))}},
            "c.json:6: No practice voted for",
            id="in a locality",
        ),
        pytest.param(
            OPTIONS,
            {
                "eligible": {"practices": 2, "weight": 9},
                "options": {"merge": {"practices": 1, "weight": 4}, "stay": {"practices": 0, "weight": 4}},
                "abstain": {"practices": 0, "weight": 0},
            },
            "c.json:3: No practice voted for stay",
            id="for an option",
        ),
    ],
)
def test_what_no_practices_could_have_given_is_refused_on_its_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    rule: str,
    value: dict[str, object],
    refusal: str,
) -> None:
    status, out, err = run(tmp_path, rule, value, capsys)

    assert (status, out) == (2, "")
    assert err.startswith(refusal)
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        pytest.param(RULE, counts((3, 9), (1, 0), (1, 0)), id="practices without a list, where the file allows them"),
        pytest.param(RULE, counts((3, 9), (2, 9)), id="a silent practice without a list"),
        pytest.param(BANDS, counts((3, 9), (1, 0), (1, 9)), id="a list below one band"),
        pytest.param(AT_MOST_6, counts((4, 12), (3, 12)), id="two at the maximum and one without a list"),
    ],
)
def test_practices_of_no_weight_are_possible_where_the_file_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rule: str, value: dict[str, object]
) -> None:
    assert run(tmp_path, rule, value, capsys)[0] == 0


def test_totals_of_weight_alone_need_as_many_ballots_as_answers_with_weight() -> None:
    rule = load_constitution(RULE.encode(), "r").rule_for()
    answers = (Measure(None, 3), Measure(None, 2), Measure(None, 0))

    assert decide(rule, yes_or_no(Measure(9, 9), *answers, Measure(2, 5))).outcome.value == "carried"
    with pytest.raises(
        InvalidCounts, match="1 practice returned a vote, and the answers have the weight of at least 2"
    ):
        decide(rule, yes_or_no(Measure(9, 9), *answers, Measure(1, 5)))


@pytest.mark.parametrize("case", ["ghost.json", "leftover.json"])
def test_the_cases_that_were_filed_are_refused(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = {"ghost.json": ((1, 10), (0, 10)), "leftover.json": ((2, 10), (2, 4))}[case]

    assert run(tmp_path, RULE, counts(*pairs), capsys)[:2] == (2, "")
