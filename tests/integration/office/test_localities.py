"""A CCG of three localities: three elections, opened and closed together, tallied one by one, decided as one."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ballot.audit.catalogue import Stage
from ballot.db.events import event_lines
from ballot.office.acts.counting import Abandon, Decide, Declare
from ballot.office.acts.membership import Reissue, Revoke, Strike
from ballot.office.acts.window import CloseEarly, Extend, OpenEarly
from ballot.office.board.election_status import election_statuses
from ballot.office.errors import Refused
from ballot.office.lifecycle import State
from ballot.office.perform import perform
from ballot.office.post.voting_links import PracticeLink
from ballot.office.tally import SERVER
from ballot.protocol.canonical import parse_json
from ballot.protocol.elections import parse_election
from ballot.record.receipts import check_receipt
from ballot.roll.problems import InvalidRoll
from tests.integration.office.test_whole_programme import Stages
from tests.integration.office.world import CLOSES, OPENS, SECOND, THREE, WHY, World
from tests.support.simulator import ABSTAIN, AGAINST, FOR, G

CCGS = ("00A", "00B")
OF_00B = ["00B.U11", "00B.U12", "00B.n-east"]


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return World(engine, tmp_path, ccgs=CCGS, practices=6, localities=THREE)


def events(world: World) -> list[dict[str, object]]:
    with world.reading() as session:
        return [parse_json(line) for line in event_lines(session, world.id)]


def states(world: World) -> dict[str, State]:
    with world.reading() as session:
        return {s.election_name: s.state for s in election_statuses(session, world.id, world.clock())}


def in_locality(world: World, election: str) -> list[PracticeLink]:
    return [link for link in world.links("00B") if world.election_of(link) == election]


def test_a_whole_programme_with_localities_verifies_at_every_stage(world: World, tmp_path: Path) -> None:
    world.seal()
    assert world.elections == ["00A", *OF_00B]
    stages = Stages(world)
    stages.publish(Stage.SETUP)
    world.clock.now = OPENS
    receipts = []
    votes: dict[str, Sequence[Sequence[int]]] = {"00B.U11": (FOR, FOR), "00B.U12": (FOR,), "00B.n-east": (AGAINST,)}
    for name, marks in votes.items():
        for link, vote in zip(in_locality(world, name), marks, strict=False):
            answer = world.cast(link, world.ballot(link, vote))
            assert answer.status == 200, answer
            receipts.append(tmp_path / f"{link.practice}.receipt")
            receipts[-1].write_bytes(answer.receipt or b"")
    world.cast(world.links("00A")[0])
    struck = in_locality(world, "00B.n-east")[1].practice
    perform(world.desk, world.id, Strike("00B", struck), world.two, WHY)
    perform(world.desk, world.id, Reissue("00B", in_locality(world, "00B.U12")[1].practice), (world.registrar,), WHY)
    perform(world.desk, world.id, Revoke("00B", in_locality(world, "00B.U12")[1].practice), (world.registrar,))
    stages.publish(Stage.VOTING, receipts)
    world.close()
    stages.publish(Stage.CLOSED, receipts)
    world.tally()
    decision = perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two)
    stages.publish(Stage.TALLIED, receipts)

    assert sorted(path.name for path in (stages.folder / "elections").iterdir()) == sorted(
        f"{name}.bel" for name in world.elections
    )
    counts = json.loads(decision.to_bytes())["ccgs"]["00B"]["merge"]["counts"]
    sizes = {member.practice: member.list_size or 0 for member in world.roll.members}
    voted = [in_locality(world, name)[: len(marks)] for name, marks in votes.items()]
    for_ = sum(sizes[link.practice] for links in voted[:2] for link in links)
    assert counts["for"] == {"practices": 3, "weight": for_}
    assert counts["against"] == {"practices": 1, "weight": sizes[voted[2][0].practice]}
    assert counts["eligible"] == {
        "practices": 5,
        "weight": sum(size for code, size in sizes.items() if code.startswith("Y1") and code != struck),
    }


def test_the_roll_says_the_locality_and_every_file_calls_an_election_by_its_name(world: World) -> None:
    world.open()
    world.cast(world.links("00B")[0])
    stages = Stages(world)
    stages.publish(Stage.VOTING)

    rows = list(csv.DictReader((stages.folder / "roll.csv").read_text().splitlines()))
    assert {row["locality"] for row in rows if row["ccg_ods_code"] == "00B"} == {"U11", "U12", "n-east"}
    assert {row["locality"] for row in rows if row["ccg_ods_code"] == "00A"} == {""}
    logs = {json.loads(line)["log"] for line in (stages.folder / "checkpoints.jsonl").read_text().splitlines()}
    assert logs == {"events", "00A", *OF_00B}
    terms = json.loads((stages.folder / "terms.json").read_bytes())
    assert [(e["ccg"], e["locality"]) for e in terms["elections"]] == [
        ("00A", None),
        ("00B", "U11"),
        ("00B", "U12"),
        ("00B", "n-east"),
    ]
    assert [e["name"] for e in terms["elections"]][1] == "NHS 00B CCG, U11"
    assert len({(e["count"], e["heads"]) for e in terms["elections"] if e["ccg"] == "00B"}) == 1
    last = events(world)[-1]
    assert (last["ccg"], last["locality"], list(last["heads"])) == ("00B", "n-east", ["00A", *OF_00B])  # type: ignore[call-overload]


def test_h_is_above_the_total_of_the_whole_ccg(world: World) -> None:
    """Each locality alone would do with a smaller one; then their totals could not be added."""
    world.seal()
    assert {world.row(name).heads for name in OF_00B} == {10**5}  # 21000 patients together, 9000 in the largest


def test_a_ballot_goes_to_the_election_it_was_made_for_and_the_receipt_names_the_ccg(world: World) -> None:
    world.open()
    link = in_locality(world, "00B.U12")[0]

    answer = world.cast(link)

    receipt = check_receipt(answer.receipt or b"", world.board.public)
    assert (receipt.ccg, receipt.election_uuid) == ("00B", world.row("00B.U12").uuid)
    heights = {name: len(world.archive(name)) for name in OF_00B}
    assert heights["00B.U12"] > heights["00B.U11"]


def test_the_answers_keep_their_order_across_localities(world: World) -> None:
    world.open()
    here, there = in_locality(world, "00B.U11")[0], in_locality(world, "00B.U12")[0]
    body = world.ballot(here)
    assert world.cast(here, body).status == 200

    assert world.cast(there, body).status == 200, "the identical ballot, whatever the token"
    assert world.cast(here, body, token="nonsense").status == 200
    other = world.ballot(there)
    assert (world.cast(here, other).status, world.cast(here, other).word) == (403, "token-for-another-ballot")
    foreign = world.ballot(world.links("00A")[0])
    assert world.cast(there, foreign).word == "credential-of-another"
    assert world.cast(there, foreign, token="nonsense").word == "token-invalid"
    assert world.cast(here, world.ballot(here, AGAINST)).word == "already-voted"
    world.clock.now = CLOSES
    assert world.cast(there, other).word == "closed"


def test_a_ballot_made_for_no_election_of_the_ccg_under_the_right_credential_is_refused_for_its_election(
    world: World,
) -> None:
    world.open()
    link = in_locality(world, "00B.U11")[0]
    election = world.election("00B.U11")
    other = parse_election(G, replace(election, uuid="A" * 14).to_bytes())
    from ballot.protocol.ballots import create_ballot
    from ballot.protocol.credentials import derive_private_key

    key = derive_private_key(G, election.uuid, link.credential)
    answer = world.cast(link, create_ballot(G, other, key, [FOR], world.rng).to_bytes())

    assert (answer.status, answer.word) == (400, "election-uuid")


def test_every_move_of_a_ccg_is_made_for_all_its_localities_at_one_time(world: World) -> None:
    world.seal()
    world.clock.now = OPENS - timedelta(days=1)
    perform(world.desk, world.id, OpenEarly("00B"), world.two, WHY)
    assert {states(world)[name] for name in OF_00B} == {State.OPEN}
    assert states(world)["00A"] is State.SEALED
    world.clock.now = OPENS
    perform(world.desk, world.id, Extend("00B", CLOSES + SECOND), world.two, WHY)
    assert {world.row(name).closes_at for name in OF_00B} == {CLOSES + SECOND}
    world.cast(in_locality(world, "00B.U12")[0])
    perform(world.desk, world.id, CloseEarly("00B"), world.two, WHY)
    assert {states(world)[name] for name in OF_00B} == {State.CLOSED}
    made = [(e["type"], e["time"], e["data"]["closes"]) for e in events(world) if e["type"] == "closed"]  # type: ignore[index]
    assert len(made) == 3
    assert len(set(made)) == 1
    Stages(world).publish(None)


def test_an_abandoned_ccg_is_abandoned_in_all_its_localities(world: World) -> None:
    world.open()
    world.cast(world.links("00B")[0])
    perform(world.desk, world.id, Abandon("00B"), world.two, WHY)
    world.close("00A")
    world.tally("00A")
    decision = perform(world.desk, world.id, Decide())

    assert (decision.abandoned, decision.outcome) == (("00B",), None)
    assert {states(world)[name] for name in OF_00B} == {State.ABANDONED}
    Stages(world).publish(Stage.TALLIED)


def test_localities_are_tallied_one_by_one_and_decided_only_together(world: World) -> None:
    world.open()
    world.close()
    world.tally("00A", "00B.U11", "00B.n-east")
    with pytest.raises(Refused) as refused:
        perform(world.desk, world.id, Decide())
    assert "00B.U12" in refused.value.sentence
    with pytest.raises(Refused, match="no-such-ballot"):
        world.give("00B", SERVER)
    world.tally("00B.U12")

    counts = json.loads(perform(world.desk, world.id, Decide()).to_bytes())["ccgs"]["00B"]["merge"]["counts"]
    assert counts["for"] == {"practices": 0, "weight": 0}
    assert counts["eligible"] == {"practices": 6, "weight": 21000}


def test_a_practice_without_a_locality_is_refused_at_preparing(world: World) -> None:
    first, *rest = [member for member in world.roll.members if member.ccg == "00B"]
    others = [member for member in world.roll.members if member.ccg != "00B"]
    members = (*others, replace(first, locality=None), *rest)
    world.roll = replace(world.roll, members=members, file="roll.csv")

    with pytest.raises(InvalidRoll) as refused:
        world.prepare()

    assert str(refused.value).startswith(f"roll.csv:{first.line}: column pcn_code: {first.practice} ")


def test_last_counts_is_kept_within_a_locality(engine: Engine, tmp_path: Path) -> None:
    world = World(engine, tmp_path, "last-counts", CCGS, 6, localities=THREE)
    world.open()
    link = in_locality(world, "00B.U11")[0]
    for vote in (FOR, AGAINST, ABSTAIN):
        assert world.cast(link, world.ballot(link, vote)).status == 200
    world.close()
    world.tally()
    counts = json.loads(perform(world.desk, world.id, Decide()).to_bytes())["ccgs"]["00B"]["merge"]["counts"]

    assert [counts[answer]["practices"] for answer in ("for", "against", "abstain")] == [0, 0, 1]
