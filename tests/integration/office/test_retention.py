"""Personal data is removed when due and not before; a rehearsal can be wiped, a real ballot never."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from ballot.audit.run import Options, audit
from ballot.db.base import Base
from ballot.db.letters import LetterRow
from ballot.db.session import reading
from ballot.office.activity import COMMAND_LINE
from ballot.office.acts.counting import Decide, Declare
from ballot.office.board.publish import publish
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.post.letters import make_letter
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone
from ballot.office.retention import due_programmes, remove_personal, wipe_rehearsal
from ballot.office.setup.draft import Draft
from ballot.office.subject_export import personal_data_of
from ballot.roll.simple import write_roll
from tests.integration.office.world import CLOSES, World

DAYS = 90
OVER = CLOSES + timedelta(days=DAYS)


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return World(engine, tmp_path)


def hold(world: World) -> World:
    """A whole ballot, declared; with invitations, a letter, receipts and a note in the private log."""
    world.open()
    invite(world.engine, world.clock, world.id, Everyone())
    make_letter(world.desk, world.id, world.links()[2], "https://vote.example.org", "the help desk", COMMAND_LINE)
    for link in world.links()[:2]:
        assert world.cast(link).status == 200
    world.close()
    world.tally()
    perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two)
    return world


def checked(record: Path) -> None:
    assert audit(record, Options()).exit_status == 0


def files_of(record: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(record)): path.read_bytes() for path in record.rglob("*") if path.is_file()}
    assert found.pop("manifest.json")  # says when it was published
    return found


def texts(engine: Engine) -> str:
    """Everything that stands in the database."""
    with reading(engine) as session:
        return "\n".join(str(row) for table in Base.metadata.sorted_tables for row in session.execute(select(table)))


def rows(engine: Engine) -> int:
    with reading(engine) as session:
        tables = [table for table in Base.metadata.sorted_tables if "activity" not in table.name]  # stays for ever
        return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_nothing_personal_is_left_and_the_record_is_what_it_was(world: World) -> None:
    hold(world)
    folder = world.folder / "merger"
    (folder / "previous" / "20200501T000000Z").mkdir(parents=True)
    for path in (folder / "roll.csv", folder / "previous" / "20200501T000000Z" / "roll.csv"):
        path.write_bytes(write_roll(world.roll.members))
    (folder / "programme.toml").write_bytes(b"kept")
    publish(world.desk, world.id, world.folder / "before", checked)
    assert "y00@example.org" in texts(world.engine)
    world.clock.now = OVER

    assert due_programmes(world.engine, world.clock, DAYS) == [world.id]
    gone = remove_personal(world.engine, world.clock, world.id, DAYS, Draft(folder))

    assert (gone.people, gone.messages > 12, gone.files) == (12 + 2, True, 2)  # and who cast the two votes
    left = texts(world.engine)
    assert "personal-data-removed" in left
    assert "example.org" not in left.replace("vote.example.org", "")
    assert "Dr A" not in left
    with world.reading() as session:
        assert session.scalar(select(LetterRow)) is None
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["programme.toml"]
    publish(world.desk, world.id, world.folder / "after", checked)
    assert remove_personal(world.engine, world.clock, world.id, DAYS, None).is_nothing
    assert files_of(world.folder / "before") == files_of(world.folder / "after")


@pytest.mark.parametrize("now", [CLOSES, OVER - timedelta(seconds=1)])
def test_nothing_is_removed_before_its_time(world: World, now: object) -> None:
    hold(world)
    world.clock.now = now  # type: ignore[assignment]
    before = texts(world.engine)
    assert due_programmes(world.engine, world.clock, DAYS) == []
    with pytest.raises(Refused) as refused:
        remove_personal(world.engine, world.clock, world.id, DAYS, None)
    assert refused.value.reason is Refusal.TOO_EARLY
    assert texts(world.engine) == before


def test_nothing_is_removed_of_a_ballot_that_was_never_ended(world: World) -> None:
    world.open()
    world.clock.now = OVER + timedelta(days=1000)
    assert due_programmes(world.engine, world.clock, DAYS) == []


def test_neither_name_nor_address_of_a_person_is_in_the_record(world: World) -> None:
    hold(world)
    publish(world.desk, world.id, world.folder / "record", checked)
    found = b"".join(path.read_bytes() for path in (world.folder / "record").rglob("*") if path.is_file())
    for member in world.roll.members:
        assert (member.email or "").encode() not in found
        assert member.practice.encode() in found
    assert b"Dr A" not in found
    assert b"@example.org" not in found


def test_a_person_is_told_what_is_held_and_nothing_of_others(world: World) -> None:
    world.open()
    invite(world.engine, world.clock, world.id, Everyone())
    found = personal_data_of(world.engine, " Y01@Example.org ")
    assert [practice["practice"] for practice in found["practices"]] == ["Y00001"]  # type: ignore[union-attr, index]
    assert [message["kind"] for message in found["messages"]] == ["invitation"]  # type: ignore[union-attr, index]
    assert "y00@" not in str(found)
    nobody = personal_data_of(world.engine, "nobody@example.org")
    assert nobody == {"email": "nobody@example.org", "practices": [], "messages": [], "account": None, "activity": []}


@pytest.mark.parametrize("stage", ["prepared", "sealed", "held"])
def test_a_rehearsal_can_be_wiped_at_any_stage_and_held_again(engine: Engine, world: World, stage: str) -> None:
    {"prepared": world.prepare, "sealed": world.seal, "held": lambda: hold(world)}[stage]()
    wipe_rehearsal(replace(world.desk, engine=engine), world.id, world.instance, world.officer)
    assert rows(world.engine) == 0
    assert not list(world.instance.glob("*.server-keys"))
    assert "rehearsal-wiped" in texts(world.engine)
    world.prepare()


def test_another_programme_is_untouched_by_it(engine: Engine, world: World, tmp_path: Path) -> None:
    world.seal()
    other = World(world.engine, tmp_path / "other", id="other", keys_of=world.keys)
    other.desk = Desk(world.engine, other.clock, random.Random(8).randrange, other.board)
    before = rows(world.engine)
    other.prepare()
    wipe_rehearsal(replace(world.desk, engine=engine), "other", other.instance, world.officer)
    assert rows(world.engine) == before


@pytest.mark.parametrize("stage", ["prepared", "sealed", "held"])
def test_a_real_ballot_cannot_be_wiped(world: World, stage: str) -> None:
    toml = world.programme_folder / "programme.toml"
    toml.write_text(toml.read_text().replace("rehearsal = true", "rehearsal = false"))
    {"prepared": world.prepare, "sealed": world.seal, "held": lambda: hold(world)}[stage]()
    before = texts(world.engine)
    toml.write_text(toml.read_text().replace("rehearsal = false", "rehearsal = true"))  # too late
    with pytest.raises(Refused) as refused:
        wipe_rehearsal(world.desk, world.id, world.instance, world.officer)
    assert refused.value.reason is Refusal.NOT_A_REHEARSAL
    assert texts(world.engine) == before
    assert list(world.instance.glob("*.server-keys"))


def test_nobody_but_its_returning_officer_wipes_a_rehearsal(world: World) -> None:
    world.seal()
    with pytest.raises(Refused) as refused:
        wipe_rehearsal(world.desk, world.id, world.instance, world.deputy)
    assert refused.value.reason is Refusal.FOREIGN_KEY
    assert rows(world.engine) > 0
