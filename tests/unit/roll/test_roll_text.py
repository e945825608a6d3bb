from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from ballot.roll.problems import InvalidRoll, RollReason
from ballot.roll.simple import read_roll
from ballot.roll.text import LONGEST_LINE, MOST_LINES, line_at, read_text
from ballot.roll.unpack import LARGEST, unpack

CCGS = ("00Q", "01E")
Simple = Callable[..., bytes]


def refused(data: bytes, file: str = "roll.csv") -> InvalidRoll:
    with pytest.raises(InvalidRoll) as caught:
        read_roll(data, file, CCGS)
    return caught.value


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_line_ends_byte_order_mark_and_gzip_change_nothing(
    simple: Simple, end: str, mark: bytes, pack: Callable[[bytes], bytes]
) -> None:
    plain = read_roll(simple(), "roll.csv", CCGS)
    roll = read_roll(pack(mark + simple(end=end)), "roll.csv", CCGS)
    assert roll.members == plain.members
    assert [member.line for member in roll.members] == [4, 3, 2]


@pytest.mark.parametrize(
    ("data", "note"),
    [
        pytest.param(b"\xef\xbb\xbfa\n", "byte order mark", id="byte order mark"),
        pytest.param(b"a\r\nb\r\n", "CRLF (Windows), which", id="crlf"),
        pytest.param(b"a\rb\r", "CR alone (old Macintosh)", id="cr"),
        pytest.param(b"a\nb\r\n", "CRLF (Windows) and LF", id="mixed"),
        pytest.param(b"a\n\xe9\n", "not UTF-8 but Windows-1252; check how the names came out on lines 2.", id="cp1252"),
    ],
)
def test_what_is_unusual_about_the_bytes_is_noted(data: bytes, note: str) -> None:
    (found,) = read_text(data, "roll.csv").notes
    assert found.startswith("roll.csv: ")
    assert note in found


def test_a_plain_file_needs_no_note() -> None:
    assert read_text("naïve,é\n".encode(), "roll.csv").notes == ()


def test_windows_1252_names_are_read_as_written(simple: Simple) -> None:
    data = simple("00Q,Z91001,Café O\u2019Hara,1,,", "01E,Z96001,Teacup,1,,").decode().encode("cp1252")
    roll = read_roll(data, "roll.csv", CCGS)
    assert roll.members[0].name == "Café O\u2019Hara"
    assert "lines 2." in roll.notes[0]


@pytest.mark.parametrize(
    ("data", "reason", "words"),
    [
        pytest.param(b"", RollReason.EMPTY, "empty", id="nothing"),
        pytest.param(b"\xef\xbb\xbf\r\n \n", RollReason.EMPTY, "empty", id="blank"),
        pytest.param("a,b\n".encode("utf-16"), RollReason.NOT_TEXT, "UTF-16", id="utf-16"),
        pytest.param(b"\xfe\xff\0a", RollReason.NOT_TEXT, "UTF-16", id="utf-16 big-endian"),
        pytest.param(b"a\0,\0b\0", RollReason.NOT_TEXT, "zero byte", id="zero bytes"),
        pytest.param(b"a\r\n\xe9\x81", RollReason.NOT_TEXT, "byte 81 here", id="undefined in cp1252"),
        pytest.param(b"PK\x03\x04....", RollReason.ZIP, "the ZIP file is damaged or cut off; copy it again.", id="zip"),
        pytest.param(b"\xd0\xcf\x11\xe0....", RollReason.WRONG_FILE, "old Excel", id="xls"),
        pytest.param(b"%PDF-1.7", RollReason.WRONG_FILE, "PDF", id="pdf"),
        pytest.param(b"<!DOCTYPE html>", RollReason.WRONG_FILE, "web page", id="html"),
    ],
)
def test_what_is_no_text_is_refused_by_name(data: bytes, reason: RollReason, words: str) -> None:
    (problem,) = refused(data).problems
    assert problem.reason is reason
    assert words in problem.sentence


def test_an_undecodable_byte_is_refused_on_its_line(simple: Simple) -> None:
    data = simple().replace(b"Nutmeg", b"Nutm\x9dg")
    assert refused(data).problems[0].line == 3


def test_the_line_named_is_the_one_that_no_encoding_explains() -> None:
    (problem,) = refused(b"\xe9\na\n\x81").problems
    assert problem.line == 3
    assert "byte E9 on line 1" in problem.sentence


@pytest.mark.parametrize(("offset", "line"), [(0, 1), (1, 1), (3, 2), (5, 3), (7, 4)])
def test_every_kind_of_line_end_counts_once(offset: int, line: int) -> None:
    assert line_at(b"a\r\nb\nc\rd", offset) == line


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda packed: packed[:-9], "cut off", id="cut off"),
        pytest.param(lambda packed: packed[:2], "cut off", id="two bytes"),
        pytest.param(lambda packed: packed[:-8] + b"\1\2\3\4" + packed[-4:], "damaged", id="checksum"),
        pytest.param(lambda packed: packed + b"more", "followed by 4 bytes", id="trailing bytes"),
        pytest.param(gzip.compress, "compressed twice", id="twice"),
        pytest.param(gzip.decompress, "not gzip", id="not gzip at all"),
    ],
)
def test_a_bad_gzip_file_is_refused(simple: Simple, change: Callable[[bytes], bytes], words: str) -> None:
    (problem,) = refused(change(gzip.compress(simple())), "roll.csv.gz").problems
    assert problem.reason is RollReason.GZIP
    assert words in problem.sentence


