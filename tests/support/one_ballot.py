"""The values in docs/one-ballot.md, worked out from a record of tests/vectors with hashlib, json and plain arithmetic.

It uses none of our protocol code, so that the chapter is also a second reading of the formats. `make vectors` writes
the values into the chapter; a test compares them.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.support.traps import Point, add, decode, encode, g, p, q, times

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = ROOT / "docs" / "one-ballot.md"
RECORD = ROOT / "tests" / "vectors" / "good--record.zip"
HEIGHT = 2
"""The ballot that the chapter follows: the second."""

LINE = re.compile(r"^([a-z][a-z0-9 -]*[a-z0-9])( +)= (.*)$", re.MULTILINE)

Member = tuple[int, str, bytes, bytes]
"""Where its tar header starts, its name, that header, its contents."""


def members(archive: bytes) -> Iterator[Member]:
    at = 0
    while at < len(archive):
        header = archive[at : at + 512]
        size = int(header[124:135], 8)
        yield at, header[:100].rstrip(b"\0").decode(), header, archive[at + 512 : at + 512 + size]
        at += 512 + size + -size % 512


def point(text: str) -> Point:
    return decode(bytes.fromhex(text)[::-1])


def text_of(P: Point) -> str:
    return encode(P)[::-1].hex()


def minus(P: Point) -> Point:
    return -P[0] % p, P[1]


def base64(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


def challenge_of(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") % q


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def derive() -> dict[str, str]:
    """Every value that the chapter shows, by its name there."""
    with zipfile.ZipFile(io.BytesIO(RECORD.read_bytes())) as record:
        files = {name: record.read(name) for name in record.namelist()}
    archive = files["elections/00A.bel"]
    listed = list(members(archive))
    bodies = {name.split(".")[0]: body for _, name, _, body in listed}
    events = [(name.split(".")[0], json.loads(body)) for _, name, _, body in listed if name.endswith(".event.json")]
    return {
        **_the_bytes(listed, events),
        **_the_setup(bodies, events),
        **_the_ballot(bodies, events),
        **_the_board(files, events),
        **_the_total(files, bodies, events),
        **_the_record(files, archive),
    }


Events = list[tuple[str, Any]]
Bodies = dict[str, bytes]


def _ballot(bodies: Bodies, events: Events) -> tuple[bytes, Any]:
    body = bodies[events[HEIGHT][1]["payload"]]
    return body, json.loads(body)


def _part(bodies: Bodies, events: Events, name: str) -> bytes:
    return bodies[json.loads(bodies[events[0][1]["payload"]])[name]]


def _the_bytes(listed: list[Member], events: Events) -> dict[str, str]:
    hash, event = events[HEIGHT]
    assert hash == hashlib.sha256(compact(event)).hexdigest()
    at, name, header, body = next(member for member in listed if member[1].startswith(event["payload"]))
    checksum = sum(header[:148] + b" " * 8 + header[156:])
    return {
        "offset": str(at),
        "member": name,
        "size in octal": header[124:135].decode(),
        "mtime in octal": header[136:147].decode(),
        "checksum in octal": f"{checksum:06o}",
        "first bytes": body[:48].decode(),
        "sha256 of the ballot": hashlib.sha256(body).hexdigest(),
        "tracking number": base64(hashlib.sha256(body).digest()),
        "event": compact(event).decode(),
        "event hash": hash,
        "hash of the event before": events[HEIGHT - 1][0],
        "event after": compact(events[HEIGHT + 1][1]).decode(),
    }


def _the_setup(bodies: Bodies, events: Events) -> dict[str, str]:
    election = _part(bodies, events, "election")
    credentials = json.loads(_part(bodies, events, "credentials"))
    ballot = _ballot(bodies, events)[1]
    assert [c[::-1] for c in credentials] == sorted(c[::-1] for c in credentials)
    return {
        "election uuid": json.loads(election)["uuid"],
        "election hash": base64(hashlib.sha256(election).digest()),
        "description": json.loads(election)["description"],
        "credential": ballot["credential"],
        "place on the list": f"{credentials.index(ballot['credential']) + 1} of {len(credentials)}",
    }


def _the_ballot(bodies: Bodies, events: Events) -> dict[str, str]:
    ballot = _ballot(bodies, events)[1]
    y = point(json.loads(_part(bodies, events, "election"))["public_key"])
    answer = ballot["answers"][0]
    choice, proofs = answer["choices"][0], answer["individual_proofs"][0]
    alpha, beta = point(choice["alpha"]), point(choice["beta"])
    commitments = []
    for M, proof in enumerate(proofs):
        c, r = int(proof["challenge"]), int(proof["response"])
        shifted = add(beta, minus(times(M, g)))
        commitments += [add(times(r, g), times(c, alpha)), add(times(r, y), times(c, shifted))]
    S = f"{ballot['election_hash']}|{ballot['credential']}"
    said = ",".join(map(text_of, commitments))
    challenge = challenge_of(f"prove|{S}|{choice['alpha']},{choice['beta']}|{said}")
    assert challenge == sum(int(proof["challenge"]) for proof in proofs) % q
    unsigned = {name: ballot[name] for name in ("election_uuid", "election_hash", "credential", "answers")}
    signature = ballot["signature"]
    c, r = int(signature["proof"]["challenge"]), int(signature["proof"]["response"])
    A = add(times(r, g), times(c, point(ballot["credential"])))
    assert challenge_of(f"sig|{signature['hash']}|{text_of(A)}") == c
    return {
        "alpha": choice["alpha"],
        "alpha as rfc 8032": encode(alpha).hex(),
        "beta": choice["beta"],
        "challenge of 0": proofs[0]["challenge"],
        "response of 0": proofs[0]["response"],
        "challenge of 1": proofs[1]["challenge"],
        "response of 1": proofs[1]["response"],
        **{f"commitment {name}": text_of(P) for name, P in zip(("a0", "b0", "a1", "b1"), commitments, strict=True)},
        "hash modulo q": str(challenge),
        "hash that is signed": base64(hashlib.sha256(compact(unsigned)).digest()),
        "signature challenge": signature["proof"]["challenge"],
        "signature response": signature["proof"]["response"],
        "signature commitment": text_of(A),
    }


def _the_board(files: Bodies, events: Events) -> dict[str, str]:
    notes = [json.loads(line) for line in files["checkpoints.jsonl"].splitlines()]
    note = next(n["note"] for n in notes if n["log"] == "00A" and n["note"].split("\n")[1] == str(HEIGHT + 1))
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(hash)).digest() for hash, _ in events[: HEIGHT + 1]]
    left = hashlib.sha256(b"\1" + leaves[0] + leaves[1]).digest()
    root = hashlib.sha256(b"\1" + left + leaves[2]).digest()
    assert b64encode(root).decode() == note.split("\n")[2]
    signed, _, last = note.partition("\n\n")
    signature = b64decode(last.strip().rsplit(" ", 1)[1])
    load_pem_public_key(files["keys/board.pub"]).verify(signature[4:], signed.encode() + b"\n")  # type: ignore[union-attr, call-arg]
    lines = signed.split("\n")
    return {
        "leaf": leaves[2].hex(),
        "root": root.hex(),
        "checkpoint origin": lines[0],
        "checkpoint size": lines[1],
        "checkpoint root": lines[2],
        "checkpoint head": lines[3].removeprefix("head "),
        "checkpoint time": lines[4].removeprefix("time "),
        "checkpoint signature": last.strip().rsplit(" ", 1)[1],
    }


def _the_total(files: Bodies, bodies: Bodies, events: Events) -> dict[str, str]:
    sized = json.loads(bodies[next(e["payload"] for _, e in events if e["type"] == "EncryptedTally")])
    total = json.loads(bodies[sized["encrypted_tally"]])[0][0]
    ballots = [json.loads(bodies[e["payload"]]) for _, e in events if e["type"] == "Ballot"]
    product = (0, 1)
    for ballot in ballots:
        product = add(product, point(ballot["answers"][0]["choices"][0]["alpha"]))
    assert text_of(product) == total["alpha"]
    owned = [json.loads(bodies[e["payload"]]) for _, e in events if e["type"] == "PartialDecryption"]
    factors = {o["owner"]: point(json.loads(bodies[o["payload"]])["decryption_factors"][0][0]) for o in owned}
    single, *pedersen = sorted(factors)
    combined = factors[single]
    places = [owner - 1 for owner in pedersen]
    for owner, j in zip(pedersen, places, strict=True):
        weight = 1
        for k in places:
            weight = weight if k == j else weight * k * pow(k - j, -1, q) % q
        combined = add(combined, times(weight, factors[owner]))
    opened = add(point(total["beta"]), minus(combined))
    result = json.loads(bodies[events[-1][1]["payload"]])["result"]
    assert opened == times(result[0][0], g)
    return {
        "ballots tallied": str(sized["num_tallied"]),
        "total alpha": total["alpha"],
        "total beta": total["beta"],
        "shares of": ", ".join(map(str, sorted(factors))),
        **_strong_proof(files, bodies, events, total["alpha"], text_of(factors[single]), sized["encrypted_tally"]),
        "combined factor": text_of(combined),
        "opened": text_of(opened),
        "result": compact(result).decode(),
    }


def _strong_proof(files: Bodies, bodies: Bodies, events: Events, alpha: str, factor: str, tally: str) -> dict[str, str]:
    """The server's, of the first choice."""
    line = json.loads(files["decryptions/00A.jsonl"].splitlines()[0])
    proof = line["strong_proofs"][0][0]
    c, r = int(proof["challenge"]), int(proof["response"])
    X = json.loads(_part(bodies, events, "trustees"))[0][1]["public_key"]
    A = add(times(r, g), times(c, point(X)))
    B = add(times(r, point(alpha)), times(c, point(factor)))
    ballot = _ballot(bodies, events)[1]
    context = f"ballot-decrypt|1|{ballot['election_hash']}|{ballot['election_uuid']}|{tally}|{line['owner']}|{X}|0|0"
    assert challenge_of(f"{context}|{alpha},{factor}|{text_of(A)},{text_of(B)}") == c
    return {
        "tally hash": tally,
        "key of the server": X,
        "factor of the server": factor,
        "strong challenge": proof["challenge"],
        "strong response": proof["response"],
        "strong commitment a": text_of(A),
        "strong commitment b": text_of(B),
    }


def _the_record(files: Bodies, archive: bytes) -> dict[str, str]:
    decision = json.loads(files["decision.json"])["ccgs"]["00A"]["merge"]
    manifest = json.loads(files["manifest.json"])
    assert manifest["files"]["elections/00A.bel"] == hashlib.sha256(archive).hexdigest()
    return {
        "terms hash": hashlib.sha256(files["terms.json"]).hexdigest(),
        "archive hash": hashlib.sha256(archive).hexdigest(),
        "counts": compact(decision["counts"]).decode(),
        "share": decision["tests"][0]["share"],
        "outcome": decision["outcome"],
        "fingerprint": manifest["fingerprint"],
    }


def fill(chapter: str) -> str:
    """The chapter with every `name = value` in its blocks set to the derived value; raises KeyError for other names."""
    values = derive()
    return LINE.sub(lambda line: f"{line[1]}{line[2]}= {values[line[1]]}", chapter)


def names_of(chapter: str) -> list[str]:
    """The names shown, in order."""
    return [line[1] for line in LINE.finditer(chapter)]
