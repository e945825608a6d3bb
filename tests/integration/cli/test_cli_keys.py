"""Keys and passphrases on the command line: where a passphrase may come from, and that it never leaks."""

from __future__ import annotations

import getpass
import io
import secrets
from pathlib import Path

import pytest

from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import Role
from ballot.registrar.files import write_private
from ballot.registrar.keyring import open_signing_key
from ballot.registrar.officer_key import seal_officer_key
from ballot.registrar.sealing import seal_to_both
from tests.integration.cli.installation import ID, Installation
from tests.integration.cli.test_cli_refusals import refused

ROLES = ("board", "registrar", "returning-officer", "deputy")
NAMES = (*ROLES, "vault", "storage", "mail")


class Terminal(io.StringIO):
    """Somebody sits at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed at prompts, in order; a list that is empty means that the input has ended."""
    answers: list[str] = []

    def ask(prompt: str) -> str:
        if not answers:
            raise EOFError
        return answers.pop(0)

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", ask)
    return answers


def private(here: Installation, name: str) -> Path:
    return here.folder / "keys" / "private" / f"{name}.key"


def passphrase_file(here: Installation, text: str, mode: int = 0o600) -> Path:
    file = here.folder / f"passphrase-{mode:o}"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_keys_are_made_once_with_mode_0600_and_shown_by_fingerprint(empty: Installation) -> None:
    said = empty.do("keys", "init")

    assert all(private(empty, name).stat().st_mode & 0o777 == 0o600 for name in NAMES)
    assert "Without a passphrase" in said
    shown = dict(line.split() for line in empty.do("keys", "show").splitlines())
    assert tuple(shown) == ROLES
    assert all(len(fingerprint) == 64 for fingerprint in shown.values())


def test_one_key_can_be_made_alone_and_the_others_are_said_to_be_missing(empty: Installation) -> None:
    assert "no public keys" in empty.run("keys", "show").err
    empty.do("keys", "init", "--name", "deputy")

    assert [file.name for file in private(empty, "x").parent.iterdir()] == ["deputy.key"]
    assert "board.pub is missing." in empty.do("keys", "show")


def test_a_passphrase_is_read_from_a_private_file_only(empty: Installation) -> None:
    assert "may be read by others" in refused(
        empty, "keys", "init", "--passphrase-file", passphrase_file(empty, "hunter2\n", 0o644)
    )
    assert "no passphrase in its first line" in refused(
        empty, "keys", "init", "--passphrase-file", passphrase_file(empty, "\nhunter2")
    )
    assert "No such file" in refused(empty, "keys", "init", "--passphrase-file", "deputy=/nowhere")
    assert not (empty.folder / "keys").exists()


def test_a_passphrase_typed_twice_differently_makes_no_key(empty: Installation, typed: list[str]) -> None:
    typed[:] = ["hunter2", "hunter3"]

    assert "differ" in refused(empty, "keys", "init", "--name", "deputy")
    assert "the input ended" in refused(empty, "keys", "init", "--name", "deputy")
    assert not (empty.folder / "keys").exists()


