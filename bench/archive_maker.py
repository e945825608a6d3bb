"""A group with known logarithms, to make valid ballots for benchmarks at a third of the cost.

Someone who holds every key of an election knows the logarithm of all that it computes. Each operation is then one power
of the generator, by the fastest backend there is. The ballots are like any others: random, distinct, with valid proofs.
They have no secrecy, since their maker holds the keys; never use this for a vote.

It makes one large election in memory or on disk, on `ballot.protocol` alone, for the benchmarks to verify.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator, Sequence
from typing import IO

from ballot.protocol.archive import event_entries, setup_payloads, write_header
from ballot.protocol.backends import choose
from ballot.protocol.ballots import create_ballot, parse_ballot
from ballot.protocol.canonical import write_json
from ballot.protocol.credentials import (
    PublicCredential,
    PublicCredentials,
    derive_private_key,
    generate_credential,
)
from ballot.protocol.decryption import OwnedPartialDecryption, combine_factors, create_partial_decryption
from ballot.protocol.elections import Election, generate_uuid
from ballot.protocol.elgamal import Ciphertext
from ballot.protocol.events import Event, EventType
from ballot.protocol.group import Disjunct, Ed25519, Element
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.questions import HomomorphicQuestion
from ballot.protocol.results import compute_result, result_to_bytes
from ballot.protocol.tally import SizedEncryptedTally, Tally, encrypted_tally_to_bytes
from ballot.protocol.trustees import combine_keys, create_trustee_public_key, trustees_to_bytes
from scripts.demonstration.trustees import hold_ceremony

ROOM = 4096
"""The number of computed logarithms that are cached."""


class KnownLogs(Ed25519):
    """The group Ed25519, with elements made from known logarithms."""

    def __init__(self) -> None:
        super().__init__()
        self.backend = "known logarithms, for measurements"
        self._base = choose()
        self._told: dict[Element, int] = {self.g: 1, self.one: 0}
        self._made: dict[Element, int] = {}

    def tell(self, element: Element, log: int) -> None:
        """Register the logarithm of an element made elsewhere, such as the election's key."""
        if self._base.base_power(log) != element:
            raise ValueError("that is not its logarithm")
        self._told[element] = log

    def base_power(self, s: int) -> Element:
        made = self._base.base_power(s)
        if len(self._made) >= ROOM:
            self._made.clear()
        self._made[made] = s
        return made

    def power(self, element: Element, s: int) -> Element:
        log = self._log(element)
        return super().power(element, s) if log is None else self.base_power(log * s % self.q)

    def multiply(self, one: Element, other: Element) -> Element:
        return self.product([one, other])

    def product(self, elements: Sequence[Element]) -> Element:
        logs = [self._log(element) for element in elements]
        if None in logs:
            return self._base.product(elements)
        return self.base_power(sum(log for log in logs if log is not None) % self.q)

    def disjunct_commitments(
        self, y: Element, alpha: Element, beta: Element, disjuncts: Sequence[Disjunct]
    ) -> list[Element]:
        x, a, b = self._log(y), self._log(alpha), self._log(beta)
        if x is None or a is None or b is None:
            return super().disjunct_commitments(y, alpha, beta, disjuncts)
        return [
            self._base.base_power(log % self.q)
            for M, challenge, response in disjuncts
            for log in (response + a * challenge, x * response + (b - M) * challenge)
        ]

    def _log(self, element: Element) -> int | None:
        log = self._told.get(element)
        return self._made.get(element) if log is None else log


G = Ed25519()
TIMESTAMP = 1589184000
PAPERS = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


