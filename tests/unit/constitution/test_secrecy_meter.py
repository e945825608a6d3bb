"""The whole meter: its sums, its sentences, and its command."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import pytest

from ballot.cli.main import main
from ballot.secrecy.meter import Estimate, Meter, draw_ballots, measure, run_meter
from ballot.secrecy.model import SeededDraws, VotingModel
from ballot.secrecy.plot import draw_bars, draw_svg
from ballot.secrecy.weighting import alternatives, bands, exact_sizes, heads_only, packed
from ballot.secrecy.words import as_json, percent, sentences, table_rows

SIZES = [4_211, 9_876, 6_543, 12_345, 3_210, 7_777, 5_432, 8_080, 2_929, 6_161, 10_010, 4_848]
PROGRAMME = Path(__file__).parents[3] / "config" / "lancashire-south-cumbria-2020"
COMMAND = ["secrecy", str(PROGRAMME), "--roll", str(PROGRAMME / "roll.csv"), "--ccg", "02G", "--ballots", "20"]


@pytest.fixture(scope="module")
def meter() -> Meter:
    return run_meter(exact_sizes(SIZES), alternatives(SIZES), VotingModel(), 60, SeededDraws("meter"))


def test_the_order_of_secrecy_is_heads_bands_exact_packed(meter: Meter) -> None:
    known = [other.share_known for other in meter.alternatives]
    assert [other.weighting.name for other in meter.alternatives] == [
        "heads only",
        "bands of 2,000 patients",
        "bands of 1,000 patients",
        "bands of 500 patients",
        "exact list sizes",
        "packed: heads and exact list sizes",
    ]
    assert known[0] < known[2] < known[4] <= known[5]
    assert meter.planned == meter.alternatives[4]
    assert len(meter.others) == 5


def test_each_known_abstainer_adds_and_never_takes_away(meter: Meter) -> None:
    steps = [meter.planned, *meter.abstainers]
    assert [step.disclosed for step in steps] == sorted(step.disclosed for step in steps)
    assert [step.known for step in steps] == sorted(step.known for step in steps)
    assert all(step.cast == meter.planned.cast for step in steps)


def test_under_heads_every_vote_is_known_just_when_all_agree() -> None:
    model = VotingModel(Fraction(1), Fraction(9, 10), Fraction(0))
    votes = draw_ballots(6, model, 300, SeededDraws("heads"))
    found = measure(heads_only(6), votes)
    assert found.some == found.every
    assert found.every.hits == sum(1 for ballot in votes if len(set(ballot)) == 1)
    low, high = found.every.interval()
    assert low <= model.unanimous(6) <= high


def test_nobody_voting_is_not_unanimous() -> None:
    assert VotingModel(Fraction(0)).unanimous(5) == 0
    assert VotingModel(Fraction(1), Fraction(1), Fraction(0)).unanimous(5) == 1
    assert VotingModel(Fraction(1, 2), Fraction(1), Fraction(0)).unanimous(1) == Fraction(1, 2)


@pytest.mark.parametrize("hits", [0, 1, 50, 99, 100])
def test_the_interval_holds_the_estimate_and_stays_between_nothing_and_all(hits: int) -> None:
    low, high = Estimate(hits, 100).interval()
    assert 0 <= low <= Fraction(hits, 100) <= high <= 1
    assert high - low < Fraction(1, 5)


def test_bands_round_down_and_nobody_with_a_list_weighs_nothing() -> None:
    assert bands([0, 1, 999, 1_000, 2_999], 1_000).weights == (0, 1, 1, 1, 2)


def test_packing_tells_heads_and_patients_apart() -> None:
    weights = packed([3, 5, 8]).weights
    assert weights[0] + weights[1] != weights[2]
    assert [weight % weights[0] for weight in weights] == [0, 2, 5]


def test_something_is_never_called_nothing_nor_almost_all_all() -> None:
    shares = [Fraction(0), Fraction(1, 900), Fraction(1, 200), Fraction(999, 1000), Fraction(1)]
    assert [percent(share) for share in shares] == ["0 %", "under 1 %", "1 %", "over 99 %", "100 %"]


def test_the_sentences_name_unanimity_and_the_abstainers(meter: Meter) -> None:
    said = list(sentences(meter))
    assert any(sentence.startswith("A unanimous result reveals every vote") for sentence in said)
    assert any("practice that abstained says so" in sentence for sentence in said)
    assert table_rows(meter)[0][0] == "PLANNED: exact list sizes"
    assert json.loads(json.dumps(as_json(meter)))["planned"]["votes_cast"] == meter.planned.cast


def test_the_picture_says_in_words_what_it_shows(meter: Meter) -> None:
    root = ET.fromstring(draw_svg([("01A <East> & others", meter)]))
    space = "{http://www.w3.org/2000/svg}"
    description = root.findtext(f"{space}desc")
    assert root.get("role") == "img"
    assert root.findtext(f"{space}title")
    assert description is not None
    assert description.count("of votes known") == 1 + len(meter.others)
    assert "01A <East> & others, PLANNED: exact list sizes" in description
    assert all(line.isascii() for line in draw_bars(meter))


def test_the_command_prints_the_same_for_the_same_seed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([*COMMAND, "--svg", str(tmp_path / "plot.svg")]) == 0
    first = capsys.readouterr().out
    assert "02G NHS West Lancashire CCG: 15 practices" in first
    assert "PLANNED: heads only" in first
    assert ET.parse(tmp_path / "plot.svg").getroot().tag.endswith("svg")
    assert main(COMMAND) == 0
    assert capsys.readouterr().out == first
    assert main([*COMMAND, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["02G"]
    assert found["02G"]["planned"]["every"]["ballots"] == 20


def test_a_picture_is_never_written_over_another_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "plot.svg"
    there.write_text("mine")
    assert main([*COMMAND, "--svg", str(there)]) == 2
    assert there.read_text() == "mine"
    assert capsys.readouterr().out == ""


def test_a_ccg_of_another_programme_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "--ccg", "99Z"]) == 2
    assert "99Z is not a CCG of this programme" in capsys.readouterr().err


@pytest.mark.parametrize("argument", ["--turnout=5/4", "--share-for=0.7", "--share-abstaining=1/0", "--ballots=0"])
def test_a_share_that_is_none_is_refused(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*COMMAND, argument])
    assert ended.value.code == 2
    assert "needed" in (said := capsys.readouterr().err) or "at most 1" in said
