"""For any bytes: a whole roll or InvalidRoll; the order of lines never matters."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ballot.roll.cells import parse_name
from ballot.roll.list_sizes import HEADERS
from ballot.roll.member import Member, ordered
from ballot.roll.problems import InvalidRoll, Problem, Problems
from ballot.roll.read import RollFile, read_files
from ballot.roll.simple import OPTIONAL, REQUIRED, read_roll, write_roll
from tests.support.roll_files import read_epraccur, read_list_sizes

CCGS = ("01E", "X2C4Y", "00Q")
READERS: dict[str, Callable[[bytes], object]] = {
    "read_roll": lambda data: read_roll(data, "roll.csv", CCGS),
    "read_epraccur": lambda data: read_epraccur(data, "epraccur.csv", CCGS),
    "read_list_sizes": lambda data: read_list_sizes(data, "lists.csv"),
    "read_files": lambda data: read_files(RollFile("roll.csv", data), CCGS, RollFile("lists.csv", data)),
}


def problems_of(read: Callable[[], object]) -> tuple[Problem, ...] | None:
    """None where something was read; any other exception passes and fails the test."""
    try:
        read()
    except InvalidRoll as refused:
        return refused.problems
    return None


def is_name(text: str) -> bool:
    problems = Problems("roll.csv")
    return text == text.strip(" \t\u00a0") and parse_name(text, 1, "name", problems) is not None


names = st.text("Aaz09 ,;'\"()&@=+-.\u00e9\u0141\u6f22\U0001f642", min_size=1, max_size=12).filter(is_name)
codes = st.builds(
    "{}{}{:03}".format, st.sampled_from("AGPYZ"), st.sampled_from(["00", "81", "LD", "9Z"]), st.integers(0, 999)
)
emails = st.builds(
    "{}@{}".format,
    st.sampled_from(["a", "b.c", "d+e", "o'f", "g_h-i"]),
    st.sampled_from(["example.org", "b\u00fccher.example"]),
)
sizes = st.none() | st.integers(0, 9_999_999)


@st.composite
def rolls(draw: st.DrawFn) -> tuple[Member, ...]:
    """Members of every CCG, in a roll's order."""
    practices = draw(st.lists(codes, min_size=len(CCGS), max_size=12, unique=True))
    homes = [*CCGS, *(draw(st.sampled_from(CCGS)) for _ in practices[len(CCGS) :])]
    people = st.none() | names
    return ordered(
        (
            Member(ccg, practice, draw(names), draw(sizes), draw(people), draw(st.none() | emails))
            for ccg, practice in zip(homes, practices, strict=True)
        ),
        CCGS,
    )


