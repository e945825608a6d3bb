"""The registrar's page: the worker is unlocked by passphrases that nothing keeps, and the vault is backed up."""

from __future__ import annotations

import contextlib
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.db.activity import ActivityFilter, list_activity
from ballot.office.post import unlocking
from ballot.office.post.unlocking import SOCKET, Lock, WorkerState, worker_state
from ballot.office.post.voting_links import VotingLinks
from ballot.office.staff.roles import StaffRole
from ballot.record.keys import Role
from ballot.registrar.keyring import open_signing_key, open_vault_key
from ballot.registrar.vault import open_vault
from tests.integration.office.world import World
from tests.web.conftest import a_world, make_app
from tests.web.locked_keys import lock_keys, passphrase_of
from tests.web.staff import staff_client, token_of

GOOD = {"registrar": passphrase_of("registrar"), "vault": passphrase_of("vault")}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path) as world:
        assert world.open().entries  # while the vault opens without
        yield lock_keys(world)


@pytest.fixture
def client(world: World) -> FlaskClient:
    return staff_client(make_app(world), world, StaffRole.REGISTRAR)


@pytest.fixture
def lock(world: World) -> Iterator[Lock]:
    """A worker that answers."""

    def opened(registrar: str, vault: str) -> VotingLinks:
        key = open_signing_key(world.keys, Role.REGISTRAR, registrar)
        entries = open_vault(world.instance / "registrar.vault", open_vault_key(world.keys, vault))
        return VotingLinks(world.engine, key, entries)

    lock = Lock(world.instance, opened, None)
    with lock.answering():
        yield lock


def post(client: FlaskClient, where: str, **data: str) -> TestResponse:
    return client.post(f"/office/vault/{where}", data={"csrf_token": token_of(client), **data})


def words(world: World, act: str) -> list[str]:
    with world.reading() as session:
        return [entry.details for entry in list_activity(session, ActivityFilter(act=act))]


def test_the_registrar_unlocks_the_worker_and_locks_it_again(world: World, client: FlaskClient, lock: Lock) -> None:
    assert "Locked: e-mails with a voting link wait for you" in client.get("/office/vault").text
    assert post(client, "unlock", **GOOD).status_code == 303
    assert lock.links is not None
    assert "Unlocked: voting links are being sent." in client.get("/office/vault").text
    assert post(client, "lock").status_code == 303
    assert lock.links is None
    assert words(world, "worker-lock-changed") == ['{"word":"locked"}', '{"word":"unlocked"}']


def test_a_wrong_passphrase_unlocks_nothing_and_is_noted_without_its_words(
    world: World, client: FlaskClient, lock: Lock
) -> None:
    answer = post(client, "unlock", **GOOD | {"vault": "guess work"})
    assert (answer.status_code, lock.links) == (400, None)
    assert "The passphrase does not open the key vault." in answer.text
    assert "guess work" not in answer.text
    assert words(world, "key-refused") == ['{"key":"vault"}']


def test_without_a_worker_the_page_says_so_and_keeps_no_passphrase(client: FlaskClient, world: World) -> None:
    assert "No worker answers on this machine" in client.get("/office/vault").text
    answer = post(client, "unlock", **GOOD)
    assert (answer.status_code, "No worker answered" in answer.text) == (400, True)
    for path in world.folder.rglob("*"):
        if path.is_file():
            assert passphrase_of("vault").encode() not in path.read_bytes(), path


def test_only_our_own_user_reaches_the_socket(world: World, lock: Lock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stat.S_IMODE((world.instance / SOCKET).stat().st_mode) == 0o600
    monkeypatch.setattr(unlocking, "_is_own", lambda peer: False)
    answer = b""
    monkeypatch.chdir(world.instance)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer, contextlib.suppress(ConnectionError):
        peer.connect(SOCKET)
        peer.sendall(b'{"do": "say"}\n')
        answer = peer.recv(100)
    assert answer == b""


def test_what_is_no_question_gets_no_answer_and_stops_nothing(
    world: World, lock: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.instance)  # a socket's path must be short
    for data in (b"\n", b"[]\n", b'{"do": 1}\n', b"x" * 20_000 + b"\n"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            peer.connect(SOCKET)
            peer.sendall(data)
    assert worker_state(world.instance) is WorkerState.LOCKED


def test_a_second_worker_leaves_the_socket_to_the_first(world: World, lock: Lock) -> None:
    with Lock(world.instance, lambda *given: pytest.fail("the second was asked"), None).answering():
        assert worker_state(world.instance) is WorkerState.LOCKED
    assert worker_state(world.instance) is WorkerState.LOCKED


def test_the_vault_and_its_keys_are_downloaded_as_they_are_on_the_disk(world: World, client: FlaskClient) -> None:
    files = {
        "vault": world.instance / "registrar.vault",
        "vault key": world.keys / "private" / "vault.key",
        "registrar key": world.keys / "private" / "registrar.key",
    }
    for what, path in files.items():
        answer = post(client, "download", what=what)
        assert (answer.status_code, answer.data) == (200, path.read_bytes()), what
    assert words(world, "downloaded")[:3] == [f'{{"what":"{what}"}}' for what in reversed(files)]
    assert post(client, "download", what="board key").status_code == 404


def test_a_key_without_a_passphrase_is_not_given_out(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        client = staff_client(make_app(world.open()), world, StaffRole.REGISTRAR)
        assert "vault.key" not in client.get("/office/vault").text
        assert post(client, "download", what="vault key").status_code == 404
