"""Rules with limits, several quorums and localities alone, from sealing to a verified record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ballot.constitution.rule import Outcome
from ballot.office.acts.counting import CastingVote, Decide, Declare
from ballot.office.board.publish import find_declaration, publish_verified
from ballot.office.count import read_count_day
from ballot.office.errors import Refused
from ballot.office.perform import perform
from ballot.office.practices import turnout
from ballot.record.decisions import casting_votes
from ballot.record.programme_events import Move, ProgrammeEvent
from tests.integration.office.world import OPENS, SOURCE, THREE, WHY, World
from tests.support.simulator import AGAINST, FOR

LIMITED = """
[[quorum]]
measure = "practices"
counting = "returned"
at_least = 4
[[quorum]]
measure = "weight"
counting = "returned"
at_least = "1/2"
[weight]
snapshot = 2020-04-01
[[weight.band]]
up_to = 2500
votes = 1
[[weight.band]]
votes = 2
[[test]]
measure = "practices"
at_least = 4
[[test]]
votes = "against"
measure = "practices"
of = "eligible"
at_most = "20%"
"""
BY_LOCALITIES = """
[[locality_quorum]]
column = "pcn_code"
require = "all"
measure = "practices"
counting = "returned"
at_least = "1/2"
[[locality_test]]
column = "pcn_code"
require = { more_than = "1/2" }
measure = "practices"
of = "for-and-against"
more_than = "1/2"
"""
TIE = """
[tie]
casting_vote = "The Chair"
[[test]]
measure = "practices"
of = "for-and-against"
more_than = "1/2"
"""


def a_world(engine: Engine, folder: Path, first: str) -> World:
    world = World(engine, folder, ccgs=("00A", "00B"), practices=6, localities=THREE)
    for ccg, rule in (("00A", first), ("00B", BY_LOCALITIES)):
        (world.programme_folder / "constitutions" / f"{ccg}.toml").write_text(SOURCE.format(ccg=ccg) + rule)
    return world.open()


def hold(world: World, first: list[tuple[int, ...]]) -> None:
    """The practices of 00A vote like this; in 00B one of two in each locality, and for in two of the three."""
    for link, vote in zip(world.links("00A"), first, strict=False):
        assert world.cast(link, world.ballot(link, vote)).status == 200
    seen: dict[str, int] = {}
    for link in world.links("00B"):
        place = world.election_of(link)
        if place not in seen:
            seen[place] = len(seen)
            vote = FOR if seen[place] < 2 else AGAINST
            assert world.cast(link, world.ballot(link, vote)).status == 200


def test_each_quorum_is_shown_while_they_vote_also_those_of_localities(engine: Engine, tmp_path: Path) -> None:
    world = a_world(engine, tmp_path, LIMITED)
    world.clock.now = OPENS
    hold(world, [FOR, FOR, FOR])

    first, second = turnout(engine, world.id, world.clock.now).ccgs

    assert [(status.needed, status.is_met) for status in first.quorums] == [
        ("at least 4 of 6 practices", False),
        ("at least 1/2 of 10 weighted votes", False),
    ]
    assert {(status.needed.partition(", ")[2], status.is_met) for status in second.quorums} == {
        ("at least 1/2 of 2 practices", True)
    }
    assert len(second.quorums) == 3


@pytest.mark.parametrize(
    ("papers", "found"),
    [
        ([FOR, FOR, FOR, FOR, AGAINST], Outcome.CARRIED),
        ([FOR, FOR, FOR, FOR, AGAINST, AGAINST], Outcome.NOT_CARRIED),
        ([FOR, FOR, FOR], Outcome.INQUORATE),
    ],
)
def test_such_a_ballot_is_decided_declared_and_verified(
    engine: Engine, tmp_path: Path, papers: list[tuple[int, ...]], found: Outcome
) -> None:
    world = a_world(engine, tmp_path, LIMITED)
    hold(world, papers)
    world.close()
    world.tally()
    decision = perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two)

    assert decision.ccgs["00A"]["merge"].decision.outcome is found
    assert decision.ccgs["00B"]["merge"].decision.outcome is Outcome.CARRIED
    published = publish_verified(world.desk, world.id, tmp_path / "records")
    assert published.verdict == "VERIFIED"
    told = find_declaration(tmp_path / "records", world.id)
    assert told is not None
    titles = [bar.title for result in told.ccgs for bar in result.results[0].tests]
    assert titles[:3] == ["Quorum 2 of 2", "Test 1 of 2", "Test 2 of 2"]
    assert sum(title.startswith("Locality quorum, ") for title in titles) == 3


def test_a_tie_waits_for_the_casting_vote_which_two_people_record_and_the_auditor_checks(
    engine: Engine, tmp_path: Path
) -> None:
    world = a_world(engine, tmp_path, TIE)
    hold(world, [FOR, FOR, AGAINST, AGAINST])
    world.close()
    world.tally()
    day = read_count_day(engine, world.id, world.clock.now)
    assert (day.tied, day.can_decide, day.decision["outcome"]) == (("00A",), False, None)
    with pytest.raises(Refused, match="00A is tied on merge, and the casting vote is not recorded yet"):
        perform(world.desk, world.id, Decide())
    for ccg, question, given in (("00B", "merge", "for"), ("00A", "other", "for"), ("00A", "merge", "yes")):
        with pytest.raises(Refused):
            perform(world.desk, world.id, CastingVote(ccg, question, given), world.two, WHY)

    perform(world.desk, world.id, CastingVote("00A", "merge", "for"), world.two, WHY)

    with pytest.raises(Refused, match="no tie waits for a casting vote"):
        perform(world.desk, world.id, CastingVote("00A", "merge", "against"), world.two, WHY)
    decision = perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two)
    assert decision.ccgs["00A"]["merge"].decision.outcome is Outcome.CARRIED
    assert decision.outcome is not None
    published = publish_verified(world.desk, world.id, tmp_path / "records")
    assert published.verdict == "VERIFIED"
    told = find_declaration(tmp_path / "records", world.id)
    assert told is not None
    assert any("The Chair has the casting vote. It was given for." in s for s in told.ccgs[0].results[0].working)


def test_a_casting_vote_is_in_the_log_once_and_for_or_against() -> None:
    event = ProgrammeEvent(
        None, 0, OPENS, Move.CASTING_VOTE, "merger", "00A", {"question": "merge", "given": "for"}, None, None, {}
    )

    assert casting_votes([event]) == {"00A": {"merge": "for"}}
    for events in ([event, event], [replace(event, data={"question": "merge", "given": "maybe"})]):
        with pytest.raises(ValueError, match="given twice, or is neither"):
            casting_votes(events)
