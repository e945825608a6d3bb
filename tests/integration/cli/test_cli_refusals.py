"""Every refusal of the command line: clear sentences on standard error, exit status 2, no traceback, no secret."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from ballot.cli.main import main
from ballot.cli.refusals import sentence_of
from tests.integration.cli.installation import ID, Installation, serving

Spoil = Callable[[Installation], object]
EARLY = ("--early", "--reason", "rehearsal")


def refused(here: Installation, *arguments: object) -> str:
    """What was said; it must be sentences, and nothing else must have been printed."""
    ran = here.run(*arguments)
    assert (ran.status, ran.out) == (2, ""), ran
    assert ran.err.strip()
    assert all(line.endswith(".") for line in ran.err.strip().splitlines()), ran.err
    return ran.err


def set_config(name: str, value: str | None) -> Spoil:
    def spoil(here: Installation) -> None:
        lines = [line for line in here.config.read_text().splitlines() if not line.startswith(f"{name} =")]
        here.config.write_text("\n".join(lines if value is None else [f'{name} = "{value}"', *lines]) + "\n")

    return spoil


def write(name: str, text: str) -> Spoil:
    def spoil(here: Installation) -> None:
        (here.folder / name).write_text(text)

    return spoil


def database(here: Installation) -> Path:
    return here.folder / "instance" / "ballot.db"


def from_the_future(here: Installation) -> None:
    connection = sqlite3.connect(database(here))
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


STATUS = ("office", "status")
SETTINGS = [
    pytest.param(set_config("database", None), STATUS, 'The setting "database" is missing', id="a setting is missing"),
    pytest.param(set_config("board", "Not A Host"), STATUS, "must be a host name", id="a setting is wrong"),
    pytest.param(set_config("unheard", "of"), STATUS, '"unheard" is not a key', id="a setting nobody knows"),
    pytest.param(write("ballot.toml", "= ="), STATUS, "This is not TOML", id="settings that are not TOML"),
    pytest.param(lambda here: here.config.unlink(), STATUS, "is missing", id="no settings file"),
    pytest.param(
        set_config("database", "mysql://u:hunter2@h/d"), STATUS, "must be sqlite:///FILE", id="another database"
    ),
    pytest.param(set_config("database", "hunter2"), STATUS, "must be sqlite:///FILE", id="no URL at all"),
    pytest.param(
        set_config("database", "postgresql://u:hunter2@127.0.0.1:1/d"), STATUS, "could not be used", id="database down"
    ),
    pytest.param(lambda here: database(here).unlink(), STATUS, "make it with ballot db upgrade", id="no database yet"),
    pytest.param(lambda here: database(here).write_bytes(b""), STATUS, "version none", id="a database without tables"),
    pytest.param(
        lambda here: database(here).write_bytes(b"hunter2" * 9999), STATUS, "not a database", id="some other file"
    ),
    pytest.param(from_the_future, STATUS, "are of version 9999", id="tables of another version"),
    pytest.param(from_the_future, ("db", "upgrade"), "newer version of ballot", id="no way back"),
    pytest.param(from_the_future, ("serve", "--port", "0"), "are of version 9999", id="nor is it served"),
    pytest.param(
        lambda here: (here.folder / "keys/private/board.key").unlink(), ("serve",), "board.key is missing", id="no key"
    ),
    pytest.param(
        lambda here: (here.folder / "keys/private/deputy.key").chmod(0o644),
        ("office", "seal"),
        "deputy.key may be read by others",
        id="a key that others may read",
    ),
    pytest.param(
        lambda here: (here.folder / "keys/private/deputy.key").write_text("hunter2"),
        ("office", "seal"),
        "damaged",
        id="a damaged key",
    ),
    pytest.param(
        lambda here: (here.folder / "keys/deputy.pub").write_bytes((here.folder / "keys/board.pub").read_bytes()),
        ("office", "seal"),
        "deputy.pub is not the public key of deputy.key",
        id="keys mixed up",
    ),
    pytest.param(lambda here: None, ("keys", "init"), "never overwritten", id="keys are there already"),
    pytest.param(
        lambda here: here.backup.write_bytes(b"hunter2"),
        ("office", "try-restore", "elsewhere/server-keys.backup"),
        "does not open",
        id="a spoiled backup",
    ),
]


@pytest.mark.parametrize(("spoil", "command", "said"), SETTINGS)
def test_what_is_wrong_with_an_installation_is_said_and_no_password_with_it(
    issued: Installation, monkeypatch: pytest.MonkeyPatch, spoil: Spoil, command: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(issued.folder)
    spoil(issued)

    told = refused(issued, *command)

    assert said in told
    assert "hunter2" not in told


def test_every_problem_of_a_roll_is_said_at_once(issued: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(issued.folder)
    roll = issued.folder / "roll.csv"
    roll.write_text(roll.read_text().replace("Y00001", "HUH").replace("@example.org", "", 1))

    checked = refused(issued, "roll", "check", "roll.csv", "--programme", f"config/{ID}")
    prepared = refused(
        issued, "office", "prepare", "--programme", ID, "--roll", "roll.csv", "--trustees", "trustees/parameters.json"
    )

    assert checked == prepared
    assert [line.split(": ")[:2] for line in checked.splitlines()] == [
        ["roll.csv:2", "column email"],
        ["roll.csv:3", "column practice_ods_code"],
    ]


ROLL = ("roll", "check", "roll.csv", "--programme")


@pytest.mark.parametrize("named", [(), ("--programme", ID), ("--programme", "north")], ids=["no", "id", "folder"])
def test_a_programme_in_a_folder_of_another_name_is_told_to_move(tmp_path: Path, named: tuple[str, ...]) -> None:
    here = Installation(tmp_path)
    here.do("db", "upgrade")
    here.do("keys", "init")
    here.write_programme()
    here.hold_ceremony()
    config = here.folder / "config"
    (config / ID).rename(config / "north")
    files = ("--roll", here.folder / "roll.csv", "--trustees", here.trustees / "parameters.json")

    ran = here.run("office", "prepare", *named, *files)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        f'{config}/north holds the programme "{ID}", and the folder must have its name: '
        f"mv {config}/north {config}/{ID}\n"
    )
    (config / "north").rename(config / ID)
    assert f"{ID} is a draft" in here.do("office", "prepare", *files)


PREPARE = ("office", "prepare", "--programme", ID, "--roll", "roll.csv", "--trustees")
FILES = [
    pytest.param((*ROLL, "nowhere"), "nowhere: No such file", id="no such folder"),
    pytest.param(("roll", "check", "config", "--programme", f"config/{ID}"), "config: Is a directory", id="a folder"),
    pytest.param((*ROLL, "roll.csv"), "roll.csv:1", id="a programme that is none"),
    pytest.param((*PREPARE, "nowhere"), "nowhere: No such file", id="no parameters"),
    pytest.param((*PREPARE, "roll.csv"), "roll.csv is not what was expected", id="parameters that are none"),
    pytest.param((*PREPARE, "trustees/cert-1.json"), "is not what was expected", id="a certificate for parameters"),
    pytest.param((*PREPARE, "trustees/parameters.json"), "There is already a programme merger", id="twice prepared"),
    pytest.param(
        ("office", "prepare", "--programme", "../x", *PREPARE[4:], "x"), "there are: merger", id="not a folder"
    ),
    pytest.param(("office", "status", "--programme", "other"), "there are: merger", id="another programme"),
    pytest.param(("office", "try-restore", "nowhere"), "nowhere is missing", id="no backup"),
    pytest.param(("office", "backup", "--to", "roll.csv"), "never overwritten", id="a backup over another file"),
    pytest.param(("decide", "nowhere", "nowhere"), "nowhere:1", id="no rule"),
    pytest.param(("lint", "roll.csv"), "roll.csv:1", id="a roll is no rule"),
    pytest.param(("outcome", f"config/{ID}/programme.toml", "roll.csv"), "roll.csv:1", id="outcomes that are none"),
    pytest.param(("vote",), 'There is no command "vote"', id="no such command"),
]


@pytest.fixture(scope="module")
def draft(issued_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Issued, for commands that are refused and so change nothing."""
    return copied(issued_once, tmp_path_factory.mktemp("draft"))


