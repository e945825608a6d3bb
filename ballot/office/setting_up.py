"""What is done in a programme's folder, what is missing and what is wrong: the task list of setting up. Reads only.

Each part of programme.toml is read by itself, by the same reader as always, so that one that is missing does not hide
what is wrong with another; the whole file is read at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ballot.constitution.errors import ConstitutionError
from ballot.constitution.fitting import check_fits
from ballot.constitution.lint import check_constitution
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import read_outcome_rule
from ballot.constitution.programme import (
    SECRECY_AT_MOST,
    Programme,
    load_programme,
    read_ccg,
    read_identifier,
    read_secrecy,
    read_trustees,
    read_voting_pack,
)
from ballot.constitution.question import read_question
from ballot.constitution.toml_tables import Table
from ballot.constitution.window import read_window
from ballot.office.draft import CONSTITUTIONS, LISTS, PACKS, PROGRAMME, ROLL, TRUSTEES, Draft, Trial
from ballot.office.errors import Refusal, Refused
from ballot.office.prepare import check_trustees
from ballot.office.programme_files import ProgrammeFiles, count_roll, read_folder, roll_notes
from ballot.office.sealed import GROUP
from ballot.protocol.canonical import parse_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.trustees import ThresholdParameters
from ballot.record.wall_times import utc_time, wall_time
from ballot.roll.member import Roll
from ballot.roll.problems import InvalidRoll, counted
from ballot.roll.read import read_files


class Task(Enum):
    """What there is to do, in the order in which it is best done."""

    ABOUT = "about"
    QUESTION = "question"
    PACK = "voting-pack"
    CCGS = "ccgs"
    WINDOW = "window"
    OUTCOME = "outcome"
    CONSTITUTIONS = "constitutions"
    ROLL = "roll"
    TRUSTEES = "trustees"
    SECRECY = "secrecy"


class Progress(Enum):
    """How a task stands."""

    DONE = "completed"
    TO_DO = "not started"
    WRONG = "there is a problem"
    WAITS = "cannot start yet"
    OPTIONAL = "optional"


TITLES = {
    Task.ABOUT: "Name the ballot",
    Task.QUESTION: "Write the question",
    Task.PACK: "Add the voting pack",
    Task.CCGS: "List the CCGs",
    Task.WINDOW: "Set when it opens and closes",
    Task.OUTCOME: "Say what it takes to proceed",
    Task.CONSTITUTIONS: "Add each CCG's constitution",
    Task.ROLL: "Upload the roll of member practices",
    Task.TRUSTEES: "Name the trustees, and add the key they made",
    Task.SECRECY: "See what the totals would tell about single votes",
}


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task, how it stands, and the sentences that say why."""

    task: Task
    progress: Progress
    sentences: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return TITLES[self.task]


class _Missing(Exception):
    """Nothing is there yet; the sentence says what is needed."""


class _NotNeeded(Exception):
    """Nothing is there, and nothing need be; the sentence says what holds then."""


class _Waits(Exception):
    """Another task comes first."""


def tasks(draft: Draft) -> list[TaskState]:
    """Every task, with how it stands."""
    return [_look(task, look, draft) for task, look in _LOOKS.items()]


def change_part(draft: Draft, task: Task, values: Mapping[str, object], now: datetime) -> None:
    """Put what a task is about into programme.toml; raises Refused, in the reader's words, if it is not acceptable."""
    data = draft.with_values(values)
    change_file(draft, task, PROGRAMME, data, now)


def change_file(draft: Draft, task: Task, name: str, data: bytes, now: datetime) -> None:
    """Put a file into the folder; raises Refused, in the reader's words, if its task would then be wrong."""
    found = _look(task, _LOOKS[task], Trial(draft.folder, name, data))
    if found.progress is Progress.WRONG:
        raise Refused(Refusal.FILES_DIFFER, " ".join(found.sentences[:3]))
    draft.keep(name, data, now)