class ArchiveMaker:
    """An election of one question with three answers, in which everyone votes once.

    With `quickly`, ballots are made by `known_logs`: valid like any others, but not secret from their maker.
    """

    def __init__(self, voters: int, quickly: bool = False) -> None:
        rng = self._rng = random.Random(secrets.token_bytes(32)).randrange if quickly else secrets.randbelow
        ceremony = hold_ceremony(2, 3)
        own = rng(G.q)
        self._keys = [own, *ceremony.keys]
        self._trustees = (create_trustee_public_key(G, own, rng), ceremony.parameters)
        uuid = generate_uuid(rng)
        question = HomomorphicQuestion(("For", "Against", "Abstain"), 1, 1, "?")
        self.election = Election("", "Benchmark", combine_keys(G, self._trustees), (question,), uuid)
        self._group = self._known_logs(ceremony.keys, own) if quickly else G
        self._private = [derive_private_key(G, uuid, generate_credential(rng)) for _ in range(voters)]
        self.public = PublicCredentials.of(PublicCredential(self._group.base_power(s)) for s in self._private)
        self._last: Event | None = None
        self._tally = Tally(self._group, self.election)
        self.ballots: list[bytes] = []
        self.archive = b""

    def vote_all(self) -> None:
        """Make everyone's ballot, and keep the bytes."""
        self.ballots = [body for body, _ in self._votes()]

    def finish(self) -> None:
        """Tally and decrypt the ballots, and assemble the whole archive."""
        pieces = [write_header(TIMESTAMP), self._setup()]
        for body in self.ballots:
            self._tally.add([answer.choices for answer in parse_ballot(G, body).answers], 1)
            pieces.append(self._append(EventType.BALLOT, [body]))
        pieces += self._closing()
        self.archive = b"".join(pieces)

    def stream_to(self, out: IO[bytes]) -> None:
        """Write the whole election ballot by ballot, without keeping any."""
        out.write(write_header(TIMESTAMP) + self._setup())
        for body, choices in self._votes():
            self._tally.add(choices, 1)
            out.write(self._append(EventType.BALLOT, [body]))
        for piece in self._closing():
            out.write(piece)

    def _votes(self) -> Iterator[tuple[bytes, list[tuple[Ciphertext, ...]]]]:
        for i, s in enumerate(self._private):
            ballot = create_ballot(self._group, self.election, s, [PAPERS[i % 3]], self._rng)
            yield ballot.to_bytes(), [answer.choices for answer in ballot.answers]

    def _known_logs(self, keys: Sequence[int], own: int) -> KnownLogs:
        """The election key's logarithm: two points of the trustees' polynomial of degree one give its value at 0."""
        group = KnownLogs()
        group.tell(self.election.public_key, (own + 2 * keys[0] - keys[1]) % G.q)
        return group

    def _setup(self) -> bytes:
        credentials = write_json(self.public.to_json())
        payloads = setup_payloads(self.election.to_bytes(), trustees_to_bytes(self._trustees), credentials)
        return self._append(EventType.SETUP, payloads)

    def _closing(self) -> Iterator[bytes]:
        yield self._append(EventType.END_BALLOTS, [])
        encrypted = encrypted_tally_to_bytes(self._tally.encrypted)
        sized = SizedEncryptedTally(self._tally.num_tallied, self._tally.total_weight, sha256_hex(encrypted))
        yield self._append(EventType.ENCRYPTED_TALLY, [encrypted, sized.to_bytes()])
        shares = {}
        for owner in (1, 2, 3):
            shares[owner] = create_partial_decryption(
                G, self.election, self._tally.encrypted, self._keys[owner - 1], secrets.randbelow
            )
            body = shares[owner].to_bytes()
            owned = OwnedPartialDecryption(owner, sha256_hex(body)).to_bytes()
            yield self._append(EventType.PARTIAL_DECRYPTION, [body, owned])
        factors = combine_factors(G, self._trustees, shares)
        result = compute_result(G, self._tally.encrypted, factors, self._tally.total_weight)
        yield self._append(EventType.RESULT, [result_to_bytes(result)])

    def _append(self, type: EventType, payloads: list[bytes]) -> bytes:
        self._last, entries = event_entries(self._last, type, payloads)
        return b"".join(entry.to_member(TIMESTAMP) for entry in entries)
