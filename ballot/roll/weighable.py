"""Check that a roll can be weighed by list size, for a CCG whose constitution needs it."""

from __future__ import annotations

from typing import Literal

from ballot.roll.member import Roll
from ballot.roll.problems import Problems, RollReason, counted, listed, note

Missing = Literal["refuse", "zero"]


def check_weighable(roll: Roll, ccg: str, missing: Missing, column: str | None = None) -> tuple[str, ...]:
    """Accept the members of a CCG for a rule that weighs them by list size, or by a column; return notes.

    A practice with no known number or with 0 is refused or weighs zero, as the constitution's `weight.missing`
    says. A CCG with no weight at all is always refused. A rule that counts heads does not need this check.

    Raises: InvalidRoll.
    """
    if missing not in ("refuse", "zero"):
        raise ValueError(f"weight.missing is 'refuse' or 'zero', not {missing!r}")
    members = roll.of(ccg)
    without = [member for member in members if not member.list_size]
    problems = Problems(roll.file)
    if missing == "refuse" or len(without) == len(members):
        for member in without:
            who = f"{member.practice} {member.name}"
            if column is not None:
                found = "no number" if member.list_size is None else "0"
                sentence = f"{who} has {found}, and the rule of {ccg} weighs by this column; at least 1 was expected."
            else:
                found = "no list" if member.list_size is None else "an empty list"
                sentence = f"{who} has {found}, and the rule of {ccg} weighs by list size; at least one registered "
                sentence += "patient was expected."
            problems.add(member.line, column or "registered_patients", RollReason.NO_LIST, sentence)
    problems.check()
    if not without:
        return ()
    names = listed([f"{member.practice} {member.name}" for member in without])
    what = "a list" if column is None else f"a number in {column}"
    return (note(roll.file, f"{counted(len(without), 'member')} of {ccg} without {what}, weighing zero: {names}."),)


def note_unweighed(roll: Roll, ccg: str) -> tuple[str, ...]:
    """Note members without a list under a rule that counts practices: they are members like any other."""
    without = [member for member in roll.of(ccg) if not member.list_size]
    if not without:
        return ()
    names = listed([f"{member.practice} {member.name}" for member in without])
    number = counted(len(without), "member")
    sentence = f"{number} of {ccg} without a list, one vote like any other (practices are counted): {names}."
    return (note(roll.file, sentence),)
