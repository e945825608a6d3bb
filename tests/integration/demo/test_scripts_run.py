"""The scripts for newcomers print what the README promises."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ballot.declaration.scrutiny import check_report
from scripts.demo import ACTS, Story

ROOT = Path(__file__).parents[3]
PROGRAMME = ROOT / "config" / "lancashire-south-cumbria-2020"
ROLL = PROGRAMME / "roll.csv"
LOCALITY_TEST = """
[[locality_test]]
column    = "pcn_code"
require   = { at_least = 2 }
measure   = "practices"
of        = "cast"
more_than = "1/2"
"""


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return python(str(ROOT / "scripts" / script), *arguments)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT)


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What `make demo MORE=1` tells, and its folder: a third of the practices, and one CCG tested by its localities."""
    folder = tmp_path_factory.mktemp("demonstration")
    instance, programme, roll = folder / "demo", folder / "programme", folder / "roll.csv"
    shutil.copytree(PROGRAMME, programme)
    with (programme / "constitutions" / "00X.toml").open("a") as rule:
        rule.write(LOCALITY_TEST)
    with ROLL.open(newline="") as source, roll.open("w", newline="") as target:
        writer = csv.writer(target)
        header, *practices = csv.reader(source)
        writer.writerow([*header, "pcn_code"])
        for number, row in enumerate(practices[::3]):
            writer.writerow([*row, f"N{number % 3 + 1}"])
    done = run("demo.py", "--roll", str(roll), "--instance", str(instance), "--programme", str(programme), "--more")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, instance


def test_the_demonstration_brings_a_roll_to_a_verified_record(demonstration: tuple[str, Path]) -> None:
    told, instance = demonstration
    assert "72 member practices of 8 CCGs" in told
    assert "exit status 0\n           VERIFIED" in told
    assert (instance / "record.zip").is_file()
    decision = json.loads((instance / "record" / "decision.json").read_text("utf-8"))
    conclusion = decision["outcome"]["explanation"][-1]
    assert conclusion in told
    page, paper = instance / "declaration.html", instance / "declaration.pdf"
    assert f"{page} and {paper}" in told
    assert conclusion in page.read_text("utf-8")
    assert paper.read_bytes().startswith(b"%PDF-")
    report, _ = check_report((instance / "scrutineer-report.json").read_bytes(), instance / "record.zip")
    assert report.office is not None
    assert [(each.reason, each.count) for each in report.office.refused] == [("already-voted", 1)]
    assert (instance / "scrutineer-report.pdf").read_bytes().startswith(b"%PDF-")


def test_the_demonstration_has_a_row_for_each_ccg_by_code_and_one_word_for_each_outcome(
    demonstration: tuple[str, Path],
) -> None:
    told, instance = demonstration
    decision = json.loads((instance / "record" / "decision.json").read_text("utf-8"))
    assert re.findall(r"^(\w{3}) .*  (?:practices|patients) +(carried|not carried|inquorate)$", told, re.MULTILINE) == [
        (ccg, decided["merge"]["outcome"]) for ccg, decided in sorted(decision["ccgs"].items())
    ]
    assert len(decision["ccgs"]) == 8


def test_without_more_the_demonstration_fits_a_screen(
    demonstration: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """The decision is seen without scrolling: six acts are told, then the table and what follows from it."""
    lines = demonstration[0].splitlines()
    table = next(number for number, line in enumerate(lines) if line.startswith("CCG  "))
    short = [*lines[:2], *(line for line in lines if line[:10].rstrip() in ACTS), "", *lines[table:]]
    assert len(short) <= 30
    assert not any("(merge:" in line for line in short)
    for more in (False, True):
        say = Story(more)
        say("Roll", "72")
        say("", "a note")
        say("Issued", "72")
        assert len(capsys.readouterr().out.splitlines()) == (3 if more else 1)


def test_the_demonstration_runs_a_ccg_by_its_localities_and_tells_each_working(
    demonstration: tuple[str, Path],
) -> None:
    told, instance = demonstration
    assert "the same receipt; it tries to vote again: 409 already-voted" in told
    assert "    rule     Locality test" in told
    assert "    working  " in told
    archives = {path.name for path in (instance / "record" / "elections").iterdir()}
    assert {"00X.N1.bel", "00X.N2.bel", "00X.N3.bel", "00Q.bel"} <= archives
    assert len(archives) == 10


def test_the_commands_that_the_demonstration_names_verify_its_record(demonstration: tuple[str, Path]) -> None:
    told, instance = demonstration
    commands = re.findall(r"^  (\S.*)$", told, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["python3", ".venv/bin/ballot", ".venv/bin/ballot"]
    for command in commands:
        assert f"--trust {instance / 'trusted.txt'}" in command
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        assert "VERIFIED" in done.stdout + done.stderr


def test_a_roll_that_cannot_be_used_ends_the_demonstration_before_it_begins(tmp_path: Path) -> None:
    roll = tmp_path / "roll.csv"
    roll.write_bytes(ROLL.read_bytes().replace(b"\n01E,", b"\n1.0,", 1))
    done = run("demo.py", "--roll", str(roll), "--instance", str(tmp_path / "demo"))
    assert done.returncode == 2
    assert "roll.csv:" in done.stderr
    assert "spreadsheet" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "demo").exists()


def test_a_booth_to_look_at_comes_with_three_links(tmp_path: Path) -> None:
    done = run("booth.py", "--once", "--instance", str(tmp_path / "booth"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("/vote/lancashire-south-cumbria-2020/") == 3


def test_the_benchmark_prints_its_figures() -> None:
    done = python("-m", "bench", "--ballots", "20", "--ours")
    assert done.returncode == 0, done.stderr
    for figure in (
        "ballots encrypted",
        "ballots checked",
        "whole tally",
        "floor",
        "first vote in a browser",
        "over HTTP",
        "in Chromium",
        "peak memory",
    ):
        assert figure in done.stdout
