"""The votes in config/ that replay real ones: every CCG decides as it was reported, by its own rule file."""

from __future__ import annotations

import csv
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from ballot.constitution.combine import combine
from ballot.constitution.counts import Measure
from ballot.constitution.decide import Decision, decide
from ballot.constitution.rule import Outcome
from ballot.office.setup.draft import count_roll, read_folder
from ballot.record.public_roll import write_roll
from ballot.roll.read import RollFile, read_files
from scripts.demonstration.replay import FILE, InvalidVotes, Replay
from tests.support.counts import yes_or_no

CONFIG = Path(__file__).parents[3] / "config"
NORTH_WEST_LONDON, SURREY = CONFIG / "north-west-london-2020", CONFIG / "surrey-heartlands-2019"
UNION, FEDERATION = CONFIG / "education-union-2023", CONFIG / "gp-federation-shares"
PCN, LMC = CONFIG / "tarn-valley-pcn-2026", CONFIG / "wolds-lmc-2026"


def decisions(folder: Path, question: str = "merge") -> dict[str, Decision]:
    """What each CCG decides with the votes of the folder."""
    files = read_folder(folder)
    place = [each.id for each in files.programme.questions].index(question)
    with (folder / "roll.csv").open(newline="") as source:
        eligible = Counter(row["ccg_ods_code"] for row in csv.DictReader(source))
    votes: dict[str, list[int]] = {ccg: [0, 0, 0] for ccg in eligible}
    for ccg, paper in Replay(files.programme, folder / FILE):
        votes[ccg][paper[place].index(1)] += 1
    return {
        ccg: decide(
            files.constitutions[ccg][0].rule_for(question), yes_or_no(Measure(eligible[ccg]), *map(Measure, votes[ccg]))
        )
        for ccg in eligible
    }


def outcomes(folder: Path, question: str = "merge") -> dict[str, Outcome]:
    return {ccg: decision.outcome for ccg, decision in decisions(folder, question).items()}


def test_in_north_west_london_seven_ccgs_carried_the_merger_and_west_london_did_not() -> None:
    found = outcomes(NORTH_WEST_LONDON)
    assert found.pop("08Y") is Outcome.NOT_CARRIED
    assert set(found.values()) == {Outcome.CARRIED}
    assert len(found) == 7
    share = decisions(NORTH_WEST_LONDON)["08Y"].tests[0].share
    assert round(100 * Fraction(share.part, share.base)) == 35


def test_the_second_question_was_carried_in_three_of_eight() -> None:
    found = outcomes(NORTH_WEST_LONDON, "constitution")
    assert Counter(found.values()) == {Outcome.CARRIED: 3, Outcome.NOT_CARRIED: 5}


def test_west_london_voted_again_and_with_it_the_merger_went_ahead() -> None:
    share = decisions(NORTH_WEST_LONDON / "again")["08Y"].tests[0].share
    assert round(1000 * Fraction(share.part, share.base)) == 735
    rule = read_folder(NORTH_WEST_LONDON).programme.outcome
    assert rule is not None
    first = {ccg: {"merge": outcome} for ccg, outcome in outcomes(NORTH_WEST_LONDON).items()}
    again = {ccg: {"merge": outcome} for ccg, outcome in outcomes(NORTH_WEST_LONDON / "again").items()}
    assert [combine(rule, votes).proceeds for votes in (first, {**first, **again})] == [False, True]


def test_in_surrey_eight_in_ten_were_for_and_surrey_downs_had_no_quorum() -> None:
    assert outcomes(SURREY) == {
        "09L": Outcome.CARRIED,
        "09N": Outcome.CARRIED,
        "09Y": Outcome.CARRIED,
        "99H": Outcome.INQUORATE,
    }
    votes = [paper[0] for _, paper in Replay(read_folder(SURREY).programme, SURREY / FILE)]
    assert round(1000 * Fraction(votes.count((1, 0, 0)), len(votes))) == 798


