"""The task list of setting up: what is done in a programme's folder, what is missing and what is wrong. Reads only.

Each part of programme.toml is read by itself, with the reader that preparing uses, so a missing part does not hide what
is wrong with another. The whole file is read at the end. `how_far` says how close a programme is to being sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from pathlib import Path

from sqlalchemy import Engine

from ballot.constitution.errors import ConstitutionError
from ballot.constitution.fitting import check_fits
from ballot.constitution.load import load_constitution
from ballot.constitution.window import read_window
from ballot.constitution.words import DEFAULT_WORDS, Words
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.db.tokens import token_lines
from ballot.office.errors import Refusal, Refused
from ballot.office.setup.draft import CONSTITUTIONS, PROGRAMME, Draft, DraftTrial
from ballot.office.setup.parts import (
    Begun,
    NotNeeded,
    NotThereYet,
    Waits,
    describe_about,
    describe_ccgs,
    describe_constitutions,
    describe_outcome,
    describe_pack,
    describe_question,
    describe_roll,
    describe_secrecy,
    describe_trustees,
    describe_window,
    whole,
)
from ballot.protocol.errors import InvalidMessage
from ballot.roll.problems import InvalidRoll
from ballot.strict.toml_lines import path_at


class Task(Enum):
    """The tasks, in the best order to do them."""

    ABOUT = "about"
    QUESTION = "question"
    PACK = "voting-pack"
    CCGS = "ccgs"
    WINDOW = "window"
    OUTCOME = "outcome"
    CONSTITUTIONS = "constitutions"
    TRUSTEES = "trustees"
    ROLL = "roll"
    SECRECY = "secrecy"


class TaskProgress(Enum):
    """The state of a task."""

    DONE = "completed"
    TO_DO = "not started"
    BEGUN = "in progress"
    WRONG = "there is a problem"
    WAITS = "cannot start yet"
    OPTIONAL = "optional"


TITLES = {
    Task.ABOUT: "Name the ballot",
    Task.QUESTION: "Write the question",
    Task.PACK: "Add the voting pack",
    Task.CCGS: "List the {bodies}",
    Task.WINDOW: "Set when it opens and closes",
    Task.OUTCOME: "Say what it takes to proceed",
    Task.CONSTITUTIONS: "Add each {body}'s constitution",
    Task.TRUSTEES: "Name the trustees, and add the key they made",
    Task.ROLL: "Upload the roll of {full_members}",
    Task.SECRECY: "See what the totals would tell about single votes",
}


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task, its state, and the sentences that say why."""

    task: Task
    progress: TaskProgress
    sentences: tuple[str, ...] = ()
    fault: ConstitutionError | None = field(default=None, repr=False)
    """The error of the reader, which also knows file and line; None if the part is not wrong, or not a rule file."""
    words: Words = DEFAULT_WORDS

    @property
    def ccg(self) -> str | None:
        """The CCG whose constitution is wrong; None if none is."""
        path = None if self.fault is None else Path(self.fault.file)
        return None if path is None or path.parent.name != CONSTITUTIONS else path.stem

    @property
    def title(self) -> str:
        return self.words.said(TITLES[self.task])


def tasks(draft: Draft) -> list[TaskState]:
    """Every task with its state."""
    return [_state_of(task, describe, draft) for task, describe in _DESCRIBE.items()]


class PartRefused(Refused):
    """A part of programme.toml that would be wrong: the reader's sentence, and the path of the value it is about."""

    def __init__(self, sentence: str, path: tuple[str | int, ...]) -> None:
        super().__init__(Refusal.FILES_DIFFER, sentence)
        self.path = path


def change_part(draft: Draft, task: Task, values: Mapping[str, object], now: datetime) -> None:
    """Write a task's part of programme.toml. Raises PartRefused, in the reader's words, if the part would be wrong."""
    data = draft.with_values(values)
    found = _state_of(task, _DESCRIBE[task], DraftTrial(draft.folder, PROGRAMME, data))
    if found.fault is not None:
        raise PartRefused(found.fault.sentence, path_at(data.decode(), found.fault.line))
    change_file(draft, task, PROGRAMME, data, now)