def test_officers_open_their_keys_by_terminal_file_or_environment(
    empty: Installation, typed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [argument for name in ("board", "registrar", "vault", "storage") for argument in ("--name", name)]
    typed[:] = ["", "", "", ""]
    empty.do("keys", "init", *others)
    typed[:] = ["hunter2", "hunter2"]
    file = passphrase_file(empty, "correct horse\nnot this line\n")
    empty.do("keys", "init", "--name", "returning-officer", "--name", "deputy", "--passphrase-file", f"deputy={file}")
    assert b" argon2id " in private(empty, "deputy").read_bytes()
    typed[:] = [""] * 3  # the trustees' own keys
    empty.do("db", "upgrade")
    empty.write_programme()
    empty.hold_ceremony()

    monkeypatch.setattr("sys.stdin", io.StringIO())
    told = refused(
        empty, "office", "prepare", "--programme", ID, "--roll", empty.folder / "roll.csv",
        "--trustees", empty.trustees / "parameters.json",
    )  # fmt: skip
    assert "BALLOT_PASSPHRASE_RETURNING_OFFICER" in told
    monkeypatch.setenv("BALLOT_PASSPHRASE_RETURNING_OFFICER", "hunter2")
    empty.prepare()
    empty.do("office", "backup", "--to", empty.backup)
    monkeypatch.setattr("sys.stdin", Terminal())
    typed[:] = ["wrong"]
    assert "does not open the key deputy" in empty.run("office", "try-restore", empty.backup).err
    typed[:] = ["correct horse"]
    ran = empty.run("office", "try-restore", empty.backup)
    assert (ran.status, ran.err) == (
        0,
        "The returning officer proposes, and the deputy approves: to try the backup server-keys.backup.\n",
    )
    assert not [text for text in empty.printed for secret in ("hunter2", "correct horse", "wrong") if secret in text]


def test_the_server_key_opens_with_ballot_passphrase(empty: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALLOT_PASSPHRASE", "hunter2")

    said = empty.do("keys", "init", "--name", "board", "--name", "deputy")

    assert "only that mode protects them: deputy." in said
    assert b" argon2id " in private(empty, "board").read_bytes()


def test_a_key_made_without_a_passphrase_is_given_one_and_stays_the_same_key(
    empty: Installation, typed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed[:] = [""] * len(NAMES)
    empty.do("keys", "init")
    before = empty.do("keys", "show")
    typed[:] = ["twelve words or so", "twelve words or so"]

    said = empty.do("keys", "passphrase", "--name", "deputy")

    assert "kept without a passphrase" in said
    assert empty.do("keys", "show") == before
    assert private(empty, "deputy").stat().st_mode & 0o777 == 0o600
    assert b"argon2id" in private(empty, "deputy").read_bytes()
    for answers, sentence in (
        (["wrong", "another passphrase", "another passphrase"], "does not open the key deputy"),
        (["twelve words or so", "short"], "12 characters or more"),
        (["twelve words or so", "another passphrase", "and a third one"], "differ"),
    ):
        typed[:] = answers
        kept = private(empty, "deputy").read_bytes()
        assert sentence in empty.run("keys", "passphrase", "--name", "deputy").err
        assert private(empty, "deputy").read_bytes() == kept


def test_an_officer_takes_their_key_away_in_a_file_and_can_put_it_back(
    empty: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty.do("keys", "init")
    shown = empty.do("keys", "show")
    file = empty.folder / "deputy-key.json"
    monkeypatch.setenv("BALLOT_PASSPHRASE_OFFICER_KEY", "short")
    assert "15 characters or more" in refused(empty, "keys", "take-away", "--name", "deputy", "--to", file)
    assert private(empty, "deputy").exists()
    monkeypatch.setenv("BALLOT_PASSPHRASE_OFFICER_KEY", "four or five words")
    empty.do("keys", "take-away", "--name", "deputy", "--to", str(file))
    assert not private(empty, "deputy").exists()
    assert empty.do("keys", "show") == shown
    assert file.stat().st_mode & 0o777 == 0o600
    empty.do("keys", "put-back", "--from", str(file))
    assert private(empty, "deputy").exists()


def test_officers_open_a_backup_with_their_key_files_and_no_server(
    empty: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty.do("keys", "init")
    keys = {role: open_signing_key(empty.folder / "keys", role) for role in (Role.RETURNING_OFFICER, Role.DEPUTY)}
    backup = empty.folder / "server.backup"
    write_private(backup, seal_to_both(b"the server's keys", *(key.public for key in keys.values())))
    options = []
    for option, (role, key) in zip(("--officer", "--deputy"), keys.items(), strict=True):
        monkeypatch.setenv(f"BALLOT_PASSPHRASE_{role.value.upper().replace('-', '_')}", f"words of the {role.value}")
        file = empty.folder / f"{role.value}.json"
        write_private(file, seal_officer_key(key, f"words of the {role.value}", secrets.token_bytes))
        options += [option, str(file)]
    assert empty.do("keys", "open-backup", str(backup), *options).strip() == sha256_hex(b"the server's keys")
    swapped = [options[0], options[3], options[2], options[1]]
    assert "does not open the officer's key file" in refused(empty, "keys", "open-backup", backup, *swapped)
