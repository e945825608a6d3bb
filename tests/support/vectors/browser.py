"""Vectors that drive Python and the page alike: papers with fixed randomness, every value between, and bad messages.

`write_browser_vectors` makes tests/vectors/browser again, always the same bytes. Every value is what ballot.protocol
finds; tests/browser lets the page's protocol.js find it too, and tests/unit/protocol lets Python find it again.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from ballot.protocol.archive import read_header, read_members
from ballot.protocol.ballots import Ballot, check_ballot, hash_unsigned, parse_ballot, tracking_number
from ballot.protocol.canonical import fields, parse_json
from ballot.protocol.credentials import PrivateCredential, PrivateKey, check_credential_form, derive_private_key
from ballot.protocol.elections import parse_election
from ballot.protocol.elgamal import Ciphertext, combine
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.group import Element, check_key, element_text, parse_element, parse_scalar
from ballot.protocol.openings import check_opening, parse_opening
from ballot.protocol.proofs import Proof, commitment, hash_commitments
from ballot.protocol.questions import BIT, Answer, HomomorphicQuestion, choices_text, create_answer
from ballot.protocol.signatures import Signature, sign_hash
from tests.support.letters import letter_vectors
from tests.support.pdfs import SHAPES, Draws, G, Paper, make_paper
from tests.support.vectors.ceremonies import SIZES, ceremony_vector, share_vector
from tests.support.vectors.signatures import ORDER_FOUR, fingerprints, receipts, signatures
from tests.support.vectors.tampering import OFF_CURVE, ORDER_EIGHT, ORDER_TWO

Json = dict[str, Any]

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "browser"
ARCHIVES = Path(__file__).resolve().parents[2] / "vectors"


# -- Good papers, with every value between -------------------------------------------------------------------------


def describe_paper(name: str, paper: Paper) -> Json:
    """A paper, what went in, and everything that is calculated on the way."""
    election, ballot = paper.election, parse_ballot(G, paper.ballot)
    s = derive_private_key(G, election.uuid, paper.credential)
    shown = element_text(ballot.credential)
    S0 = f"{election.fingerprint}|{shown}"
    prefix = f"sig|{ballot.signature.hash}|"
    return {
        "name": name,
        "election": election.to_bytes().decode(),
        "election_hash": election.fingerprint,
        "credential": paper.credential,
        "private_key": str(s),
        "public_credential": shown,
        "votes": paper.votes,
        "draws": [str(draw) for draw in paper.draws],
        "answers": [
            {"randomness": [str(r) for r in numbers], **describe_answer(election.public_key, S0, question, answer)}
            for question, answer, numbers in zip(election.questions, ballot.answers, paper.randomness, strict=True)
        ],
        "signature": {
            "hash": ballot.signature.hash,
            "prefix": prefix,
            "commitments": [element_text(commitment(G, G.g, ballot.signature.proof, ballot.credential))],
            "proof": ballot.signature.proof.to_json(),
        },
        "ballot": paper.ballot.decode(),
        "tracking_number": tracking_number(paper.ballot),
        "opening": paper.open().to_bytes().decode(),
    }


def describe_answer(y: Element, S0: str, question: HomomorphicQuestion, answer: Answer) -> Json:
    """Ciphertexts, and for each proof its challenge's prefix, its commitments, their hash, challenges and responses."""
    S = f"{S0}|{choices_text(answer.choices)}"
    sigma = combine(G, answer.choices[1 if question.blank else 0 :])
    zero = answer.choices[0]
    individual = [
        describe_proof(y, f"prove|{S0}|{choices_text([c])}|", [(c, M) for M in BIT], proofs)
        for c, proofs in zip(answer.choices, answer.individual_proofs, strict=True)
    ]
    allowed = [(sigma, M) for M in question.interval]
    if answer.blank_proof is None:
        overall = describe_proof(y, f"prove|{S}|{choices_text([sigma])}|", allowed, answer.overall_proof)
        blank = None
    else:
        overall = describe_proof(y, f"bproof1|{S}|", [(zero, 1), *allowed], answer.overall_proof)
        blank = describe_proof(y, f"bproof0|{S}|", [(zero, 0), (sigma, 0)], answer.blank_proof)
    choices = [c.to_json() for c in answer.choices]
    return {"choices": choices, "sum": sigma.to_json(), "individual": individual, "overall": overall, "blank": blank}


