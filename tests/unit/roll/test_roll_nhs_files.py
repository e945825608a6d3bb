"""The readers on NHS files, real and made-up. The real ones stay where they are, and are not copied."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ballot.roll.member import Roll
from ballot.roll.problems import InvalidRoll
from ballot.roll.read import Format, RollFile, read_files
from ballot.roll.weighable import check_weighable
from tests.support.beside import FOLDER, REFERENCE, SOURCES
from tests.support.made_up_nhs_files import Expected, write_nhs_files
from tests.support.roll_files import detect, read_list_sizes

CCGS = ("00Q", "00R", "00X", "01A", "02M", "01E", "01K", "02G")
EPRACCUR = "nhs-samples/epraccur_2019-11.csv.gz"
APRIL_2020 = "nhs-samples/gp-reg-pat-prac-all_2020-04_lsc_reconstructed.csv"


REAL = Expected(
    members=212,
    dormant="P81713",
    without_list=("Y02854", "P81689"),
    stumbles=("00R", "00X", "01K"),
    strangers=("P81756 (163 patients, 01A)", "Y02157 (1 patient, 00R)", "Y05788 (221 patients, 00R)"),
    in_august=215,
    england=(191, 6830, 60_451_033),
    lists=(213, 199, 10),
)


@pytest.fixture(scope="module", params=SOURCES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Expected]:
    """A folder of NHS files, and what must be found in them."""
    if request.param == REFERENCE:
        return FOLDER / "data", REAL
    folder = tmp_path_factory.mktemp("nhs-files")
    return folder, write_nhs_files(folder)


@pytest.fixture
def files(both: tuple[Path, Expected]) -> Path:
    return both[0]


@pytest.fixture
def expected(both: tuple[Path, Expected]) -> Expected:
    return both[1]


def source(files: Path, name: str) -> RollFile:
    return RollFile(Path(name).name, (files / name).read_bytes())


def figures(files: Path, column: str) -> dict[str, int]:
    """One column of the comparison of counts, by CCG."""
    with (files / "ccg_comparison.csv").open(encoding="utf-8", newline="") as file:
        return {row["ccg_ods_code"]: int(row[column]) for row in csv.DictReader(file) if row["ccg_ods_code"]}


def counts(roll: Roll) -> dict[str, int]:
    return dict(Counter(member.ccg for member in roll.members))


def patients(roll: Roll) -> dict[str, int]:
    return {ccg: sum(member.list_size or 0 for member in roll.of(ccg)) for ccg in roll.ccgs}


@pytest.fixture
def joined(files: Path) -> Roll:
    return read_files(source(files, EPRACCUR), CCGS, source(files, APRIL_2020))


def test_the_whole_epraccur_and_the_lists_of_april_2020_make_the_roll(
    files: Path, joined: Roll, expected: Expected
) -> None:
    assert len(joined.members) == expected.members
    assert counts(joined) == figures(files, "epraccur_active_gp_2019_11")
    assert patients(joined) == figures(files, "list_2020_04_01_active_gp")
    assert joined.snapshot == date(2020, 4, 1)


def test_who_has_no_list_and_who_is_no_member_is_named(joined: Roll, expected: Expected) -> None:
    without, strangers = joined.notes[-2:]
    assert [code for code in expected.without_list if code not in without] == []
    assert "3 codes with patients" in strangers
    assert [code for code in expected.strangers if code not in strangers] == []


def test_dormant_practices_are_left_out_by_name(joined: Roll, expected: Expected) -> None:
    assert any(f"{expected.dormant} (dormant)" in note for note in joined.notes)


def test_the_prepared_roll_of_2020_is_the_same_roll(files: Path, joined: Roll) -> None:
    prepared = read_files(source(files, "practices_lsc_2020.csv"), CCGS)
    assert [(m.ccg, m.practice, m.list_size) for m in prepared.members] == [
        (m.ccg, m.practice, m.list_size) for m in joined.members
    ]


def test_the_roll_of_august_2019_has_every_practice_of_then(files: Path, expected: Expected) -> None:
    roll = read_files(source(files, "practices_lsc_2019_08.csv"), CCGS)
    assert len(roll.members) == expected.in_august
    assert counts(roll) == figures(files, "epraccur_active_gp_2019_08")
    (ignored,) = roll.notes
    assert "14 columns ignored: ccg_name, postcode, pcn_code" in ignored


def test_all_of_england_agrees_with_epraccur(files: Path, expected: Expected) -> None:
    name = "practices_england_2019_11_list_2020_04.csv"
    with (files / name).open(encoding="utf-8", newline="") as file:
        ccgs = list(dict.fromkeys(row["ccg_ods_code"] for row in csv.DictReader(file)))
    roll = read_files(source(files, name), ccgs)
    members = read_files(source(files, EPRACCUR), ccgs)
    assert (len(ccgs), len(roll.members), sum(patients(roll).values())) == expected.england
    assert [(m.ccg, m.practice) for m in roll.members] == [(m.ccg, m.practice) for m in members.members]


@pytest.mark.parametrize(
    ("number", "name", "day"),
    [
        (0, "gp-reg-pat-prac-all_2020-04_lsc_reconstructed.csv", date(2020, 4, 1)),
        (1, "gp-reg-pat-prac-all_2021-01_sample.csv", date(2021, 1, 1)),
        (2, "gp-reg-pat-prac-all_2026-04_sub_icb_sample.csv", date(2026, 4, 1)),
    ],
)
def test_list_files_of_both_generations_are_read(
    files: Path, expected: Expected, number: int, name: str, day: date
) -> None:
    lists = read_list_sizes((files / "nhs-samples" / name).read_bytes(), name)
    assert (lists.extract_date, len(lists.sizes)) == (day, expected.lists[number])


def test_a_weighted_rule_stumbles_on_the_two_practices_without_a_list(joined: Roll, expected: Expected) -> None:
    first, second, whole = expected.stumbles
    with pytest.raises(InvalidRoll, match=expected.without_list[0]):
        check_weighable(joined, first, "refuse")
    (note,) = check_weighable(joined, second, "zero")
    assert expected.without_list[1] in note
    assert check_weighable(joined, whole, "refuse") == ()


@pytest.mark.parametrize("name", ["eccg_2018-11_sample.csv", "epcmem_2019-08_sample.csv"])
def test_neighbouring_files_are_refused_by_name(files: Path, name: str) -> None:
    with pytest.raises(InvalidRoll, match=name.split("_")[0] + r"\.csv"):
        detect((files / "nhs-samples" / name).read_bytes(), "roll.csv")


def test_the_excerpt_of_epraccur_is_known_for_what_it_is(files: Path) -> None:
    assert detect((files / "nhs-samples/epraccur_2019-11_sample.csv").read_bytes(), "x.csv") is Format.EPRACCUR
