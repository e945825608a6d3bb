"""What `ballot roll check` says of the programmes in config/, each in its own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballot.cli.roll import roll_command

CONFIG = Path(__file__).parents[3] / "config"


def check_of(programme: str, capsys: pytest.CaptureFixture[str]) -> str:
    folder = CONFIG / programme
    assert roll_command(["check", str(folder / "roll.csv"), "--programme", str(folder)]) == 0
    return capsys.readouterr().out


def test_no_patients_are_counted_where_no_one_is_weighed(capsys: pytest.CaptureFixture[str]) -> None:
    said = check_of("wolds-lmc-2026", capsys)

    assert "patients" not in said.lower()
    assert said.endswith("This roll can be used: 30 member GPs.\n")
    assert check_of("education-union-2023", capsys).endswith("This roll can be used: 193 members.\n")


def test_a_roll_with_shares_is_not_said_to_have_list_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    said = check_of("gp-federation-shares", capsys)

    assert "137 shares" in said
    assert "roll.csv has the roll and the numbers that votes weigh by; its SHA-256 is" in said
    assert "list sizes" not in said


def test_a_roll_with_list_sizes_counts_its_patients(capsys: pytest.CaptureFixture[str]) -> None:
    said = check_of("tarn-valley-pcn-2026", capsys)

    assert "roll.csv has the roll and the list sizes" in said
    assert said.endswith("This roll can be used: 7 member practices, 64280 patients.\n")
