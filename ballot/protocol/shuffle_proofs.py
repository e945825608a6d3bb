"""The proof of a shuffle: that ciphertexts are others re-encrypted and permuted, and not which is which.

Spec: Shuffle algorithms (as in CHVote, after Terelius and Wikström). The prover commits to the permutation, element by
element with independent generators (c); challenges u turn "it is a permutation" and "the ciphertexts were permuted by
it" into equations about sums and a product; a chain of commitments (c_hat) proves the product. Everything is one sigma
protocol with commitments t, t_hat and responses s, s_hat, s_prime.

Both challenges hash the whole statement, so a proof here binds its ciphertexts: nothing like the weakness of
decryption proofs (decryption.py). It does *not* show who shuffled, nor that the prover forgot the order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ballot.protocol.canonical import Json, array
from ballot.protocol.elgamal import Ciphertext
from ballot.protocol.embedding import independent_generators
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


# -- Creating --------------------------------------------------------------------------------------------------


def create_permutation(n: int, rng: Rng) -> list[int]:
    """A permutation of n places, each equally likely: GenPermutation."""
    places, psi = list(range(n)), []
    for i in range(n):
        k = i + rng(n - i)
        psi.append(places[k])
        places[k] = places[i]
    return psi


def shuffle_row(G: Group, y: Element, e: Row, rng: Rng) -> tuple[Row, list[int], list[int]]:
    """GenShuffle: the row anew, each ciphertext's randomness r' in the old order, and the permutation psi.

    Raises: NotForSecrets.
    """
    check_keeps_secrets(G)
    psi, r_prime = create_permutation(len(e), rng), [rng(G.q) for _ in e]
    again = [
        Ciphertext(G.multiply(c.alpha, G.base_power(r)), G.multiply(c.beta, G.power(y, r)))
        for c, r in zip(e, r_prime, strict=True)
    ]
    return tuple(again[j] for j in psi), r_prime, psi


def prove_shuffle(
    G: Group,
    y: Element,
    context: str,
    e: Row,
    e_prime: Row,
    r_prime: Sequence[int],
    psi: Sequence[int],
    rng: Rng,
) -> ShuffleProof:
    """GenShuffleProof for what `shuffle_row` returned. The context is hashed: for an election its fingerprint.

    Raises: NotForSecrets.
    """
    check_keeps_secrets(G)
    q, n = G.q, len(e)
    h, hs = independent_generators(G, n)
    r = [rng(q) for _ in e]
    c = [G.one] * n
    for i, j in enumerate(psi):
        c[j] = G.multiply(G.base_power(r[j]), hs[i])
    statement = _ciphertexts_text(e) + _ciphertexts_text(e_prime) + _elements_text(c)
    u = _several_challenges(G, context, statement, n)
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
    challenge = _challenge(G, y, context, t, t_hat, statement, c_hat)

    v = [1] * n
    for i in range(n - 2, -1, -1):
        v[i] = u_prime[i + 1] * v[i + 1] % q
    secrets = (sum(r), _scalar_product(r_hat, v), _scalar_product(r, u), _scalar_product(r_prime, u))
    return ShuffleProof(
        t,
        tuple(t_hat),
        tuple((w_i + challenge * x) % q for w_i, x in zip(w, secrets, strict=True)),
        tuple((w_i + challenge * x) % q for w_i, x in zip(w_hat, r_hat, strict=True)),
        tuple((w_i + challenge * x) % q for w_i, x in zip(w_prime, u_prime, strict=True)),
        tuple(c),
        tuple(c_hat),
    )


# -- Checking --------------------------------------------------------------------------------------------------


def false_equations(G: Group, y: Element, context: str, e: Row, e_prime: Row, proof: ShuffleProof) -> Iterator[str]:
    """CheckShuffleProof: name each equation that does not hold; none if the proof is valid.

    Every part of the proof must be as long as both rows. Raises InvalidElement for an element outside the group: each
    is raised to some power, which checks it, except a commitment t, which is recomputed and compared by its bytes.
    """
    n = len(e)
    h, hs = independent_generators(G, n)
    statement = _ciphertexts_text(e) + _ciphertexts_text(e_prime) + _elements_text(proof.c)
    u = _several_challenges(G, context, statement, n)
    negative = -_challenge(G, y, context, proof.t, proof.t_hat, statement, proof.c_hat) % G.q
    (t1, t2, t3, t41, t42), (s1, s2, s3, s4) = proof.t, proof.s

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


def _several_challenges(G: Group, context: str, statement: str, n: int) -> list[int]:
    """GetNIZPKChallenges: u_0, ..., u_(n-1), from the rows and the commitments to the permutation."""
    H = sha256_hex(f"shuffle-challenges|{context}|{statement}".encode())
    return [sha256_integer(H + sha256_hex(str(i).encode())) % G.q for i in range(n)]


def _challenge(
    G: Group,
    y: Element,
    context: str,
    t: Sequence[Element],
    t_hat: Sequence[Element],
    statement: str,
    c_hat: Sequence[Element],
) -> int:
    """GetNIZPKChallenge: the challenge to t and t_hat, from everything."""
    whole = _elements_text(t) + _elements_text(t_hat) + statement + _elements_text(c_hat)
    text = f"shuffle-challenge|{context}|{whole}{element_text(y)}"
    return sha256_integer(text) % G.q
