"""What a new roll changes compared with an older one."""

from __future__ import annotations

from dataclasses import replace

from ballot.roll.compare import compare_rolls
from ballot.roll.member import Member, Roll, ordered

CCGS = ("00A", "00B")
OLD = (
    Member("00A", "Y00001", "One", 1000, "Dr A", "one@example.org"),
    Member("00A", "Y00002", "Two", 2000, "Dr B", "two@example.org"),
    Member("00B", "Y00003", "Three", None, "Dr C", None),
)


def roll(*members: Member) -> Roll:
    return Roll(CCGS, ordered(members, CCGS))


def test_the_same_roll_in_another_order_is_the_same() -> None:
    found = compare_rolls(roll(*OLD), roll(*reversed(OLD)))
    assert found.is_same
    assert found.sentences() == ["The two rolls are the same."]


def test_who_joined_and_who_left_is_told_by_code() -> None:
    new = Member("00B", "Y00004", "Four", 1)
    found = compare_rolls(roll(*OLD), roll(*OLD[1:], new))
    assert (found.joined, found.left) == ((new,), (OLD[0],))
    assert found.sentences() == ["1 practice joined: Y00004 (00B).", "1 practice left: Y00001 (00A)."]


def test_a_practice_that_changes_its_ccg_neither_joined_nor_left() -> None:
    found = compare_rolls(roll(*OLD), roll(replace(OLD[0], ccg="00B"), *OLD[1:]))
    assert (found.joined, found.left) == ((), ())
    assert found.sentences() == ["1 practice moved to another CCG: Y00001 00A to 00B."]


def test_list_sizes_are_told_with_before_and_after_and_an_unknown_list_is_not_an_empty_one() -> None:
    found = compare_rolls(roll(*OLD), roll(OLD[0], replace(OLD[1], list_size=2001), replace(OLD[2], list_size=0)))
    assert found.sentences() == ["2 practices with another list size: Y00002 2000 to 2001, Y00003 no list to 0."]


def test_a_changed_address_or_representative_is_told_without_saying_it() -> None:
    changed = replace(OLD[0], email="new@example.org", representative="Dr Z")
    found = compare_rolls(roll(*OLD), roll(changed, *OLD[1:]))
    assert [change.after for change in found.email] == [changed]
    said = " ".join(found.sentences())
    assert "another e-mail address: Y00001" in said
    assert "another representative: Y00001" in said
    assert "example.org" not in said
    assert "Dr" not in said