def test_gzip_members_that_follow_each_other_and_padding_are_read() -> None:
    assert unpack(gzip.compress(b"a,") + gzip.compress(b"b\n") + b"\0\0", "roll.csv") == b"a,b\n"


def test_a_gzip_file_of_ever_so_many_parts_is_refused() -> None:
    with pytest.raises(InvalidRoll, match="more than 10000 parts"):
        unpack(gzip.compress(b"") * 10_001, "roll.csv")


def test_a_gzip_bomb_is_refused_before_it_goes_off() -> None:
    with pytest.raises(InvalidRoll) as caught:
        unpack(gzip.compress(b"0" * 2_000_000), "roll.csv", largest=1_000_000)
    assert caught.value.problems[0].reason is RollReason.TOO_LARGE
    with pytest.raises(InvalidRoll):
        unpack(b"0" * 1_000_001, "roll.csv", largest=1_000_000)
    assert unpack(gzip.compress(b"0" * 1_000_000), "roll.csv", largest=1_000_000) == b"0" * 1_000_000


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"0" * (LARGEST + 1), id="bytes"),
        pytest.param(b"\n" * MOST_LINES + b"a\n", id="lines"),
        pytest.param(b"a\n" + b"0" * (LONGEST_LINE + 1), id="line"),
    ],
)
def test_a_file_out_of_all_proportion_is_refused(data: bytes) -> None:
    assert refused(data).problems[0].reason is RollReason.TOO_LARGE


def test_an_overlong_cell_is_refused_with_line_and_place(simple: Simple) -> None:
    (problem,) = refused(simple(f"00Q,Z91001,Inkwell,1,{'x' * 2001},")).problems
    assert (problem.line, problem.column, problem.reason) == (2, "number 5", RollReason.TOO_LARGE)


def test_a_quotation_mark_left_open_is_refused_where_it_opens(simple: Simple) -> None:
    (problem,) = refused(simple("00Q,Z91001,Inkwell,1,,", '01E,Z96001,"Teacup,1,,', "00Q,Z91002,Nutmeg,1,,")).problems
    assert (problem.line, problem.reason) == (3, RollReason.NOT_CSV)
    assert "never closed" in problem.sentence


def test_an_open_quotation_mark_in_a_long_file_is_refused_too(simple: Simple) -> None:
    lines = [f"00Q,Z91{number:03},Inkwell,1,,{'x' * 200}" for number in range(999)]
    problems = refused(simple('00Q,Z92001,"Inkwell,1,,', *lines)).problems
    assert [problem.reason for problem in problems] == [RollReason.NOT_CSV]


def test_text_after_a_closing_quotation_mark_is_refused(simple: Simple) -> None:
    (problem,) = refused(simple('00Q,Z91001,"The "Inkwell" Surgery",1,,')).problems
    assert (problem.line, problem.reason) == (2, RollReason.NOT_CSV)


def test_blanks_around_cells_and_blank_rows_are_removed_aloud(simple: Simple) -> None:
    roll = read_roll(simple("00Q , Z91001,\tInkwell\u00a0,1,,", "", ",,,,,", "01E,Z96001,Teacup,1,,"), "roll.csv", CCGS)
    assert [member.name for member in roll.members] == ["Inkwell", "Teacup"]
    assert roll.notes == (
        "roll.csv: 2 rows without any content skipped.",
        "roll.csv: blanks around 3 cells removed, the first on line 2.",
    )


def test_lines_are_counted_through_a_cell_of_several_lines(simple: Simple) -> None:
    header = "ccg_ods_code,practice_ods_code,practice_name,registered_patients,note"
    data = simple('00Q,Z91001,Inkwell,1,"two\nlines"', "01E,Z96001,Teacup,x,", header=header)
    assert refused(data).problems[0].line == 4


@pytest.mark.parametrize("line", ["sep=,", "SEP=,", '"sep=,"'])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_for_excel_that_names_commas_is_skipped_aloud(simple: Simple, line: str, end: str) -> None:
    roll = read_roll(f"{line}{end}".encode() + simple(end=end), "roll.csv", CCGS)
    assert [member.line for member in roll.members] == [5, 4, 3]
    assert 'roll.csv: the first line, "sep=,", is meant for Excel and was skipped.' in roll.notes


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sep=;", 'the line "sep=;" tells Excel that semicolons separate the cells; commas were expected'),
        ('"Sep=;"', 'the line "sep=;"'),
        ("sep=\t", "tabs separate the cells"),
        ("sep=|", "bars separate the cells"),
        ("sep=x", "another character separate the cells"),
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_line_for_excel_that_names_another_separator_is_named(
    simple: Simple, line: str, words: str, mark: bytes
) -> None:
    (problem,) = refused(mark + line.encode() + b"\r\n" + simple().replace(b",", b";")).problems
    assert (problem.line, problem.reason) == (1, RollReason.WRONG_FILE)
    assert words in problem.sentence
