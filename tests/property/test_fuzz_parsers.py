"""Hostile bytes at every parser of outside data cause only its own refusals.

A short run is a part of the tests; `make fuzz` throws many more (EXAMPLES=n for each). Honest inputs are bent, so that
much of what comes is nearly right: bits flipped, pieces cut, doubled and exchanged, words of JSON, TOML, CSV and mail.
"""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ballot.config import Config
from ballot.constitution.errors import ConstitutionError
from ballot.constitution.load import load_constitution
from ballot.mail.bounces import read_bounce
from ballot.mail.report_limits import ReportTooLarge
from ballot.protocol.archive import read_header, read_members
from ballot.protocol.ballots import parse_ballot
from ballot.protocol.canonical import parse_json
from ballot.protocol.elections import parse_election
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.events import parse_event
from ballot.protocol.trustees import parse_trustees
from ballot.record.errors import InvalidRecord
from ballot.record.keys import Role, SigningKey
from ballot.record.receipts import parse_receipt
from ballot.record.terms import parse_terms
from ballot.record.tokens import open_token
from ballot.roll.problems import InvalidRoll
from ballot.roll.simple import read_roll
from ballot.roll.unpack import unpack
from ballot.service import Service
from ballot.web.app import create_app
from ballot.web.stage import AppSurroundings
from tests.support.simulator import G
from tests.support.vectors.tampering import YES, finish, small_election
from tests.web.conftest import a_world
from tests.web.staff import a_door

EXAMPLES = int(os.environ.get("BALLOT_FUZZ_EXAMPLES", "25"))
ROOT = Path(__file__).parents[2]
PROGRAMME = ROOT / "config" / "lancashire-south-cumbria-2020"
KEY = SigningKey(Role.REGISTRAR, Ed25519PrivateKey.from_private_bytes(bytes(32)))
WORDS = (
    *(b"null", b"[]", b"{}", b"-1", b"1e999", b"[" * 60, b'{"a":' * 60, b"9" * 5000, b'"\\ud800"', b'"\\u0000"'),
    *(b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\r\n", b"\n\n", b"\x1f\x8b\x08", b"ustar", b"=?utf-8?q?=ff?="),
    *(
        b"Content-Type: multipart/report; boundary=",
        b"Content-Transfer-Encoding: base64\n",
        b"[[test]]\n",
        b"1/0",
        b"inf",
    ),
)
BOUNCE = b"""From: MAILER-DAEMON@mail.example.org
To: bounces@vote.example.org
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
Original-Envelope-Id: invitation.0123456789abcdef0123456789abcdef@vote.example.org

Final-Recipient: rfc822; y@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user

--b
Content-Type: message/rfc822

Message-ID: <invitation.0123456789abcdef0123456789abcdef@vote.example.org>
Subject: Vote

--b--
"""


def bend(data: bytes, rng: random.Random) -> bytes:
    """An input made worse, a little or a lot."""
    bent = bytearray(data)
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        at = rng.randrange(len(bent) + 1)
        end = min(len(bent), at + rng.choice((1, 2, 8, 64, 512)))
        match rng.randrange(6):
            case 0 if bent:
                bent[at % len(bent)] ^= 1 << rng.randrange(8)
            case 1:
                del bent[at:end]
            case 2:
                bent[at:at] = bent[at:end]
            case 3:
                bent[at:at] = rng.choice(WORDS)
            case 4:
                bent[at:end] = rng.choice(WORDS)
            case _:
                bent[at:at] = rng.randbytes(rng.choice((1, 4, 40)))
    return bytes(bent)


def archive(data: bytes) -> None:
    stream = io.BytesIO(data)
    timestamp = read_header(stream)
    for _ in read_members(stream, timestamp):
        pass


def text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


SIMULATOR = small_election()
SIMULATOR.vote(0, YES)
BEL = finish(SIMULATOR)
MEMBERS = [member.body for member in (lambda s: list(read_members(s, read_header(s))))(io.BytesIO(BEL))]


def member_with(mark: bytes) -> bytes:
    return next(body for body in MEMBERS if mark in body)


TARGETS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "archive": (BEL, archive),
    "json": (member_with(b"{"), parse_json),
    "ballot": (member_with(b'"signature"'), lambda data: parse_ballot(G, data)),
    "election": (member_with(b'"questions"'), lambda data: parse_election(G, data)),
    "trustees": (member_with(b'"Single"'), lambda data: parse_trustees(G, data)),
    "event": (member_with(b'"type"'), parse_event),
    "token": (b"eyJwcm9ncmFtbWUiOiJtIn0.QUJD", lambda data: open_token(text(data), KEY.public)),
    "receipt": (b'{"receipt":{"programme":"m"},"key":"00","signature":"AA"}', parse_receipt),
    "terms": (b'{"programme":"m","ccgs":[]}', parse_terms),
    "roll": ((PROGRAMME / "roll.csv").read_bytes()[:3000], lambda data: read_roll(data, "roll.csv", ("01A", "02M"))),
    "gzip": (
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x4b\x04\x00\x43\xbe\xb7\xe8\x01\x00\x00\x00",
        lambda data: unpack(data, "x.gz", 10**6),
    ),
    "rule": ((PROGRAMME / "constitutions" / "01A.toml").read_bytes(), lambda data: load_constitution(data, "01A.toml")),
    "bounce": (BOUNCE, read_bounce),
}
REFUSALS = (InvalidMessage, InvalidRecord, InvalidRoll, ConstitutionError, ReportTooLarge)


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_bytes_come_a_parser_reads_them_or_refuses_them(name: str) -> None:
    data, parse = TARGETS[name]

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None, database=None)
    @given(st.one_of(st.integers(0, 2**64).map(lambda seed: bend(data, random.Random(seed))), st.binary(max_size=200)))
    def throw(given_: bytes) -> None:
        with suppress(*REFUSALS):
            parse(given_)

    throw()


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    unlimited = Service(posts_a_minute=0, reads_a_minute=0)
    with TemporaryDirectory() as folder, a_world(Path(folder)) as world:
        world.open()
        config = Config("", world.instance, "vote.example.org", world.folder, world.keys, service=unlimited)
        yield create_app(AppSurroundings(config, world.engine, world.clock, world.board, a_door(world))).test_client()


