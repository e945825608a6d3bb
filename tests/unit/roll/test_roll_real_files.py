"""The readers against NHS files as they came. The files stay where they are; nothing of them is copied."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ballot.roll.list_sizes import read_list_sizes
from ballot.roll.member import Roll
from ballot.roll.problems import InvalidRoll
from ballot.roll.read import Format, Source, detect, read_files
from ballot.roll.weighable import check_weighable

pytestmark = pytest.mark.shared

CCGS = ("00Q", "00R", "00X", "01A", "02M", "01E", "01K", "02G")
EPRACCUR = "nhs-samples/epraccur_2019-11.csv.gz"
APRIL_2020 = "nhs-samples/gp-reg-pat-prac-all_2020-04_lsc_reconstructed.csv"


def source(shared: Path, name: str) -> Source:
    return Source(Path(name).name, (shared / name).read_bytes())


def figures(shared: Path, column: str) -> dict[str, int]:
    """One column of the comparison of counts, by CCG."""
    with (shared / "ccg_comparison.csv").open(encoding="utf-8", newline="") as file:
        return {row["ccg_ods_code"]: int(row[column]) for row in csv.DictReader(file) if row["ccg_ods_code"]}


def counts(roll: Roll) -> dict[str, int]:
    return dict(Counter(member.ccg for member in roll.members))


def patients(roll: Roll) -> dict[str, int]:
    return {ccg: sum(member.list_size or 0 for member in roll.of(ccg)) for ccg in roll.ccgs}


@pytest.fixture
def joined(shared: Path) -> Roll:
    return read_files(source(shared, EPRACCUR), CCGS, source(shared, APRIL_2020))


def test_the_whole_epraccur_and_the_lists_of_april_2020_make_the_roll(shared: Path, joined: Roll) -> None:
    assert len(joined.members) == 212
    assert counts(joined) == figures(shared, "epraccur_active_gp_2019_11")
    assert patients(joined) == figures(shared, "list_2020_04_01_active_gp")
    assert joined.snapshot == date(2020, 4, 1)


def test_who_has_no_list_and_who_is_no_member_is_named(joined: Roll) -> None:
    without, strangers = joined.notes[-2:]
    assert "Y02854" in without
    assert "P81689" in without
    assert "3 codes with patients" in strangers
    for code in ("P81756 (163 patients, 01A)", "Y02157 (1 patient, 00R)", "Y05788 (221 patients, 00R)"):
        assert code in strangers


def test_dormant_practices_are_left_out_by_name(joined: Roll) -> None:
    assert any("P81713 (dormant)" in note for note in joined.notes)


def test_the_prepared_roll_of_2020_is_the_same_roll(shared: Path, joined: Roll) -> None:
    prepared = read_files(source(shared, "practices_lsc_2020.csv"), CCGS)
    assert [(m.ccg, m.practice, m.list_size) for m in prepared.members] == [
        (m.ccg, m.practice, m.list_size) for m in joined.members
    ]


def test_the_roll_of_august_2019_has_215_practices(shared: Path) -> None:
    roll = read_files(source(shared, "practices_lsc_2019_08.csv"), CCGS)
    assert len(roll.members) == 215
    assert counts(roll) == figures(shared, "epraccur_active_gp_2019_08")
    (ignored,) = roll.notes
    assert "14 columns ignored: ccg_name, postcode, pcn_code" in ignored


def test_all_of_england_agrees_with_epraccur(shared: Path) -> None:
    name = "practices_england_2019_11_list_2020_04.csv"
    with (shared / name).open(encoding="utf-8", newline="") as file:
        ccgs = list(dict.fromkeys(row["ccg_ods_code"] for row in csv.DictReader(file)))
    roll = read_files(source(shared, name), ccgs)
    members = read_files(source(shared, EPRACCUR), ccgs)
    assert (len(ccgs), len(roll.members)) == (191, 6830)
    assert sum(patients(roll).values()) == 60_451_033
    assert [(m.ccg, m.practice) for m in roll.members] == [(m.ccg, m.practice) for m in members.members]


@pytest.mark.parametrize(
    ("name", "day", "practices"),
    [
        ("gp-reg-pat-prac-all_2020-04_lsc_reconstructed.csv", date(2020, 4, 1), 213),
        ("gp-reg-pat-prac-all_2021-01_sample.csv", date(2021, 1, 1), 199),
        ("gp-reg-pat-prac-all_2026-04_sub_icb_sample.csv", date(2026, 4, 1), 10),
    ],
)
def test_list_files_of_both_generations_are_read(shared: Path, name: str, day: date, practices: int) -> None:
    lists = read_list_sizes((shared / "nhs-samples" / name).read_bytes(), name)
    assert (lists.extract_date, len(lists.sizes)) == (day, practices)


def test_a_weighted_rule_stumbles_on_the_two_practices_without_a_list(joined: Roll) -> None:
    with pytest.raises(InvalidRoll, match="Y02854"):
        check_weighable(joined, "00R", "refuse")
    (note,) = check_weighable(joined, "00X", "zero")
    assert "P81689" in note
    assert check_weighable(joined, "01K", "refuse") == ()


@pytest.mark.parametrize("name", ["eccg_2018-11_sample.csv", "epcmem_2019-08_sample.csv"])
def test_neighbouring_files_are_refused_by_name(shared: Path, name: str) -> None:
    with pytest.raises(InvalidRoll, match=name.split("_")[0] + r"\.csv"):
        detect((shared / "nhs-samples" / name).read_bytes(), "roll.csv")


def test_the_excerpt_of_epraccur_is_known_for_what_it_is(shared: Path) -> None:
    assert detect((shared / "nhs-samples/epraccur_2019-11_sample.csv").read_bytes(), "x.csv") is Format.EPRACCUR
