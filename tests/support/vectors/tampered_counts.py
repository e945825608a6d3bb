"""Archives that are false in their setup, or from their tally to their result."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ballot.protocol.canonical import write_json
from ballot.protocol.credentials import PublicCredential, PublicCredentials
from ballot.protocol.decryption import PartialDecryption
from ballot.protocol.elgamal import encrypt, neutral
from ballot.protocol.events import EventType
from ballot.protocol.group import Element, element_text
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.tally import SizedEncryptedTally, Tally, encrypted_tally_to_bytes
from ballot.protocol.trustees import trustees_to_bytes
from tests.support.simulator import G, Simulator
from tests.support.vectors.tampered_archives import Step, one_vote, rearranged, voted
from tests.support.vectors.tampered_ballots import mixed
from tests.support.vectors.tampering import (
    NO,
    ORDER_EIGHT,
    YES,
    Vector,
    begin_again,
    close_as,
    close_with,
    publish_share,
    share_of,
    small_election,
    threshold_election,
    true_result,
)

# -- Setup -------------------------------------------------------------------------------------------------------


def key(change: Callable[[Element], Element]) -> Callable[[], bytes]:
    def make() -> bytes:
        sim = small_election()
        return begin_again(sim, replace(sim.election, public_key=change(sim.election.public_key))).archive

    return make


def listed(change: Callable[[list[PublicCredential]], list[PublicCredential]]) -> Callable[[], bytes]:
    def make() -> bytes:
        sim = small_election()
        return begin_again(sim, public=PublicCredentials.of(change(list(sim.public.entries)))).archive

    return make


def part(name: str, change: Callable[[bytes], bytes], sim: Callable[[], Simulator] = small_election) -> Any:
    """A part of the setup in other bytes."""

    def make() -> bytes:
        made = sim()
        bodies = {
            "election": made.election.to_bytes(),
            "trustees": trustees_to_bytes(made.trustees),
            "credentials": write_json(made.public.to_json()),
        }
        return begin_again(made, bodies={name: change(bodies[name])}).archive

    return make


def trustee(*path: Any, to: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    """A change at one place of the trustees structure."""

    def change(body: bytes) -> bytes:
        value = json.loads(body)
        place: Any = value
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to(place[path[-1]])
        return write_json(value)

    return change


def next_number(value: str) -> str:
    return str((int(value) + 1) % G.q)


def no_coefficients(_: str) -> str:
    return '{"coefexps":[]}'


def add_to_list(element: Element) -> Callable[[list[PublicCredential]], list[PublicCredential]]:
    return lambda entries: [*entries, PublicCredential(element)]


def small(entry: PublicCredential) -> PublicCredential:
    return replace(entry, credential=Element(bytes.fromhex(mixed(element_text(entry.credential)))[::-1]))


def _setup(check: str, fault: str, make: Callable[[], bytes], *fails: str) -> Vector:
    return Vector(f"setup.{check}--{fault}.bel", make, fails or (f"setup.{check}",), 1, "setup")


SETUP = [
    _setup("public-key", "not-the-product", key(lambda y: G.multiply(y, G.g))),
    _setup("public-key", "identity", key(lambda y: G.one)),
    _setup("public-key", "small-order", key(lambda y: ORDER_EIGHT)),
    _setup("public-key", "mixed-order", key(lambda y: Element(bytes.fromhex(mixed(element_text(y)))[::-1]))),
    _setup("trustees", "no-knowledge-of-the-key", part("trustees", trustee(0, 1, "pok", "response", to=next_number))),
    _setup(
        "trustees",
        "threshold-one-of-three",
        part("trustees", trustee(1, 1, "threshold", to=lambda t: 1), threshold_election),
    ),
    _setup(
        "trustees",
        "coefexps-not-signed",
        part("trustees", trustee(1, 1, "coefexps", 0, "signature", "response", to=next_number), threshold_election),
    ),
    _setup(
        "trustees",
        "coefexps-empty",
        part("trustees", trustee(1, 1, "coefexps", 0, "message", to=no_coefficients), threshold_election),
    ),
    _setup(
        "trustees",
        "certificates-exchanged",
        part("trustees", trustee(1, 1, "certs", to=lambda c: [c[1], c[0], c[2]]), threshold_election),
    ),
    _setup(
        "trustees",
        "verification-keys-exchanged",
        part("trustees", trustee(1, 1, "verification_keys", to=lambda k: [k[1], k[0], k[2]]), threshold_election),
    ),
    _setup(
        "form",
        "certificate-missing",
        part("trustees", trustee(1, 1, "certs", to=lambda c: c[:2]), threshold_election),
    ),
    _setup("form", "no-trustee", part("trustees", lambda _: b"[]")),
    _setup("form", "unknown-field", part("election", lambda b: b[:-1] + b',"note":"x"}')),
    _setup("form", "spaces", part("election", lambda b: b.replace(b":", b": "))),
    _setup("form", "float", part("election", lambda b: b.replace(b'"min":1', b'"min":1.0'))),
    _setup("form", "min-above-max", part("election", lambda b: b.replace(b'"min":1', b'"min":2'))),
    _setup("form", "short-uuid", part("election", lambda b: b.replace(b'"uuid":"', b'"uuid":"0'))),
    _setup("form", "weight-with-leading-zero", part("credentials", lambda b: b.replace(b'"]', b',01"]'))),
    _setup("form", "negative-weight", part("credentials", lambda b: b.replace(b'"]', b',-1"]'))),
    _setup("credentials", "identity", listed(add_to_list(G.one))),
    _setup("credentials", "small-order", listed(add_to_list(ORDER_EIGHT))),
    _setup("credentials", "mixed-order", listed(lambda entries: [*entries[1:], small(entries[0])])),
    _setup("credentials", "upper-case", part("credentials", lambda b: b.upper())),
    _setup("credentials", "with-and-without-weight", listed(lambda e: [*e[1:], replace(e[0], weight=2)])),
    _setup("credentials-twice", "listed-twice", listed(lambda entries: [*entries, entries[0]])),
    Vector("skipped--group-of-residues.bel", part("election", lambda b: b.replace(b"Ed25519", b"BELENIOS-2048"))),
    Vector("skipped--protocol-version-two.bel", part("election", lambda b: b.replace(b'"version":1', b'"version":2'))),
]


# -- Tally, shares, result ---------------------------------------------------------------------------------------


def more_votes() -> bytes:
    """One more Yes than was cast, encrypted and added by whoever closed."""
    sim = voted()
    sim.close()
    extra = encrypt(G, sim.election.public_key, sim.draw(G.q), 1), neutral(G)
    sim.tally.multiply((extra,))
    return tallied_as(sim.tally.encrypted, 2, 2)


def tallied_as(tally: Any, count: int, weight: int, **more: Any) -> bytes:
    """Closed with this tally, whatever the ballots say, and decrypted in earnest."""
    sim = voted(**more)
    close_as(sim, tally, count, weight)
    sim.decrypt(1)
    return sim.archive


def counted_as(count: int, weight: int, voters: tuple[int, ...] = (0, 1), **more: Any) -> Callable[[], bytes]:
    """Closed with the ballots of these voters, each once, whatever it weighs."""

    def make() -> bytes:
        sim = voted(**more)
        tally = Tally(G, sim.election)
        for voter in voters:
            choices: Any = sim.cast[sim.public_of(voter)][0]
            tally.add(choices, 1)
        return tallied_as(tally.encrypted, count, weight, **more)

    return make


def first_ballot_counted() -> bytes:
    sim = small_election()
    sim.vote(0, YES)
    first: Any = sim.cast[sim.public_of(0)][0]
    sim.vote(0, NO)
    tally = Tally(G, sim.election)
    tally.add(first, 1)
    close_as(sim, tally.encrypted, 1, 1)
    sim.decrypt(1)
    return sim.archive


def closed_with(
    change: Callable[[bytes], bytes] = bytes, sized: Callable[[bytes], bytes] = bytes
) -> Callable[[], bytes]:
    """Closed with other bytes of the encrypted tally, or of what names it."""

    def make() -> bytes:
        sim = voted()
        for choices, weight in sim.cast.values():
            sim.tally.add(choices, weight)  # type: ignore[arg-type]
        body = change(encrypted_tally_to_bytes(sim.tally.encrypted))
        close_with(sim, body, sized(SizedEncryptedTally(2, 2, sha256_hex(body)).to_bytes()))
        return sim.archive

    return make


def negative_count(body: bytes) -> bytes:
    return body.replace(b":2,", b":-2,", 1)


def mixed_tally(body: bytes) -> bytes:
    value = json.loads(body)
    value[0][0]["alpha"] = mixed(value[0][0]["alpha"])
    return write_json(value)


def shared(
    *shares: Callable[[Simulator], tuple[int, bytes]], sim: Callable[[], Simulator] = voted
) -> Callable[[], bytes]:
    """Decrypted with these shares, and the true result published."""

    def make() -> bytes:
        made = sim()
        made.close()
        for share in shares:
            publish_share(made, *share(made))
        made.append(EventType.RESULT, [true_result(made)])
        return made.archive

    return make


def by(owner: int, key_of: int | None = None, change: Callable[[PartialDecryption], Any] = lambda share: share) -> Any:
    """A share in the name of an owner; made by another's key, or changed."""

    def share(sim: Simulator) -> tuple[int, bytes]:
        made = change(share_of(sim, key_of or owner))
        return owner, made if isinstance(made, bytes) else made.to_bytes()

    return share