def change_constitution(draft: Draft, ccg: str, data: bytes, now: datetime) -> None:
    """Write the rule file of one CCG. Raises ConstitutionError if it is not one, or does not fit what is asked.

    The files of other CCGs may be wrong, so that each can be corrected in turn.
    """
    found = load_constitution(data, f"{ccg}.toml", draft.words())
    if found.ccg != ccg:
        raise ConstitutionError(found.file, 1, f"This is the rule of {found.ccg}, not of {ccg}.")
    programme = whole(draft)
    if programme is not None:
        check_fits(found, programme)
    draft.keep(f"{CONSTITUTIONS}/{ccg}.toml", data, now)


def change_file(draft: Draft, task: Task, name: str, data: bytes, now: datetime) -> None:
    """Write a file into the folder. Raises Refused, in the reader's words, if its task would then be wrong."""
    found = _state_of(task, _DESCRIBE[task], DraftTrial(draft.folder, name, data))
    if found.progress is TaskProgress.WRONG:
        raise Refused(Refusal.FILES_DIFFER, " ".join(found.sentences[:3]))
    draft.keep(name, data, now)


def is_complete(draft: Draft) -> bool:
    """Whether nothing needed is missing or wrong, and all files belong to one programme."""
    return all(state.progress in (TaskProgress.DONE, TaskProgress.OPTIONAL) for state in tasks(draft))


def _state_of(task: Task, describe: Callable[[Draft], Iterator[str]], draft: Draft) -> TaskState:
    found, words = _looked_at(task, describe, draft), draft.words()
    return replace(found, sentences=tuple(map(words.said, found.sentences)), words=words)


def _looked_at(task: Task, describe: Callable[[Draft], Iterator[str]], draft: Draft) -> TaskState:
    try:
        sentences = tuple(describe(draft))
    except Begun as missing:
        return TaskState(task, TaskProgress.BEGUN, (str(missing),))
    except NotThereYet as missing:
        return TaskState(task, TaskProgress.TO_DO, (str(missing),))
    except NotNeeded as free:
        return TaskState(task, TaskProgress.OPTIONAL, (str(free),))
    except Waits as waits:
        return TaskState(task, TaskProgress.WAITS, (str(waits),))
    except ConstitutionError as fault:
        return TaskState(task, TaskProgress.WRONG, (fault.sentence,), fault)
    except InvalidRoll as fault:
        return TaskState(task, TaskProgress.WRONG, tuple(str(fault).splitlines()))
    except Refused as fault:
        return TaskState(task, TaskProgress.WRONG, (fault.sentence,))
    except InvalidMessage as fault:
        return TaskState(task, TaskProgress.WRONG, (f"The file is not as expected: {fault.detail}.",))
    return TaskState(task, TaskProgress.DONE, sentences)


_DESCRIBE: dict[Task, Callable[[Draft], Iterator[str]]] = {
    Task.ABOUT: describe_about,
    Task.QUESTION: describe_question,
    Task.PACK: describe_pack,
    Task.CCGS: describe_ccgs,
    Task.WINDOW: describe_window,
    Task.OUTCOME: describe_outcome,
    Task.CONSTITUTIONS: describe_constitutions,
    Task.TRUSTEES: describe_trustees,
    Task.ROLL: describe_roll,
    Task.SECRECY: describe_secrecy,
}


def past_times(draft: Draft, now: datetime) -> str:
    """A warning if the ballot would open or close in the past; empty if not, or if it has no times yet."""
    try:
        window = read_window(draft.programme().table("window"))
    except ConstitutionError:
        return ""
    if window.closes_at <= now:
        return "The closing time has passed. Set later times: the ballot cannot be sealed with these."
    if window.opens_at <= now:
        return "The opening time has passed. Set a later one: the ballot cannot be sealed with this."
    return ""


@dataclass(frozen=True, slots=True)
class TaskSteps:
    """The steps that are done."""

    prepared: bool = False
    backup_tried: bool = False
    issued: bool = False
    sealed: bool = False


def how_far(engine: Engine, programme_id: str) -> TaskSteps:
    """The steps that the database records. All are False for a programme that exists only as files."""
    with reading(engine) as session:
        row = find_programme(session, programme_id)
        if row is None:
            return TaskSteps()
        issued = bool(token_lines(session, programme_id))
        return TaskSteps(True, row.backup_restored_at is not None, issued, row.fingerprint is not None)
