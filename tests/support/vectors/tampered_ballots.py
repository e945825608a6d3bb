"""Archives that hold one false ballot; where its sums are false, tallied and decrypted as if it were true."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ballot.protocol.ballots import create_ballot
from ballot.protocol.canonical import write_json
from ballot.protocol.credentials import PrivateKey
from ballot.protocol.elgamal import Ciphertext, combine, encrypt
from ballot.protocol.group import element_text
from ballot.protocol.proofs import Opening, Proof, prove_blank, prove_interval, prove_overall_or_blank
from ballot.protocol.questions import BIT, Answer, HomomorphicQuestion, choices_text
from tests.support.simulator import G, Simulator
from tests.support.vectors.tampering import (
    NO,
    OFF_CURVE,
    ORDER_EIGHT,
    ORDER_TWO,
    YES,
    Vector,
    cast,
    finish,
    key_of,
    plus_one,
    sign_again,
    small_election,
)

Json = dict[str, Any]
WITH_BLANK = HomomorphicQuestion(("Ash", "Beech"), 1, 2, "Which?", blank=True)
NONSENSE = "c" * 43


def archive_with(
    change: Callable[[Simulator, Json], bytes | None],
    signed: bool = True,
    tallied: bool = True,
    against: bool = False,
    **more: Any,
) -> bytes:
    """A ballot of voter 2 that `change` made false, in place, or as the bytes it returns; perhaps after honest ones."""
    sim = small_election(**more)
    if against:
        sim.vote(1, NO)
        sim.vote(0, NO)
    honest = YES if not sim.questions[0].blank else (0, *YES)
    ballot = json.loads(sim.ballot(2, honest))
    body = change(sim, ballot)
    if body is None:
        body = sign_again(sim, ballot, key_of(sim, 2)) if signed else write_json(ballot)
    cast(sim, body)
    return finish(sim) if tallied else sim.archive


def setting(*path: Any, to: Any) -> Callable[[Simulator, Json], None]:
    """A change that sets one place of the ballot to a value, or to what a function makes of it."""

    def change(_: Simulator, ballot: Json) -> None:
        *way, last = path
        place: Any = ballot
        for step in way:
            place = place[step]
        place[last] = to(place[last]) if callable(to) else to

    return change


def raw(change: Callable[[bytes], bytes]) -> Callable[[Simulator, Json], bytes]:
    """A change of the bytes of the honest ballot."""
    return lambda _, ballot: change(write_json(ballot))


def forged(votes: list[int], blank: bool = False) -> Callable[[Simulator, Json], bytes]:
    """A ballot of votes that are not allowed, with every proof that can be made, and made-up ones else."""

    def change(sim: Simulator, ballot: Json) -> bytes:
        y, S0 = sim.election.public_key, f"{sim.election.fingerprint}|{ballot['credential']}"
        r = [sim.draw(G.q) for _ in votes]
        choices = tuple(encrypt(G, y, r_j, m % G.q) for r_j, m in zip(r, votes, strict=True))
        individual = tuple(
            prove_interval(G, y, S0, r_j, m, BIT, c, sim.draw) if m in BIT else made_up(sim, 2)
            for r_j, m, c in zip(r, votes, choices, strict=True)
        )
        S, first, question = f"{S0}|{choices_text(choices)}", int(blank), sim.questions[0]
        sigma = Opening(combine(G, choices[first:]), sum(r[first:]) % G.q, sum(votes[first:]))
        zero = Opening(choices[0], r[0], votes[0])
        blank_proof = None
        if blank:
            overall = prove_overall_or_blank(G, y, S, zero, sigma, question.interval, sim.draw)
            can = zero.m == 0 or sigma.m == 0
            blank_proof = prove_blank(G, y, S, zero, sigma, sim.draw) if can else made_up(sim, 2)
        elif sigma.m in question.interval:
            overall = prove_interval(G, y, S, sigma.r, sigma.m - question.min, question.interval, sigma.c, sim.draw)
        else:
            overall = made_up(sim, len(question.interval))
        ballot["answers"] = [Answer(choices, individual, overall, blank_proof).to_json()]
        return sign_again(sim, ballot, key_of(sim, 2))

    return change


def made_up(sim: Simulator, length: int) -> tuple[Proof, ...]:
    return tuple(Proof(sim.draw(G.q), sim.draw(G.q)) for _ in range(length))


def mixed(value: str) -> str:
    """A point plus the point of order two, as it is written."""
    P = bytes.fromhex(value)[::-1]
    return element_text(G.multiply(P, ORDER_TWO))  # type: ignore[arg-type]


def by_a_stranger(sim: Simulator, _: Json) -> bytes:
    other = small_election(seed=8)
    other.election = sim.election
    return other.ballot(1, NO)


def under_another_credential(sim: Simulator, ballot: Json) -> bytes:
    """Voter 0's answers, copied by voter 2 and signed as its own."""
    first = json.loads(sim.ballot(0, YES))
    return sign_again(sim, {**first, "credential": ballot["credential"]}, key_of(sim, 2))