def wrong_proof(share: PartialDecryption) -> PartialDecryption:
    (row,) = share.decryption_proofs
    return replace(share, decryption_proofs=((replace(row[0], response=(row[0].response + 1) % G.q), *row[1:]),))


def wrong_factor(share: PartialDecryption) -> PartialDecryption:
    (row,) = share.decryption_factors
    return replace(share, decryption_factors=((G.multiply(row[0], G.g), *row[1:]),))


def mixed_factor(share: PartialDecryption) -> bytes:
    value = json.loads(share.to_bytes())
    value["decryption_factors"][0][0] = mixed(value["decryption_factors"][0][0])
    return write_json(value)


def two_of_three() -> Simulator:
    sim = threshold_election()
    sim.vote(0, YES)
    return sim


def not_yet_opened(share: Any) -> Callable[[], bytes]:
    """Closed, with a share, and no result yet."""

    def make() -> bytes:
        sim = voted()
        sim.close()
        publish_share(sim, *share(sim))
        return sim.archive

    return make


def with_result(body: bytes) -> Callable[[], bytes]:
    return rearranged(lambda s: [*s[:-1], Step(EventType.RESULT, [body])], one_vote)


def _value(fault: str, body: bytes, check: str = "result.value") -> Vector:
    return Vector(f"{check}--{fault}.bel", with_result(body), (check,))


