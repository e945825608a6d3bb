"""Core partners of PCNs: who is a member of which network on the day of opening, and what is said of others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.roll.member import Roll
from ballot.roll.partners import Days
from ballot.roll.problems import InvalidRoll, RollReason
from ballot.roll.read import Networks, RollFile, read_files
from ballot.roll.simple import write_roll

Rows = Callable[..., bytes]
DAYS = Days(date(2026, 9, 7), date(2026, 9, 25))
HEADER = (
    "Partner Organisation Code,Partner Name,Practice Parent Sub ICB Location Code,Practice Parent Sub ICB Location "
    "Name,PCN Code,PCN Name,PCN Parent Sub ICB Location Code,PCN Parent Sub ICB Location Name,Practice to PCN "
    "Relationship Start Date,Practice to PCN Relationship End Date,Practice Sub ICB and PCN Sub ICB Match?\n"
)


def partner(code: str, pcn: str = "U12345", start: str = "20190701", end: str = "") -> str:
    cells = [code, "A, SURGERY", "00Q", "NHS X ICB - 00Q", pcn, "TARN PCN", "00Q", "NHS X ICB - 00Q", start, end, "Yes"]
    return ",".join(f'"{cell}"' for cell in cells) + "\r\n"


def read(epraccur: bytes, *partners: str, ccgs: tuple[str, ...] = ("U12345",), **more: object) -> Roll:
    networks = Networks(RollFile("epcncorepartnerdetails.csv", "".join(partners).encode()), DAYS)
    return read_files(RollFile("epraccur.csv", epraccur), ccgs, networks=networks, **more)  # type: ignore[arg-type]


def refused(epraccur: bytes, *partners: str, **more: object) -> str:
    with pytest.raises(InvalidRoll) as refusal:
        read(epraccur, *partners, **more)  # type: ignore[arg-type]
    return str(refusal.value)


def test_the_members_of_a_pcn_are_its_core_partners_with_their_names_from_epraccur(ods_row: Rows) -> None:
    practices = ods_row("Z91001", "INKWELL SURGERY") + ods_row("Z91002", "TEACUP SURGERY") + ods_row("Z91003")
    rows = partner("Z91001"), partner("Z91002", "U54321"), partner("Z91003", "U99999")
    roll = read(practices, *rows, ccgs=("U54321", "U12345"))
    assert [(m.ccg, m.practice, m.name) for m in roll.members] == [
        ("U54321", "Z91002", "TEACUP SURGERY"),
        ("U12345", "Z91001", "INKWELL SURGERY"),
    ]
    assert [source.file for source in roll.sources] == ["epraccur.csv", "epcncorepartnerdetails.csv"]
    assert [told for told in roll.notes if "CRLF" not in told] == []


def test_pcns_are_localities_where_the_bodies_are_sub_icb_locations(ods_row: Rows) -> None:
    practices = ods_row("Z91001", commissioner="X2C4Y") + ods_row("Z91002", commissioner="X2C4Y")
    rows = partner("Z91001"), partner("Z91002", "U54321")
    roll = read(practices, *rows, ccgs=("X2C4Y",), localities={"X2C4Y": "pcn_code"})
    assert [(m.ccg, m.practice, m.locality) for m in roll.members] == [
        ("X2C4Y", "Z91001", "U12345"),
        ("X2C4Y", "Z91002", "U54321"),
    ]
    again = read_files(
        RollFile("roll.csv", write_roll(roll.members, "pcn_code")), ("X2C4Y",), localities={"X2C4Y": "pcn_code"}
    )
    assert again.members == roll.members


@pytest.mark.parametrize("header", ["", HEADER, HEADER.replace(" Organisation ", "\r\nOrganisation\r\n")])
@pytest.mark.parametrize("start", ["20190701", "2019-07-01", "2019-07-01 00:00:00"])
def test_every_form_of_the_export_is_read(header: str, start: str, ods_row: Rows) -> None:
    quoted = ",".join(f'"{name}"' for name in header.rstrip("\n").split(",")) + "\n" if header else ""
    roll = read(ods_row("Z91001"), quoted, partner("Z91001", start=start).replace(',"Yes"', ""))
    assert [member.practice for member in roll.members] == ["Z91001"]


def test_only_relations_that_hold_on_the_day_of_opening_count_and_a_later_move_is_told(ods_row: Rows) -> None:
    practices = ods_row("Z91001") + ods_row("Z91002") + ods_row("Z91003")
    rows = (
        partner("Z91001", "U54321", end="20260906"),
        partner("Z91001", start="20260907"),
        partner("Z91002", end="20260914"),
        partner("Z91002", "U54321", start="20260915"),
        partner("Z91003", start="20260926"),
    )
    roll = read(practices, *rows)
    assert [member.practice for member in roll.members] == ["Z91001", "Z91002"]
    notes = " ".join(roll.notes)
    assert "1 relation that ended before 2026-09-07 not used" in notes
    assert "Z91002 leaves U12345 on 2026-09-14, Z91002 joins U54321 on 2026-09-15" in notes
    assert "Z91003" not in notes


def test_partners_that_are_no_active_gp_practices_are_left_out_each_with_its_reason(ods_row: Rows) -> None:
    practices = b"".join(
        (
            ods_row("Z91001"),
            ods_row("Z91002", status="C"),
            ods_row("Z91003", status="D"),
            ods_row("Z91004", setting="9"),
            ods_row("Z91009", setting="9"),
        )
    )
    roll = read(practices, *(partner(f"Z9100{number}") for number in range(1, 6)))
    assert [member.practice for member in roll.members] == ["Z91001"]
    (note,) = [told for told in roll.notes if "CRLF" not in told]
    assert note == (
        "epcncorepartnerdetails.csv: 4 core partners left out, by epraccur.csv not an active GP practice: Z91002 "
        "(U12345, closed), Z91003 (U12345, dormant), Z91004 (U12345, no GP practice), "
        "Z91005 (U12345, not in that file)."
    )


def test_a_row_that_is_there_twice_is_one_member(ods_row: Rows) -> None:
    assert len(read(ods_row("Z91001"), partner("Z91001"), partner("Z91001", start="20200401")).members) == 1


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            partner("Z91001", "U54321"),
            "Z91001 is a core partner of U54321 here and of U12345 on line 1",
        ),
        (partner("Z91002", "12345"), '"12345" is not the code of a PCN; U and five digits'),
        (partner("1.0"), "column 1 (partner organisation code): "),
        (
            partner("Z91002", start="01/07/2019"),
            '"01/07/2019" is not a day; one such as',
        ),
        (partner("Z91002", start="20190231"), '"20190231" is not a day'),
        (partner("Z91002", start=""), '"" is not a day'),
        (partner("Z91002", end="20180101"), "the relation ends on 2018-01-01, before it starts on 2019-07-01"),
        ('"Z91002","X"\r\n', "11 columns expected, as in every epcncorepartnerdetails.csv"),
    ],
    ids=["two PCNs", "no PCN", "a spreadsheet", "another order", "no such day", "no start", "ends first", "short"],
)
def test_a_row_that_cannot_be_right_is_refused_by_line_and_column(row: str, says: str, ods_row: Rows) -> None:
    told = refused(ods_row("Z91001") + ods_row("Z91002"), partner("Z91001"), row)
    assert told.startswith("epcncorepartnerdetails.csv:2: ")
    assert says in told


def test_files_that_do_not_go_together_are_named(ods_row: Rows, simple: Rows) -> None:
    assert "epraccur.csv was expected; only with that file" in refused(simple(), partner("Z91001"))
    assert "epcncorepartnerdetails.csv, with 11 columns, was expected" in refused(ods_row(), ods_row().decode())
    assert "ends without a practice of U54321" in refused(
        ods_row("Z91001"), partner("Z91001"), ccgs=("U12345", "U54321")
    )
    assert "finds the localities in a column" in refused(
        ods_row("Z91001"), partner("Z91001"), ccgs=("00Q",), localities={"00Q": "neighbourhood"}
    )
    with pytest.raises(InvalidRoll, match=r"give this file beside epraccur\.csv") as refusal:
        read_files(RollFile("roll.csv", partner("Z91001").encode()), ("00Q",))
    assert refusal.value.problems[0].reason is RollReason.WRONG_FILE


@pytest.mark.parametrize("sub_icb", ["01K", "X2C4Y"])
def test_sub_icb_locations_are_read_from_todays_export_and_todays_lists(sub_icb: str, ods_row: Rows) -> None:
    practices = ods_row("A82003", status="ACTIVE", commissioner=sub_icb, setting="RO76")
    lists = (
        "PUBLICATION,EXTRACT_DATE,TYPE,SUB_ICB_LOCATION_CODE,ONS_SUB_ICB_LOCATION_CODE,CODE,POSTCODE,SEX,AGE,"
        f"NUMBER_OF_PATIENTS\nGP_PRAC_PAT_LIST,2026-04-01,GP,{sub_icb},E38000228,A82003,LA12 7BT,ALL,ALL,11913\n"
    )
    source = RollFile("gp-reg-pat-prac-all.csv", lists.encode())
    for more in ({}, {"networks": Networks(RollFile("p.csv", partner("A82003").encode()), DAYS)}):
        ccg = "U12345" if more else sub_icb
        roll = read_files(RollFile("epraccur.csv", practices), (ccg,), source, **more)  # type: ignore[arg-type]
        assert [(m.ccg, m.practice, m.list_size) for m in roll.members] == [(ccg, "A82003", 11913)]
        assert roll.snapshot == date(2026, 4, 1)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_only_a_refusal_comes_out(data: bytes) -> None:
    cells = ["Z91001", "X"] + [""] * 25
    cells[12], cells[14], cells[25] = "A", "00Q", "4"
    networks = Networks(RollFile("p.csv", partner("Z91001").encode() + data), DAYS)
    with suppress(InvalidRoll):
        read_files(RollFile("epraccur.csv", ",".join(cells).encode()), ("U12345",), networks=networks)
