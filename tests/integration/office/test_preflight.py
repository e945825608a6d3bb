"""Pre-flight reports everything that would stop sealing or cause regret later, with blocking problems first."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ballot.db.ballots import list_ballots
from ballot.db.ceremony import list_parts
from ballot.db.session import transaction
from ballot.office.acts.sealing import Seal
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.setup.draft import Draft
from ballot.office.setup.preflight import (
    PreflightCheck,
    PreflightSources,
    PreflightVerdict,
    is_clear,
    note_mail_test,
    preflight,
)
from ballot.protocol.trial_decryption import create_trial_decryption
from ballot.protocol.trustees import ThresholdParameters
from ballot.roll.simple import write_roll
from tests.integration.office.world import CLOSES, OPENS, World, ceremony
from tests.support.databases import ON_ONE
from tests.support.simulator import G, run_ceremony


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    """Everything ready to be sealed."""
    world = World(engine, tmp_path)
    world.programme_folder = world.programme_folder.rename(tmp_path / world.id)
    (world.programme_folder / "roll.csv").write_bytes(write_roll(world.roll.members))
    parameters = json.dumps(ceremony()[0].to_json(), separators=(",", ":"))
    (world.programme_folder / "trustees.json").write_text(parameters)
    note_mail_test(Draft(world.programme_folder), "Y00000", world.clock.now)
    return world


def look(world: World) -> list[PreflightCheck]:
    return preflight(PreflightSources(Draft(world.programme_folder), world.engine, world.keys, True), world.clock.now)


def failing(world: World) -> dict[str, PreflightVerdict]:
    return {check.id: check.verdict for check in look(world) if check.verdict is not PreflightVerdict.PASSED}


def test_what_passes_can_be_sealed(world: World) -> None:
    world.prepare().make_backup().issue()
    assert failing(world) == {"voting-pack": PreflightVerdict.WARNS}
    assert is_clear(look(world))
    assert look(world)[-1].id == "seal", "the act itself was asked"
    perform(world.desk, world.id, Seal(), world.two)
    assert failing(world)["prepared"] is PreflightVerdict.BLOCKS


def test_before_anything_is_done_all_of_it_is_told_at_once_and_what_blocks_comes_first(world: World) -> None:
    found = look(world)
    order = [check.verdict for check in found]
    assert order == sorted(order, key=list(PreflightVerdict).index)
    blocking = {check.id for check in found if check.verdict is PreflightVerdict.BLOCKS}
    assert blocking == {"prepared", "issued", "backup", "practice"}
    assert not is_clear(found)


@pytest.mark.parametrize(
    ("step", "id"),
    [
        (lambda world: world.prepare().issue(), "backup"),
        (lambda world: world.prepare().make_backup(), "issued"),
    ],
    ids=["no backup", "not issued"],
)
def test_what_sealing_would_refuse_blocks(world: World, step: Callable[[World], World], id: str) -> None:
    step(world)
    assert {id} == {name for name, verdict in failing(world).items() if verdict is PreflightVerdict.BLOCKS}
    with pytest.raises(Refused):
        perform(world.desk, world.id, Seal(), world.two)


def test_a_trustee_who_has_not_practised_with_this_key_blocks_and_is_named(world: World) -> None:
    world.prepare().make_backup().issue()
    with transaction(world.engine) as session:
        one, two, _ = list_parts(session, world.id)
        session.delete(one)
        two.body = create_trial_decryption(G, *_of_another_ceremony(), world.rng).to_bytes()
    blocking = [check.sentence for check in look(world) if check.verdict is PreflightVerdict.BLOCKS]
    assert blocking == ["Not yet: One and Two."]
    with pytest.raises(Refused, match="trial decryption yet: One, Two") as refused:
        perform(world.desk, world.id, Seal(), world.two)
    assert refused.value.reason is Refusal.NO_TRIAL_DECRYPTION


def _of_another_ceremony() -> tuple[ThresholdParameters, int]:
    """Its trustee 2, whose key is another."""
    parameters, keys = run_ceremony(2, 3, random.Random(6))
    return parameters, keys[1]


@ON_ONE
@pytest.mark.parametrize(
    ("now", "id", "verdict"),
    [
        (OPENS - timedelta(hours=25), "none", None),
        (OPENS - timedelta(hours=23), "window-length", PreflightVerdict.WARNS),
        (OPENS, "window", PreflightVerdict.BLOCKS),
        (CLOSES, "window", PreflightVerdict.BLOCKS),
    ],
)
def test_the_window_is_in_the_future(world: World, now: object, id: str, verdict: PreflightVerdict | None) -> None:
    world.prepare().make_backup().issue()
    world.clock.now = now  # type: ignore[assignment]
    assert failing(world).get(id) is verdict
    assert is_clear(look(world)) is (verdict is not PreflightVerdict.BLOCKS)


def test_a_file_changed_after_it_was_prepared_blocks(world: World) -> None:
    world.prepare().make_backup().issue()
    file = world.programme_folder / "programme.toml"
    file.write_text(file.read_text().replace("A merger", "Another merger"))
    assert failing(world)["prepared"] is PreflightVerdict.BLOCKS


@pytest.mark.parametrize(("name", "change"), [("roll.csv", b"Practice 0-0"), ("constitutions/00A.toml", b"made up")])
def test_so_does_a_roll_or_a_constitution(world: World, name: str, change: bytes) -> None:
    world.prepare().make_backup().issue()
    file = world.programme_folder / name
    file.write_bytes(file.read_bytes().replace(change, b"Something else", 1))
    assert failing(world)["prepared"] is PreflightVerdict.BLOCKS


def test_more_told_than_allowed_is_something_to_look_at(world: World) -> None:
    file = world.programme_folder / "programme.toml"
    file.write_text(file.read_text().replace('"100%"', '"1%"'))
    world.prepare().make_backup().issue()
    found = next(check for check in look(world) if check.id == "secrecy")
    assert (found.verdict, "00B" in found.sentence) == (PreflightVerdict.WARNS, True)
    assert "propose sealing with the reason “what the totals may tell was accepted”" in found.sentence


def test_what_only_sealing_itself_would_find_blocks_too(world: World) -> None:
    world.prepare().make_backup().issue()
    with transaction(world.engine) as session:
        for ballot in list_ballots(session, world.id):
            ballot.state = "abandoned"
    assert failing(world)["seal"] is PreflightVerdict.BLOCKS


def test_an_invitation_that_nobody_looked_at_blocks(world: World) -> None:
    world.prepare().make_backup().issue()
    (world.programme_folder / "mail-test.json").unlink()
    assert failing(world)["mail"] is PreflightVerdict.BLOCKS


def test_a_missing_key_blocks(world: World) -> None:
    world.prepare().make_backup().issue()
    next(world.keys.glob("deputy*.pub*")).unlink()
    assert failing(world)["keys"] is PreflightVerdict.BLOCKS


def test_practices_that_only_a_letter_reaches_are_named(world: World) -> None:
    data = (world.programme_folder / "roll.csv").read_bytes()
    (world.programme_folder / "roll.csv").write_bytes(data.replace(b"y00@example.org", b"", 1))
    found = next(check for check in look(world) if check.id == "addresses")
    assert (found.verdict, "Y00000" in found.sentence) == (PreflightVerdict.WARNS, True)
