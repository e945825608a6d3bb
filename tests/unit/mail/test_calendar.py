"""The calendar file, read back by a strict reader of RFC 5545 that shares nothing with what writes it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.mail.calendar import BallotDates, calendar_file

DATES = BallotDates(
    "merger.00A@vote.example.org",
    "A merger, NHS 00A CCG",
    "https://vote.example.org/board/merger/00A",
    "practice",
    "Europe/London",
    datetime(2020, 5, 11, 8, tzinfo=UTC),
    datetime(2020, 5, 29, 16, tzinfo=UTC),
    0,
    datetime(2020, 5, 1, 9, 30, tzinfo=UTC),
    is_over=False,
    is_abandoned=False,
)
ONCE = {"UID", "DTSTAMP", "SEQUENCE", "STATUS", "DTSTART", "SUMMARY", "DESCRIPTION", "URL", "TRANSP", "LAST-MODIFIED"}
TEXTS = {"UID", "SUMMARY", "DESCRIPTION", "X-WR-TIMEZONE"}
UTC_FORM = re.compile(r"\d{8}T\d{6}Z")


def read(file: bytes) -> tuple[dict[str, str], list[dict[str, str]], list[dict[str, str]]]:
    """The calendar's own properties, its events and their alarms. Fails for anything that the RFC does not allow."""
    assert file.endswith(b"\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert b"\r" not in file.replace(b"\r\n", b"")
    raw = file.removesuffix(b"\r\n").split(b"\r\n")
    assert all(0 < len(line) <= 75 for line in raw)
    assert all(line.decode() for line in raw)  # each piece is whole characters
    lines = re.sub(rb"\r\n[ \t]", b"", b"\r\n".join(raw)).decode().split("\r\n")
    calendar: dict[str, str] = {}
    events: list[dict[str, str]] = []
    alarms: list[dict[str, str]] = []
    inside: list[tuple[str, dict[str, str]]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        assert colon
        assert re.fullmatch(r"[A-Z-]+", name)
        assert all(each.isprintable() for each in value)
        if name == "BEGIN":
            above = inside[-1][0] if inside else None
            assert (above, value) in {(None, "VCALENDAR"), ("VCALENDAR", "VEVENT"), ("VEVENT", "VALARM")}
            target: dict[str, str] = calendar if value == "VCALENDAR" else {}
            {"VEVENT": events, "VALARM": alarms}.get(value, []).append(target)
            inside.append((value, target))
        elif name == "END":
            assert inside.pop()[0] == value
        else:
            assert name not in inside[-1][1], f"{name} twice"
            inside[-1][1][name] = unescaped(value) if name in TEXTS else value
    assert inside == []
    return calendar, events, alarms


def unescaped(value: str) -> str:
    assert re.fullmatch(r"(?:[^\\;,]|\\[\\;,nN])*", value), f"not escaped: {value}"
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def test_the_file_has_the_opening_and_the_closing_and_a_reminder_the_day_before_closing() -> None:
    calendar, (opening, closing), (alarm,) = read(calendar_file(DATES))
    assert calendar == {
        "VERSION": "2.0",
        "PRODID": "-//ballot//Dates of voting//EN",
        "CALSCALE": "GREGORIAN",
        "METHOD": "PUBLISH",
        "X-WR-TIMEZONE": "Europe/London",
    }
    assert (opening["DTSTART"], closing["DTSTART"]) == ("20200511T080000Z", "20200529T160000Z")
    assert opening["SUMMARY"] == "Voting opens: A merger, NHS 00A CCG"
    assert closing["SUMMARY"] == "Voting closes: A merger, NHS 00A CCG"
    assert "closes at 5pm on Friday 29 May 2020, British Summer Time" in closing["DESCRIPTION"]
    assert alarm == {"ACTION": "DISPLAY", "DESCRIPTION": alarm["DESCRIPTION"], "TRIGGER": "-P1D"}
    for event in (opening, closing):
        assert set(event) == ONCE
        assert UTC_FORM.fullmatch(event["DTSTAMP"])
        assert event["STATUS"] == "CONFIRMED"
        assert event["TRANSP"] == "TRANSPARENT"


def test_a_moved_window_keeps_the_ids_and_raises_the_sequence() -> None:
    later = replace(DATES, closes_at=DATES.closes_at + timedelta(days=7), sequence=1)
    before, after = read(calendar_file(DATES))[1], read(calendar_file(later))[1]
    assert [each["UID"] for each in before] == [each["UID"] for each in after]
    assert len({each["UID"] for each in after}) == 2
    assert {each["SEQUENCE"] for each in before} == {"0"}
    assert {each["SEQUENCE"] for each in after} == {"1"}
    assert after[1]["DTSTART"] == "20200605T160000Z"


def test_a_ballot_that_closed_early_needs_no_reminder() -> None:
    _, events, alarms = read(calendar_file(replace(DATES, is_over=True, sequence=1)))
    assert alarms == []
    assert {each["STATUS"] for each in events} == {"CONFIRMED"}


def test_an_abandoned_ballot_is_cancelled_and_says_no_time_at_which_one_could_vote() -> None:
    _, events, alarms = read(calendar_file(replace(DATES, is_over=True, is_abandoned=True, sequence=2)))
    assert alarms == []
    assert {each["STATUS"] for each in events} == {"CANCELLED"}
    assert {each["DESCRIPTION"] for each in events} == {"This ballot was abandoned. No one can vote in it."}


def test_the_file_calls_a_member_what_the_programme_calls_it() -> None:
    _, events, _ = read(calendar_file(replace(DATES, member="surgery")))
    assert all("If your surgery has voted, you need do nothing." in each["DESCRIPTION"] for each in events)
    assert b"practice" not in calendar_file(replace(DATES, member="surgery"))


def test_the_same_dates_are_the_same_bytes_and_the_file_has_no_voting_link() -> None:
    assert calendar_file(DATES) == calendar_file(replace(DATES))
    assert b"/vote/" not in calendar_file(DATES)
    assert b"#" not in calendar_file(DATES)


@given(st.text(max_size=300))
def test_any_title_comes_back_as_it_was_without_what_cannot_be_printed(title: str) -> None:
    _, (opening, _), _ = read(calendar_file(replace(DATES, title=title)))
    kept = "".join(each for each in title if each == "\n" or each.isprintable())
    assert opening["SUMMARY"] == f"Voting opens: {kept}"


@pytest.mark.parametrize("title", ["a\\nb", "a;b,c\\", "é" * 200, "\U0001f3e5" * 100, "BEGIN:VEVENT\r\nEND:VCALENDAR"])
def test_a_title_cannot_begin_a_line_or_cut_a_character(title: str) -> None:
    _, events, alarms = read(calendar_file(replace(DATES, title=title)))
    assert len(events) == 2
    assert len(alarms) == 1


@given(st.integers(0, 10**10))
def test_every_closing_time_is_written_as_its_second_in_utc(milliseconds: int) -> None:
    closes = DATES.opens_at + timedelta(milliseconds=milliseconds)
    _, (_, closing), _ = read(calendar_file(replace(DATES, closes_at=closes)))
    assert datetime.strptime(closing["DTSTART"], "%Y%m%dT%H%M%S%z") == closes.replace(microsecond=0)
