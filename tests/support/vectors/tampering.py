"""Tools to make an archive or a record false in exactly one place: changed, then hashed, chained, tallied and signed
again, so that nothing but the named fault remains.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ballot.protocol.archive import Entry, write_event, write_header
from ballot.protocol.ballots import parse_ballot
from ballot.protocol.canonical import write_json
from ballot.protocol.credentials import PublicCredentials, derive_private_key
from ballot.protocol.decryption import (
    OwnedPartialDecryption,
    PartialDecryption,
    combine_factors,
    create_partial_decryption,
)
from ballot.protocol.elections import Election
from ballot.protocol.elgamal import check_ciphertext
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.events import Event, EventType, next_event
from ballot.protocol.group import Element
from ballot.protocol.hashing import sha256_base64, sha256_hex
from ballot.protocol.questions import HomomorphicQuestion
from ballot.protocol.results import compute_result, result_to_bytes
from ballot.protocol.signatures import sign_hash
from ballot.protocol.tally import EncryptedTally, SizedEncryptedTally, encrypted_tally_to_bytes
from ballot.protocol.trustees import create_trustee_public_key, trustees_to_bytes
from tests.support.simulator import G, Simulator

YES_NO = HomomorphicQuestion(("Yes", "No"), 1, 1, "Shall it be so?")
YES, NO = (1, 0), (0, 1)

ORDER_TWO = Element((2**255 - 20).to_bytes(32, "little"))
ORDER_EIGHT = Element(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))
OFF_CURVE = Element((2).to_bytes(32, "little"))


@dataclass(frozen=True)
class Vector:
    """A file of tests/vectors: how it is made, which checks must fail, with which exit status."""

    name: str
    make: Callable[[], bytes]
    fails: tuple[str, ...] = ()
    exit: int = 1
    stage: str | None = None


@dataclass(frozen=True)
class FixedTally:
    """What `Simulator.decrypt` needs of a tally, whatever the ballots say."""

    encrypted: EncryptedTally
    num_tallied: int
    total_weight: int


def small_election(seed: int = 7, **more: Any) -> Simulator:
    """An election of three practices and one trustee: as short as an archive can be."""
    x = random.Random(seed).randrange(G.q)
    server = create_trustee_public_key(G, x, random.Random(seed + 1).randrange)
    more = {"questions": (YES_NO,), "weights": (None,) * 3, "trustees": [server], "keys": {1: x}} | more
    return Simulator(seed=seed, **more)


def threshold_election(seed: int = 9) -> Simulator:
    """One with a ceremony of two out of three beside the server's key."""
    return Simulator(seed=seed, questions=(YES_NO,), weights=(None,) * 2)


# -- Setup -------------------------------------------------------------------------------------------------------


def begin_again(
    sim: Simulator,
    election: Election | None = None,
    public: PublicCredentials | None = None,
    bodies: dict[str, bytes] | None = None,
) -> Simulator:
    """The same archive from its setup on, with another election or list, or the raw bytes of a part."""
    sim.election, sim.public = election or sim.election, public or sim.public
    parts = {
        "election": sim.election.to_bytes(),
        "trustees": trustees_to_bytes(sim.trustees),
        "credentials": write_json(sim.public.to_json()),
    } | (bodies or {})
    named = write_json({name: sha256_hex(body) for name, body in parts.items()})
    sim.archive, sim.last, sim.hashes = write_header(sim.timestamp), None, []
    sim.append(EventType.SETUP, [*parts.values(), named])
    return sim


# -- Ballots -----------------------------------------------------------------------------------------------------


def key_of(sim: Simulator, voter: int) -> int:
    """The private key of a voter's credential."""
    return derive_private_key(G, sim.election.uuid, sim.private[voter])


def sign_again(sim: Simulator, ballot: dict[str, Any], s: int) -> bytes:
    """The ballot as JSON, signed with the private key s over what it says now."""
    unsigned = {name: value for name, value in ballot.items() if name != "signature"}
    signature = sign_hash(G, s, sha256_base64(write_json(unsigned)), sim.draw)  # type: ignore[arg-type]
    return write_json({**unsigned, "signature": signature.to_json()})


def cast(sim: Simulator, body: bytes) -> None:
    """Append whatever it is as a ballot; it is tallied where a server without checks could tally it."""
    sim.append(EventType.BALLOT, [body])
    try:
        ballot = parse_ballot(G, body)
        for answer in ballot.answers:
            for c in answer.choices:
                check_ciphertext(G, c)
    except InvalidMessage:
        return
    shape = [len(answer.choices) for answer in ballot.answers] == [q.length for q in sim.election.questions]
    weights = sim.public.weights()
    if shape and ballot.credential in weights:
        sim.cast[ballot.credential] = ([a.choices for a in ballot.answers], weights[ballot.credential])


