from __future__ import annotations

import csv
import gzip
import io
import runpy
from collections import Counter
from pathlib import Path

import pytest

from ballot.roll.member import Roll
from ballot.roll.read import RollFile, read_files
from ballot.roll.simple import read_roll
from ballot.roll.weighable import check_weighable
from tests.support.beside import FOLDER

CHECKOUT = Path(__file__).resolve().parents[3]
COMMITTED = CHECKOUT / "config" / "lancashire-south-cumbria-2020" / "roll.csv"
VOTE_OF_2020 = {
    "00Q": (23, 177_841),
    "00R": (20, 175_012),
    "00X": (30, 186_154),
    "01A": (50, 387_324),
    "02M": (19, 178_682),
    "01E": (23, 210_857),
    "01K": (35, 348_208),
    "02G": (15, 113_532),
}


@pytest.fixture
def demo() -> Roll:
    return read_roll(COMMITTED.read_bytes(), "roll.csv", list(VOTE_OF_2020))


def test_the_generator_makes_the_committed_bytes_again() -> None:
    made = runpy.run_path(str(CHECKOUT / "scripts" / "make_demo_roll.py"))["demo_roll"]()
    assert made == COMMITTED.read_bytes()


def test_practices_and_patients_are_those_of_the_vote_of_2020(demo: Roll) -> None:
    found = {ccg: (len(demo.of(ccg)), sum(member.list_size or 0 for member in demo.of(ccg))) for ccg in demo.ccgs}
    assert found == VOTE_OF_2020
    assert sum(patients for _, patients in found.values()) == 1_777_610


def test_the_demo_roll_is_read_whole_and_its_only_notes_are_of_localities_and_of_a_partnership(demo: Roll) -> None:
    ignored, shared = demo.notes

    assert ignored == "roll.csv: 1 column ignored: locality."
    assert shared == "roll.csv: one e-mail address is given for 5 practices: Z92001, Z92005, Z92009, Z92013, Z92017."
    assert {member.ccg for member in demo.members if member.email == "partnership@example.org"} == {"00R"}


def test_morecambe_bay_is_divided_into_three_localities() -> None:
    roll = read_files(RollFile("roll.csv", COMMITTED.read_bytes()), list(VOTE_OF_2020), localities={"01K": "locality"})

    assert Counter(member.locality for member in roll.of("01K")) == {"bay": 12, "furness": 12, "lakes": 11}
    assert {member.locality for member in roll.of("01A")} == {None}


@pytest.mark.parametrize("ccg", VOTE_OF_2020)
def test_every_ccg_can_be_weighed(demo: Roll, ccg: str) -> None:
    assert check_weighable(demo, ccg, "refuse") == ()


def test_one_member_holds_nineteen_percent_of_morecambe_bay_and_no_other_is_a_giant(demo: Roll) -> None:
    sizes = sorted(member.list_size or 0 for member in demo.members)
    assert sizes[-1] == 66_160
    assert sizes[-1] in [member.list_size for member in demo.of("01K")]
    assert sizes[0] >= 1_500
    assert sizes[-2] <= 25_000


def test_exactly_one_pair_of_practices_shares_a_name(demo: Roll) -> None:
    names = Counter(member.name for member in demo.members)
    assert [count for count in names.values() if count > 1] == [2]


def test_everybody_is_fictional(demo: Roll) -> None:
    assert all(member.practice.startswith("Z9") for member in demo.members)
    assert all((member.email or "").endswith("@example.org") for member in demo.members)


@pytest.mark.shared
def test_no_code_and_no_name_is_a_real_one(demo: Roll) -> None:
    data = gzip.decompress((FOLDER / "data" / "nhs-samples" / "epraccur_2019-11.csv.gz").read_bytes())
    real = list(csv.reader(io.StringIO(data.decode("ascii"), newline="")))
    assert not {member.practice for member in demo.members} & {row[0] for row in real}
    assert not {member.name.upper() for member in demo.members} & {row[1] for row in real}
