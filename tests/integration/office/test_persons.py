"""A ballot of persons in the office: their names are in e-mails and nowhere in the record, and go when they are due."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ballot.db.practices import list_practices
from ballot.mail.messages import Kind
from ballot.mail.render import render
from ballot.office.acts.counting import Decide, Declare
from ballot.office.acts.membership import ChangeContact
from ballot.office.board.publish import publish
from ballot.office.errors import Refused
from ballot.office.help_desk import find_practices
from ballot.office.perform import perform
from ballot.office.post.compose import preview
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone
from ballot.office.practices import member_card
from ballot.office.retention import remove_personal
from ballot.office.setup.draft import Draft, read_folder
from ballot.office.setup.roll import NEW_ROLL, upload_roll
from ballot.office.subject_export import personal_data_of
from ballot.record.commitments import opens
from ballot.record.public_roll import parse_roll
from ballot.roll.persons import draw_codes
from ballot.roll.read import RollFile, read_files
from tests.integration.office.test_retention import checked, texts
from tests.integration.office.world import CLOSES, WHY, World

NAMES = ["Dr Ada Yarrow", "Dr Bea O'Neill", "Dr Caspian Juniper", "Dr Delphine Inkpen"]
LIST = "\n".join(["ccg_ods_code,name,email", *(f"00A,{name},p{i}@example.org" for i, name in enumerate(NAMES)), ""])


def of_persons(world: World) -> World:
    """This world with one body, whose members are persons."""
    file = world.programme_folder / "programme.toml"
    file.write_text(file.read_text() + '\n[members]\nkind = "persons"\n\n[words]\nmember = ["GP", "GPs"]\n')
    drawn = draw_codes(LIST.encode(), "list.csv").data
    codes = read_folder(world.programme_folder).programme.codes
    world.roll = read_files(RollFile("roll.csv", drawn), ["00A"], codes=codes)
    return world


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return of_persons(World(engine, tmp_path, ccgs=("00A",)))


def test_the_record_has_codes_and_the_office_has_names_until_they_are_due(world: World, tmp_path: Path) -> None:
    world.open()
    invite(world.engine, world.clock, world.id, Everyone())
    for link in world.links()[:3]:
        assert link.name in NAMES
        assert world.cast(link, said=None).status == 200
    world.close()
    world.tally()
    perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two)
    publish(world.desk, world.id, tmp_path / "record", checked)

    files = {path.name: path.read_bytes() for path in (tmp_path / "record").rglob("*") if path.is_file()}
    assert "returned.csv" not in files
    assert not any(name.split()[-1].encode() in data for name in NAMES for data in files.values())
    found = personal_data_of(world.engine, "p0@example.org")["practices"]
    assert isinstance(found, list)
    (mine,) = found
    (entry,) = [row for row in parse_roll(files["roll.csv"]) if row.practice == mine["practice"]]
    assert entry.name == mine["commitment"]
    assert opens(entry.name, bytes.fromhex(mine["salt"]), mine["representative"])
    (row,) = find_practices(world.engine, "yarrow", world.clock()).shown
    assert (row.practice, row.name) == (entry.practice, NAMES[0])
    assert member_card(world.engine, world.id, "00A", entry.practice, world.clock()).name == NAMES[0]

    world.clock.now = CLOSES + timedelta(days=90)
    remove_personal(world.engine, world.clock, world.id, 90, None)
    left = texts(world.engine)
    assert mine["salt"] not in left
    assert not any(name in left for name in NAMES)
    with world.reading() as session:
        assert all(row.called == row.ods for row in list_practices(session, world.row().id))


def test_the_address_of_a_person_can_change_and_the_name_to_which_the_record_commits_cannot(world: World) -> None:
    world.seal()
    member = world.roll.members[0]
    change = ChangeContact("00A", member.practice, "Dr Someone Else", "new@example.org")
    with pytest.raises(Refused, match="commits to this person's name"):
        perform(world.desk, world.id, change, world.two, WHY, world.registrar)


def test_a_list_that_is_uploaded_again_keeps_the_codes(world: World) -> None:
    draft = Draft(world.programme_folder)
    upload_roll(draft, LIST.encode(), None, world.clock())
    first = draft.read(NEW_ROLL)
    upload_roll(draft, LIST.encode(), None, world.clock() + timedelta(days=1))
    assert first is not None
    assert draft.read(NEW_ROLL) == first
    assert b"salt" in first


def test_an_e_mail_greets_the_person_by_name(world: World) -> None:
    world.open()
    member, where = world.roll.members[0], "https://vote.example.org"
    for kind in (Kind.INVITATION, Kind.REMINDER):
        shown = preview(world.engine, world.clock, world.id, member.practice, kind, where, "the help desk")
        text = render(shown).text
        assert f"Dear {member.name}," in text
        assert f"{member.name} ({member.practice})" in text
        assert "sha256:" not in text