def is_complete(draft: Draft) -> bool:
    """Whether nothing that is needed is missing or wrong, and the files are those of one programme."""
    return all(state.progress in (Progress.DONE, Progress.OPTIONAL) for state in tasks(draft))


def read_roll(draft: Draft, files: ProgrammeFiles, roll: str = ROLL, lists: str = LISTS) -> Roll | None:
    """The roll in the folder, held against the programme; None where there is none. Raises: InvalidRoll, Refused."""
    source = draft.roll_source(roll)
    if source is None:
        return None
    ccgs = [ccg.ods for ccg in files.programme.ccgs]
    read = read_files(source, ccgs, draft.roll_source(lists), files.locality_columns)
    count_roll(files, read)
    return read


def _look(task: Task, look: Callable[[Draft], Iterator[str]], draft: Draft) -> TaskState:
    try:
        sentences = tuple(look(draft))
    except _Missing as missing:
        return TaskState(task, Progress.TO_DO, (str(missing),))
    except _NotNeeded as free:
        return TaskState(task, Progress.OPTIONAL, (str(free),))
    except _Waits as waits:
        return TaskState(task, Progress.WAITS, (str(waits),))
    except ConstitutionError as fault:
        return TaskState(task, Progress.WRONG, (str(fault).replace(f"{draft.folder}/", ""),))
    except InvalidRoll as fault:
        return TaskState(task, Progress.WRONG, tuple(str(fault).splitlines()))
    except Refused as fault:
        return TaskState(task, Progress.WRONG, (fault.sentence,))
    except InvalidMessage as fault:
        return TaskState(task, Progress.WRONG, (f"The file does not hold what was expected: {fault.detail}.",))
    return TaskState(task, Progress.DONE, sentences)


def _part(draft: Draft, key: str, what: str) -> Table:
    root = draft.programme()
    if not root.has(key):
        raise _Missing(what)
    return root


def _about(draft: Draft) -> Iterator[str]:
    root = _part(draft, "name", "It has no name yet.")
    id = read_identifier(_part(draft, "programme", "It has no id yet."))
    if id != draft.id:
        raise root.refusal(
            f'The id is "{id}" and the folder is called "{draft.id}"; they must be the same.', "programme"
        )
    yield root.text("name")
    if root.truth("rehearsal", default=False):
        yield "This is a rehearsal, and marked as one for ever."


def _question(draft: Draft) -> Iterator[str]:
    root = _part(draft, "question", "Nothing is asked yet.")
    for table in root.tables("question"):
        question = read_question(table)
        yield f"{question.text} ({', '.join(question.answers)})"


def _pack(draft: Draft) -> Iterator[str]:
    root = draft.programme()
    if not root.has("voting_pack"):
        raise _NotNeeded("No document goes with it. Practices would vote on the question alone.")
    for table in root.tables("voting_pack"):
        pack = read_voting_pack(table)
        found = {str(sha256_hex(path.read_bytes())): path.name for path in sorted((draft.folder / PACKS).glob("*"))}
        if pack.sha256 not in found:
            raise table.refusal(f'No file in {PACKS}/ has the SHA-256 of "{pack.name}".', "sha256")
        yield f"{pack.name}: {PACKS}/{found[pack.sha256]}, SHA-256 {pack.sha256}"


def _ccgs(draft: Draft) -> Iterator[str]:
    for table in _part(draft, "ccg", "No CCG is named yet.").tables("ccg"):
        ccg = read_ccg(table)
        yield f"{ccg.ods} {ccg.name}"


def _window(draft: Draft) -> Iterator[str]:
    window = read_window(_part(draft, "window", "It has no dates yet.").table("window"))
    yield f"Opens at {wall_time(window.opens_at)}; that is {utc_time(window.opens_at)}."
    yield f"Closes at {wall_time(window.closes_at)}; that is {utc_time(window.closes_at)}."