def describe_proof(y: Element, prefix: str, statements: list[tuple[Ciphertext, int]], proofs: Sequence[Proof]) -> Json:
    """A proof that one of the statements "this ciphertext holds M" is true."""
    commitments: list[Element] = []
    for (c, M), proof in zip(statements, proofs, strict=True):
        shifted = G.divide(c.beta, G.base_power(M))
        commitments += [commitment(G, G.g, proof, c.alpha), commitment(G, y, proof, shifted)]
    return {
        "prefix": prefix,
        "statements": [{**c.to_json(), "value": M} for c, M in statements],
        "commitments": [element_text(A) for A in commitments],
        "hash": str(hash_commitments(G, prefix, commitments)),
        "proofs": [proof.to_json() for proof in proofs],
    }


# -- Messages, most of them bad: the reason is None where one is good ----------------------------------------------


def reason_of(read: Callable[[], object]) -> str | None:
    """The word with which Python refuses, or None."""
    try:
        read()
    except InvalidMessage as fault:
        return fault.reason.value
    return None


def elements() -> Iterator[tuple[str, str]]:
    """Encodings, and points outside the subgroup: each as if it were a key."""
    P = G.base_power(Draws("a point")(G.q))
    yield "good", element_text(P)
    yield "the generator", element_text(G.g)
    yield "the identity", element_text(G.one)
    yield "upper case", element_text(P).upper()
    yield "too short", element_text(P)[1:]
    yield "too long", "0" + element_text(P)
    yield "little-endian", P.hex()
    yield "empty", ""
    yield "no hexadecimal", "g" * 64
    yield "a line break at the end", element_text(P)[:-1] + "\n"
    yield "order two", element_text(ORDER_TWO)
    yield "order four", element_text(ORDER_FOUR)
    yield "order eight", element_text(ORDER_EIGHT)
    yield "P plus the point of order two", element_text(G.multiply(P, ORDER_TWO))
    yield "P plus a point of order four", element_text(G.multiply(P, ORDER_FOUR))
    yield "P plus a point of order eight", element_text(G.multiply(P, ORDER_EIGHT))
    yield "off the curve", element_text(OFF_CURVE)
    yield "y is p", f"{G.p:064x}"
    yield "y is p plus one", f"{G.p + 1:064x}"
    yield "y is p plus one, with the sign", f"{2**255 + G.p + 1:064x}"
    yield "the largest y", f"{2**255 - 1:064x}"
    yield "the identity with the sign", f"{2**255 + 1:064x}"
    yield "order two with the sign", f"{2**255 + G.p - 1:064x}"


def scalars() -> Iterator[tuple[str, Any]]:
    """Numbers modulo q, in every dress."""
    for name, value in (("zero", 0), ("one", 1), ("the largest", G.q - 1), ("q", G.q), ("q plus one", G.q + 1)):
        yield name, str(value)
    yield "two to the 256th", str(2**256)
    yield "five thousand digits", "9" * 5000
    for name, text in (
        ("leading zero", "01"),
        ("negative", "-1"),
        ("plus", "+1"),
        ("hexadecimal", "0x1"),
        ("a fraction", "1.0"),
        ("an exponent", "1e3"),
        ("a space", " 1"),
        ("a line break at the end", "1\n"),
        ("an underscore", "1_0"),
        ("other digits", "\u0661"),
        ("empty", ""),
    ):
        yield name, text
    yield "a number", 1
    yield "nothing", None


def credentials() -> Iterator[tuple[str, str]]:
    """Private credentials as people write them."""
    c = "abcde-fghijk-mnopq-rstuvw"
    yield "good", c
    yield "upper case is another credential, but one", c.upper().replace("I", "1").replace("O", "1")
    yield "a zero", "0" + c[1:]
    yield "a capital O", "O" + c[1:]
    yield "a small l", "l" + c[1:]
    yield "without hyphens", c.replace("-", "")
    yield "too short", c[:-1]
    yield "too long", c + "x"
    yield "a line break at the end", c + "\n"
    yield "a space", c.replace("-", " ", 1)
    yield "empty", ""


