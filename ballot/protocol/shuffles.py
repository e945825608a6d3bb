"""Shuffles: re-encrypted and permuted ciphertexts, with a proof that they are the same votes in another order.

Spec: Messages, Shuffles; Shuffle algorithms (as in CHVote, after Terelius and Wikström). The prover commits to the
permutation, element by element with independent generators (c); challenges u turn "it is a permutation" and "the
ciphertexts were permuted by it" into equations about sums and a product; a chain of commitments (c_hat) proves the
product. Everything is one sigma protocol with commitments t, t_hat and responses s, s_hat, s_prime.

Both challenges hash the whole statement, so a proof here binds its ciphertexts: nothing like the weakness of
decryption proofs (decryption.py). What a shuffle does *not* prove: who made it, and that its maker forgot the order.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from ballot.protocol.canonical import Json, array, check_canonical, fields, parse_json, write_json
from ballot.protocol.elections import Election
from ballot.protocol.elgamal import Ciphertext, check_ciphertext
from ballot.protocol.embedding import independent_generators
from ballot.protocol.errors import InvalidShuffle, Reason
from ballot.protocol.group import (
    Element,
    Group,
    Rng,
    check_keeps_secrets,
    element_text,
    parse_element,
    parse_scalar,
)
from ballot.protocol.hashing import sha256_hex, sha256_integer
from ballot.protocol.kinds import is_shuffled
from ballot.protocol.tally import EncryptedTally
from ballot.protocol.trustees import Trustee, TrusteePublicKey

EQUATIONS = 4
"""Besides one for each link of the chain."""

Row = tuple[Ciphertext, ...]
"""The ciphertexts of one question, one for each ballot."""


@dataclass(frozen=True, slots=True)
class ShuffleProof:
    """That one row is a re-encrypted permutation of another; the letters are the specification's."""

    t: tuple[Element, ...]
    """t_1, t_2, t_3, t_4,1 and t_4,2."""
    t_hat: tuple[Element, ...]
    s: tuple[int, ...]
    """s_1 to s_4."""
    s_hat: tuple[int, ...]
    s_prime: tuple[int, ...]
    c: tuple[Element, ...]
    c_hat: tuple[Element, ...]

    def to_json(self) -> Json:
        *t, t41, t42 = map(element_text, self.t)
        s, s_hat, s_prime = (list(map(str, numbers)) for numbers in (self.s, self.s_hat, self.s_prime))
        t_hat, c, c_hat = (list(map(element_text, elements)) for elements in (self.t_hat, self.c, self.c_hat))
        return [[*t, [t41, t42], t_hat], [*s, s_hat, s_prime], c, c_hat]

    @classmethod
    def from_json(cls, G: Group, value: Json) -> ShuffleProof:
        commitments, responses, c, c_hat = array(value, 4)
        *t, pair, t_hat = array(commitments, 5)
        *s, s_hat, s_prime = array(responses, 6)
        return cls(
            _elements([*t, *array(pair, 2)]),
            _elements(array(t_hat)),
            _scalars(G, s),
            _scalars(G, array(s_hat)),
            _scalars(G, array(s_prime)),
            _elements(array(c)),
            _elements(array(c_hat)),
        )


def _elements(values: Sequence[Json]) -> tuple[Element, ...]:
    return tuple(map(parse_element, values))


def _scalars(G: Group, values: Sequence[Json]) -> tuple[int, ...]:
    return tuple(parse_scalar(G, value) for value in values)


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


# -- Creating --------------------------------------------------------------------------------------------------


def create_shuffle(G: Group, election: Election, rows: Sequence[Row], rng: Rng) -> Shuffle:
    """Re-encrypt and permute each row, and prove it. Raises: NotForSecrets."""
    check_keeps_secrets(G)
    shuffled = [_shuffle_row(G, election, row, rng) for row in rows]
    return Shuffle(tuple(row for row, _ in shuffled), tuple(proof for _, proof in shuffled))


def create_permutation(n: int, rng: Rng) -> list[int]:
    """A permutation of n places, each equally likely: GenPermutation."""
    places, psi = list(range(n)), []
    for i in range(n):
        k = i + rng(n - i)
        psi.append(places[k])
        places[k] = places[i]
    return psi


