"""A roll of persons: codes that say nothing, kept from one roll to the next, and names that stay in the office."""

from __future__ import annotations

import pytest

from ballot.constitution.codes import CodeKind, Codes, is_code
from ballot.record.commitments import opens
from ballot.roll.compare import compare_rolls
from ballot.roll.member import Roll
from ballot.roll.persons import draw_code, draw_codes, is_drawn, known_persons
from ballot.roll.problems import InvalidRoll
from ballot.roll.read import RollFile, read_files
from ballot.roll.simple import write_roll

PERSONS = Codes(CodeKind.OWN, CodeKind.DRAWN)
HEADER = "ccg_ods_code,name,email"
ADA = "LMC-WOLDS,Dr Ada Yarrow,ada@example.org"
BEA = 'LMC-WOLDS,"Dr Bea O\'Neill, MBE",bea@example.org'


def listed(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows, "")).encode()


def read(data: bytes) -> Roll:
    return read_files(RollFile("roll.csv", data), ["LMC-WOLDS"], codes=PERSONS)


def test_every_person_gets_a_code_and_a_salt_and_the_roll_can_be_read() -> None:
    roll = read(draw_codes(listed(ADA, BEA), "list.csv").data)
    assert {member.name for member in roll.members} == {"Dr Ada Yarrow", "Dr Bea O'Neill, MBE"}
    assert all(is_code(member.practice, CodeKind.DRAWN) for member in roll.members)
    assert len({member.salt for member in roll.members}) == 2
    for member in roll.members:
        assert member.salt is not None
        assert opens(member.public_name, member.salt, member.name)
        assert member.salt.hex() not in repr(member)


def test_codes_are_never_numbers_and_never_drawn_twice() -> None:
    taken: set[str] = set()
    codes = [draw_code(taken) for _ in range(2000)]
    assert len(set(codes)) == 2000 == len(taken)
    assert all(is_code(code, CodeKind.DRAWN) and not set(code) & set("01AEIOUL") for code in codes)


def test_a_person_keeps_code_and_salt_in_the_next_roll_and_a_new_address_is_another_person() -> None:
    first = draw_codes(listed(ADA, BEA), "list.csv")
    moved = ADA.replace("ada@", "ada.yarrow@")
    again = draw_codes(listed(moved, BEA.replace("bea@", "Bea@")), "list.csv", known_persons(first.data, "roll.csv"))
    before, after = read(first.data), read(again.data)
    codes = [{member.name: (member.practice, member.salt) for member in roll.members} for roll in (before, after)]
    assert codes[0]["Dr Bea O'Neill, MBE"] == codes[1]["Dr Bea O'Neill, MBE"]
    assert codes[0]["Dr Ada Yarrow"][0] != codes[1]["Dr Ada Yarrow"][0]
    assert any("1 code drawn, 1 kept" in note for note in again.notes)
    assert any("1 code of the roll before not used again" in note for note in again.notes)
    assert compare_rolls(before, after).counts()[:2] == [("joined", 1), ("left", 1)]


def test_a_written_roll_of_persons_is_read_as_it_was() -> None:
    roll = read(draw_codes(listed(ADA, BEA), "list.csv").data)
    assert read(write_roll(roll.members)).members == roll.members


def test_further_columns_are_passed_on() -> None:
    drawn = draw_codes(listed(ADA + ",n@example.org,7", header=HEADER + ",notify,sessions"), "list.csv")
    assert drawn.data.splitlines()[0].startswith(b"ccg_ods_code,practice_ods_code,practice_name,email,notify,sessions,")
    assert read(drawn.data).members[0].notify == ("n@example.org",)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "list.csv:1: the file is empty"),
        (b",,\n", "the file has no header and no rows"),
        (listed(ADA, ADA), "list.csv:3: column name: a person with this name and address stands on line 2"),
        (listed("LMC-WOLDS,Dr A", header="ccg_ods_code,name"), "list.csv:1: column email: the header has no such"),
        (listed(ADA + ",1", header=HEADER + ",salt"), "codes and salts are drawn together"),
        (listed("LMC-WOLDS,Dr A"), "3 columns expected"),
        (listed(ADA, header="ccg_ods_code,name,name"), "names this column twice"),
    ],
)
def test_a_list_that_is_not_whole_is_refused_and_nothing_is_drawn(data: bytes, why: str) -> None:
    with pytest.raises(InvalidRoll) as refusal:
        draw_codes(data, "list.csv")
    assert why in str(refusal.value)


def test_a_roll_without_codes_says_how_to_draw_them() -> None:
    with pytest.raises(InvalidRoll, match=r"column salt: .*draw their codes first, with ballot roll draw-codes"):
        read(b"ccg_ods_code,practice_ods_code,practice_name,registered_patients\nLMC-WOLDS,K7R2XW4M,Dr Ada,\n")


@pytest.mark.parametrize(("old", "new", "why"), [("salt", "00", "64 hexadecimal"), ("code", "GMC12345", "drawn code")])
def test_a_code_or_a_salt_that_was_not_drawn_is_refused(old: str, new: str, why: str) -> None:
    data = draw_codes(listed(ADA), "list.csv").data
    member = read(data).members[0]
    assert member.salt is not None
    was = {"salt": member.salt.hex(), "code": member.practice}[old]
    with pytest.raises(InvalidRoll, match=why):
        read(data.replace(was.encode(), new.encode()))


def test_only_a_roll_with_codes_is_known_as_drawn() -> None:
    assert is_drawn(draw_codes(listed(ADA), "list.csv").data, "roll.csv")
    assert not is_drawn(listed(ADA), "list.csv")
    for data in (b"", b"\xff", listed(ADA)):
        assert known_persons(data, "roll.csv") == []
