"""A witness as C2SP describes it, on its own port: asked, its cosignature kept, shown, published and audited."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.audit.run import Options, Stage, audit
from ballot.cli.witness import post
from ballot.config import InvalidConfig, WitnessSettings, load_config
from ballot.office.board.cosign import ask_witnesses
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import sha256_hex
from ballot.record.checkpoints import open_checkpoint
from ballot.record.cosignatures import Witness, accept_cosignatures, cosign
from ballot.record.keys import PublicKey
from ballot.record.merkle import EMPTY_ROOT, check_consistency
from ballot.record.tlog_proofs import parse_consistency_proof, parse_signed_checkpoint
from tests.integration.office.world import World
from tests.support.inclusion_proofs import parse_inclusion_proof
from tests.watch.boards import fork
from tests.web.conftest import make_app

KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
NAME = "witness.example.org"
WITNESS = Witness(NAME, PublicKey(KEY.public_key().public_bytes_raw()))
API = "/api/programmes/merger"


class HonestWitness(BaseHTTPRequestHandler):
    """Remembers the newest size and root of each log, and answers as the specification says."""

    board: PublicKey
    known: dict[str, tuple[int, bytes]]
    answer: bytes | None = None

    def do_POST(self) -> None:
        proof = parse_consistency_proof(self.rfile.read(int(self.headers["Content-Length"])).decode())
        checkpoint = open_checkpoint(proof.signed.note, self.board)
        size, root = self.known.get(checkpoint.origin, (0, EMPTY_ROOT))
        if proof.old != size:
            self.reply(409, f"{size}\n".encode())
            return
        try:
            check_consistency(size, root, checkpoint.size, checkpoint.root, proof.path)
        except InvalidMessage:
            self.reply(422, b"")
            return
        self.known[checkpoint.origin] = checkpoint.size, checkpoint.root
        line = cosign(proof.signed.body, NAME, KEY, datetime(2020, 5, 11, 9, tzinfo=UTC))
        self.reply(200, self.answer or f"{line}\n".encode())

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def asking(origin: World, tmp_path: Path) -> Iterator[tuple[World, WitnessSettings, type[HonestWitness]]]:
    handler = type("Handler", (HonestWitness,), {"board": origin.board.public, "known": {}})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    with fork(origin, tmp_path / "asking") as world:
        yield world, WitnessSettings(WITNESS, f"http://127.0.0.1:{server.server_port}/w"), handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_cosignature_is_asked_for_kept_shown_published_and_audited(
    asking: tuple[World, WitnessSettings, type[HonestWitness]], bodies: list[bytes], tmp_path: Path
) -> None:
    world, settings, _ = asking
    assert {one.word for one in ask_witnesses(world.engine, [settings], post)} == {"cosigned"}
    assert ask_witnesses(world.engine, [settings], post) == []  # nothing is new
    assert world.cast(world.links()[2], bodies[2]).status == 200
    assert [(one.log, one.word) for one in ask_witnesses(world.engine, [settings], post)] == [("00A", "cosigned")]

    client = make_app(world, office=False).test_client()
    signed = parse_signed_checkpoint(client.get(f"{API}/logs/00A/checkpoint").text)
    assert [one.witness for one in accept_cosignatures(signed.cosignatures[0], signed.body, [WITNESS])] == [WITNESS]
    assert client.get(f"{API}/logs/00A/cosigned").text == signed.to_text()
    proof = parse_inclusion_proof(client.get(f"{API}/00A/receipts/{sha256_hex(bodies[0])}.tlog-proof").text)
    assert proof.signed == signed
    assert f"{NAME}, up to size 4" in client.get("/board/merger/checkpoints").text

    record = tmp_path / "record.zip"
    record.write_bytes(client.get(f"{API}/record-so-far.zip").data)
    report = audit(record, Options(stage=Stage.VOTING))
    assert report.failed() == report.skipped() == []
    assert f"cosigned by {WITNESS.vkey}" in report.verdict


def test_a_witness_that_remembers_another_size_is_asked_again_from_there(
    asking: tuple[World, WitnessSettings, type[HonestWitness]],
) -> None:
    world, settings, handler = asking
    with_three = make_app(world, office=False).test_client().get(f"{API}/logs/00A/checkpoint/2").text
    older = open_checkpoint(with_three, world.board.public)
    handler.known[older.origin] = older.size, older.root
    assert {one.word for one in ask_witnesses(world.engine, [settings], post)} == {"cosigned"}


def test_nothing_false_is_kept(asking: tuple[World, WitnessSettings, type[HonestWitness]]) -> None:
    world, settings, handler = asking
    for answer in (b"\xff", b"nonsense\n", cosign("another text\n", NAME, KEY, datetime.now(UTC)).encode() + b"\n"):
        handler.answer, handler.known = answer, {}
        assert {one.word for one in ask_witnesses(world.engine, [settings], post)} == {"refused"}
    handler.known = {"vote.example.org/merger/00A": (2, bytes(32))}
    words = {one.log: one.word for one in ask_witnesses(world.engine, [settings], post)}
    assert words["00A"] == "status-422"
    nowhere = WitnessSettings(WITNESS, "http://127.0.0.1:1/w")
    assert {one.word for one in ask_witnesses(world.engine, [nowhere], post)} == {"unreachable"}
    assert make_app(world, office=False).test_client().get(f"{API}/cosignatures.jsonl").data == b""


def test_witnesses_are_read_from_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "ballot.toml"
    base = 'database="sqlite:///x"\ninstance="i"\nboard="b.example.org"\nprogrammes="c"\nkeys="k"\n'
    file.write_text(f'{base}[witness.one]\nvkey="{WITNESS.vkey}"\nurl="https://w.example.org/submit/"\n')
    assert load_config(file, {}).witnesses == (WitnessSettings(WITNESS, "https://w.example.org/submit"),)
    for wrong in ('vkey="x"\nurl="https://w"', f'vkey="{WITNESS.vkey}"', f'vkey="{WITNESS.vkey}"\nurl="file:///x"'):
        file.write_text(f"{base}[witness.one]\n{wrong}\n")
        with pytest.raises(InvalidConfig, match=r"witness\.one"):
            load_config(file, {})