def _shuffle_row(G: Group, election: Election, e: Row, rng: Rng) -> tuple[Row, ShuffleProof]:
    check_keeps_secrets(G)
    y, q, n = election.public_key, G.q, len(e)
    psi, r_prime = create_permutation(n, rng), [rng(q) for _ in e]
    again = [
        Ciphertext(G.multiply(c.alpha, G.base_power(r)), G.multiply(c.beta, G.power(y, r)))
        for c, r in zip(e, r_prime, strict=True)
    ]
    e_prime = tuple(again[j] for j in psi)
    h, hs = independent_generators(G, n)

    r = [rng(q) for _ in e]
    c = [G.one] * n
    for i, j in enumerate(psi):
        c[j] = G.multiply(G.base_power(r[j]), hs[i])
    statement = _ciphertexts_text(e) + _ciphertexts_text(e_prime) + _elements_text(c)
    u = _several_challenges(G, election, statement, n)
    u_prime = [u[j] for j in psi]
    r_hat = [rng(q) for _ in e]
    c_hat: list[Element] = []
    for r_i, u_i in zip(r_hat, u_prime, strict=True):
        c_hat.append(G.multiply(G.base_power(r_i), G.power(c_hat[-1] if c_hat else h, u_i)))

    w = [rng(q) for _ in range(4)]
    w_hat, w_prime = [rng(q) for _ in e], [rng(q) for _ in e]
    t = (
        G.base_power(w[0]),
        G.base_power(w[1]),
        G.multiply(G.base_power(w[2]), _power_product(G, hs, w_prime)),
        G.divide(_power_product(G, [d.beta for d in e_prime], w_prime), G.power(y, w[3])),
        G.divide(_power_product(G, [d.alpha for d in e_prime], w_prime), G.base_power(w[3])),
    )
    before = [h, *c_hat][:n]
    t_hat = [G.multiply(G.base_power(w_i), G.power(P, v_i)) for P, w_i, v_i in zip(before, w_hat, w_prime, strict=True)]
    challenge = _challenge(G, election, t, t_hat, statement, c_hat)

    v = [1] * n
    for i in range(n - 2, -1, -1):
        v[i] = u_prime[i + 1] * v[i + 1] % q
    secrets = (sum(r), _scalar_product(r_hat, v), _scalar_product(r, u), _scalar_product(r_prime, u))
    proof = ShuffleProof(
        t,
        tuple(t_hat),
        tuple((w_i + challenge * x) % q for w_i, x in zip(w, secrets, strict=True)),
        tuple((w_i + challenge * x) % q for w_i, x in zip(w_hat, r_hat, strict=True)),
        tuple((w_i + challenge * x) % q for w_i, x in zip(w_prime, u_prime, strict=True)),
        tuple(c),
        tuple(c_hat),
    )
    return e_prime, proof


# -- Checking --------------------------------------------------------------------------------------------------


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
        for c in chain(e, e_prime):
            check_ciphertext(G, c)
        false = list(_false_equations(G, election, e, e_prime, proof))
        if len(false) == EQUATIONS + len(e):
            detail = f"row {i}: nothing of the proof holds: it is of other ciphertexts, or its commitments were changed"
            raise InvalidShuffle(Reason.SHUFFLE_PROOF, detail)
        if false:
            raise InvalidShuffle(Reason.SHUFFLE_PROOF, f"row {i}: not proved {', nor '.join(false[:EQUATIONS])}")


def check_enough_shuffles(trustees: Sequence[Trustee], owners: Container[int]) -> None:
    """Raise InvalidShuffle unless every mandatory trustee made a shuffle, and t of each group: as many as decrypt.

    Those who made all shuffles know the order together. If they could decrypt as well, they need no shuffle for it; so
    with so many, shuffling adds no one to those whom secrecy rests on. The specification asks all trustees for one.
    """
    owner = 1
    for item in trustees:
        n, t = (1, 1) if isinstance(item, TrusteePublicKey) else (len(item.verification_keys), item.threshold)
        found = sum(number in owners for number in range(owner, owner + n))
        if found < t:
            whom = f"trustee {owner}" if n == 1 else f"the trustees {owner} to {owner + n - 1}"
            detail = f"{t} of {whom} must have made a shuffle, found {found}" if n > 1 else f"{whom} made no shuffle"
            raise InvalidShuffle(Reason.NOT_ENOUGH_SHUFFLES, detail)
        owner += n


