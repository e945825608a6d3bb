"""Members from one file, list sizes from another: one roll."""

from __future__ import annotations

from dataclasses import replace

from ballot.roll.list_sizes import ListSizes
from ballot.roll.member import Member, Roll
from ballot.roll.problems import Problems, Reason, counted, listed, note, refusal


def join(roll: Roll, lists: ListSizes) -> Roll:
    """The roll with the list sizes of that day. Raises: InvalidRoll.

    (1) Practices are matched on their code alone, (2) one without a list stays a member, and a note names it, (3) a
    size that the roll has already must be the same: of two figures none is chosen here, (4) lists of which not one
    belongs to the roll are the wrong file. Who has patients and is no member is named in a note, and stays out.
    """
    problems = Problems(roll.file)
    members = []
    for member in roll.members:
        size = lists.sizes.get(member.practice)
        if size is not None and member.list_size not in (None, size):
            sentence = (
                f"{member.practice} has {member.list_size} patients here, and {size} were expected from {lists.file}."
            )
            problems.add(member.line, "registered_patients", Reason.LIST_SIZE, sentence)
        members.append(member if size is None else replace(member, list_size=size))
    problems.check()
    if not any(member.practice in lists.sizes for member in roll.members):
        sentence = f"none of the {counted(len(members), 'practice')} of {roll.file} has a list in this file."
        raise refusal(lists.file, 1, Reason.WRONG_FILE, sentence)
    notes = (*roll.notes, *lists.notes, *_notes(roll, members, lists))
    return replace(roll, members=tuple(members), notes=notes, snapshot=lists.extract_date)


def _notes(roll: Roll, members: list[Member], lists: ListSizes) -> list[str]:
    day = lists.extract_date.isoformat()
    notes = []
    if without := [f"{member.practice} {member.name} ({member.ccg})" for member in members if not member.list_size]:
        notes.append(
            note(lists.file, f"{counted(len(without), 'member')} without a list on {day}: {listed(without, most=30)}.")
        )
    if kept := [member.practice for member in members if member.list_size and member.practice not in lists.sizes]:
        what = counted(len(kept), "member")
        notes.append(
            note(lists.file, f"{what} not in this file; the size in {roll.file} was kept: {listed(kept, most=30)}.")
        )
    belong = {member.practice for member in members}
    strangers = sorted(
        f"{practice} ({counted(lists.sizes[practice], 'patient')}, {ccg})"
        for practice, ccg in lists.ccgs.items()
        if ccg in roll.ccgs and practice not in belong and lists.sizes[practice]
    )
    if strangers:
        what = counted(len(strangers), "code")
        notes.append(
            note(
                lists.file,
                f"{what} with patients in these CCGs but no member on the roll: {listed(strangers, most=30)}.",
            )
        )
    return notes
