"""The scripts for newcomers print what the README promises."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path

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
    command = [sys.executable, str(ROOT / "scripts" / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT)


def test_the_demonstration_brings_a_roll_to_a_verified_record(tmp_path: Path) -> None:
    instance = tmp_path / "demo"
    done = run("demo.py", "--roll", str(ROLL), "--instance", str(instance))
    assert done.returncode == 0, done.stderr
    assert "215 member practices of 8 CCGs" in done.stdout
    assert "exit status 0\n" in done.stdout
    assert "The merger proceeds, with 00Q, 00X, 01A, 01E, 01K, 02M." in done.stdout
    assert (instance / "record.zip").is_file()
    check_that_it_is_short_and_in_one_order(done.stdout)
    check_that_its_files_and_commands_are_as_it_says(done.stdout, instance)


def check_that_it_is_short_and_in_one_order(told: str) -> None:
    """A row for each CCG, by code, and one word for each outcome; the decision is seen without scrolling."""
    assert len(told.splitlines()) <= 30
    assert re.findall(r"^(\w{3}) .*  (?:practices|patients) +(carried|not carried|inquorate)$", told, re.MULTILINE) == [
        ("00Q", "carried"),
        ("00R", "inquorate"),
        ("00X", "carried"),
        ("01A", "carried"),
        ("01E", "carried"),
        ("01K", "carried"),
        ("02G", "not carried"),
        ("02M", "carried"),
    ]
    assert "00R, 02G did not carry." in told
    assert "(merge:" not in told


def check_that_its_files_and_commands_are_as_it_says(told: str, instance: Path) -> None:
    page, paper = instance / "declaration.html", instance / "declaration.pdf"
    assert f"{page} and {paper}" in told
    assert "The merger proceeds, with 00Q, 00X, 01A, 01E, 01K, 02M." in page.read_text("utf-8")
    assert paper.read_bytes().startswith(b"%PDF-")
    commands = re.findall(r"^  (\S.*)$", told, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["python3", ".venv/bin/ballot"]
    for command in commands:
        assert f"--trust {instance / 'trusted.txt'}" in command
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        assert "VERIFIED" in done.stdout + done.stderr


def test_the_demonstration_runs_a_ccg_by_its_localities(tmp_path: Path) -> None:
    """A third of the practices, in a copy of the programme in which one CCG has a test of its localities."""
    instance, programme, roll = tmp_path / "demo", tmp_path / "programme", tmp_path / "roll.csv"
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
    assert "exit status 0\n           VERIFIED" in done.stdout
    assert "the same receipt; it tries to vote again: 409 already-voted" in done.stdout
    assert "    rule     Locality test" in done.stdout
    assert "    working  " in done.stdout
    archives = {path.name for path in (instance / "record" / "elections").iterdir()}
    assert {"00X.N1.bel", "00X.N2.bel", "00X.N3.bel", "00Q.bel"} <= archives
    assert len(archives) == 10


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
    done = run("bench.py", "--ballots", "20")
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
