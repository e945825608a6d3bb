"""The office on the command line: pre-flight, letters, personal data, rehearsals."""

from __future__ import annotations

import json
import shutil

from tests.integration.cli.installation import ID, Installation

NEXT = "Where it is: ballot office status. The record: ballot office publish.\n"


def lay_out(here: Installation) -> None:
    """The files where the desk looks for them."""
    folder = here.folder / "config" / ID
    shutil.copy(here.folder / "roll.csv", folder / "roll.csv")
    shutil.copy(here.trustees / "parameters.json", folder / "trustees.json")


def test_preflight_says_what_blocks_and_refuses(issued: Installation) -> None:
    lay_out(issued)
    ran = issued.run("office", "preflight", "--programme", ID)
    lines = ran.out.splitlines()
    assert ran.status == 2
    assert lines[2].startswith("blocks ")
    assert "Its opening time has passed" in ran.out
    assert "This ballot cannot be sealed yet." in ran.err


def test_preflight_and_tasks_of_a_sealed_ballot_say_that_it_is_sealed(sealed: Installation) -> None:
    lay_out(sealed)
    said = sealed.do("office", "preflight", "--programme", ID)
    assert said == f"{ID} is sealed: its terms are fixed, and its files change nothing any more.\n" + NEXT
    told = sealed.do("office", "tasks", "--programme", ID)
    assert told.startswith(said)
    assert "Next: Send the invitations. Either officer" in told
    assert sealed.do("office", "tasks") == told


def test_tasks_of_an_installations_programme(issued: Installation) -> None:
    lay_out(issued)
    said = issued.do("office", "tasks", "--programme", ID)
    assert "Everything is there." in said
    assert "[completed] Name the trustees" in said


def test_a_letter_is_a_private_file_for_one_practice_and_its_link_is_not_printed(sealed: Installation) -> None:
    file = sealed.folder / "letter.pdf"
    said = sealed.do("registrar", "letter", "--practice", "Y00001", "--out", file)
    assert file.read_bytes().startswith(b"%PDF-")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "#" not in said
    assert sealed.run("registrar", "letter", "--practice", "Y00001", "--out", file).status == 2
    for code in ("", "all", "Y0000", "Y99999", "*"):
        other = sealed.folder / "other.pdf"
        assert sealed.run("registrar", "letter", "--practice", code, "--out", other).status == 2
        assert not other.exists()


def test_no_letter_is_written_before_sealing(issued: Installation) -> None:
    file = issued.folder / "letter.pdf"
    assert issued.run("registrar", "letter", "--practice", "Y00001", "--out", file).status == 2
    assert not file.exists()


def test_retention_needs_its_days_and_says_what_it_would_do(sealed: Installation) -> None:
    assert "after_days" in sealed.run("retention", "run").err
    said = sealed.do("retention", "run", "--after-days", "90", "--dry-run")
    assert said.startswith("No programme ended 90 days ago or longer.\nNames in the activity log stay: log_after_days")
    assert "Backups are not looked at" in said
    assert "Delete by hand" not in said  # nothing was removed
    for days in (0, -3):
        ran = sealed.run("retention", "run", "--after-days", days)
        assert (ran.status, ran.err) == (2, f"--after-days must be a whole number of days from 1, not {days}.\n")
    with sealed.config.open("a") as settings:
        settings.write("[retention]\nafter_days = 30\n")
    assert "30 days" in sealed.do("retention", "run")
    found = json.loads(sealed.do("retention", "export", "--email", "y01@example.org"))
    assert [practice["practice"] for practice in found["practices"]] == ["Y00001"]


def test_settings_that_mean_nothing_stop_the_start(sealed: Installation) -> None:
    written = sealed.config.read_text()
    for table in (
        "[retention]\nafter_days = 0\n",
        "[retention]\nx = 1\n",
        '[desk]\nwho_sees_who_has_not_voted = ["all"]\n',
    ):
        sealed.config.write_text(written + table)
        ran = sealed.run("retention", "run")
        assert (ran.status, ran.err.startswith("ballot.toml:")) == (2, True)


def test_a_rehearsal_is_wiped_by_name_only(sealed: Installation) -> None:
    assert sealed.run("office", "wipe-rehearsal", "--yes").status == 2
    assert sealed.run("office", "wipe-rehearsal", "--programme", ID).status == 2
    assert f"The rehearsal {ID} is gone" in sealed.do("office", "wipe-rehearsal", "--programme", ID, "--yes")
    assert "there are: none yet" in sealed.run("office", "status", "--programme", ID).err
