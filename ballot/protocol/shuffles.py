"""Shuffles: what a trustee publishes so that votes can be opened one by one, and no one knows whose each is.

Spec: Messages, Shuffles. The proof itself is in shuffle_proofs.py. What is *not* done here: decrypting, and saying who
made a shuffle, because nothing in it shows that.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from ballot.protocol.canonical import array, check_canonical, fields, parse_json, write_json
from ballot.protocol.elections import Election
from ballot.protocol.elgamal import Ciphertext
from ballot.protocol.errors import InvalidShuffle, Reason
from ballot.protocol.group import Group, Rng
from ballot.protocol.kinds import is_shuffled
from ballot.protocol.shuffle_proofs import EQUATIONS, Row, ShuffleProof, false_equations, prove_shuffle, shuffle_row
from ballot.protocol.tally import EncryptedTally
from ballot.protocol.trustees import Trustee, TrusteePublicKey


@dataclass(frozen=True, slots=True)
class Shuffle:
    """One trustee's shuffle: for each question whose answers are shuffled, its row anew, and the proof."""

    ciphertexts: tuple[Row, ...]
    proofs: tuple[ShuffleProof, ...]

    def to_bytes(self) -> bytes:
        return write_json(
            {
                "ciphertexts": [[c.to_json() for c in row] for row in self.ciphertexts],
                "proofs": [proof.to_json() for proof in self.proofs],
            }
        )


def parse_shuffle(G: Group, data: bytes) -> Shuffle:
    """The shuffle written as `data`; raises InvalidMessage unless it is canonical."""
    value = fields(parse_json(data), ("ciphertexts", "proofs"))
    shuffle = Shuffle(
        tuple(tuple(Ciphertext.from_json(c) for c in array(row)) for row in array(value["ciphertexts"])),
        tuple(ShuffleProof.from_json(G, proof) for proof in array(value["proofs"])),
    )
    check_canonical(data, value, "the shuffle")
    return shuffle


def shuffled_rows(election: Election, tally: EncryptedTally) -> tuple[Row, ...]:
    """nh_ciphertexts: the rows of the questions whose answers are shuffled."""
    return tuple(row for question, row in zip(election.questions, tally, strict=True) if is_shuffled(question))


def merge_shuffled(election: Election, tally: EncryptedTally, rows: Sequence[Row]) -> EncryptedTally:
    """The tally to be decrypted: with these rows, of the last shuffle, in the place of those from the ballots."""
    new = iter(rows)
    return tuple(
        next(new) if is_shuffled(question) else row for question, row in zip(election.questions, tally, strict=True)
    )


def create_shuffle(G: Group, election: Election, rows: Sequence[Row], rng: Rng) -> Shuffle:
    """Re-encrypt and permute each row, and prove it. Raises: NotForSecrets."""
    y, context = election.public_key, election.fingerprint
    ciphertexts, proofs = [], []
    for e in rows:
        e_prime, r_prime, psi = shuffle_row(G, y, e, rng)
        ciphertexts.append(e_prime)
        proofs.append(prove_shuffle(G, y, context, e, e_prime, r_prime, psi, rng))
    return Shuffle(tuple(ciphertexts), tuple(proofs))


def check_shuffle(G: Group, election: Election, rows: Sequence[Row], shuffle: Shuffle) -> None:
    """Raise InvalidShuffle or InvalidElement unless the shuffle provably holds the votes of `rows`, and only those.

    `rows` are those of the ballots, or of the shuffle before. Spec: CheckShuffleProof, for each question shuffled.
    """
    lengths = [len(row) for row in rows]
    if [len(row) for row in shuffle.ciphertexts] != lengths or len(shuffle.proofs) != len(lengths):
        raise InvalidShuffle(Reason.WRONG_SHAPE, f"expected {lengths} ciphertexts, and a proof for each question")
    for e, proof in zip(rows, shuffle.proofs, strict=True):
        parts = (proof.t_hat, proof.s_hat, proof.s_prime, proof.c, proof.c_hat)
        if any(len(part) != len(e) for part in parts):
            raise InvalidShuffle(Reason.WRONG_SHAPE, f"expected a proof for {len(e)} ballots")
    for i, (e, e_prime, proof) in enumerate(zip(rows, shuffle.ciphertexts, shuffle.proofs, strict=True)):
        false = list(false_equations(G, election.public_key, election.fingerprint, e, e_prime, proof))
        if len(false) == EQUATIONS + len(e):
            detail = f"row {i}: nothing of the proof holds: it is of other ciphertexts, or its commitments were changed"
            raise InvalidShuffle(Reason.SHUFFLE_PROOF, detail)
        if false:
            raise InvalidShuffle(Reason.SHUFFLE_PROOF, f"row {i}: not proved {', nor '.join(false[:EQUATIONS])}")


def is_shuffled_by_enough(trustees: Sequence[Trustee], owners: Container[int]) -> bool:
    """Whether every mandatory trustee made a shuffle, and t of each group: as many as decrypt.

    Those who made all shuffles know the order together. If they could decrypt as well, they need no shuffle for it; so
    with so many, shuffling adds no one to those whom secrecy rests on.
    """
    owner = 1
    for item in trustees:
        n, t = (1, 1) if isinstance(item, TrusteePublicKey) else (len(item.verification_keys), item.threshold)
        if sum(number in owners for number in range(owner, owner + n)) < t:
            return False
        owner += n
    return True
