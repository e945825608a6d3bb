"""Settings: a missing or wrong one stops the start with a sentence, and no secret is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballot.config import SETTINGS, InvalidConfig, load_config

WHOLE = {
    "BALLOT_DATABASE": "postgresql://ballot:hunter2@db/ballot",
    "BALLOT_INSTANCE": "instance",
    "BALLOT_BOARD": "vote.example.org",
    "BALLOT_PROGRAMMES": "config",
    "BALLOT_KEYS": "keys",
    "BALLOT_PASSPHRASE": "correct horse",
}


def write(folder: Path, text: str) -> Path:
    file = folder / "ballot.toml"
    file.write_text(text)
    return file


@pytest.mark.parametrize("name", SETTINGS)
def test_a_missing_setting_is_named(name: str) -> None:
    environment = {key: value for key, value in WHOLE.items() if key != f"BALLOT_{name.upper()}"}
    with pytest.raises(InvalidConfig, match=f'"{name}" is missing'):
        load_config(None, environment)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, 'database = "sqlite:///x.db"\ninstance = "there"\n')
    assert load_config(file, {**WHOLE, "BALLOT_INSTANCE": ""}).instance == Path("there")
    assert load_config(file, WHOLE).database == WHOLE["BALLOT_DATABASE"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("databse = 'x'", "no setting"),
        ("passphrase = 'x'", "no setting"),
        ("board = 1", "quotation marks"),
        ("board = ", "TOML"),
        ("board = 'not a host'", "host name"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    environment = {key: value for key, value in WHOLE.items() if key != "BALLOT_BOARD"}
    with pytest.raises(InvalidConfig, match=sentence):
        load_config(write(tmp_path, text), environment)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match=r"nowhere\.toml is missing"):
        load_config(tmp_path / "nowhere.toml", WHOLE)


def test_no_secret_is_shown() -> None:
    shown = repr(load_config(None, WHOLE))
    assert "hunter2" not in shown
    assert "correct horse" not in shown