def finish(sim: Simulator) -> bytes:
    """Close, decrypt with as many shares as are needed, and the whole archive."""
    sim.close()
    sim.decrypt(*((1,) if len(sim.trustees) == 1 else (1, 2, 4)))
    return sim.archive


# -- Closing -----------------------------------------------------------------------------------------------------


def close_with(sim: Simulator, encrypted: bytes, sized: bytes) -> None:
    """EndBallots and an EncryptedTally of these bytes."""
    sim.append(EventType.END_BALLOTS, [])
    sim.append(EventType.ENCRYPTED_TALLY, [encrypted, sized])


def close_as(sim: Simulator, tally: EncryptedTally, count: int, weight: int) -> None:
    """Close with another tally than the ballots', and go on from it."""
    encrypted = encrypted_tally_to_bytes(tally)
    close_with(sim, encrypted, SizedEncryptedTally(count, weight, sha256_hex(encrypted)).to_bytes())
    sim.tally = FixedTally(tally, count, weight)  # type: ignore[assignment]


def share_of(sim: Simulator, owner: int, key: int | None = None) -> PartialDecryption:
    """The share of a trustee, or what another key makes of it."""
    x = sim.keys[owner] if key is None else key
    return create_partial_decryption(G, sim.election, sim.tally.encrypted, x, sim.draw)


def publish_share(sim: Simulator, owner: int, body: bytes) -> None:
    """Append a share of any bytes under any owner."""
    sim.append(EventType.PARTIAL_DECRYPTION, [body, OwnedPartialDecryption(owner, sha256_hex(body)).to_bytes()])


def true_result(sim: Simulator) -> bytes:
    """What the trustees would open."""
    shares = {owner: share_of(sim, owner) for owner in sim.keys}
    factors = combine_factors(G, sim.trustees, shares)
    return result_to_bytes(compute_result(G, sim.tally.encrypted, factors, 10))


# -- Chain and bytes ---------------------------------------------------------------------------------------------


@dataclass
class Step:
    """An event with the data before it."""

    type: EventType
    payloads: list[bytes]


def steps_of(archive: bytes) -> list[Step]:
    """The archive taken apart."""
    steps, pending = [], []
    for name, body in members_of(archive)[1:]:
        if name.endswith(".data.json"):
            pending.append(body)
        else:
            steps.append(Step(EventType(json.loads(body)["type"]), pending))
            pending = []
    return steps


def chained(
    steps: Sequence[Step], timestamp: int = 1589184000, changes: dict[int, Callable[[Event], Event]] | None = None
) -> bytes:
    """The steps as an archive, one link after the other; `changes` alter events by number before they are hashed."""
    archive, previous = write_header(timestamp), None
    for number, step in enumerate(steps):
        event = next_event(previous, step.type, step.payloads[-1] if step.payloads else None)
        event = (changes or {}).get(number, lambda event: event)(event)
        archive += b"".join(Entry("data", body).to_member(timestamp) for body in step.payloads)
        archive += write_event(event.to_bytes(), timestamp)
        previous = event
    return archive


def members_of(archive: bytes) -> list[tuple[str, bytes]]:
    """Names and contents."""
    found, at = [], 0
    while at < len(archive):
        size = int(archive[at + 124 : at + 135], 8)
        found.append((archive[at : at + 100].rstrip(b"\0").decode(), archive[at + 512 : at + 512 + size]))
        at += 512 + size + -size % 512
    return found


def offsets_of(archive: bytes) -> list[int]:
    """Where each member's header starts."""
    found, at = [], 0
    for _, body in members_of(archive):
        found.append(at)
        at += 512 + len(body) + -len(body) % 512
    return found


def with_header(archive: bytes, member: int, at: int, new: bytes, *, checksum: bool = True) -> bytes:
    """Other bytes in a member's tar header, with a checksum that is right again."""
    start = offsets_of(archive)[member]
    block = bytearray(archive[start : start + 512])
    block[at : at + len(new)] = new
    if checksum:
        block[148:156] = b" " * 8
        block[148:156] = f"{sum(block):06o}\0 ".encode()
    return archive[:start] + bytes(block) + archive[start + 512 :]


def plus_one(number: str) -> str:
    """The next scalar."""
    return str((int(number) + 1) % G.q)
