"""Preparing, backing up, issuing and sealing: what is refused, and that a refusal writes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ballot.constitution.errors import ConstitutionError
from ballot.db.events import event_lines
from ballot.db.practices import list_practices
from ballot.db.programmes import list_programmes
from ballot.office.acts.sealing import Seal
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.setup.draft import read_folder, roll_notes
from ballot.office.setup.prepare import prepare
from ballot.office.setup.server_keys import (
    open_backup,
    read_server_keys,
    server_keys_path,
    try_restore,
    write_server_keys,
)
from ballot.protocol.canonical import parse_json
from ballot.protocol.errors import InvalidTrustee
from ballot.record.keys import Role
from ballot.record.programme_events import Move, parse_programme_event
from ballot.record.terms import parse_terms
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import read_public_keys
from ballot.roll.member import Holds, SourceFile
from ballot.roll.problems import InvalidRoll
from tests.integration.office.replay import replay
from tests.integration.office.world import CCGS, CLOSES, SOURCE, TEST, WEIGHT, World, ceremony, make_roll
from tests.support.simulator import run_ceremony


def change_rule(world: World, ccg: str, old: str, new: str) -> None:
    file = world.programme_folder / "constitutions" / f"{ccg}.toml"
    file.write_text(file.read_text().replace(old, new))


def remove_rule(world: World) -> None:
    (world.programme_folder / "constitutions" / "00B.toml").unlink()


def add_rule(world: World) -> None:
    (world.programme_folder / "constitutions" / "00Z.toml").write_text(SOURCE.format(ccg="00Z") + TEST)


def other_ccg(world: World) -> None:
    world.roll = make_roll(("00A", "00B", "00D"))


def no_member(world: World) -> None:
    world.roll = replace(world.roll, members=tuple(m for m in world.roll.members if m.ccg != "00C"))


def heavy(world: World) -> None:
    members = tuple(replace(m, list_size=50_000_000_000) if m.ccg == "00C" else m for m in world.roll.members)
    world.roll = replace(world.roll, members=members)


def lists_of_may(world: World) -> None:
    world.roll = replace(world.roll, snapshot=date(2020, 5, 1))


@pytest.mark.parametrize(
    ("spoil", "reason", "sentence"),
    [
        (remove_rule, Refusal.FILES_DIFFER, "constitutions/00B.toml is missing"),
        (add_rule, Refusal.FILES_DIFFER, "00Z.toml is there, and belongs to no CCG"),
        (
            lambda w: change_rule(w, "00B", 'ccg = "00B"', 'ccg = "00A"'),
            Refusal.FILES_DIFFER,
            "00B.toml is the rule of 00A",
        ),
        (lambda w: (w.programme_folder / "programme.toml").unlink(), Refusal.FILES_DIFFER, "no programme.toml"),
        (other_ccg, Refusal.ROLL_DIFFERS, "The roll is of 00A, 00B, 00D"),
        (no_member, Refusal.ROLL_DIFFERS, "00C has no member"),
        (
            lists_of_may,
            Refusal.ROLL_DIFFERS,
            "The list sizes are those of 2020-05-01; the rule of 00B weighs by those of 2020-04-01.",
        ),
        (heavy, Refusal.TOO_HEAVY, "The practices of 00C count for 200,000,000,000 weighted votes"),
    ],
)
def test_a_programme_that_does_not_fit_together_is_refused(
    world: World, spoil: Callable[[World], None], reason: Refusal, sentence: str
) -> None:
    spoil(world)
    with pytest.raises(Refused) as refused:
        world.prepare()
    assert refused.value.reason is reason
    assert sentence in refused.value.sentence
    with world.reading() as session:
        assert list_programmes(session) == []
    assert not server_keys_path(world.instance, world.id).exists()


def test_lists_of_another_day_do_not_matter_where_only_heads_are_counted(world: World) -> None:
    lists_of_may(world)
    for ccg in ("00B", "00C"):
        change_rule(world, ccg, "2020-04-01", "2020-05-01")
    file = world.programme_folder / "constitutions" / "00A.toml"
    file.write_text(file.read_text() + WEIGHT)
    world.seal()

    terms = parse_terms(sealed_terms(world))
    april, may = date(2020, 4, 1), date(2020, 5, 1)
    assert [(e.ccg, e.snapshot) for e in terms.elections] == [("00A", april), ("00B", may), ("00C", may)]


def sealed_terms(world: World) -> bytes:
    with world.reading() as session:
        return list_programmes(session)[0].terms or b""


def test_the_terms_name_the_files_of_the_roll_by_their_hash(world: World) -> None:
    lists = SourceFile("lists.csv", "ab" * 32, Holds.LIST_SIZES, date(2020, 4, 1))
    world.roll = replace(world.roll, sources=(SourceFile("roll.csv", "cd" * 32, Holds.ROLL), lists))
    world.seal()

    assert [source.to_json() for source in parse_terms(sealed_terms(world)).roll_sources] == [
        {"file": "roll.csv", "sha256": "cd" * 32, "holds": "roll"},
        {"file": "lists.csv", "sha256": "ab" * 32, "holds": "list-sizes"},
    ]
    with world.reading() as session:
        kept = parse_json(list_programmes(session)[0].roll_sources)
    assert [entry["snapshot"] for entry in kept] == [None, "2020-04-01"]


def test_a_practice_without_a_list_is_refused_or_weighs_nothing_as_its_rule_says(world: World) -> None:
    members = tuple(replace(m, list_size=None) if m.practice.endswith("0000") else m for m in world.roll.members)
    world.roll = replace(world.roll, members=members)
    change_rule(world, "00C", '"zero"', '"refuse"')
    with pytest.raises(InvalidRoll):
        world.prepare()
    change_rule(world, "00C", '"refuse"', '"zero"')
    world.prepare()
    with world.reading() as session:
        weights = {ccg: list_practices(session, world.row(ccg).id)[0].weight for ccg in CCGS}
    assert weights == {"00A": None, "00B": 10_000, "00C": 0}


def test_a_rule_that_cannot_be_read_is_refused_with_its_line(world: World) -> None:
    change_rule(world, "00C", WEIGHT, "")
    with pytest.raises(ConstitutionError, match=r"00C\.toml:\d+: "):
        world.prepare()


def test_another_number_of_trustees_than_the_programme_names_is_refused(world: World) -> None:
    other, _ = run_ceremony(2, 2, random.Random(1))
    keys = read_public_keys(world.keys)
    with pytest.raises(Refused, match="2 of 3 trustees, but 2 of 2 made the key"):
        prepare(world.desk, world.installation, world.programme_folder, world.roll, other, keys, world.officer)


def test_a_ceremony_that_does_not_hold_is_refused(world: World) -> None:
    whole = ceremony()[0]
    broken = replace(whole, verification_keys=whole.verification_keys[::-1])
    keys = read_public_keys(world.keys)
    with pytest.raises(InvalidTrustee):
        prepare(world.desk, world.installation, world.programme_folder, world.roll, broken, keys, world.officer)


def test_two_roles_never_share_a_key(world: World) -> None:
    keys = {**read_public_keys(world.keys), Role.DEPUTY: world.officer.public}
    with pytest.raises(Refused, match="a key of its own"):
        prepare(world.desk, world.installation, world.programme_folder, world.roll, ceremony()[0], keys, world.officer)


def test_a_programme_is_prepared_once_and_its_server_keys_stay(world: World) -> None:
    world.prepare()
    before = read_server_keys(world.instance, world.id, world.storage)
    with pytest.raises(Refused) as refused:
        world.prepare()
    assert refused.value.reason is Refusal.ALREADY_PREPARED
    assert read_server_keys(world.instance, world.id, world.storage) == before


def test_a_preparation_that_failed_late_loses_no_key_of_an_older_one(world: World) -> None:
    write_server_keys(world.instance, world.id, world.storage, {"older": 5})
    world.prepare().make_backup()
    kept = read_server_keys(world.instance, world.id, world.storage)
    assert kept["older"] == 5
    assert set(open_backup(world.backup, *world.two)) == set(kept) - {"older"}


def test_each_ccg_counts_the_least_that_its_rule_needs(world: World) -> None:
    world.prepare()
    assert [(world.row(ccg).count, world.row(ccg).heads) for ccg in CCGS] == [
        ("heads", None),
        ("packed", 100_000),
        ("patients", None),
    ]


def test_sealing_waits_for_the_backup_to_be_tried(world: World) -> None:
    world.prepare().issue()
    with pytest.raises(Refused) as refused:
        perform(world.desk, world.id, Seal(), world.two)
    assert refused.value.reason is Refusal.BACKUP_NOT_TRIED
    world.make_backup()
    perform(world.desk, world.id, Seal(), world.two)


def test_sealing_waits_for_the_registrar(world: World) -> None:
    world.prepare().make_backup()
    with pytest.raises(Refused) as refused:
        perform(world.desk, world.id, Seal(), world.two)
    assert refused.value.reason is Refusal.NOT_ISSUED


def test_sealing_needs_two_people_with_the_programmes_keys(world: World) -> None:
    world.prepare().make_backup().issue()
    for signers in ((), (world.officer,), (world.officer, world.officer), (world.board,)):
        with pytest.raises(Refused) as refused:
            perform(world.desk, world.id, Seal(), signers)
        assert refused.value.reason is Refusal.WRONG_SIGNERS
    stranger = replace(world.registrar, role=Role.DEPUTY)
    with pytest.raises(Refused) as refused:
        perform(world.desk, world.id, Seal(), (world.officer, stranger))
    assert refused.value.reason is Refusal.FOREIGN_KEY
    assert world.row().election is None


def test_a_window_that_has_passed_is_not_sealed(world: World) -> None:
    world.prepare().make_backup().issue()
    world.clock.now = CLOSES
    with pytest.raises(Refused) as refused:
        perform(world.desk, world.id, Seal(), world.two)
    assert refused.value.reason is Refusal.WINDOW_PASSED


def test_nothing_is_sealed_or_issued_twice(sealed: World) -> None:
    for act in (lambda: perform(sealed.desk, sealed.id, Seal(), sealed.two), sealed.issue):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.reason is Refusal.WRONG_STATE


def test_credentials_are_not_issued_twice_before_sealing_either(world: World) -> None:
    world.prepare().issue()
    with pytest.raises(Refused) as refused:
        world.issue()
    assert refused.value.reason is Refusal.ALREADY_ISSUED


def test_the_archive_begins_in_the_second_of_sealing(world: World) -> None:
    world.clock.now += timedelta(microseconds=700_000)
    world.seal()
    archives = [replay(world.archive(ccg)) for ccg in CCGS]
    assert {found.timestamp for found in archives} == {int(world.clock.now.timestamp())}
    with world.reading() as session:
        moves = [parse_programme_event(line).move for line in event_lines(session, world.id)]
    assert moves == [Move.PREPARED, Move.ISSUED, Move.SEALED]


def test_the_backup_opens_to_both_officers_only_and_holds_the_servers_keys(world: World) -> None:
    world.prepare().make_backup()
    keys = read_server_keys(world.instance, world.id, world.storage)
    assert open_backup(world.backup, *world.two) == keys
    data = world.backup.read_bytes() + server_keys_path(world.instance, world.id).read_bytes()
    assert not any(str(x).encode() in data for x in keys.values())
    for signers in ((world.officer, world.officer), (world.deputy, world.officer)):
        with pytest.raises(KeyRefused):
            open_backup(world.backup, *signers)


def test_a_backup_of_another_programme_does_not_count_as_tried(world: World) -> None:
    world.prepare()
    world.make_backup()
    world.id = "another"
    file = world.programme_folder / "programme.toml"
    file.write_text(file.read_text().replace('"merger"', '"another"'))
    world.prepare()
    with pytest.raises(Refused) as refused:
        try_restore(world.desk, "another", world.backup, *world.two)
    assert refused.value.reason is Refusal.BACKUP_DIFFERS


def test_whoever_imports_a_roll_is_told_what_becomes_of_members_without_a_list(world: World) -> None:
    members = tuple(replace(m, list_size=None) if m.practice.endswith("0000") else m for m in world.roll.members)
    notes = roll_notes(read_folder(world.programme_folder), replace(world.roll, members=members))
    assert len(notes) == len(world.roll.ccgs)
    assert any("of 00A without a list, one vote like any other (practices are counted)" in note for note in notes)
    assert any("1 member of 00B without a list, weighing zero: Y10000" in note for note in notes)