@pytest.fixture(scope="module")
def running(sealed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Sealed, for the same."""
    return copied(sealed_once, tmp_path_factory.mktemp("running"))


def copied(source: Path, folder: Path) -> Installation:
    shutil.copytree(source, folder, dirs_exist_ok=True)
    return Installation(folder)


@pytest.mark.parametrize(("command", "said"), FILES)
def test_a_file_that_cannot_be_used_is_named(
    draft: Installation, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(draft.folder)

    assert said in refused(draft, *command)


BEFORE_SEALING = [
    pytest.param(("office", "publish"), "not sealed", id="publish"),
    pytest.param(("registrar", "issue"), "already issued", id="issue again"),
    pytest.param(("office", "close", "00A"), "", id="close"),
    pytest.param(("office", "decide"), "not counted yet: NHS 00A CCG (00A), ", id="decide"),
    pytest.param(("office", "declare"), "not decided yet", id="declare"),
    pytest.param(("office", "close", "--all"), "00A draft, 00B draft, 00C draft", id="close all"),
]


@pytest.mark.parametrize(("command", "said"), BEFORE_SEALING)
def test_a_draft_can_only_be_sealed(draft: Installation, command: tuple[str, ...], said: str) -> None:
    assert said in refused(draft, *command)


AFTER_SEALING = [
    pytest.param(("office", "seal"), "cannot be sealed", id="seal again"),
    pytest.param(("office", "close", "00A"), "00A closes at", id="close before its time"),
    pytest.param(("office", "close", "--all"), "it would have to be closed", id="close all before their time"),
    pytest.param(("office", "close", "00A", "--early"), "--early needs a reason", id="early without a reason"),
    pytest.param(("office", "open", "--all", *EARLY), "it would have to be sealed", id="open what is open"),
    pytest.param(("office", "close", "99Z", *EARLY), "99Z is not one of the CCGs", id="another CCG"),
    pytest.param(("office", "server-share", "00A"), "Only a closed ballot can be decrypted", id="decrypt while open"),
    pytest.param(("office", "strike", "00A", "Y99999", "--reason", "practice-closed"), "not a member", id="a stranger"),
    pytest.param(
        ("registrar", "reissue", "00A", "Y10000"), "not a member of NHS 00A CCG (00A)", id="another CCG's practice"
    ),
    pytest.param(("registrar", "revoke", "00A", "Y00000", "--note", "x"), "--reason CODE", id="a note alone"),
    pytest.param(("registrar", "links", "--practice", "Y99999"), "no working voting link", id="no such link"),
    pytest.param(
        ("office", "extend", "00A", "--closes", "2001-01-01T00:00", "--reason", "rehearsal"),
        "Choose a time after ",
        id="not later",
    ),
    pytest.param(
        ("office", "extend", "00A", "--closes", "soon", "--reason", "rehearsal"),
        "such as 2020-06-05T17:00",
        id="no time",
    ),
]


@pytest.mark.parametrize(("command", "said"), AFTER_SEALING)
def test_an_act_whose_time_it_is_not_changes_nothing(
    running: Installation, command: tuple[str, ...], said: str
) -> None:
    before = running.do("office", "status")

    assert said in refused(running, *command)
    assert running.do("office", "status") == before


def test_a_share_that_does_not_hold_is_refused_by_name(sealed: Installation) -> None:
    sealed.do("office", "close", "00A", *EARLY)
    file = sealed.folder / "share.json"
    file.write_bytes(b'{"decryption_factors":[],"decryption_proofs":[]}')

    assert "The share of Two is not valid" in refused(sealed, "office", "share", "00A", "--owner", 3, file)
    assert "There is no trustee 9" in refused(sealed, "office", "share", "00A", "--owner", 9, file)


def test_of_all_ccgs_those_that_can_are_done_and_the_others_are_named(sealed: Installation) -> None:
    sealed.do("office", "close", "--all", *EARLY)
    keys = sealed.folder / "instance" / f"{ID}.server-keys"
    keys.write_bytes(b"hunter2")

    ran = sealed.run("office", "server-share", "--all")

    assert (ran.status, [line[:5] for line in ran.err.splitlines()]) == (2, ["00A: ", "00B: ", "00C: "])


def test_a_port_in_use_is_said_before_anything_starts(sealed: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert "Address already in use" in refused(sealed, "serve", "--port", port)
    assert "not possible to listen on" in refused(sealed, "serve", "--host", "no.such.host.invalid", "--port", 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--port", "http"),
        ("serve", "--workers", "0"),
        ("office",),
        ("office", "close"),
        ("office", "close", "00A", "--all"),
        ("office", "abandon", "00A"),
        ("office", "abandon", "00A", "--reason", "boredom"),
        ("registrar", "links"),
        ("keys", "init", "--name", "nobody"),
        ("trustee", "certificate"),
    ],
    ids=" ".join,
)
def test_a_command_typed_wrongly_shows_how_it_is_typed(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))

    assert ended.value.code == 2
    assert "usage: ballot" in capsys.readouterr().err


def test_what_nobody_foresaw_is_no_refusal() -> None:
    assert sentence_of(KeyError("surprise")) is None


def test_an_interrupted_command_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("ballot.cli.main._run", interrupt)

    assert main(["office", "status"]) == 130
    assert capsys.readouterr().err == "Interrupted.\n"


def test_the_server_answers_and_ends_quietly(sealed: Installation) -> None:
    with serving(sealed, "--workers", "1", "--threads", "1") as (_, log):
        pass
    assert log.read_text() == ""
