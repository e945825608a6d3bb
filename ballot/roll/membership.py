"""Checks on a whole file: each practice once, each CCG with at least one member, shared mailboxes noted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ballot.roll.member import Member
from ballot.roll.problems import Problems, RollReason, listed, note
from ballot.strict.errors import plain

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")

Seen = dict[str, tuple[int, str]]  # Practice to the line that first names it, and its CCG there


def is_first(practice: str, ccg: str, line: int, column: str, seen: Seen, problems: Problems) -> bool:
    """Whether a practice is named here for the first time. A second time is a problem."""
    before_line, before_ccg = seen.setdefault(practice, (line, ccg))
    if before_line == line:
        return True
    where = "" if before_ccg == ccg else f", as a member of {plain(before_ccg) or 'no CCG'}"
    sentence = f"{practice} stands on line {before_line} already{where}; each practice was expected once."
    problems.add(line, column, RollReason.PRACTICE_TWICE, sentence)
    return False


def check_every_ccg(members: Iterable[Member], ccgs: Sequence[str], column: str, line: int, problems: Problems) -> None:
    """A CCG without members is a problem, unless other problems explain it."""
    if problems.total:
        return
    present = {member.ccg for member in members}
    for ccg in ccgs:
        if ccg not in present:
            sentence = f"the file ends without a practice of {ccg}; at least one was expected for each CCG."
            problems.add(line, column, RollReason.CCG_WITHOUT_PRACTICE, sentence)


def garbled_names(members: Sequence[Member], file: str) -> list[str]:
    """Note names that seem to have been decoded in the wrong encoding, such as `CafÃ©`."""
    found = [
        f"{member.practice} {name} (perhaps {meant})" if meant else f"{member.practice} {name}"
        for member in members
        for name in (member.name, member.representative or "")
        if (meant := _meant(name)) is not None
    ]
    if not found:
        return []
    what = "1 name looks" if len(found) == 1 else f"{len(found)} names look"
    return [note(file, f"{what} garbled, as if read in the wrong encoding: {listed(found)}.")]


def _meant(name: str) -> str | None:
    """A garbled name as it was, empty if that is lost; None for a good name."""
    if "\ufffd" in name:
        return ""
    meant = _BEYOND_ASCII.sub(lambda run: _read_again(run[0]), name)
    return meant if meant != name else None


def _read_again(run: str) -> str:
    """Decode letters beyond ASCII as UTF-8, if they look like UTF-8 bytes read as Windows-1252."""
    try:
        return run.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return run


def shared_addresses(members: Sequence[Member], file: str) -> list[str]:
    """Note a mailbox that serves two practices, since its reader can vote for both."""
    uses: dict[str, list[str]] = {}
    for member in members:
        if member.email is not None:
            uses.setdefault(member.email.lower(), []).append(member.practice)
    return [
        note(file, f"one e-mail address is given for {len(practices)} practices: {listed(practices)}.")
        for practices in uses.values()
        if len(practices) > 1
    ]