cells = st.sampled_from(
    ["00Q", "01E", "Z91001", "1.0", "", "A", "4", "12", "GP", "ALL", "01APR2020", '"', "\n", "é", "\0", "="]
)
lines = st.lists(cells, max_size=28).map(",".join)
headers = st.sampled_from([",".join(REQUIRED + OPTIONAL), *(",".join(header) for header in HEADERS), ""])
likely = st.builds(
    lambda header, body, end, encoding: end.join([header, *body]).encode(encoding),
    headers,
    st.lists(lines, max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
)


WHOLE = (
    write_roll(Member(ccg, f"Z9{place}001", "Teacup", 5, "Dr Yarrow", "a@b.example") for place, ccg in enumerate(CCGS)),
    "".join(
        f'"Z9{place}001","TEACUP",{10 * ","}"A","B","{ccg}",{10 * ","}"4",""\r\n' for place, ccg in enumerate(CCGS)
    ).encode(),
    ",".join(HEADERS[0]).encode() + b"\nGP_PRAC_PAT_LIST,01APR2020,GP,00Q,E38,Z92001,BB1,ALL,ALL,5\n",
)
spoilers = st.sampled_from([b'"', b",", b"\r", b"1E+00", b"=", b"\xe9", b"\x81", b"\0", b"9" * 5000, b"\xe2\x80\xae"])


@pytest.mark.parametrize("reader", READERS)
@given(data=st.binary(max_size=200) | likely | st.builds(gzip.compress, likely))
@example(data=b"\x1f\x8b")
@example(data=b"\x1f\x8b\x08\x00")
@example(data=b"\xef\xbb\xbf")
def test_any_bytes_are_a_result_or_a_refusal_whose_every_line_says_where(reader: str, data: bytes) -> None:
    problems = problems_of(lambda: READERS[reader](data))
    assert problems is None or problems
    assert all(problem.line >= 1 and str(problem).isprintable() for problem in problems or ())


@pytest.mark.parametrize("reader", READERS)
@given(
    whole=st.sampled_from(WHOLE), at=st.integers(0, 400), cut=st.integers(0, 60), put=st.binary(max_size=20) | spoilers
)
def test_a_good_file_damaged_anywhere_is_a_result_or_a_refusal(
    reader: str, whole: bytes, at: int, cut: int, put: bytes
) -> None:
    problems = problems_of(lambda: READERS[reader](whole[:at] + put + whole[at + cut :]))
    assert problems is None or problems


@given(data=st.binary(max_size=60), at=st.integers(0, 200))
def test_a_damaged_gzip_file_is_the_same_roll_or_a_refusal(data: bytes, at: int) -> None:
    whole = write_roll(Member(ccg, f"Z9{place}001", "Teacup", 5) for place, ccg in enumerate(CCGS))
    packed = gzip.compress(whole, mtime=0)
    damaged = packed[:at] + data + packed[at + len(data) :]
    try:
        roll = read_roll(damaged, "roll.csv.gz", CCGS)
    except InvalidRoll:
        return
    assert roll == read_roll(packed, "roll.csv.gz", CCGS)


@given(rolls())
def test_what_is_written_is_read_again_the_same(members: tuple[Member, ...]) -> None:
    roll = read_roll(write_roll(members), "roll.csv", CCGS)
    assert roll.members == members
    assert write_roll(roll.members) == write_roll(members)


@given(rolls(), st.randoms(use_true_random=False), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_the_order_of_lines_and_their_ends_never_matter(
    members: tuple[Member, ...], random: object, end: bytes
) -> None:
    shuffled = list(members)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    roll = read_roll(write_roll(shuffled).replace(b"\n", end), "roll.csv", CCGS)
    assert roll.members == members
    keys = [(CCGS.index(member.ccg), member.practice) for member in roll.members]
    assert all(before < after for before, after in pairwise(keys))


@given(rolls(), st.data())
def test_one_bad_line_and_nothing_is_imported(members: tuple[Member, ...], data: st.DataObject) -> None:
    good = write_roll(members).split(b"\n")
    bad = data.draw(st.sampled_from([b"00Q", good[1], b"1E+00,Z99999,A,1,,", b"00Q,Z9999,A,1,,", b'00Q,Z99999,"A,1,,']))
    place = data.draw(st.integers(1, len(good) - 1))
    with pytest.raises(InvalidRoll) as caught:
        read_roll(b"\n".join([*good[:place], bad, *good[place:]]), "roll.csv", CCGS)
    second_of_a_pair = bad == good[1] and place == 1
    assert caught.value.problems[0].line == (3 if second_of_a_pair else place + 1)


@given(
    st.dictionaries(codes, st.integers(0, 9_999_999), min_size=1, max_size=8),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
)
def test_every_list_and_every_day_is_read_in_both_generations(lists: dict[str, int], day: date) -> None:
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
    month = months[day.month - 1]
    spellings = (
        day.isoformat(),
        f"{day.day:02}{month.upper()}{day.year}",
        f"{day.day:02}{month}{day.year}",
        f"{day.day:02}-{month}-{day.year % 100:02}",
    )
    for header in HEADERS:
        for spelling in spellings:
            rows = [f"GP_PRAC_PAT_LIST,{spelling},GP,00Q,E38,{code},BB1,ALL,ALL,{size}" for code, size in lists.items()]
            found = read_list_sizes("\n".join([",".join(header), *rows]).encode(), "lists.csv")
            assert (found.sizes, found.extract_date) == (lists, day)


def test_the_whole_files_used_above_are_good() -> None:
    assert len(read_roll(WHOLE[0], "roll.csv", CCGS).members) == len(CCGS)
    assert len(read_epraccur(WHOLE[1], "epraccur.csv", CCGS).members) == len(CCGS)
    assert read_list_sizes(WHOLE[2], "lists.csv").sizes == {"Z92001": 5}