def elections() -> Iterator[tuple[str, str]]:
    """Elections, each false in one place."""
    good = make_paper("an election", *SHAPES["blank-or-some"]).election.to_bytes().decode()
    key = json.loads(good)["public_key"]
    point = parse_element(key)
    yield "good", good
    changes = {
        "a space": ('"name":', '"name": '),
        "an escape": ('"A vote"', '"\\u0041 vote"'),
        "a half character": ('"A vote"', '"\\ud800"'),
        "a field twice": ('"name":"A vote"', '"name":"A vote","name":"A vote"'),
        "an unknown field": ('"name":', '"more":1,"name":'),
        "no name": ('"name":"A vote",', ""),
        "name is a number": ('"A vote"', "7"),
        "another version": ('"version":1', '"version":2'),
        "another group": ('"Ed25519"', '"BELENIOS-2048"'),
        "a fraction": ('"min":0', '"min":0.0'),
        "an exponent": ('"min":0', '"min":0e0'),
        "min above max": ('"min":0,"max":2', '"min":3,"max":2'),
        "max above the answers": ('"max":2', '"max":4'),
        "min below zero": ('"min":0', '"min":-1'),
        "blank is a word": ('"blank":true', '"blank":"true"'),
        "another type of question": ('{"answers"', '{"type":"Ranking","answers"'),
        "answers are no array": ('["For","Against","Abstain"]', '"For"'),
        "cut": ('"uuid"', ""),
        "the key upper case": (key, key.upper()),
        "the key is the identity": (key, element_text(G.one)),
        "the key is of order two": (key, element_text(ORDER_TWO)),
        "the key plus the point of order two": (key, element_text(G.multiply(point, ORDER_TWO))),
        "the key plus a point of order four": (key, element_text(G.multiply(point, ORDER_FOUR))),
        "the key off the curve": (key, element_text(OFF_CURVE)),
    }
    for name, (old, new) in changes.items():
        assert old in good, name
        yield name, good.replace(old, new, 1)
    uuid = json.loads(good)["uuid"]
    yield "a short uuid", good.replace(uuid, uuid[:13])
    yield "a uuid with a zero", good.replace(uuid, "0" + uuid[1:])
    yield "nested without end", "[" * 2000 + "]" * 2000
    yield "nested thirty-two deep", "[" * 32 + "]" * 32
    yield "an array", "[]"
    yield "a line break at the end", good + "\n"


def openings() -> Iterator[tuple[str, str]]:
    """Openings of one paper, each false in one place."""
    paper = make_paper("three-answers", *SHAPES["three-answers"])
    other = make_paper("another", SHAPES["three-answers"][0], ((1, 0, 0),))
    good = json.loads(paper.open().to_bytes())
    r = good["randomness"][0]

    def changed(**changes: object) -> str:
        return json.dumps({**good, **changes}, separators=(",", ":"), ensure_ascii=False)

    yield "good", changed()
    yield "another vote", changed(votes=[[1, 0, 0]])
    yield "two votes", changed(votes=[[1, 1, 0]])
    yield "no vote", changed(votes=[[0, 0, 0]])
    yield "a vote of two", changed(votes=[[0, 2, 0]])
    yield "votes missing", changed(votes=[])
    yield "a choice missing", changed(votes=[[0, 1]])
    yield "other randomness", changed(randomness=[[r[1], r[0], r[2]]])
    yield "no randomness", changed(randomness=[["0", "0", "0"]])
    yield "a number missing", changed(randomness=[r[:2]])
    yield "q more", changed(randomness=[[str(int(r[0]) + G.q), *r[1:]]])
    yield "another uuid", changed(election_uuid=other.election.uuid)
    yield "another election", changed(election_hash=other.election.fingerprint)
    yield "the ballot of another", changed(ballot=other.ballot.decode())
    yield "a space in the ballot", changed(ballot=good["ballot"].replace(":", ": ", 1))
    yield "no ballot", changed(ballot="")
    start, response = good["ballot"].rsplit('"response":"', 1)
    last = int(response.split('"')[0])
    forged = f'{start}"response":"{(last + 1) % G.q}"}}}}}}'
    yield "a false signature", changed(ballot=forged)
    yield "a field too many", changed(more=1)


