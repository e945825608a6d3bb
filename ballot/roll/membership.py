"""What must hold of a file as a whole: each practice once, each CCG with at least one; and whose mailbox is shared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ballot.roll.member import Member
from ballot.roll.problems import Problems, Reason, listed, note, plain

Seen = dict[str, tuple[int, str]]  # practice -> the line that named it first, and the CCG there


def is_first(practice: str, ccg: str, line: int, column: str, seen: Seen, problems: Problems) -> bool:
    """Whether a practice is named here for the first time; the second time is a problem."""
    before_line, before_ccg = seen.setdefault(practice, (line, ccg))
    if before_line == line:
        return True
    where = "" if before_ccg == ccg else f", as a member of {plain(before_ccg) or 'no CCG'}"
    sentence = f"{practice} stands on line {before_line} already{where}; each practice was expected once."
    problems.add(line, column, Reason.PRACTICE_TWICE, sentence)
    return False


def check_every_ccg(members: Iterable[Member], ccgs: Sequence[str], column: str, line: int, problems: Problems) -> None:
    """A CCG of which nobody is a member is a mistake in the file, unless other mistakes explain it."""
    if problems.total:
        return
    present = {member.ccg for member in members}
    for ccg in ccgs:
        if ccg not in present:
            sentence = f"the file ends without a practice of {ccg}; at least one was expected for each CCG."
            problems.add(line, column, Reason.CCG_WITHOUT_PRACTICE, sentence)


def shared_addresses(members: Sequence[Member], file: str) -> list[str]:
    """One mailbox may serve two practices, but whoever reads it can then vote for both."""
    uses: dict[str, list[str]] = {}
    for member in members:
        if member.email is not None:
            uses.setdefault(member.email.lower(), []).append(member.practice)
    return [
        note(file, f"one e-mail address is given for {len(practices)} practices: {listed(practices)}.")
        for practices in uses.values()
        if len(practices) > 1
    ]
