"""`ballot constitution check` and `explain`: what is odd in a rule file, alone and against a roll."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballot.cli.constitution import constitution_command

RULE = """\
ccg  = "01A"
name = "NHS East Lancashire CCG"
[source]
document = "Constitution"
clause = "6.4"
wording = "A resolution ..."
encoded_by = "A"
approved_by = "B"
[quorum]
measure = "practices"
counting = "returned"
at_least = 3
[[test]]
measure = "practices"
of = "cast"
more_than = "1/2"
"""
WEIGHT = """\
[weight]
per = 1000
rounding = "floor"
minimum = 1
maximum = 20
snapshot = 2020-04-01
[[test]]
measure = "weight"
of = "eligible"
at_least = "60%"
"""
ROLL = """\
ccg_ods_code,practice_ods_code,practice_name,registered_patients
01A,Z90001,Ash Surgery,9000
01A,Z90002,Beech Surgery,4000
01A,Z90003,Cedar Surgery,5000
00Q,Z90004,Elm Surgery,1000
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "roll.csv").write_text(ROLL)
    return tmp_path


def check(folder: Path, text: str, capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    (folder / "01A.toml").write_text(text)
    assert constitution_command(["check", "01A.toml", *more]) == 0
    meant, *warnings = capsys.readouterr().out.splitlines()
    assert meant.startswith("01A.toml: seems to mean: ")
    return warnings


@pytest.mark.parametrize(
    ("old", "new", "warnings"),
    [
        pytest.param("", "", ["01A.toml: nothing odd."], id="nothing odd"),
        pytest.param(
            'more_than = "1/2"',
            'at_least = "1/2"',
            ["01A.toml:16: warning: At least 1/2 carries on a tie; a majority is more than 1/2."],
            id="a threshold that a tie passes",
        ),
        pytest.param(
            'more_than = "1/2"',
            'more_than = "40%"',
            ["01A.toml:13: warning: A tie carries, and so does less than half of those for and against."],
            id="a threshold below a half",
        ),
        pytest.param(
            "at_least = 3",
            'more_than = "100%"',
            ["01A.toml:12: warning: More than all of them can never be reached."],
            id="a quorum of more than all",
        ),
    ],
)
def test_what_is_odd_in_a_rule_alone(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, warnings: list[str]
) -> None:
    assert check(folder, RULE.replace(old, new, 1) if old else RULE, capsys) == warnings


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        pytest.param(RULE, ["01A.toml: nothing odd."], id="nothing odd"),
        pytest.param(
            RULE.replace("= 3", "= 4"),
            ["01A.toml:12: warning: This quorum can never be met: at least 4, of 3 eligible practices."],
            id="a quorum of more than there are",
        ),
        pytest.param(
            RULE.replace('more_than = "1/2"', 'at_least = "3/4"'),
            ["01A.toml:13: warning: Every practice can block it alone, all others voting for."],
            id="unanimity in all but name",
        ),
        pytest.param(
            RULE + WEIGHT,
            [
                "01A.toml:13: warning: Z90001 can block it alone, all others voting for.",
                "01A.toml:17: warning: The minimum changes nothing: no practice of this roll reaches it.",
                "01A.toml:17: warning: The maximum changes nothing: no practice of this roll reaches it.",
            ],
            id="limits that change nothing, and one practice with half of the votes",
        ),
        pytest.param(
            RULE + WEIGHT.replace("maximum = 20", "maximum = 6").replace("minimum = 1", "minimum = 5"),
            ["01A.toml: nothing odd."],
            id="limits that change something",
        ),
    ],
)
def test_what_is_odd_in_a_rule_for_these_members(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, warnings: list[str]
) -> None:
    assert check(folder, text, capsys, "--roll", "roll.csv") == warnings


def test_a_file_that_is_refused_does_not_hide_the_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "01A.toml").write_text(RULE)

    assert constitution_command(["check", "none.toml", "01A.toml"]) == 2

    printed = capsys.readouterr()
    assert printed.err == "none.toml:1: This file cannot be read: No such file or directory.\n"
    meant = "a majority of the votes cast (with abstentions), if three practices vote"
    assert printed.out == f"01A.toml: seems to mean: {meant}.\n01A.toml: nothing odd.\n"


def test_a_rule_is_explained_for_those_who_sign_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "01A.toml").write_text(
        RULE + '[question.x.quorum]\nmeasure="practices"\ncounting="for-and-against"\nat_least=1\n'
    )

    assert constitution_command(["explain", "01A.toml"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "NHS East Lancashire CCG (01A)",
        "",
        "The clause: 6.4 of Constitution.",
        "    A resolution ...",
        "",
        "The rule, as this file has it:",
        "    One practice, one vote.",
        "    Quorum: at least 3 of the eligible practices, counting those that returned a vote (abstentions included).",
        "    Test: of the practices that voted (abstentions included), more than 1/2 must be for.",
        "    For the question x, instead:",
        (
            "    Quorum: at least 1 of the eligible practices, "
            "counting those that voted for or against (abstentions left out)."
        ),
        "    Test: of the practices that voted (abstentions included), more than 1/2 must be for.",
        "    The vote may be held again if it is inquorate.",
        "",
        "What follows from it:",
        "    An abstention has the effect of a vote against in the test, and counts towards the quorum.",
        "    A vote that is not returned is left out of the test, and does not count towards the quorum.",
        "    A tie, everybody voting and as many for as against, is not carried.",
        "    If nobody votes for or against, it is not carried.",
        "    For the question x:",
        "    An abstention has the effect of a vote against in the test, and does not count towards the quorum.",
        "    A vote that is not returned is left out of the test, and does not count towards the quorum.",
        "    A tie, everybody voting and as many for as against, is not carried.",
        "    If nobody votes for or against, it is not carried.",
        "",
        "Encoded by A; approved by B.",
        "This is what our constitution says. Signed: ____________________  Date: __________",
    ]


def test_a_file_that_cannot_be_explained_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "01A.toml").write_text("ccg = ")

    assert constitution_command(["explain", "01A.toml"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("01A.toml:1: This is not TOML")
