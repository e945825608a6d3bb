"""The codes and the names on a published roll, as its programme says they are: auditors check each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ballot.audit.run import Options, audit
from ballot.record.commitments import OFFICES_WORD, commit_name
from ballot.record.public_roll import PublicMember
from tests.support.record_simulator import MEMBERS, RecordSimulator

PERSONS = '[members]\nkind = "persons"\n\n[secrecy]'
CODES = {"00A": ("K7R2XW4M", "B3DHJ9QT", "TT5VWX22"), "00B": ("ZQ8PNM4C", "CFGH2345", "MWXYZ789")}


def commitment(ccg: str, place: int) -> str:
    return commit_name(bytes([place, *ccg.encode(), *bytes(28)]), "Dr Ada Yarrow")


def of_persons(**hooks: Callable[[Any], Any]) -> RecordSimulator:
    def text(programme: str) -> str:
        return programme.replace("[secrecy]", PERSONS, 1).replace('"after-closing"', '"never"', 1)

    people = {
        ccg: [
            (code, commitment(ccg, place), size)
            for place, (code, (_, _, size)) in enumerate(zip(codes, MEMBERS[ccg], strict=True))
        ]
        for ccg, codes in CODES.items()
    }
    return RecordSimulator(practices=people, hooks={"programme.toml": text, **hooks})


def audited(record: RecordSimulator, folder: Path) -> tuple[list[str], str]:
    path = folder / "record.zip"
    path.write_bytes(record.to_zip())
    report = audit(path, Options())
    return sorted(report.failed()), " ".join(report.notes)


def changed(place: int, **values: str) -> Callable[[list[PublicMember]], list[PublicMember]]:
    def change(roll: list[PublicMember]) -> list[PublicMember]:
        return [*roll[:place], replace(roll[place], **values), *roll[place + 1 :]]  # type: ignore[arg-type]

    return change


def test_a_record_of_persons_has_no_names_verifies_and_says_whose_word_the_roll_is(tmp_path: Path) -> None:
    record = of_persons()
    assert b"Yarrow" not in b"".join(record.files.values())
    failed, notes = audited(record, tmp_path)
    assert failed == []
    assert OFFICES_WORD.removesuffix(".") in notes


@pytest.mark.parametrize(
    "hook",
    [
        changed(0, name="Dr Ada Yarrow"),
        changed(0, name=commitment("00A", 1)),
        changed(0, practice="P81002"),
        changed(0, practice="7654321"),
    ],
    ids=["a name in the open", "two codes of one person", "a practice", "a number of a register"],
)
def test_a_roll_of_persons_with_a_fault_fails(hook: Callable[[Any], Any], tmp_path: Path) -> None:
    failed, _ = audited(of_persons(roll=hook), tmp_path)
    assert "record.roll" in failed


@pytest.mark.parametrize(
    ("codes", "member", "verifies"),
    [
        ('member = "own"', "SURGERY-1", True),
        ('member = "ods"', "Z9X", True),
        ('member = "ods"', "SURGERY-1", False),
        ('member = "own"', "Z9OOO3", False),
        ('member = "own"', "SEPT2", False),
    ],
    ids=["own", "ods", "not ods", "looks like Z90003", "a date"],
)
def test_the_kind_of_code_is_the_one_in_the_programme(codes: str, member: str, verifies: bool, tmp_path: Path) -> None:
    table = f"[codes]\n{codes}\n\n[secrecy]"
    practices = {**MEMBERS, "00A": [(member, "Ash Surgery", 4000), *MEMBERS["00A"][1:]]}
    record = RecordSimulator(
        practices=practices, hooks={"programme.toml": lambda text: text.replace("[secrecy]", table, 1)}
    )
    path = tmp_path / "record.zip"
    path.write_bytes(record.to_zip())
    assert ("record.roll" not in audit(path, Options()).failed()) is verifies