CLOSING = [
    Vector("tally.ciphertexts--one-more-yes.bel", more_votes, ("tally.ciphertexts",)),
    Vector("tally.ciphertexts--first-ballot-counted.bel", first_ballot_counted, ("tally.ciphertexts",)),
    Vector(
        "tally.ciphertexts--weights-ignored.bel",
        counted_as(2, 8, weights=(3, 5, 7)),
        ("tally.ciphertexts",),
    ),
    Vector(
        "tally.ciphertexts--ballot-dropped.bel",
        counted_as(1, 1, (0,)),
        ("tally.ciphertexts", "tally.count", "tally.weight"),
    ),
    Vector("tally.ciphertexts--ballot-counted-twice.bel", counted_as(2, 2, (0, 1, 1)), ("tally.ciphertexts",)),
    Vector("tally.count--one-more.bel", counted_as(3, 2), ("tally.count",)),
    Vector("tally.count--none.bel", counted_as(0, 2), ("tally.count",)),
    Vector("tally.weight--one-more.bel", counted_as(2, 3), ("tally.weight",)),
    Vector("good--weights-of-one.bel", counted_as(2, 2, weights=(1, 1, 1)), exit=0),
    Vector("tally.form--mixed-order.bel", closed_with(mixed_tally), ("tally.form",)),
    Vector("tally.form--row-missing.bel", closed_with(lambda _: b"[]"), ("tally.form",)),
    Vector("tally.form--count-negative.bel", closed_with(sized=negative_count), ("tally.form",)),
    Vector(
        "tally.form--weight-as-text.bel",
        closed_with(sized=lambda b: b.replace(b'"total_weight":2', b'"total_weight":"2"')),
        ("tally.form",),
    ),
    Vector("decryption.proofs--response-plus-one.bel", shared(by(1, change=wrong_proof)), ("decryption.proofs",)),
    Vector("decryption.proofs--other-factor.bel", shared(by(1, change=wrong_factor)), ("decryption.proofs",)),
    Vector("decryption.proofs--mixed-order.bel", shared(by(1, change=mixed_factor)), ("decryption.proofs",)),
    Vector(
        "decryption.proofs--share-of-a-stranger.bel",
        shared(by(1), by(2, key_of=4), by(3), sim=two_of_three),
        ("decryption.proofs",),
    ),
    Vector(
        "decryption.proofs--before-the-result.bel",
        not_yet_opened(by(1, change=wrong_proof)),
        ("decryption.proofs",),
        1,
        "closed",
    ),
    Vector("good--share-before-the-result.bel", not_yet_opened(by(1)), exit=0, stage="closed"),
    Vector("decryption.owner--no-such-trustee.bel", shared(by(1), by(9, key_of=1)), ("decryption.owner",)),
    Vector("decryption.owner--twice.bel", shared(by(1), by(1)), ("decryption.owner",)),
    Vector("decryption.shares--one-of-two.bel", shared(by(1), by(3), sim=two_of_three), ("decryption.shares",)),
    Vector("decryption.shares--without-the-server.bel", shared(by(2), by(3), sim=two_of_three), ("decryption.shares",)),
    Vector("decryption.form--spaces.bel", shared(by(1, change=lambda s: s.to_bytes() + b" ")), ("decryption.form",)),
    Vector("decryption.form--no-share.bel", shared(by(1, change=lambda s: b"null")), ("decryption.form",)),
    _value("one-more", b'{"result":[[2,0]]}'),
    _value("exchanged", b'{"result":[[0,1]]}'),
    _value("huge", b'{"result":[["%d",0]]}' % (G.q + 1), "result.form"),
    _value("ten-to-the-thirty", b'{"result":[["%d",0]]}' % 10**30),
    _value("answer-missing", b'{"result":[[1]]}'),
    _value("question-twice", b'{"result":[[1,0],[1,0]]}'),
    _value("a-thousand-answers", b'{"result":[[%s]]}' % b",".join([b"1"] * 1000)),
    _value("negative", b'{"result":[[-1,2]]}', "result.form"),
    _value("float", b'{"result":[[1.0,0]]}', "result.form"),
    _value("small-number-as-text", b'{"result":[["1",0]]}', "result.form"),
    _value("true", b'{"result":[[true,0]]}', "result.form"),
    _value("unknown-field", b'{"result":[[1,0]],"note":""}', "result.form"),
]

COUNTS = [*SETUP, *CLOSING]
