"""Whole elections in memory, on `ballot.protocol` alone: the start of most tests.

All randomness comes from the seed, so an election can be made again; nothing here is secret.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from ballot.protocol.archive import event_entries, setup_payloads, write_header
from ballot.protocol.ballots import create_ballot
from ballot.protocol.canonical import write_json
from ballot.protocol.ceremony import (
    create_polynomial,
    create_threshold_parameters,
    create_vinputs,
    create_voutput,
    open_decryption_key,
)
from ballot.protocol.credentials import (
    PrivateCredential,
    PublicCredential,
    PublicCredentials,
    derive_private_key,
    derive_public_credential,
    generate_credential,
)
from ballot.protocol.decryption import OwnedPartialDecryption, combine_factors, create_partial_decryption
from ballot.protocol.elections import Election, generate_uuid
from ballot.protocol.events import Event, EventType
from ballot.protocol.group import Ed25519, Element
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.protocol.kinds import Question
from ballot.protocol.pki import create_certificate, generate_seed
from ballot.protocol.questions import HomomorphicQuestion
from ballot.protocol.results import Result, compute_result, result_to_bytes
from ballot.protocol.shuffle_proofs import Row
from ballot.protocol.shuffles import create_shuffle, merge_shuffled, shuffled_rows
from ballot.protocol.strong_decryption import OwnedStrongProofs, TrusteeShare, create_share
from ballot.protocol.tally import EncryptedTally, SizedEncryptedTally, Tally, encrypted_tally_to_bytes
from ballot.protocol.trustees import (
    ThresholdParameters,
    Trustee,
    combine_keys,
    create_trustee_public_key,
    trustees_to_bytes,
)

G = Ed25519()
MERGE = HomomorphicQuestion(("For", "Against", "Abstain"), 1, 1, "Do you support the proposal?")
FOR, AGAINST, ABSTAIN = (1, 0, 0), (0, 1, 0), (0, 0, 1)


def run_ceremony(threshold: int, size: int, rng: random.Random) -> tuple[ThresholdParameters, list[int]]:
    """A Pedersen ceremony of `size` trustees: what it publishes, and every trustee's decryption key."""
    draw = rng.randrange
    seeds = [generate_seed(draw) for _ in range(size)]
    certs = [create_certificate(G, seed, size, threshold, i, draw) for i, seed in enumerate(seeds, start=1)]
    polynomials = [create_polynomial(G, certs, seed, draw) for seed in seeds]
    vinputs = create_vinputs(G, certs, polynomials)
    voutputs = [create_voutput(G, certs, seed, vinput, draw) for seed, vinput in zip(seeds, vinputs, strict=True)]
    parameters = create_threshold_parameters(G, certs, polynomials, voutputs)
    keys = [open_decryption_key(G, seed, out.private_key) for seed, out in zip(seeds, voutputs, strict=True)]
    return parameters, keys


