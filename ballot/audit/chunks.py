"""A chunk: some ballots of one election with all that is needed to check them; and the check, which is slow.

A chunk contains its election, and the weights of exactly the credentials that its ballots name. So a worker needs
nothing from earlier chunks, and a chunk does not grow with the electorate. The answer has the faults, the credentials
that voted, and the product of the chunk's choices, each to the power of its weight (or, where answers are shuffled,
the choices themselves).

Between processes a chunk is one line of JSON, then the ballots unchanged. An answer is data; reading one runs no code.
An answer that is incomplete, is about other ballots, or has anything outside the group is `NotAnAnswer`. An answer
does not show whether the worker was honest.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ballot.protocol.ballots import Ballot, ballot_faults, parse_ballot
from ballot.protocol.elections import Election, parse_election
from ballot.protocol.elgamal import Ciphertext, check_ciphertext
from ballot.protocol.errors import InvalidBallot, InvalidElement, InvalidMessage, Reason
from ballot.protocol.group import Element, Group, element_text, parse_element
from ballot.protocol.kinds import is_shuffled, row_length
from ballot.protocol.tally import EncryptedTally, Tally

_CREDENTIAL = re.compile(rb'"credential":"([0-9a-f]{64})"')
"""Where a canonical ballot names its credential. Quotation marks inside its strings are escaped, so this cannot match
earlier. A ballot in another form is refused before its weight is needed."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Ballots of one election, in order. If an earlier run `verified` them, they are only counted."""

    election: Election
    weights: Mapping[Element, int]
    """The weights of the listed credentials that these ballots name."""
    heights: tuple[int, ...]
    bodies: tuple[bytes, ...]
    verified: bool = False


@dataclass(slots=True)
class ChunkFindings:
    """The answer: faults by height, the credential of each ballot that can be tallied, and their product."""

    faults: list[tuple[int, InvalidMessage]] = field(default_factory=list)
    voted: list[tuple[int, Element]] = field(default_factory=list)
    tally: EncryptedTally = ()
    by: str = ""
    """The worker of a cluster that checked; empty for a local one."""


def credential_of(body: bytes) -> Element | None:
    """The credential that a ballot names, without parsing the ballot; None if it is not in canonical form."""
    found = _CREDENTIAL.search(body)
    try:
        return None if found is None else parse_element(found[1].decode("ascii"))
    except InvalidElement:
        return None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Turn off the cycle collector for one chunk: ballots have no cycles, and collecting takes 3 % of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_uncollected()
def check_chunk(group: Group, chunk: Chunk) -> ChunkFindings:
    """Every fault in these ballots, and the product of those that can be tallied.

    Ballots `verified` in an earlier run are counted again; their proofs and signatures are not checked again.
    """
    findings = ChunkFindings()
    tally = Tally(group, chunk.election)
    for height, body in zip(chunk.heights, chunk.bodies, strict=True):
        try:
            ballot = parse_ballot(group, body)
        except InvalidMessage as fault:
            findings.faults.append((height, fault))
            continue
        faults = [] if chunk.verified else list(_faults(group, chunk, ballot))
        findings.faults += [(height, fault) for fault in faults]
        if (not faults or can_be_tallied(group, chunk.election, ballot)) and add_to(tally, chunk.weights, ballot):
            findings.voted.append((height, ballot.credential))
    findings.tally = tally.encrypted
    return findings


def _faults(group: Group, chunk: Chunk, ballot: Ballot) -> Iterator[InvalidMessage]:
    weight = chunk.weights.get(ballot.credential, 1)
    if weight != 1 and any(map(is_shuffled, chunk.election.questions)):
        detail = f"expected the weight 1 where answers are shuffled, found {weight}"
        yield InvalidBallot(Reason.CREDENTIAL_WEIGHT, detail)
    yield from ballot_faults(group, ballot, chunk.election, chunk.weights)


def can_be_tallied(group: Group, election: Election, ballot: Ballot) -> bool:
    """Whether a faulty ballot still has the shape and the elements that a tally needs.

    If so it is counted, as the server did, so that its fault is not reported again as a wrong tally.
    """
    if [len(answer.choices) for answer in ballot.answers] != [question.length for question in election.questions]:
        return False
    try:
        for answer in ballot.answers:
            for c in answer.choices:
                check_ciphertext(group, c)
    except InvalidElement:
        return False
    return True