def test_three_of_four_groups_of_a_union_voted_to_strike_and_one_fell_short_of_half_of_its_members() -> None:
    found = decisions(UNION, "strike")
    shares = {}
    for group, decision in found.items():
        assert decision.quorum is not None
        each = [decision.quorum.parts[0].share, decision.tests[0].share]
        shares[group] = tuple(round(100 * Fraction(share.part, share.base)) for share in each)
    assert shares == {
        "ENG-TEACHERS": (53, 90),
        "WAL-TEACHERS": (58, 92),
        "ENG-SUPPORT": (46, 84),
        "WAL-SUPPORT": (51, 88),
    }
    assert outcomes(UNION, "strike") == {
        "ENG-TEACHERS": Outcome.CARRIED,
        "WAL-TEACHERS": Outcome.CARRIED,
        "ENG-SUPPORT": Outcome.INQUORATE,
        "WAL-SUPPORT": Outcome.CARRIED,
    }


def test_only_teachers_in_england_need_two_fifths_of_all_who_are_entitled() -> None:
    found = decisions(UNION, "strike")
    assert {group for group, decision in found.items() if len(decision.tests) > 1} == {"ENG-TEACHERS"}
    rule = read_folder(UNION).constitutions["ENG-TEACHERS"][0].rule_for("strike")
    short = decide(rule, yes_or_no(Measure(100), Measure(39), Measure(11), Measure(0)))
    assert [test.holds for test in short.tests] == [True, False]
    assert short.outcome is Outcome.NOT_CARRIED


def test_in_a_federation_the_shares_decide_and_not_the_number_of_practices() -> None:
    files = read_folder(FEDERATION)
    source = RollFile("roll.csv", (FEDERATION / "roll.csv").read_bytes())
    roll = read_files(source, ["HARTSEA"], codes=files.programme.codes, weights=files.weight_columns)
    counting, members = count_roll(files, roll)["HARTSEA"]
    shares = Counter({(1, 0, 0): 0, (0, 1, 0): 0, (0, 0, 1): 0})
    for member, (_, (paper,)) in zip(members, Replay(files.programme, FEDERATION / FILE), strict=True):
        shares[paper] += member.weight or 0
    votes = [Measure(practices, number) for practices, number in zip((7, 4, 1), shares.values(), strict=True)]

    eligible = Measure(len(members), shares.total())
    decision = decide(files.constitutions["HARTSEA"][0].rule_for("articles"), yes_or_no(eligible, *votes))

    assert decision.outcome is Outcome.CARRIED
    assert str(decision.tests[0].share) == "101/132"
    assert Fraction(101, 132) > Fraction(3, 4) > Fraction(7, 11)
    assert counting.say_weight(members[0].weight, members[0].list_size) == "21 shares"
    assert not any("weighted vote" in sentence or "patient" in sentence for sentence in decision.explanation)


def test_five_of_seven_practices_of_a_network_carried_a_change_of_its_agreement_and_four_would_not_have() -> None:
    decision = decisions(PCN, "schedule")["U99001"]
    assert decision.outcome is Outcome.CARRIED
    rule = read_folder(PCN).constitutions["U99001"][0].rule_for("schedule")
    four = decide(rule, yes_or_no(Measure(7), Measure(4), Measure(0), Measure(0)))
    assert four.outcome is Outcome.NOT_CARRIED


def test_fifteen_of_twenty_one_doctors_carried_a_new_constitution_with_nearly_three_quarters_voting() -> None:
    decision = decisions(LMC, "constitution")["LMC-WOLDS"]
    assert decision.outcome is Outcome.CARRIED
    assert (decision.tests[0].share.part, decision.tests[0].share.base) == (15, 21)
    files = read_folder(LMC)
    source = RollFile("roll.csv", (LMC / "roll.csv").read_bytes())
    roll = read_files(source, ["LMC-WOLDS"], codes=files.programme.codes)
    public = write_roll(count_roll(files, roll)["LMC-WOLDS"][1])
    assert len(roll.members) == 30
    assert not any(member.name.split()[-1].encode() in public for member in roll.members)


@pytest.mark.parametrize("row", ["99X,1,For", "99H,one,For", "99H,1,Perhaps", "99H,1"])
def test_a_vote_that_the_programme_does_not_have_is_refused_with_its_line(tmp_path: Path, row: str) -> None:
    file = tmp_path / FILE
    file.write_text(f"ccg_ods_code,practices,merge\n99H,2,For\n{row}\n")
    with pytest.raises(InvalidVotes, match=r"votes\.csv:3: expected a CCG"):
        Replay(read_folder(SURREY).programme, file)
