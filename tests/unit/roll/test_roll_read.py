from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable

import pytest

from ballot.roll.member import Holds, SourceFile
from ballot.roll.problems import InvalidRoll
from ballot.roll.read import Format, RollFile, read_files
from tests.support.roll_files import detect

CCGS = ("00Q", "01E")


@pytest.fixture
def files(
    simple: Callable[..., bytes], ods_row: Callable[..., bytes], lists: Callable[..., bytes]
) -> dict[Format, bytes]:
    return {
        Format.SIMPLE: simple(),
        Format.EPRACCUR: ods_row() + ods_row("Z96001", commissioner="01E"),
        Format.LIST_SIZES: lists(("Z91001", "12345"), ("Z96001", "5000")),
    }


@pytest.mark.parametrize("which", Format)
@pytest.mark.parametrize(
    "dress", [bytes, gzip.compress, lambda data: b"\xef\xbb\xbf" + data, lambda data: b"\r\n" + data]
)
def test_a_file_is_known_by_its_first_row(
    files: dict[Format, bytes], which: Format, dress: Callable[[bytes], bytes]
) -> None:
    assert detect(dress(files[which]), "some.csv") is which


@pytest.mark.parametrize("members", [Format.SIMPLE, Format.EPRACCUR])
def test_a_roll_and_its_lists_are_read_together(files: dict[Format, bytes], members: Format) -> None:
    lists = RollFile("lists.csv", files[Format.LIST_SIZES])
    roll = read_files(RollFile("roll.csv", files[members]), CCGS, lists)
    assert {member.practice: member.list_size for member in roll.members if member.list_size} == {
        "Z91001": 12345,
        "Z96001": 5000,
    }
    assert roll.snapshot is not None


@pytest.mark.parametrize("members", [Format.SIMPLE, Format.EPRACCUR])
def test_a_roll_needs_no_lists(files: dict[Format, bytes], members: Format) -> None:
    assert read_files(RollFile("roll.csv", files[members]), CCGS).snapshot is None


def test_files_given_the_wrong_way_round_are_told_apart(files: dict[Format, bytes]) -> None:
    roll, lists = RollFile("roll.csv", files[Format.SIMPLE]), RollFile("lists.csv", files[Format.LIST_SIZES])
    with pytest.raises(InvalidRoll, match=r"^lists.csv:1: .*give this file as the lists\.$"):
        read_files(lists, CCGS, roll)
    with pytest.raises(InvalidRoll, match=r"^roll.csv:1: .*give it as the roll\.$"):
        read_files(roll, CCGS, roll)


def test_nothing_comes_of_good_members_with_bad_lists(files: dict[Format, bytes]) -> None:
    lists = RollFile("lists.csv", files[Format.LIST_SIZES] + b"rubbish\r\n")
    with pytest.raises(InvalidRoll, match=r"^lists.csv:4: 10 columns expected"):
        read_files(RollFile("roll.csv", files[Format.SIMPLE]), CCGS, lists)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b'"00Q"' + b',""' * 26, "eccg.csv", id="ccgs"),
        pytest.param(b'"Organisation"' + b',""' * 26, "27 columns as in epraccur.csv", id="epraccur with a header"),
        pytest.param(b'"A82003","4DQ30","W","19990401","20010331","0"', "epcmem.csv", id="memberships"),
        pytest.param(b"PUBLICATION,EXTRACT_DATE,PRACTICE_CODE", "another file of the series", id="a relative"),
        pytest.param(b"ccg_code;practice\n", "semicolons", id="semicolons"),
        pytest.param(b"ccg_code\tpractice\n", "tabs", id="tabs"),
        pytest.param(b'"Z91001";"Inkwell";"00Q"\r\n', "semicolons", id="semicolons and quotation marks"),
        pytest.param(b"ccg_code;practice;Inkwell, Street\n", "semicolons", id="semicolons and a comma"),
        pytest.param(b"Dear all,\nplease find", 'begins "Dear all,', id="a letter"),
        pytest.param(b'"never closed', 'begins ""', id="not csv"),
    ],
)
def test_any_other_file_is_refused_by_what_it_seems_to_be(data: bytes, words: str) -> None:
    with pytest.raises(InvalidRoll) as caught:
        read_files(RollFile("roll.csv", data), CCGS)
    assert words in str(caught.value)
    assert "a simple roll, epraccur.csv or gp-reg-pat-prac-all.csv was expected" in str(caught.value)


def test_a_roll_names_the_files_it_was_read_from_by_their_hash(files: dict[Format, bytes]) -> None:
    roll, lists = files[Format.EPRACCUR], gzip.compress(files[Format.LIST_SIZES])
    read = read_files(RollFile("in/epraccur.csv", roll), CCGS, RollFile("C:\\lists.csv.gz", lists))

    assert read.sources == (
        SourceFile("epraccur.csv", hashlib.sha256(roll).hexdigest(), Holds.ROLL),
        SourceFile("lists.csv.gz", hashlib.sha256(lists).hexdigest(), Holds.LIST_SIZES, read.snapshot),
    )
    assert read.snapshot is not None


def test_a_simple_roll_with_list_sizes_holds_both(files: dict[Format, bytes], simple: Callable[..., bytes]) -> None:
    with_sizes = read_files(RollFile("roll.csv", files[Format.SIMPLE]), CCGS)
    without = read_files(RollFile("roll.csv", simple("00Q,Z91001,A,,,", "01E,Z96001,B,,,")), CCGS)

    assert [source.holds for source in with_sizes.sources] == [Holds.BOTH]
    assert [source.holds for source in without.sources] == [Holds.ROLL]