@dataclass
class Simulator:
    """One election, from setup to result; `archive` is what is public so far."""

    seed: int = 1
    questions: Sequence[Question] = (MERGE,)
    weights: Sequence[int | None] = (None,) * 5
    threshold: tuple[int, int] = (2, 3)
    timestamp: int = 1589184000
    description: str = "A proposal"
    trustees: list[Trustee] = field(default_factory=list)
    keys: dict[int, int] = field(default_factory=dict)
    """Private key by owner number."""
    uuid: str = ""
    name: str = "A CCG"

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.draw = self.rng.randrange
        if not self.trustees:
            x = self.draw(G.q)
            parameters, keys = run_ceremony(*self.threshold, self.rng)
            self.trustees = [create_trustee_public_key(G, x, self.draw), parameters]
            self.keys = dict(enumerate([x, *keys], start=1))
        uuid = self.uuid or generate_uuid(self.draw)
        y = combine_keys(G, self.trustees)
        self.election = Election(self.description, self.name, y, tuple(self.questions), uuid)
        self.private: list[PrivateCredential] = [generate_credential(self.draw) for _ in self.weights]
        self.public = PublicCredentials.of(
            PublicCredential(derive_public_credential(G, uuid, c), w)
            for c, w in zip(self.private, self.weights, strict=True)
        )
        self.tally = Tally(G, self.election)
        self.shuffled: tuple[Row, ...] | None = None
        """The rows of the last shuffle, if there was one."""
        self.strong: list[OwnedStrongProofs] = []
        self.last: Event | None = None
        self.hashes: list[Hash] = []
        self.archive = write_header(self.timestamp)
        credentials = write_json(self.public.to_json())
        self.append(
            EventType.SETUP, setup_payloads(self.election.to_bytes(), trustees_to_bytes(self.trustees), credentials)
        )
        self.cast: dict[bytes, tuple[object, int]] = {}

    def append(self, type: EventType, payloads: list[bytes]) -> None:
        self.last, entries = event_entries(self.last, type, payloads)
        self.hashes.append(self.last.hash)
        self.archive += b"".join(entry.to_member(self.timestamp) for entry in entries)

    def public_of(self, voter: int) -> Element:
        """The public credential of a voter."""
        return derive_public_credential(G, self.election.uuid, self.private[voter])

    def ballot(self, voter: int, *votes: Sequence[int]) -> bytes:
        """The bytes of a ballot, not yet cast."""
        s = derive_private_key(G, self.election.uuid, self.private[voter])
        return create_ballot(G, self.election, s, votes, self.draw).to_bytes()

    def vote(self, voter: int, *votes: Sequence[int]) -> bytes:
        """Make a ballot and cast it; the last of a voter counts."""
        s = derive_private_key(G, self.election.uuid, self.private[voter])
        ballot = create_ballot(G, self.election, s, votes, self.draw)
        self.append(EventType.BALLOT, [ballot.to_bytes()])
        weight = self.public.weights()[ballot.credential]
        self.cast[ballot.credential] = ([answer.choices for answer in ballot.answers], weight)
        return ballot.to_bytes()

    def close(self) -> None:
        """EndBallots and EncryptedTally."""
        for choices, weight in self.cast.values():
            self.tally.add(choices, weight)  # type: ignore[arg-type]
        self.append(EventType.END_BALLOTS, [])
        encrypted = encrypted_tally_to_bytes(self.tally.encrypted, self.election.questions)
        sized = SizedEncryptedTally(self.tally.num_tallied, self.tally.total_weight, sha256_hex(encrypted))
        self.append(EventType.ENCRYPTED_TALLY, [encrypted, sized.to_bytes()])

    @property
    def opened(self) -> EncryptedTally:
        """The tally that is decrypted."""
        tally = self.tally.encrypted
        return tally if self.shuffled is None else merge_shuffled(self.election, tally, self.shuffled)

    def shuffle(self, *owners: int) -> None:
        """A shuffle by each of these owners, and EndShuffles."""
        for owner in owners:
            rows = shuffled_rows(self.election, self.tally.encrypted) if self.shuffled is None else self.shuffled
            shuffle = create_shuffle(G, self.election, rows, self.draw)
            self.publish_shuffle(owner, shuffle.to_bytes())
            self.shuffled = shuffle.ciphertexts
        self.append(EventType.END_SHUFFLES, [])

    def publish_shuffle(self, owner: int, body: bytes) -> None:
        """Append a shuffle of any bytes under any owner."""
        self.append(EventType.SHUFFLE, [body, OwnedPartialDecryption(owner, sha256_hex(body)).to_bytes()])

    def share(self, owner: int) -> TrusteeShare:
        """What a trustee hands in; without strong proofs where not all questions are homomorphic."""
        if all(isinstance(question, HomomorphicQuestion) for question in self.questions):
            return create_share(G, self.election, self.tally.encrypted, owner, self.keys[owner], self.draw)
        return TrusteeShare(create_partial_decryption(G, self.election, self.opened, self.keys[owner], self.draw), ())

    def decrypt(self, *owners: int) -> Result:
        """Add the shares of these owners, and the result."""
        shares = {}
        for owner in owners:
            share = self.share(owner)
            self.strong.append(OwnedStrongProofs(owner, share.proofs))
            shares[owner] = share.partial
            body = share.partial.to_bytes(self.election.questions)
            self.append(
                EventType.PARTIAL_DECRYPTION, [body, OwnedPartialDecryption(owner, sha256_hex(body)).to_bytes()]
            )
        factors = combine_factors(G, self.trustees, shares)
        questions = self.election.questions
        result = compute_result(G, self.opened, factors, self.tally.total_weight, questions)
        self.append(EventType.RESULT, [result_to_bytes(result, questions)])
        return result
