"""`ballot decide`, `ballot outcome`, `ballot lint`: the interface anyone can test a rule with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ballot.cli.rules import decide_command, lint_command, outcome_command

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
at_least = "75%"
[[test]]
measure = "practices"
of = "cast"
more_than = "1/2"
[[question.constitution.test]]
measure = "practices"
of = "eligible"
at_least = "2/3"
"""
COUNTS = {"eligible": 32, "for": 20, "against": 3, "abstain": 1}
OUTCOME = '[outcome]\nquestions = ["merge"]\nrequire = { at_least = 1 }\notherwise = "stop"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    counts = {name: {"practices": number} for name, number in COUNTS.items()}
    (tmp_path / "rule.toml").write_text(RULE)
    (tmp_path / "counts.json").write_text(json.dumps(counts))
    (tmp_path / "programme.toml").write_text(OUTCOME)
    (tmp_path / "outcomes.json").write_text('{"00Q": {"merge": "carried"}}')
    return tmp_path


@pytest.mark.parametrize(
    ("question", "outcome", "share"),
    [
        pytest.param([], "carried", "20/24", id="the top of the file"),
        pytest.param(["--question", "merge"], "carried", "20/24", id="a question without a rule inherits"),
        pytest.param(["--question", "constitution"], "not carried", "20/32", id="a question with its own rule"),
    ],
)
def test_decide_prints_one_object_and_returns_0_whatever_the_outcome(
    folder: Path, capsys: pytest.CaptureFixture[str], question: list[str], outcome: str, share: str
) -> None:
    status = decide_command(["rule.toml", "counts.json", *question])

    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert status == 0
    assert ("no rule of its own for the question 'merge'" in printed.err) == ("merge" in question)
    assert bool(printed.err) == ("merge" in question)
    assert answer["outcome"] == outcome
    assert answer["quorum"] == {"required": True, "holds": True, "share": "24/32"}
    assert [test["share"] for test in answer["tests"]] == [share]
    assert all(isinstance(sentence, str) for sentence in answer["explanation"])


def test_an_inquorate_vote_is_an_answer_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "counts.json").write_text((folder / "counts.json").read_text().replace("32", "33"))

    assert decide_command(["rule.toml", "counts.json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "inquorate"


@pytest.mark.parametrize(
    ("file", "content", "refusal"),
    [
        pytest.param("rule.toml", b"ccg = ", "rule.toml:1: This is not TOML", id="not TOML"),
        pytest.param("rule.toml", b"\xff", "rule.toml:1: This line is not UTF-8", id="not UTF-8"),
        pytest.param("rule.toml", None, "rule.toml:1: This file cannot be read: No such file", id="no rule file"),
        pytest.param("counts.json", b"{}", 'counts.json:1: "eligible" is missing', id="empty counts"),
        pytest.param("counts.json", None, "counts.json:1: This file cannot be read: No such file", id="no counts"),
    ],
)
def test_decide_refuses_on_standard_error_alone_and_returns_2(
    folder: Path, capsys: pytest.CaptureFixture[str], file: str, content: bytes | None, refusal: str
) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)

    status = decide_command(["rule.toml", "counts.json"])

    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    assert printed.err.startswith(refusal)
    assert printed.err.count("\n") == 1


def test_a_folder_is_not_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert decide_command([str(folder), "counts.json"]) == 2
    assert capsys.readouterr().err == f"{folder}:1: This file cannot be read: Is a directory.\n"


def test_a_call_without_its_files_is_refused_with_nothing_on_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        decide_command([])

    assert capsys.readouterr().out == ""


def test_outcome_needs_only_the_outcome_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = outcome_command(["programme.toml", "outcomes.json"])

    answer = json.loads(capsys.readouterr().out)
    assert status == 0
    assert (answer["proceeds"], answer["members"]) == (True, ["00Q"])
    assert answer["explanation"][-1] == "The merger goes ahead with 00Q."


@pytest.mark.parametrize(
    ("file", "content", "refusal"),
    [
        pytest.param("outcomes.json", '{\n"00Q": {}}', 'outcomes.json:2: "00Q" has no outcome for', id="no answer"),
        pytest.param("outcomes.json", '{"00Q":\n{"merge": "lost"}}', "outcomes.json:2: An outcome is one", id="word"),
        pytest.param("programme.toml", "", 'programme.toml:1: "outcome" is missing', id="no outcome"),
        pytest.param("programme.toml", OUTCOME + "x = 1", 'programme.toml:5: "x" is not a key', id="unknown key"),
    ],
)
def test_outcome_refuses_on_standard_error_alone_and_returns_2(
    folder: Path, capsys: pytest.CaptureFixture[str], file: str, content: str, refusal: str
) -> None:
    (folder / file).write_text(content)

    status = outcome_command(["programme.toml", "outcomes.json"])

    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    assert printed.err.startswith(refusal)


def test_lint_reads_each_file_back_and_names_what_is_odd(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_command(["rule.toml", "programme.toml"])

    printed = capsys.readouterr().out
    assert status == 0
    assert "  Test: of the practices that voted (abstentions included), more than 1/2 must be for.\n" in printed
    assert 'programme.toml:3: warning: at_least with otherwise = "stop" is the same as require = "all".\n' in printed


def test_lint_goes_on_after_a_file_it_refuses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_command(["counts.json", "missing.toml", "rule.toml"])

    printed = capsys.readouterr()
    assert status == 2
    assert [line.split(":")[0] for line in printed.err.splitlines()] == ["counts.json", "missing.toml"]
    assert printed.out.startswith("rule.toml: read.\n")


def test_lint_does_not_hand_a_terminal_what_it_could_obey(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "rule.toml").write_text(RULE.replace("East", "E\\u202est"))

    lint_command(["rule.toml"])

    assert "NHS E\\u202est Lancashire" in capsys.readouterr().out
