"""A programme's folder during set-up: what is done, missing, wrong, or cannot start yet."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ballot.constitution.programme import load_programme
from ballot.office.errors import Refused
from ballot.office.setup.draft import PROGRAMME, Draft, draft_ids, open_draft
from ballot.office.setup.tasks import Task, TaskProgress, TaskState, is_complete, tasks
from ballot.protocol.hashing import sha256_hex
from ballot.roll.simple import write_roll
from tests.integration.office.world import ceremony, make_roll, write_folder

NOW = datetime(2020, 4, 1, 9, tzinfo=UTC)
PACK = b"%PDF-1.7 what is voted on"


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    """Everything but a voting pack."""
    folder = write_folder(tmp_path / "merger", "merger", "final")
    (folder / "roll.csv").write_bytes(write_roll(make_roll().members))
    (folder / "trustees.json").write_text(json.dumps(ceremony()[0].to_json(), separators=(",", ":")))
    return Draft(folder)


def state_of(draft: Draft, task: Task) -> TaskState:
    return next(state for state in tasks(draft) if state.task is task)


def test_a_folder_with_everything_is_complete_and_the_pack_is_optional(draft: Draft) -> None:
    assert {state.progress for state in tasks(draft)} == {TaskProgress.DONE, TaskProgress.OPTIONAL}
    assert state_of(draft, Task.PACK).progress is TaskProgress.OPTIONAL
    assert is_complete(draft)


def test_an_empty_folder_has_everything_to_do_and_says_what_must_wait(tmp_path: Path) -> None:
    draft = Draft(tmp_path)
    (tmp_path / "programme.toml").write_bytes(b"")
    found = {state.task: state.progress for state in tasks(draft)}
    assert found.pop(Task.CONSTITUTIONS) is TaskProgress.WAITS
    assert found.pop(Task.PACK) is TaskProgress.OPTIONAL
    assert found.pop(Task.SECRECY) is TaskProgress.OPTIONAL
    assert set(found.values()) == {TaskProgress.TO_DO}
    assert not is_complete(draft)


def rewrite(old: str, new: str) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        file = draft.folder / PROGRAMME
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new, 1))

    return change


def write(name: str, data: bytes) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        (draft.folder / name).parent.mkdir(exist_ok=True)
        (draft.folder / name).write_bytes(data)

    return change


def remove(name: str) -> Callable[[Draft], None]:
    return lambda draft: (draft.folder / name).unlink()


TABLE: list[tuple[str, Callable[[Draft], None], Task, TaskProgress, str]] = [
    ("id is not the folder's", rewrite('"merger"', '"other"'), Task.ABOUT, TaskProgress.WRONG, "must be the same"),
    ("two answers", rewrite(', "Abstain"]', "]"), Task.QUESTION, TaskProgress.WRONG, "three labels"),
    ("closes first", rewrite("2020-05-29", "2020-05-01"), Task.WINDOW, TaskProgress.WRONG, "close after it opens"),
    ("a clock change", rewrite("2020-05-11T09:00", "2020-03-29T01:30"), Task.WINDOW, TaskProgress.WRONG, "clocks skip"),
    ("no window", rewrite("[window]", "[windo]"), Task.WINDOW, TaskProgress.TO_DO, "no dates"),
    ("not TOML", rewrite("[window]", "[window"), Task.CCGS, TaskProgress.WRONG, "not TOML"),
    ("a CCG twice", rewrite('ods = "00B"', 'ods = "00A"'), Task.ROLL, TaskProgress.WAITS, "complete: "),
    ("no trustees", rewrite("[trustees]", "[trustee]"), Task.ROLL, TaskProgress.WAITS, "complete: the names of the t"),
    ("two tasks", remove("constitutions/00B.toml"), Task.ROLL, TaskProgress.WAITS, "the constitution of NHS 00B CCG."),
    ("a folder of more", write("constitutions/99Z.toml", b""), Task.ROLL, TaskProgress.WAITS, "and no other"),
    ("no question", rewrite("[[question]]", "[[q]]"), Task.OUTCOME, TaskProgress.WAITS, "First write the question."),
    ("no such question", rewrite('["merge"]', '["m"]'), Task.OUTCOME, TaskProgress.WRONG, "not a question"),
    ("one rule missing", remove("constitutions/00B.toml"), Task.CONSTITUTIONS, TaskProgress.BEGUN, "00B"),
    (
        "a wrong rule",
        write("constitutions/00B.toml", b"x = 1"),
        Task.CONSTITUTIONS,
        TaskProgress.WRONG,
        "top of the file",
    ),
    ("no roll", remove("roll.csv"), Task.ROLL, TaskProgress.TO_DO, "There is no roll yet."),
    ("another roll", write("roll.csv", b"a,b\n1,2\n"), Task.ROLL, TaskProgress.WRONG, "roll.csv:1"),
    (
        "roll of others",
        write("roll.csv", write_roll(make_roll(("00A",)).members)),
        Task.ROLL,
        TaskProgress.WRONG,
        "00B",
    ),
    ("no ceremony", remove("trustees.json"), Task.TRUSTEES, TaskProgress.BEGUN, "made no key yet"),
    ("no key at all", write("trustees.json", b"{}"), Task.TRUSTEES, TaskProgress.WRONG, "expected"),
    ("four trustees", rewrite('"Three"]', '"Three", "Four"]'), Task.TRUSTEES, TaskProgress.WRONG, "2 of 3"),
]


@pytest.mark.parametrize(("change", "task", "progress", "says"), [pytest.param(*row[1:], id=row[0]) for row in TABLE])
def test_what_is_missing_or_wrong_is_told_at_its_task(
    draft: Draft, change: Callable[[Draft], None], task: Task, progress: TaskProgress, says: str
) -> None:
    change(draft)
    found = state_of(draft, task)
    assert (found.progress, says in " ".join(found.sentences)) == (progress, True), found
    assert not is_complete(draft)
    assert str(draft.folder) not in " ".join(found.sentences)


def test_a_voting_pack_is_the_one_with_its_hash(draft: Draft) -> None:
    draft.change({"voting_pack": [{"name": "Case for change", "sha256": str(sha256_hex(PACK))}]}, NOW)
    assert state_of(draft, Task.PACK).progress is TaskProgress.WRONG
    draft.keep("packs/case.pdf", PACK, NOW)
    assert state_of(draft, Task.PACK).progress is TaskProgress.DONE
    (draft.folder / "packs" / "case.pdf").write_bytes(PACK + b" changed")
    assert state_of(draft, Task.PACK).progress is TaskProgress.WRONG


def test_a_changed_part_leaves_the_others_as_they_were(draft: Draft) -> None:
    before = load_programme(draft.read(PROGRAMME) or b"", "f")
    draft.change({"name": 'A "better" name'}, NOW)
    after = load_programme(draft.read(PROGRAMME) or b"", "f")
    assert after.name == 'A "better" name'
    assert (after.window, after.ccgs, after.outcome, after.trustees) == (
        before.window,
        before.ccgs,
        before.outcome,
        before.trustees,
    )


def test_what_is_replaced_is_kept_however_often_in_one_second(draft: Draft) -> None:
    first = draft.read(PROGRAMME)
    for name in ("One", "Two", "Two", "Three"):
        draft.change({"name": name}, NOW)
    kept = sorted(path.read_bytes() for path in (draft.folder / "previous").rglob(PROGRAMME))
    assert len(kept) == 3
    assert first in kept
    assert not list(draft.folder.glob(".*"))


def test_a_file_that_is_dropped_is_kept_too(draft: Draft) -> None:
    roll = draft.read("roll.csv")
    draft.drop("roll.csv", NOW)
    assert draft.read("roll.csv") is None
    assert [path.read_bytes() for path in (draft.folder / "previous").rglob("roll.csv")] == [roll]


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "", ".hidden", "a\nb", "packs/.."])
def test_no_name_leads_out_of_the_folder(draft: Draft, name: str) -> None:
    with pytest.raises(Refused):
        draft.keep(name, b"", NOW)
    with pytest.raises(Refused):
        draft.read(name)


def test_only_a_folder_that_is_there_is_a_draft(draft: Draft) -> None:
    assert draft_ids(draft.folder.parent) == ["merger"]
    assert open_draft(draft.folder.parent, "merger").folder == draft.folder
    for id in ("", "..", "merger/..", "other"):
        with pytest.raises(Refused):
            open_draft(draft.folder.parent, id)