def _false_equations(G: Group, election: Election, e: Row, e_prime: Row, proof: ShuffleProof) -> Iterator[str]:
    """Name each equation that does not hold; none if the proof is valid.

    A commitment t is recomputed and compared by its bytes, so it needs no check that it is in the group.
    """
    y, n = election.public_key, len(e)
    h, hs = independent_generators(G, n)
    statement = _ciphertexts_text(e) + _ciphertexts_text(e_prime) + _elements_text(proof.c)
    u = _several_challenges(G, election, statement, n)
    negative = -_challenge(G, election, proof.t, proof.t_hat, statement, proof.c_hat) % G.q
    (t1, t2, t3, t41, t42), (s1, s2, s3, s4) = proof.t, proof.s
    for P in proof.c:
        G.check(P)

    product_of_u = 1
    for u_i in u:
        product_of_u = product_of_u * u_i % G.q
    c_bar = G.divide(G.product(proof.c), G.product(hs))
    if G.commitment(s1, c_bar, negative) != t1:
        yield "that the commitments are to each place once"
    chained = [G.commitment(s_i, P, negative) for s_i, P in zip(proof.s_hat, proof.c_hat, strict=True)]
    before = [h, *proof.c_hat]
    c_end = G.divide(before[-1], G.power(h, product_of_u))
    if G.commitment(s2, c_end, negative) != t2:
        yield "that the chain ends with the product of all challenges"
    c_tilde = _power_product(G, proof.c, u)
    if G.multiply(G.commitment(s3, c_tilde, negative), _power_product(G, hs, proof.s_prime)) != t3:
        yield "that the challenges were permuted as committed"
    beta = G.power(_power_product(G, [c.beta for c in e], u), negative)
    beta_prime = _power_product(G, [c.beta for c in e_prime], proof.s_prime)
    alpha = G.commitment(-s4 % G.q, _power_product(G, [c.alpha for c in e], u), negative)
    alpha_prime = _power_product(G, [c.alpha for c in e_prime], proof.s_prime)
    if G.product([beta, G.power(y, -s4 % G.q), beta_prime]) != t41 or G.multiply(alpha, alpha_prime) != t42:
        yield "that the ciphertexts are the same votes, permuted as committed"
    for i, (first, P, s_i) in enumerate(zip(chained, before, proof.s_prime, strict=False)):
        if G.multiply(first, G.power(P, s_i)) != proof.t_hat[i]:
            yield f"that link {i} of the chain multiplies by its challenge"


def _power_product(G: Group, elements: Sequence[Element], exponents: Sequence[int]) -> Element:
    return G.product([G.power(P, s) for P, s in zip(elements, exponents, strict=True)])


def _scalar_product(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _ciphertexts_text(row: Sequence[Ciphertext]) -> str:
    return "".join(f"{element_text(c.alpha)},{element_text(c.beta)}," for c in row)


def _elements_text(elements: Sequence[Element]) -> str:
    return "".join(f"{element_text(P)}," for P in elements)


def _several_challenges(G: Group, election: Election, statement: str, n: int) -> list[int]:
    """GetNIZPKChallenges: u_0, ..., u_(n-1), from the rows and the commitments to the permutation."""
    H = sha256_hex(f"shuffle-challenges|{election.fingerprint}|{statement}".encode())
    return [sha256_integer(H + sha256_hex(str(i).encode())) % G.q for i in range(n)]


def _challenge(
    G: Group,
    election: Election,
    t: Sequence[Element],
    t_hat: Sequence[Element],
    statement: str,
    c_hat: Sequence[Element],
) -> int:
    """GetNIZPKChallenge: the challenge to t and t_hat, from everything."""
    whole = _elements_text(t) + _elements_text(t_hat) + statement + _elements_text(c_hat)
    text = f"shuffle-challenge|{election.fingerprint}|{whole}{element_text(election.public_key)}"
    return sha256_integer(text) % G.q
