"""Proposing and approving on the command line, each with one key; the activity log; openings and closings by tick."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ballot.cli.office import office_command
from ballot.cli.refusals import Unacceptable
from ballot.cli.voting import read_wall_time
from ballot.db.engine import connect
from ballot.office.acts.act import Act, asked_of
from ballot.office.acts.proposable import PROPOSABLE
from ballot.record.times import LONDON
from ballot.web.office.two_people.forms import FORMS
from tests.integration.cli.installation import Installation

HASH = re.compile(r"\b[0-9a-f]{64}\b")
RO, DEPUTY = ("--by", "returning-officer"), ("--by", "deputy")
EXTEND = ("extend", "00A", "--closes", "2090-06-05T17:00", "--reason", "technical-failure", "--note", "Dr A rang")


@pytest.fixture
def opened(sealed: Installation) -> Installation:
    said = sealed.do("office", "tick")
    assert "00A is open" in said
    assert "Nothing was due" in sealed.do("office", "tick")
    return sealed


def proposal(here: Installation, *act: str) -> tuple[str, str]:
    """Its hash, and that of what is shown."""
    hash = HASH.findall(here.do("office", "propose", *act).splitlines()[-1])[0]
    shown = here.do("office", "proposal", hash)
    return hash, HASH.findall(shown.splitlines()[-1])[1]


@pytest.mark.parametrize("act", PROPOSABLE, ids=lambda act: act.name)
@pytest.mark.parametrize("command", [(), ("propose",)], ids=["at one desk", "apart"])
def test_every_act_of_two_people_is_a_command_and_a_form(act: type[Act[Any]], command: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        office_command([*command, act.name, "--help"])
    assert ended.value.code == 0
    assert set(asked_of(act)) <= set(dir(FORMS[act.name]))


def test_one_proposes_and_the_other_approves(opened: Installation) -> None:
    hash, shown = proposal(opened, *EXTEND, *RO)
    told = opened.do("office", "proposal", hash)
    assert "New closing time: 6pm on Monday 5 June 2090, British Summer Time; that is 17:00:00 UTC" in told
    assert "Note, kept private: Dr A rang" in told
    own = opened.run("office", "approve", hash, "--shown", shown, *RO)
    assert (own.status, own.out) == (2, "")
    assert "You cannot approve your own proposal" in own.err
    other = opened.run("office", "approve", hash, "--shown", "0" * 64, *DEPUTY)
    assert "no longer the one that you were shown" in other.err
    assert "Done" in opened.do("office", "approve", hash, "--shown", shown, *DEPUTY)
    assert "2090-06-05 17:00:00 UTC" in opened.do("office", "status")
    assert re.search(f"{hash}.*done +deputy", opened.do("office", "proposals"))


def test_a_contact_changes_by_proposal_and_the_old_link_dies(opened: Installation) -> None:
    before = opened.do("registrar", "links", "--practice", "Y00001")
    change = ("change-contact", "00A", "Y00001", "--email", "new@example.net", "--reason", "contact-moved")
    hash, shown = proposal(opened, *change, *DEPUTY)
    opened.do("office", "approve", hash, "--shown", shown, *RO)
    assert opened.do("registrar", "links", "--practice", "Y00001") != before
    assert "another contact" in opened.do("office", *change[:3], "--email", "b@example.net", *change[5:])


def test_one_declines_and_one_withdraws(opened: Installation) -> None:
    first, shown = proposal(opened, *EXTEND, *RO)
    second, _ = proposal(opened, *EXTEND, *RO)
    assert "Declined" in opened.do("office", "decline", first, *DEPUTY)
    assert "Withdrawn" in opened.do("office", "withdraw", second, *RO)
    assert "already declined" in opened.run("office", "approve", first, "--shown", shown, *DEPUTY).err
    assert opened.run("office", "approve", "no-hash", "--shown", shown, *DEPUTY).status == 2


@pytest.mark.parametrize(
    ("wall", "said"), [("2020-03-29T01:30", "does not exist"), ("2020-10-25T01:30", "exists twice")]
)
def test_a_time_that_the_clocks_skip_or_repeat_is_refused(wall: str, said: str) -> None:
    with pytest.raises(Unacceptable, match=said):
        read_wall_time(wall, LONDON)


def test_the_activity_log_is_listed_exported_and_verified(opened: Installation, tmp_path: Path) -> None:
    hash, shown = proposal(opened, *EXTEND, *RO)
    opened.do("office", "approve", hash, "--shown", shown, *DEPUTY)
    listed = opened.do("activity", "list", "--ccg", "00A")
    assert re.search(r"extended +returning-officer +deputy", listed)
    assert "Dr A rang" not in listed
    noted = HASH.findall(opened.do("activity", "verify"))[0]
    out = tmp_path / "log.csv"
    opened.do("activity", "export", "--act", "extended", "--out", out)
    assert out.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"))))
    assert [(row["actor"], row["second"], row["reason"]) for row in rows] == [
        ("returning-officer", "deputy", "technical-failure")
    ]
    assert "downloaded" in opened.do("activity", "list", "--actor", "command line")
    opened.do("activity", "verify", "--noted", noted)
    engine = connect(f"sqlite:///{opened.folder / 'instance' / 'ballot.db'}")
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER activity_no_update"))
        connection.execute(text("UPDATE activity SET reason = 'mail-lost' WHERE act = 'extended'"))
    engine.dispose()
    ran = opened.run("activity", "verify")
    assert ran.status == 1
    assert "was changed" in ran.out
