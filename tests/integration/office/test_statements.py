"""What both officers read of a proposal: what changes, in words and figures, whatever the shape of the rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from ballot.db.ballots import list_ballots
from ballot.db.programmes import find_programme
from ballot.office.acts.act import Act
from ballot.office.acts.counting import Abandon, CallReballot, Decide, Declare
from ballot.office.acts.membership import Strike
from ballot.office.acts.proposable import PROPOSABLE
from ballot.office.acts.sealing import Seal
from ballot.office.acts.window import CloseEarly, Extend, OpenEarly
from ballot.office.desk import Why
from ballot.office.perform import perform
from ballot.office.proposals.listing import one_proposal
from ballot.office.proposals.propose import Officer, propose, read_statement
from ballot.office.situation import Situation
from ballot.record.moves import ReasonCode
from tests.integration.office.test_reballot import Merger
from tests.integration.office.world import CLOSES, OPENS, THREE, WHY, World
from tests.support.databases import ON_ONE
from tests.support.simulator import ABSTAIN, AGAINST, FOR

pytestmark = ON_ONE
SECOND_QUESTION = '''
[[question]]
id = "board"
text = """
Which board
do you want?"""
abstain = "Neither"
[[question.option]]
id = "one"
text = "One board"
[[question.option]]
id = "joint"
text = "A joint committee"

'''
OPTION_RULE = '\n[[question.board.test]]\nmost_votes = true\nmeasure = "practices"\nof = "cast"\nmore_than = "1/2"\n'


def stated(world: World, act: Act[Any], why: Why = WHY) -> Mapping[str, list[str]]:
    """The facts of a proposal, by their labels."""
    hash = propose(world.desk, world.id, act, why, Officer("anna@example.org", world.officer))
    with world.reading() as session:
        told = one_proposal(session, world.id, hash, world.clock.now)
    assert told is not None
    return dict(read_statement(told.words))


def decided(world: World, votes: Mapping[str, list[tuple[int, ...]]]) -> World:
    for ccg, papers in votes.items():
        for link, vote in zip(world.links(ccg), papers, strict=False):
            assert world.cast(link, world.ballot(link, vote)).status == 200
    world.close()
    world.tally()
    perform(world.desk, world.id, Decide())
    return world


def test_declaring_says_the_outcome_and_each_ccgs_verdict_with_its_counts(opened: World) -> None:
    facts = stated(decided(opened, {"00A": [FOR, FOR, AGAINST, ABSTAIN], "00B": [FOR, AGAINST]}), Declare())
    assert facts["Outcome"] == ["The merger goes ahead with NHS 00A CCG."]
    assert "NHS 00C CCG: not carried." in facts["How it follows"]
    assert facts["NHS 00A CCG (00A)"] == [
        "Carried.",
        "Of 4 eligible practices: 2 for, 1 against, 1 abstaining, 0 not returned.",
    ]
    assert facts["NHS 00B CCG (00B)"] == [  # heads and patients packed into one total
        "Not carried.",
        "Of 4 eligible practices: 1 for, 1 against, 0 abstaining, 2 not returned.",
        "Of 10,000 eligible weighted votes: 1,000 for, 2,000 against, 0 abstaining, 7,000 not returned.",
    ]
    assert facts["NHS 00C CCG (00C)"][0] == "Not carried."


def test_declaring_says_of_an_abandoned_ballot_that_it_has_no_outcome(opened: World) -> None:
    perform(opened.desk, opened.id, Abandon("00C"), opened.two, WHY)
    opened.ccgs = ("00A", "00B")
    opened.close()
    opened.tally("00A", "00B")
    perform(opened.desk, opened.id, Decide())
    facts = stated(opened, Declare())
    assert facts["Outcome"] == ["The ballot of a CCG was abandoned, so the programme's rule gives no outcome."]
    assert facts["NHS 00C CCG (00C)"] == ["Abandoned: it has no outcome."]
    assert "How it follows" not in facts


def test_declaring_gives_the_counts_of_every_locality(engine: Engine, tmp_path: Path) -> None:
    world = World(engine, tmp_path, ccgs=("00A", "00B"), practices=6, localities=THREE).open()
    facts = stated(decided(world, {"00B": [FOR, FOR, AGAINST]}), Declare())
    said = facts["NHS 00B CCG (00B)"]
    assert said[1] == "Of 6 eligible practices: 2 for, 1 against, 0 abstaining, 3 not returned."
    assert "U12: Of 2 eligible practices: 0 for, 1 against, 0 abstaining, 1 not returned." in said
    assert len(said) == 1 + 2 * (1 + 3)


def test_declaring_says_the_verdict_on_each_of_several_questions_and_the_option_that_was_carried(
    engine: Engine, tmp_path: Path
) -> None:
    world = World(engine, tmp_path, ccgs=("00A",))
    programme = world.programme_folder / "programme.toml"
    programme.write_text(programme.read_text().replace("[secrecy]", SECOND_QUESTION + "[secrecy]"))
    rule = world.programme_folder / "constitutions" / "00A.toml"
    rule.write_text(rule.read_text() + OPTION_RULE)
    world.open()
    one, neither = (1, 0, 0), (0, 0, 1)
    for link, votes in zip(world.links(), [(FOR, one), (FOR, one), (AGAINST, neither)], strict=False):
        assert world.cast(link, world.ballot(link, *votes)).status == 200
    facts = stated(decided(world, {}), Declare())
    assert facts["NHS 00A CCG (00A)"] == [
        "Do you agree? Carried.",
        "Of 4 eligible practices: 2 for, 1 against, 0 abstaining, 1 not returned.",
        "Which board do you want? Carried: One board.",
        "Of 4 eligible practices: 2 for one, 0 for joint, 1 abstaining, 1 not returned.",
    ]


def test_a_call_for_another_vote_says_for_each_ccg_why_it_is_allowed(engine: Engine, tmp_path: Path) -> None:
    world = Merger(engine, tmp_path)
    world.hold({"00A": [FOR], "00B": [FOR, FOR, FOR, FOR], "00C": [FOR]})
    facts = stated(world, CallReballot(("00A",), "merger-again"))
    assert facts["Outcome"] == ["The merger does not go ahead."]
    said = ["Its last vote was inquorate. Its constitution allows another vote then."]
    assert facts["CCG 00A (00A) votes again"] == said
    assert fitting(world) == {"reballot": ["00A"]}


def test_extending_and_closing_say_the_time_before_and_after(opened: World) -> None:
    facts = stated(opened, Extend("00A", CLOSES + timedelta(days=2)))
    assert facts["Closes"][0].startswith("5pm on Friday 29 May 2020")
    assert facts["New closing time"][0].startswith("5pm on Sunday 31 May 2020")
    facts = stated(opened, CloseEarly("00A"))
    assert facts["New closing time"] == ["the moment at which the other officer approves this"]
    assert "can no longer vote" in facts["Afterwards"][0]


def test_striking_says_what_the_vote_counted_for_and_how_many_stay(opened: World) -> None:
    facts = stated(opened, Strike("00B", "Y10001"))
    assert facts["Its vote would have counted for"] == ["one practice and 2,000 registered patients"]
    assert facts["Eligible practices in this ballot"] == ["4 now, 3 afterwards"]


def test_abandoning_says_what_is_lost_before_and_after_the_count(opened: World) -> None:
    lost = stated(opened, Abandon("00A"))["What is lost"]
    assert "are never counted" in lost[0]
    opened.close()
    opened.tally()
    assert "Totals that are opened already stay in the record" in stated(opened, Abandon("00A"))["What is lost"][0]


def test_sealing_says_the_fingerprint_that_the_sealed_programme_then_has(world: World) -> None:
    world.prepare().make_backup().issue()
    facts = stated(world, Seal(), Why(ReasonCode.AS_PLANNED))
    assert facts["Question"] == ["Do you agree?", "Answers: For, Against or Abstain"]
    assert facts["Second votes"] == ["Refused: a practice can vote only once"]
    assert facts["Ballot"] == ["NHS 00C CCG (00C), 4 practices, each counting by its list size"], "the last of three"
    assert facts["Trustees"] == ["Any 2 of 3 can decrypt: One, Two and Three"]
    fingerprint = perform(world.desk, world.id, Seal(), world.two, Why(ReasonCode.AS_PLANNED))
    assert facts["Fingerprint of the sealed programme"] == [fingerprint]


def fitting(world: World) -> dict[str, list[str]]:
    """The acts that fit this moment, by name, with the CCGs that they are for."""
    with world.reading() as session:
        row = find_programme(session, world.id)
        assert row is not None
        situation = Situation(session, row, list_ballots(session, world.id), world.clock.now)
        return {act.name: ccgs for act in PROPOSABLE if (ccgs := act.fitting(situation))}


def test_only_acts_that_fit_the_moment_are_offered_and_only_for_the_ccgs_that_they_fit(world: World) -> None:
    every = list(world.ccgs)
    world.prepare().make_backup().issue()
    assert fitting(world) == {"seal": every}
    perform(world.desk, world.id, Seal(), world.two)
    members = {"strike": every, "change-contact": every}
    assert fitting(world) == {"open": every, **members, "abandon": every}
    perform(world.desk, world.id, OpenEarly("00A"), world.two, WHY)
    world.clock.now = OPENS - timedelta(hours=1)
    assert fitting(world)["open"] == ["00B", "00C"]
    world.clock.now = OPENS
    assert fitting(world) == {"close": every, "extend": every, **members, "abandon": every}
    world.clock.now = CLOSES  # and the clock alone has closed them
    assert fitting(world) == {"abandon": every}
    world.close()
    world.tally()
    assert fitting(world) == {"abandon": every}
    perform(world.desk, world.id, Decide())
    assert fitting(world) == {"declare": every}
    perform(world.desk, world.id, Declare(), world.two)
    assert fitting(world) == {}