def without_proofs(sim: Simulator, ballot: Json) -> None:
    ballot["answers"][0]["choices"][0]["beta"] = element_text(OFF_CURVE)
    ballot["answers"][0]["individual_proofs"] = [[], []]


def exchanged(sim: Simulator, ballot: Json) -> None:
    proofs = ballot["answers"][0]["individual_proofs"]
    proofs[0], proofs[1] = proofs[1], proofs[0]


def neutral_choices(sim: Simulator, ballot: Json) -> None:
    ballot["answers"][0]["choices"] = [Ciphertext(G.one, G.one).to_json()] * 2


def signed_elsewhere(sim: Simulator, ballot: Json) -> bytes:
    other = json.loads(sim.ballot(2, NO))
    return write_json({**ballot, "signature": other["signature"]})


def identity_credential(sim: Simulator, _: Json) -> bytes:
    return create_ballot(G, sim.election, PrivateKey(0), [YES], sim.draw).to_bytes()


def no_blank_proof(_: Simulator, ballot: Json) -> None:
    del ballot["answers"][0]["blank_proof"]


def huge_number(body: bytes) -> bytes:
    return body.replace(b'"answers":', b'"answers":' + b"9" * 5000 + b',"x":')


def duplicate_key(body: bytes) -> bytes:
    return body.replace(b'{"election_uuid":', b'{"election_uuid":"x","election_uuid":', 1)


RESPONSE = ("signature", "proof", "response")
ALPHA = ("answers", 0, "choices", 0, "alpha")
FIRST_PROOF = ("answers", 0, "individual_proofs", 0, 0)
OVERALL = ("answers", 0, "overall_proof", 0)


def _vector(check: str, fault: str, change: Any, *also: str, signed: bool = True, **more: Any) -> Vector:
    fails = (f"ballots.{check}", *(f"ballots.{id}" for id in also))
    tallied = check in ("individual", "overall", "blank", "credential")  # the others are told apart while voting
    stage, name = None if tallied else "voting", f"ballots.{check}--{fault}.bel"
    return Vector(name, lambda: archive_with(change, signed, tallied, **more), fails, 1, stage)


def _unsigned(check: str, fault: str, change: Any) -> Vector:
    return _vector(check, fault, change, signed=False)


