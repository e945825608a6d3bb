"""From the folder and the roll to the declared outcome: every stage published, verified, and a prefix of the next."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ballot.audit.catalogue import Stage
from ballot.audit.run import Options, audit
from ballot.db.accepted import list_accepted
from ballot.db.ballots import find_ballot
from ballot.office.acts.counting import Abandon, Decide, Declare
from ballot.office.acts.membership import Reissue, Revoke, Strike
from ballot.office.board.publish import publish
from ballot.office.perform import perform
from ballot.protocol.events import EventType
from tests.integration.office.replay import replay
from tests.integration.office.world import OPENS, WHY, World
from tests.support.simulator import ABSTAIN, AGAINST, FOR


class Stages:
    """Publishes again and again, each time audited against the one before."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.folder = world.folder / "published" / "record"
        self.older: Path | None = None

    def publish(self, stage: Stage | None, receipts: list[Path] | None = None) -> None:
        """Audited at this stage; None where the CCGs have not come equally far."""

        def check(folder: Path) -> None:
            report = audit(folder, Options(stage=stage, since=self.older, receipts=receipts or []))
            assert not [*report.failed(), *report.skipped()], report.to_text()

        zipped = publish(self.world.desk, self.world.id, self.folder, check)
        check(zipped)
        self.older = self.world.folder / f"older-{stage}"
        shutil.copytree(self.folder, self.older, dirs_exist_ok=True)


@pytest.mark.parametrize("policy", ["final", "last-counts"])
def test_a_whole_programme_verifies_at_every_stage(engine: Engine, tmp_path: Path, policy: str) -> None:
    world = World(engine, tmp_path, policy)
    world.seal()
    stages = Stages(world)
    stages.publish(Stage.SETUP)
    prefixes = {ccg: world.archive(ccg) for ccg in world.ccgs}
    world.clock.now = OPENS
    receipts = []
    for ccg in world.ccgs:
        for link, vote in zip(world.links(ccg), (FOR, AGAINST, FOR), strict=False):
            answer = world.cast(link, world.ballot(link, vote))
            assert answer.status == 200, answer
            receipts.append(tmp_path / f"{link.practice}.receipt")
            receipts[-1].write_bytes(answer.receipt or b"")
    again = world.links()[0]
    assert world.cast(again, world.ballot(again, ABSTAIN)).status == (409 if policy == "final" else 200)
    perform(world.desk, world.id, Strike("00B", world.links("00B")[3].practice), world.two, WHY)
    perform(world.desk, world.id, Reissue("00A", world.links()[3].practice), (world.registrar,), WHY)
    perform(world.desk, world.id, Revoke("00C", world.links("00C")[3].practice), (world.registrar,))
    stages.publish(Stage.VOTING, receipts)
    world.close()
    stages.publish(Stage.CLOSED, receipts)
    world.tally()
    decision = perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two)
    stages.publish(Stage.TALLIED, receipts)

    assert (stages.folder / "decision.json").read_bytes() == decision.to_bytes()
    for ccg in world.ccgs:
        archive = world.archive(ccg)
        assert archive.startswith(prefixes[ccg])
        assert archive == (stages.folder / "elections" / f"{ccg}.bel").read_bytes()
        assert replay(archive).types[-1] is EventType.RESULT
    votes = json.loads((stages.folder / "decision.json").read_bytes())["ccgs"]["00A"]["merge"]["counts"]
    expected = (2, 1, 0) if policy == "final" else (1, 1, 1)
    assert tuple(votes[answer]["practices"] for answer in ("for", "against", "abstain")) == expected


def test_a_ccg_in_which_nobody_voted_is_tallied_to_zeros(opened: World) -> None:
    opened.close("00B")
    opened.tally("00B")
    assert replay(opened.archive("00B")).result == ((0, 0, 0),)


def test_a_programme_with_an_abandoned_ballot_is_decided_without_an_outcome(opened: World) -> None:
    opened.cast(opened.links()[0])
    perform(opened.desk, opened.id, Abandon("00B"), opened.two, WHY)
    opened.close("00A", "00C")
    opened.tally("00A", "00C")
    decision = perform(opened.desk, opened.id, Decide())
    assert (decision.abandoned, decision.outcome) == (("00B",), None)
    Stages(opened).publish(Stage.TALLIED)


def test_the_board_lists_what_the_archive_holds(opened: World) -> None:
    for link in opened.links():
        opened.cast(link)
    found = replay(opened.archive())
    with opened.reading() as session:
        row = find_ballot(session, opened.id, "00A")
        assert row is not None
        accepted = list_accepted(session, row.id)
    assert [row.height for row in accepted] == [e.height for e in found.events if e.type is EventType.BALLOT]
    assert [row.payload for row in accepted] == [e.payload for e in found.events if e.type is EventType.BALLOT]