def _outcome(draft: Draft) -> Iterator[str]:
    root = draft.programme()
    if root.has("reballot"):
        yield "This is a re-ballot; the outcome is that of the programme that it is held for."
        return
    root = _part(draft, "outcome", "Nothing says yet what it takes to proceed.")
    if not (root.has("ccg") and root.has("question")):
        raise _Waits("First write the question and list the CCGs.")
    ccgs = tuple(read_ccg(table).ods for table in root.tables("ccg"))
    questions = tuple(read_question(table).id for table in root.tables("question"))
    read_outcome_rule(root.table("outcome"), ccgs, questions, PROGRAMME)
    yield "The programme's own rule can be read."


def _constitutions(draft: Draft) -> Iterator[str]:
    listed = [read_ccg(table) for table in draft.programme().tables("ccg")] if draft.programme().has("ccg") else []
    if not listed:
        raise _Waits("First list the CCGs.")
    missing = [ccg.ods for ccg in listed if draft.read(f"{CONSTITUTIONS}/{ccg.ods}.toml") is None]
    if len(missing) == len(listed):
        raise _Missing("No constitution is there yet.")
    programme = _whole(draft)
    for ccg in listed:
        name = f"{CONSTITUTIONS}/{ccg.ods}.toml"
        if ccg.ods in missing:
            continue
        constitution = load_constitution(draft.read(name) or b"", name)
        if programme is not None:
            check_fits(constitution, programme)
        odd = [oddity.sentence for oddity in check_constitution(constitution)]
        yield f"{ccg.ods}: clause {constitution.source.clause}" + (f". Odd: {' '.join(odd)}" if odd else "")
    if missing:
        raise _Missing(f"Missing: {', '.join(missing)}.")


def _roll(draft: Draft) -> Iterator[str]:
    if draft.read(ROLL) is None:
        raise _Missing("No roll was chosen yet.")
    if _whole(draft) is None:
        raise _Waits("A roll is there. It can be held against the ballot once the tasks above are done.")
    try:
        files = read_folder(draft.folder)
    except (Refused, ConstitutionError):
        raise _Waits("A roll is there. It can be held against the constitutions once these are complete.") from None
    roll = read_roll(draft, files)
    assert roll is not None
    yield f"{counted(len(roll.members), 'practice')} of {counted(len(roll.ccgs), 'CCG')}."
    unreachable = [member.practice for member in roll.members if member.email is None]
    if unreachable:
        yield f"{counted(len(unreachable), 'practice')} without an e-mail address: {', '.join(unreachable[:12])}."
    yield from roll_notes(files, roll)


def _trustees(draft: Draft) -> Iterator[str]:
    trustees = read_trustees(_part(draft, "trustees", "No trustee is named yet.").table("trustees"))
    yield f"{trustees.threshold} of {len(trustees.names)}: {', '.join(trustees.names)}."
    data = draft.read(TRUSTEES)
    if data is None:
        raise _Missing("They have made no key yet: parameters.json, from ballot ceremony finish, is missing.")
    parameters = ThresholdParameters.from_json(GROUP, parse_json(data.strip()))
    programme = _whole(draft)
    if programme is not None:
        check_trustees(programme, parameters)
    yield "The key that they made is here."


def _secrecy(draft: Draft) -> Iterator[str]:
    root = draft.programme()
    if not root.has("secrecy"):
        raise _NotNeeded(f"Totals may determine {SECRECY_AT_MOST} of the votes, since nothing else is said.")
    yield f"Totals may determine {read_secrecy(root.table('secrecy'))} of the votes."


def _whole(draft: Draft) -> Programme | None:
    """The programme, if its file can be read as a whole."""
    try:
        return load_programme(draft.read(PROGRAMME) or b"", PROGRAMME)
    except ConstitutionError:
        return None


_LOOKS: dict[Task, Callable[[Draft], Iterator[str]]] = {
    Task.ABOUT: _about,
    Task.QUESTION: _question,
    Task.PACK: _pack,
    Task.CCGS: _ccgs,
    Task.WINDOW: _window,
    Task.OUTCOME: _outcome,
    Task.CONSTITUTIONS: _constitutions,
    Task.ROLL: _roll,
    Task.TRUSTEES: _trustees,
    Task.SECRECY: _secrecy,
}
