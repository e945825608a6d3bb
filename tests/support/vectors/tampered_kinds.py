"""Archives of kinds that this software does not read, in the shapes that the reference tool and its successor give
them: other groups, other versions, weights out of all proportion. Nothing in them is false but what the name says.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from ballot.protocol.archive import write_data, write_event, write_header, write_member
from ballot.protocol.canonical import write_json
from ballot.protocol.decryption import OwnedPartialDecryption
from ballot.protocol.events import EventType
from ballot.protocol.hashing import sha256_base64, sha256_hex
from ballot.protocol.tally import SizedEncryptedTally
from ballot.record.programme_events import Move
from ballot.record.public_roll import write_returned
from ballot.record.times import time_text
from tests.support.record_simulator import CLOSES, RecordSimulator
from tests.support.vectors.tampered_archives import tallied
from tests.support.vectors.tampered_counts import by, part, shared, two_of_three, wrong_proof
from tests.support.vectors.tampered_records import false
from tests.support.vectors.tampering import Step, Vector, chained, small_election, steps_of

TIME = 1589184000


class Residues:
    """Numbers as they stand in an archive of a group of residues: in base 10, some 2048 and 256 bits long."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def element(self) -> str:
        return str(self._rng.getrandbits(2048) | 1 << 2047)

    def scalar(self) -> str:
        return str(self._rng.getrandbits(256) | 1 << 255)

    def proof(self) -> dict[str, str]:
        return {"challenge": self.scalar(), "response": self.scalar()}

    def ciphertext(self) -> dict[str, str]:
        return {"alpha": self.element(), "beta": self.element()}


def of_residues(group: str) -> bytes:
    """A tallied election of two voters in that group, as the 3.3.0 tool writes it; its numbers are drawn."""
    draw, steps = Residues(2048), steps_of(tallied())
    election = json.loads(steps[0].payloads[0])
    election |= {"group": group, "public_key": draw.element()}
    body = write_json(election)
    trustees = write_json([["Single", {"pok": draw.proof(), "public_key": election["public_key"]}]])
    voters = [draw.element(), draw.element()]
    setup = {"election": body, "trustees": trustees, "credentials": write_json(voters)}
    named = write_json({name: sha256_hex(each) for name, each in setup.items()})
    ballots = [
        write_json(
            {
                "election_uuid": election["uuid"],
                "election_hash": sha256_base64(body),
                "credential": voter,
                "answers": [
                    {
                        "choices": [draw.ciphertext(), draw.ciphertext()],
                        "individual_proofs": [[draw.proof(), draw.proof()], [draw.proof(), draw.proof()]],
                        "overall_proof": [draw.proof()],
                    }
                ],
                "signature": {"hash": sha256_base64(voter.encode()), "proof": draw.proof()},
            }
        )
        for voter in voters
    ]
    tally = write_json([[draw.ciphertext(), draw.ciphertext()]])
    share = write_json(
        {
            "decryption_factors": [[draw.element(), draw.element()]],
            "decryption_proofs": [[draw.proof(), draw.proof()]],
        }
    )
    return chained(
        [
            Step(EventType.SETUP, [*setup.values(), named]),
            *(Step(EventType.BALLOT, [ballot]) for ballot in ballots),
            Step(EventType.END_BALLOTS, []),
            Step(EventType.ENCRYPTED_TALLY, [tally, SizedEncryptedTally(2, 2, sha256_hex(tally)).to_bytes()]),
            Step(EventType.PARTIAL_DECRYPTION, [share, OwnedPartialDecryption(1, sha256_hex(share)).to_bytes()]),
            Step(EventType.RESULT, [write_json({"result": [[1, 1]]})]),
        ]
    )


def of_the_successor(version: int = 2, timestamp: Any = TIME) -> bytes:
    """As the successor of 3.3.0 writes it: the timestamp a number, types of events in arrays, messages signed."""
    steps = steps_of(tallied())
    election = json.loads(steps[0].payloads[0]) | {"version": version}
    (question,) = election["questions"]
    election["questions"] = [{"type": "Homomorphic", "value": question}]
    steps[0].payloads[0] = write_json(election)
    header = write_json({"version": 1, "timestamp": timestamp})
    archive, parent = write_member("BELENIOS", header, TIME), None
    for height, step in enumerate(steps):
        archive += b"".join(write_data(body, TIME) for body in step.payloads)
        event: dict[str, Any] = {} if parent is None else {"parent": parent}
        event |= {"height": height, "type": [step.type.value]}
        if step.payloads:
            event["payload"] = sha256_hex(step.payloads[-1])
        archive += write_event(write_json(event), TIME)
        parent = sha256_hex(write_json(event))
    return archive


def election_with(**more: Any) -> Callable[[], bytes]:
    """The setup alone, whose election says something else; None takes the field away."""

    def change(body: bytes) -> bytes:
        value = json.loads(body) | more
        return write_json({name: each for name, each in value.items() if each is not None})

    made: bytes = part("election", change)
    return made  # type: ignore[return-value]


def header(body: bytes) -> Callable[[], bytes]:
    """An archive whose header is this."""

    def make() -> bytes:
        archive = small_election().archive
        return write_member("BELENIOS", body, TIME) + archive[len(write_header(TIME)) :]

    return make


def weight(digits: str) -> Callable[[], bytes]:
    """The setup alone, where everybody has this weight."""
    made: bytes = part(
        "credentials",
        lambda body: body.replace(b'"]', f',{digits}"]'.encode()).replace(b'","', f',{digits}","'.encode()),
    )
    return made  # type: ignore[return-value]


class EndedOnly(RecordSimulator):
    """A record whose log says that voting was closed, and whose archives end before the encrypted tally."""

    def _close(self) -> None:
        for election, sim in self.elections.items():
            sim.append(EventType.END_BALLOTS, [])
            self._checkpoint(election, 1, CLOSES)
            self.event(Move.CLOSED, CLOSES, {"closes": time_text(CLOSES)}, election)
        rows = [(ccg, *self.practices[ccg][voter][:2]) for ccg, votes in self.votes.items() for voter, _ in votes]
        self.files["returned.csv"] = write_returned(rows)


KINDS = [
    Vector("skipped--belenios-2048.bel", lambda: of_residues("BELENIOS-2048")),
    Vector("skipped--rfc-3526-2048.bel", lambda: of_residues("RFC-3526-2048")),
    Vector("skipped--weight-of-twenty-digits.bel", weight("1" * 20), stage="setup"),
    Vector("unreadable--protocol-version-two.bel", of_the_successor, exit=2),
    false(
        "record-ended-and-not-tallied", "tally.form", "record.returned", "events.heads", make=EndedOnly, stage="closed"
    ),
    Vector(
        "decryption.proofs--beside-enough-that-hold.bel",
        shared(by(1), by(2, change=wrong_proof), by(3), by(4), sim=two_of_three),
        ("decryption.proofs",),
        stage="tallied",
    ),
]
