"""`ballot roll draw-codes` and `check-name`: codes for a list of persons, and one name against a published roll."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballot.cli.main import main
from ballot.constitution.codes import CodeKind, Codes
from ballot.record.public_roll import PublicMember, write_roll
from ballot.roll.member import Member
from ballot.roll.read import RollFile, read_files

LIST = "ccg_ods_code,name,email\nLMC-WOLDS,Dr Ada Yarrow,ada@example.org\nLMC-WOLDS,Dr Bea O'Neill,bea@example.org\n"


@pytest.fixture
def drawn(tmp_path: Path) -> tuple[Path, Member]:
    """A roll with codes, and a person on it; beside it a record with nothing but roll.csv."""
    (tmp_path / "list.csv").write_text(LIST)
    assert main(["roll", "draw-codes", str(tmp_path / "list.csv"), "--to", str(tmp_path / "roll.csv")]) == 0
    source = RollFile("roll.csv", (tmp_path / "roll.csv").read_bytes())
    roll = read_files(source, ["LMC-WOLDS"], codes=Codes(CodeKind.OWN, CodeKind.DRAWN))
    record = tmp_path / "record"
    record.mkdir()
    public = [PublicMember(one.ccg, one.practice, one.public_name, None, None) for one in roll.members]
    (record / "roll.csv").write_bytes(write_roll(public))
    return tmp_path, roll.members[0]


def check(folder: Path, member: Member, **other: str) -> int:
    assert member.salt is not None
    given = {"code": member.practice, "name": member.name, "salt": member.salt.hex(), **other}
    return main(["roll", "check-name", str(folder), given["code"], "--name", given["name"], "--salt", given["salt"]])


def test_a_name_with_its_salt_matches_its_code_in_the_record(
    drawn: tuple[Path, Member], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, member = drawn
    assert check(folder / "record", member) == 0
    assert f"MATCHES: in this record, {member.practice} is this person." in capsys.readouterr().out


def test_another_name_or_salt_does_not_match(drawn: tuple[Path, Member], capsys: pytest.CaptureFixture[str]) -> None:
    folder, member = drawn
    assert check(folder / "record", member, name="Dr Ada Yarow") == 1
    assert check(folder / "record", member, salt="0" * 64) == 1
    assert capsys.readouterr().out.count("DOES NOT MATCH") == 2


@pytest.mark.parametrize(
    ("other", "why"),
    [({"salt": "00"}, "64 hexadecimal digits"), ({"code": "B3DHJ9QT"}, "is not on the roll")],
)
def test_what_cannot_be_checked_is_refused(
    drawn: tuple[Path, Member], other: dict[str, str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, member = drawn
    assert check(folder / "record", member, **other) == 2
    assert why in capsys.readouterr().err


def test_a_second_drawing_keeps_the_codes_and_never_writes_over_a_roll(drawn: tuple[Path, Member]) -> None:
    folder, _ = drawn
    draw = ["roll", "draw-codes", str(folder / "list.csv"), "--known", str(folder / "roll.csv"), "--to"]
    assert main([*draw, str(folder / "again.csv")]) == 0
    assert (folder / "again.csv").read_bytes() == (folder / "roll.csv").read_bytes()
    assert main([*draw, str(folder / "roll.csv")]) == 2
    assert main(["roll", "draw-codes", str(folder / "roll.csv"), "--to", str(folder / "new.csv")]) == 2
    assert main(["roll", "draw-codes", str(folder / "list.csv"), "--known", str(folder / "list.csv"), "--to", "x"]) == 2