def add_to(tally: Tally, weights: Mapping[Element, int], ballot: Ballot) -> bool:
    """Count a ballot if its credential is listed; its elements must be in the group. Answers whether it was counted."""
    weight = weights.get(ballot.credential)
    if weight is None:
        return False
    tally.add([answer.choices for answer in ballot.answers], weight)
    return True


class NotAnAnswer(Exception):
    """An answer that no correct worker gives; the message says why."""


def chunk_to_bytes(chunk: Chunk) -> bytes:
    """The chunk as bytes for a worker."""
    head = {
        "election": chunk.election.to_bytes().decode("utf-8"),
        "weights": {element_text(credential): weight for credential, weight in chunk.weights.items()},
        "heights": chunk.heights,
        "sizes": [len(body) for body in chunk.bodies],
        "verified": chunk.verified,
    }
    return b"\n".join([json.dumps(head).encode("ascii"), b"".join(chunk.bodies)])


def chunk_from_bytes(group: Group, data: bytes) -> Chunk:
    """The chunk that `chunk_to_bytes` wrote. A worker trusts the auditor, so nothing is checked."""
    line, _, rest = data.partition(b"\n")
    head = json.loads(line)
    bodies: list[bytes] = []
    at = 0
    for size in head["sizes"]:
        bodies.append(rest[at : at + size])
        at += size
    return Chunk(
        parse_election(group, head["election"].encode("utf-8")),
        {parse_element(credential): weight for credential, weight in head["weights"].items()},
        tuple(head["heights"]),
        tuple(bodies),
        head["verified"],
    )


def findings_to_bytes(findings: ChunkFindings) -> bytes:
    """The answer as bytes for the auditor."""
    value = {
        "faults": [[height, fault.reason.value, fault.detail] for height, fault in findings.faults],
        "voted": [[height, element_text(credential)] for height, credential in findings.voted],
        "tally": [[c.to_json() for c in row] for row in findings.tally],
        "by": findings.by,
    }
    return json.dumps(value).encode("ascii")


def findings_from_bytes(group: Group, chunk: Chunk, data: object) -> ChunkFindings:
    """The answer in `data`; raises NotAnAnswer unless it fits the chunk."""
    if not isinstance(data, bytes):
        raise NotAnAnswer("it is not bytes")
    try:
        value = json.loads(data)
        findings = ChunkFindings(
            [
                (_height(chunk, height), InvalidMessage(Reason(word), str(what)))
                for height, word, what in value["faults"]
            ],
            [(_height(chunk, height), parse_element(text)) for height, text in value["voted"]],
            _tally(group, chunk, value["tally"], len(value["voted"])),
            str(value["by"]),
        )
    except (InvalidMessage, ValueError, TypeError, KeyError, RecursionError) as fault:
        raise NotAnAnswer(f"it cannot be read ({type(fault).__name__})") from None
    _check_whole(chunk, findings)
    return findings


def _height(chunk: Chunk, value: Any) -> int:
    if type(value) is not int or value not in chunk.heights:
        raise ValueError
    return value


def _tally(group: Group, chunk: Chunk, value: Any, voted: int) -> EncryptedTally:
    tally = tuple(tuple(Ciphertext.from_json(c) for c in row) for row in value)
    if [len(row) for row in tally] != [row_length(question, voted) for question in chunk.election.questions]:
        raise ValueError
    for row in tally:
        for c in row:
            check_ciphertext(group, c)
    return tally


def _check_whole(chunk: Chunk, findings: ChunkFindings) -> None:
    """Raise NotAnAnswer unless every ballot has a fault, or voted once under a credential on the list."""
    voted: dict[int, Element] = dict(findings.voted)
    if len(voted) != len(findings.voted) or not set(voted.values()) <= set(chunk.weights):
        raise NotAnAnswer("it has a ballot twice, or under a credential off the list")
    if {*voted, *(height for height, _ in findings.faults)} != set(chunk.heights):
        raise NotAnAnswer("it leaves out a ballot")
