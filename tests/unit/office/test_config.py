"""Settings: a missing or wrong one stops the start with a sentence, and no secret is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballot.config import SETTINGS, InvalidConfig, Site, load_config

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
        ("databse = 'x'", "is not a key that belongs"),
        ("passphrase = 'x'", "is not a key that belongs"),
        ("board = 1", "quotation marks"),
        ("board = ", "TOML"),
        ("board = 'not a host'", "host name"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    environment = {key: value for key, value in WHOLE.items() if key != "BALLOT_BOARD"}
    with pytest.raises(InvalidConfig, match=sentence):
        load_config(write(tmp_path, text), environment)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("help_email", "nobody", "e-mail address"),
        ("help_email", "a@b.org, c@d.org", "e-mail address"),
        ("help_telephone", "call me", "telephone"),
        ("nhs_logo", "true", '"yes" or "no"'),
        ("organisation", "NHS\nExample", "line break"),
        ("organisation", "x" * 121, "120"),
    ],
)
def test_what_no_page_should_show_is_refused(name: str, value: str, sentence: str) -> None:
    with pytest.raises(InvalidConfig, match=sentence):
        load_config(None, {**WHOLE, f"BALLOT_{name.upper()}": value})


def test_what_the_pages_say_about_who_runs_them_may_be_left_out_and_the_logo_is_off(tmp_path: Path) -> None:
    assert load_config(None, WHOLE).site == Site()
    assert Site().nhs_logo is False

    file = write(tmp_path, 'organisation = "NHS Example ICB"\nhelp_email = "help@vote.example.org"\nnhs_logo = "yes"')
    site = load_config(file, {**WHOLE, "BALLOT_HELP_TELEPHONE": "01772 000000"}).site

    assert site == Site("NHS Example ICB", "the returning officer", "help@vote.example.org", "01772 000000", True)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match=r"nowhere\.toml is missing"):
        load_config(tmp_path / "nowhere.toml", WHOLE)


def test_no_secret_is_shown() -> None:
    shown = repr(load_config(None, WHOLE))
    assert "hunter2" not in shown
    assert "correct horse" not in shown


def test_the_office_is_off_unless_it_is_asked_for() -> None:
    asked = [load_config(None, {**WHOLE, "BALLOT_OFFICE": word}).office for word in ("", "no", "yes")]

    assert asked == [False, False, True]
    with pytest.raises(InvalidConfig, match='"office" must be "yes" or "no"'):
        load_config(None, {**WHOLE, "BALLOT_OFFICE": "true"})


@pytest.mark.parametrize(
    "line", ["passphrase = hunter two", "database: hunter", "database = \u201chunter\u201d", "[hunter"]
)
def test_a_line_that_is_not_toml_is_named_and_not_repeated(tmp_path: Path, line: str) -> None:
    with pytest.raises(InvalidConfig, match=r"ballot\.toml:1: This is not TOML") as refused:
        load_config(write(tmp_path, f"{line}\n"), WHOLE)
    assert "hunter" not in str(refused.value)