def test_whatever_a_browser_sends_is_answered_and_never_with_a_fault_of_ours(client: FlaskClient) -> None:
    """Cookies, forms, headers, queries and bodies, at the places where anybody may send some."""
    anything = st.one_of(st.binary(max_size=60), st.sampled_from(WORDS)).map(lambda raw: raw.decode("latin-1"))
    header = anything.map(lambda value: "".join(c for c in value if c not in "\r\n\0"))

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None, database=None)
    @given(
        st.sampled_from(
            (
                ("POST", "/office/sign-in"),
                ("POST", "/office/recover"),
                ("POST", "/office/enrol"),
                ("POST", "/office/sign-in/passkey/answer"),
                ("GET", "/office"),
                ("GET", "/board/merger/find"),
                ("POST", "/api/programmes/merger/00A/ballots"),
                ("POST", "/api/programmes/merger/00A/entry"),
                ("POST", "/api/programmes/merger/00A/letter"),
                ("POST", "/api/mail/notify"),
            )
        ),
        st.dictionaries(st.sampled_from(("csrf_token", "login", "password", "code", "number")), anything, max_size=4),
        header,
        st.binary(max_size=80),
        st.sampled_from((None, "application/json", "multipart/form-data; boundary=b", "text/plain; charset=utf-99")),
    )
    def send(place: tuple[str, str], fields: dict[str, str], value: str, body: bytes, kind: str | None) -> None:
        method, path = place
        headers = {"Authorization": f"Bearer {value}", "Cookie": f"session={value}; ballot-staff={value}; {value}"}
        given_ = {"data": fields} if kind is None else {"data": body, "content_type": kind}
        query = {"query_string": fields} if method == "GET" else {}
        answer = client.open(path, method=method, headers=headers, **given_, **query)
        assert answer.status_code < 500, (answer.status_code, answer.data[:200])

    send()
