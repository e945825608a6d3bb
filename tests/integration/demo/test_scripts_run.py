"""The scripts that a newcomer runs, run: what they print is what the README promises."""

from __future__ import annotations

import csv
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
    assert "the same receipt; it tries to vote again: 409 already-voted" in done.stdout
    assert "exit status 0\n           VERIFIED" in done.stdout
    assert "The merger proceeds, with 00Q, 00X, 01A, 01E, 02G, 02M." in done.stdout
    assert (instance / "record.zip").is_file()


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

    done = run("demo.py", "--roll", str(roll), "--instance", str(instance), "--programme", str(programme))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "exit status 0\n           VERIFIED" in done.stdout
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