def ballots() -> Iterator[tuple[str, str, str, str | None]]:
    """One of our own, and those of the tampered archives: name, election, bytes in Base64, and the reason.

    Questions that name their type are left out: the page asks none.
    """
    yield under_a_mixed_credential()
    for path in sorted(ARCHIVES.glob("ballots.*.bel")):
        with BytesIO(path.read_bytes()) as stream:
            bodies: dict[str, bytes] = {}
            setup = election = b""
            for member in read_members(stream, read_header(stream), lambda fault: None):
                value = json.loads(member.body) if member.kind == "event" else {}
                if value.get("type") == "Setup":
                    setup = bodies[value["payload"]]
                    named = fields(parse_json(setup), ("election", "trustees", "credentials"))
                    election = bodies[named["election"]]
                if value.get("type") == "Ballot" and b'{"type":' not in election:
                    body = bodies[value["payload"]]
                    name = f"{path.stem}, height {value['height']}"
                    yield name, election.decode(), base64.b64encode(body).decode(), ballot_reason(election, body)
                bodies[member.hash] = member.body


def under_a_mixed_credential() -> tuple[str, str, str, str | None]:
    """A ballot whose every equation holds, under a credential of order 2q: an even challenge hides the difference."""
    election = make_paper("three-answers", *SHAPES["three-answers"]).election
    draws = Draws("a mixed credential")
    s = PrivateKey(draws(G.q))
    X = G.multiply(G.base_power(s), ORDER_TWO)
    S0 = f"{election.fingerprint}|{element_text(X)}"
    answer = create_answer(G, election.public_key, S0, election.questions[0], (1, 0, 0), draws)
    nothing = Signature("", Proof(0, 0))
    hash = hash_unsigned(Ballot(election.uuid, election.fingerprint, X, (answer,), nothing))
    signature = next(made for made in (sign_hash(G, s, hash, draws) for _ in range(99)) if not made.proof.challenge % 2)
    body = Ballot(election.uuid, election.fingerprint, X, (answer,), signature).to_bytes()
    kept = election.to_bytes()
    return "a credential of mixed order", kept.decode(), base64.b64encode(body).decode(), ballot_reason(kept, body)


def ballot_reason(election: bytes, body: bytes) -> str | None:
    """Why a ballot is refused, whoever is on the list."""

    def read() -> None:
        ballot = parse_ballot(G, body)
        check_ballot(G, ballot, parse_election(G, election), {ballot.credential})

    return reason_of(read)


def opening_reason(election: bytes, opening: str) -> str | None:
    """Why an opening shows nothing."""
    return reason_of(lambda: check_opening(G, parse_opening(G, opening.encode()), parse_election(G, election)))


def messages() -> Json:
    """Every message with the word for which it is refused, or none."""
    paper = make_paper("three-answers", *SHAPES["three-answers"])
    kept = paper.election.to_bytes()

    def listed(found: Iterator[tuple[str, Any]], read: Callable[[Any], object]) -> list[Json]:
        return [{"name": n, "value": v, "reason": reason_of(lambda v=v: read(v))} for n, v in found]  # type: ignore[misc]

    return {
        "elements": listed(elements(), lambda v: check_key(G, parse_element(v))),
        "scalars": listed(scalars(), lambda v: parse_scalar(G, v)),
        "credentials": listed(credentials(), lambda v: check_credential_form(PrivateCredential(v))),
        "elections": listed(elections(), lambda v: parse_election(G, v.encode("utf-8", "surrogatepass"))),
        "openings": [
            {"name": n, "election": kept.decode(), "value": v, "reason": opening_reason(kept, v)} for n, v in openings()
        ],
        "signatures": signatures(),
        "receipts": [{"name": n, "value": v, "key": key, "reason": word} for n, v, key, word in receipts()],
        "ballots": [{"name": n, "election": e, "base64": b, "reason": reason} for n, e, b, reason in ballots()],
    }


def browser_vectors() -> dict[str, bytes]:
    """Every file of the folder, by name."""
    values: Json = {f"paper--{name}.json": describe_paper(name, make_paper(name, *SHAPES[name])) for name in SHAPES}
    values |= {f"ceremony--{t}-of-{n}.json": ceremony_vector(t, n) for t, n in SIZES}
    values |= {"share.json": share_vector(), "fingerprints.json": fingerprints(), "letters.json": letter_vectors()}
    values |= {f"messages--{kind}.json": found for kind, found in messages().items()}
    return {name: (json.dumps(value, indent=1, ensure_ascii=True) + "\n").encode() for name, value in values.items()}


def write_browser_vectors(folder: Path) -> int:
    """Make them again; what is no longer among them goes."""
    folder.mkdir(parents=True, exist_ok=True)
    files = browser_vectors()
    for path in folder.glob("*.json"):
        if path.name not in files:
            path.unlink()
    for name, body in files.items():
        (folder / name).write_bytes(body)
    return len(files)