BALLOTS = [
    _unsigned("signature", "response-plus-one", setting(*RESPONSE, to=plus_one)),
    _unsigned("signature", "hash-of-another-ballot", signed_elsewhere),
    _vector("signature", "by-another-credential", lambda sim, b: sign_again(sim, b, key_of(sim, 1))),
    _unsigned("signature", "challenge-zero", setting("signature", "proof", "challenge", to="0")),
    _unsigned("scalars", "response-plus-q", setting(*RESPONSE, to=lambda v: str(int(v) + G.q))),
    _unsigned("scalars", "challenge-is-q", setting("signature", "proof", "challenge", to=str(G.q))),
    _unsigned("scalars", "leading-zero", setting(*RESPONSE, to=lambda v: "0" + v)),
    _unsigned("scalars", "negative", setting(*RESPONSE, to=lambda v: str(int(v) - G.q))),
    _unsigned("scalars", "hexadecimal", setting(*RESPONSE, to=lambda v: hex(int(v)))),
    _unsigned("scalars", "other-digits", setting(*RESPONSE, to=lambda v: chr(0x0660) + v)),
    _unsigned("scalars", "five-thousand-digits", setting(*RESPONSE, to="9" * 5000)),
    _unsigned("scalars", "number-without-quotes", setting(*RESPONSE, to=7)),
    _vector("scalars", "in-a-proof-plus-q", setting(*FIRST_PROOF, "response", to=lambda v: str(int(v) + G.q))),
    _vector("encoding", "upper-case", setting(*ALPHA, to=str.upper)),
    _vector("encoding", "y-plus-p", setting(*ALPHA, to=f"{2**255 - 19 + 1:064x}")),
    _vector("encoding", "identity-with-a-sign", setting(*ALPHA, to=f"{2**255 + 1:064x}")),
    _vector("encoding", "too-short", setting(*ALPHA, to=lambda v: v[2:])),
    _vector("encoding", "little-endian-of-order-four", setting(*ALPHA, to="00" * 31 + "8g")),
    _vector("subgroup", "small-order", setting(*ALPHA, to=element_text(ORDER_EIGHT))),
    _vector("subgroup", "order-two", setting(*ALPHA, to=element_text(ORDER_TWO))),
    _vector("subgroup", "mixed-order", setting(*ALPHA, to=mixed)),
    _vector("subgroup", "mixed-order-beta", setting("answers", 0, "choices", 1, "beta", to=mixed)),
    _vector("subgroup", "off-the-curve", setting(*ALPHA, to=element_text(OFF_CURVE))),
    _vector("subgroup", "off-the-curve-without-proofs", without_proofs, "individual"),
    _vector("credential", "identity", identity_credential, "subgroup"),
    _vector("credential", "not-on-the-list", by_a_stranger),
    _vector("election", "other-uuid", setting("election_uuid", to=lambda v: v[::-1])),
    _vector("election", "other-hash", setting("election_hash", to=NONSENSE)),
    _vector("shape", "no-answer", setting("answers", to=[])),
    _vector("shape", "two-answers", setting("answers", to=lambda v: v * 2)),
    _vector("shape", "choice-missing", setting("answers", 0, "choices", to=lambda v: v[:1])),
    _vector("shape", "proof-missing", setting("answers", 0, "individual_proofs", to=lambda v: v[:1])),
    _vector("shape", "blank-proof-where-none-belongs", setting("answers", 0, to=lambda v: {**v, "blank_proof": []})),
    _vector("individual", "response-plus-one", setting(*FIRST_PROOF, "response", to=plus_one)),
    _vector("individual", "two-and-minus-one", forged([2, -1]), against=True),
    _vector("individual", "one-branch-only", setting("answers", 0, "individual_proofs", 0, to=lambda v: v[:1])),
    _vector("individual", "proofs-exchanged", exchanged),
    _vector("individual", "copied-under-another-credential", under_another_credential, "overall"),
    _vector("individual", "nothing-encrypted", neutral_choices, "overall"),
    _vector("overall", "response-plus-one", setting(*OVERALL, "response", to=plus_one)),
    _vector("overall", "both-answers", forged([1, 1])),
    _vector("overall", "no-answer", forged([0, 0])),
    _vector("overall", "no-proof", setting("answers", 0, "overall_proof", to=[])),
    _vector("blank", "blank-and-an-answer", forged([1, 1, 0], blank=True), questions=(WITH_BLANK,)),
    _vector(
        "blank",
        "response-plus-one",
        setting("answers", 0, "blank_proof", 1, "response", to=plus_one),
        questions=(WITH_BLANK,),
    ),
    _vector(
        "shape",
        "blank-proof-missing",
        lambda _, b: b["answers"][0].pop("blank_proof") and None,
        questions=(WITH_BLANK,),
    ),
    _unsigned("form", "spaces", raw(lambda body: body.replace(b",", b", "))),
    _unsigned("form", "newline-at-the-end", raw(lambda body: body + b"\n")),
    _unsigned("form", "duplicate-key", raw(duplicate_key)),
    _unsigned("form", "escaped-letter", raw(lambda body: body.replace(b'"answers"', b'"\\u0061nswers"'))),
    _unsigned("form", "unknown-field", setting("signature", to=lambda v: {**v, "note": "x"})),
    _unsigned("form", "missing-field", lambda _, b: b.pop("signature") and None),
    _unsigned("form", "fields-out-of-order", lambda _, b: write_json(dict(reversed(b.items())))),
    _unsigned("form", "float", setting("election_hash", to=1.5)),
    _unsigned("form", "not-a-number", raw(lambda body: body.replace(b'"answers":', b'"answers":NaN,"x":'))),
    _unsigned("form", "huge-number", raw(huge_number)),
    _unsigned("form", "null", setting("answers", to=None)),
    _unsigned("form", "deep", raw(lambda _: b"[" * 3000)),
    _unsigned("form", "deep-and-whole", raw(lambda _: b"[" * 900 + b"]" * 900)),
    _unsigned("form", "invalid-utf-8", raw(lambda body: body.replace(b'"election_hash":"', b'"election_hash":"\xff'))),
    _unsigned("form", "lone-surrogate", raw(lambda b: b.replace(b'"election_hash":"', b'"election_hash":"\\ud800'))),
    _unsigned("form", "byte-order-mark", raw(lambda body: b"\xef\xbb\xbf" + body)),
    _unsigned("form", "no-json", raw(lambda _: b"a ballot")),
    _unsigned("form", "empty", raw(lambda _: b"")),
]
