"""A CCG that votes by localities, from the command line: acts by CCG, decrypting by election."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ballot.roll.simple import write_roll
from tests.integration.cli.installation import ID, Installation
from tests.integration.office.world import make_roll, write_folder

THREE = {"00B": ("U12", "U11", "n-east")}
NAMES = ["00A", "00B.U11", "00B.U12", "00B.n-east"]


def write_programme(here: Installation) -> None:
    """Two CCGs of six practices, one of them with a column of localities on its roll."""
    file = write_folder(here.folder / "config" / ID, ID, "final", ("00A", "00B"), tuple(THREE)) / "programme.toml"
    text = file.read_text().replace("Europe/London", "UTC")
    for key, away in (("opens", -1), ("closes", 1)):
        moment = (datetime.now(UTC) + timedelta(hours=away)).replace(microsecond=0, tzinfo=None)
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {moment.isoformat()}", text)
    file.write_text(text)
    roll = make_roll(("00A", "00B"), 6, THREE)
    localities = {member.practice: member.locality or "" for member in roll.members}
    header, *rows = write_roll(roll.members).decode().splitlines()
    lines = [f"{header},pcn_code", *(f"{row},{localities[row.split(',')[1]]}" for row in rows)]
    (here.folder / "roll.csv").write_text("\n".join(lines) + "\n")


@pytest.fixture
def here(empty: Installation) -> Installation:
    write_programme(empty)
    return empty


def test_the_check_of_a_roll_names_localities_and_their_sizes_and_the_files_hash(here: Installation) -> None:
    said = here.do("roll", "check", here.folder / "roll.csv", "--programme", here.folder / "config" / ID)

    assert "00B votes by localities: U11: 2 practices, U12: 2 practices, n-east: 2 practices." in said
    digest = hashlib.sha256((here.folder / "roll.csv").read_bytes()).hexdigest()
    assert f"roll.csv has the roll and the list sizes; its SHA-256 is {digest}." in said


def test_a_practice_without_a_locality_is_refused_by_line(here: Installation) -> None:
    file = here.folder / "roll.csv"
    file.write_text(file.read_text().replace(",n-east\n", ",\n", 1))
    ran = here.run("roll", "check", file, "--programme", here.folder / "config" / ID)

    assert ran.status != 0
    assert "roll.csv:10: column pcn_code: the cell is empty" in ran.err


def test_the_meter_measures_each_locality_and_names_the_sizes(here: Installation) -> None:
    command = ("secrecy", here.folder / "config" / ID, "--roll", here.folder / "roll.csv", "--ballots", "5")
    said = here.do(*command)
    assert "00B publishes a total for each of its localities: U11: 2 practices, U12: 2 practices, n-east: 2" in said
    assert "00B.U12 NHS 00B CCG, U12: 2 practices" in said

    assert list(json.loads(here.do(*command, "--json"))) == NAMES


def test_a_ccg_with_localities_is_run_from_the_command_line(here: Installation, tmp_path: Path) -> None:
    here.do("db", "upgrade")
    here.do("keys", "init")
    here.hold_ceremony()
    here.prepare()
    here.practise()
    here.do("office", "backup", "--to", here.backup)
    here.do("office", "try-restore", here.backup)
    here.do("registrar", "issue")
    here.do("office", "seal")
    assert [line.split()[0] for line in here.do("office", "status").splitlines()[-4:]] == NAMES
    here.do("office", "strike", "00B", "Y10003", "--reason", "practice-closed")
    here.do("office", "close", "00B", "--early", "--reason", "rehearsal")
    status = here.do("office", "status")
    assert [line for line in status.splitlines() if line.startswith("00B.") and " closed " not in line] == []
    here.do("office", "close", "--all", "--early", "--reason", "rehearsal")
    here.do("office", "publish")
    here.do("office", "server-share", "00B")
    here.do("office", "server-share", "00A")
    for name in NAMES:
        for i in (1, 3):
            key, dkey, out = (here.trustees / file for file in (f"{i}.key", f"dkey-{i}.json", f"share-{name}-{i}"))
            here.do("trustee", "decrypt", here.record, "--ccg", name, "--key", key, "--dkey", dkey, "--out", out)
            here.do("office", "share", name, "--owner", i + 1, out)
    assert "00B merge: not carried" in here.do("office", "decide")
    here.do("office", "declare")
    here.do("office", "publish")

    assert "VERIFIED" in here.do("verify", here.record)
