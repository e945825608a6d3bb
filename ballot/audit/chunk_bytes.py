"""Chunks and what is found in them as plain bytes: what passes between the auditor's process and its workers.

One line of JSON, and behind it the ballots as they came. Whoever reads an answer reads data and runs nothing: an
answer that is not whole, speaks of other ballots than were asked about, or has anything in it that is not in the
group, is `NotAnAnswer`. Whether a worker told the truth cannot be seen from it.
"""

from __future__ import annotations

import json
from typing import Any

from ballot.audit.chunks import Chunk, ChunkFindings
from ballot.protocol.elections import parse_election
from ballot.protocol.elgamal import Ciphertext, check_ciphertext
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.group import Element, Group, element_text, parse_element
from ballot.protocol.tally import EncryptedTally


class NotAnAnswer(Exception):
    """What came back is nothing that a worker of ours would say; the message says why."""


def chunk_to_bytes(chunk: Chunk) -> bytes:
    """The question."""
    head = {
        "election": chunk.election.to_bytes().decode("utf-8"),
        "weights": {element_text(credential): weight for credential, weight in chunk.weights.items()},
        "heights": chunk.heights,
        "sizes": [len(body) for body in chunk.bodies],
        "verified": chunk.verified,
    }
    return b"\n".join([json.dumps(head).encode("ascii"), b"".join(chunk.bodies)])


def chunk_from_bytes(group: Group, data: bytes) -> Chunk:
    """The question as it is read by a worker, which has it from the auditor."""
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
    """The answer."""
    value = {
        "faults": [[height, fault.reason.value, fault.detail] for height, fault in findings.faults],
        "voted": [[height, element_text(credential)] for height, credential in findings.voted],
        "tally": [[c.to_json() for c in row] for row in findings.tally],
        "by": findings.by,
    }
    return json.dumps(value).encode("ascii")


def findings_from_bytes(group: Group, chunk: Chunk, data: object) -> ChunkFindings:
    """The answer to a question, held against it; raises NotAnAnswer."""
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
            _tally(group, chunk, value["tally"]),
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


def _tally(group: Group, chunk: Chunk, value: Any) -> EncryptedTally:
    tally = tuple(tuple(Ciphertext.from_json(c) for c in row) for row in value)
    if [len(row) for row in tally] != [question.length for question in chunk.election.questions]:
        raise ValueError
    for row in tally:
        for c in row:
            check_ciphertext(group, c)
    return tally


def _check_whole(chunk: Chunk, findings: ChunkFindings) -> None:
    """Every ballot was judged: it has a fault, or it voted, once, under a credential of the list."""
    voted: dict[int, Element] = dict(findings.voted)
    if len(voted) != len(findings.voted) or not set(voted.values()) <= set(chunk.weights):
        raise NotAnAnswer("it has a ballot twice, or under a credential off the list")
    if {*voted, *(height for height, _ in findings.faults)} != set(chunk.heights):
        raise NotAnAnswer("it leaves out a ballot")
