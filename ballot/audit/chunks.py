"""A chunk: some ballots of one election with all that their check needs; and the check itself, the dear part.

A chunk stands alone. It brings its election, and the weights of the credentials its ballots name and of no others, so
that whoever checks it needs nothing from before, and its size does not grow with the electorate. What comes back are
the faults, the credentials that voted, and the product of the chunk's choices, each to the power of its weight.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ballot.protocol.ballots import Ballot, ballot_faults, parse_ballot
from ballot.protocol.elections import Election
from ballot.protocol.elgamal import check_ciphertext
from ballot.protocol.errors import InvalidElement, InvalidMessage
from ballot.protocol.group import Element, Group, parse_element
from ballot.protocol.tally import EncryptedTally, Tally

_CREDENTIAL = re.compile(rb'"credential":"([0-9a-f]{64})"')
"""Where a ballot in its one form names its credential. Inside a text of it every quotation mark has a backslash before
it, so that this can stand nowhere earlier; what is not in that form is refused before anybody asks for a weight."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Ballots of one election, in order. `verified`: an earlier run did, and they are only to be counted."""

    election: Election
    weights: Mapping[Element, int]
    """Of those of the list that these ballots name."""
    heights: tuple[int, ...]
    bodies: tuple[bytes, ...]
    verified: bool = False


@dataclass(slots=True)
class ChunkFindings:
    """What was found: faults by height, the credential of each ballot that can be tallied, their product."""

    faults: list[tuple[int, InvalidMessage]] = field(default_factory=list)
    voted: list[tuple[int, Element]] = field(default_factory=list)
    tally: EncryptedTally = ()
    by: str = ""
    """Who checked, where that was a worker of a cluster."""


def credential_of(body: bytes) -> Element | None:
    """The credential that a ballot names, without reading the ballot; None where it is in no form that counts."""
    found = _CREDENTIAL.search(body)
    try:
        return None if found is None else parse_element(found[1].decode("ascii"))
    except InvalidElement:
        return None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cycle collector, for the length of a chunk: ballots hold no cycles, and looking costs 3 %."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_uncollected()
def check_chunk(group: Group, chunk: Chunk) -> ChunkFindings:
    """Every fault in these ballots, and what those that can be tallied add up to.

    Of ballots `verified` in an earlier run the proofs and signatures are not looked at again; they are counted anew.
    """
    findings = ChunkFindings()
    tally = Tally(group, chunk.election)
    for height, body in zip(chunk.heights, chunk.bodies, strict=True):
        try:
            ballot = parse_ballot(group, body)
        except InvalidMessage as fault:
            findings.faults.append((height, fault))
            continue
        faults = [] if chunk.verified else list(ballot_faults(group, ballot, chunk.election, chunk.weights))
        findings.faults += [(height, fault) for fault in faults]
        if (not faults or can_be_tallied(group, chunk.election, ballot)) and add_to(tally, chunk.weights, ballot):
            findings.voted.append((height, ballot.credential))
    findings.tally = tally.encrypted
    return findings


def can_be_tallied(group: Group, election: Election, ballot: Ballot) -> bool:
    """Whether a faulty ballot has the shape and the elements that a tally needs, though its proofs may not hold.

    It is then counted as the server counted it, so that one fault is told once and not again as a wrong tally.
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
    """Count a ballot of a listed credential; its elements are known to be in the group."""
    weight = weights.get(ballot.credential)
    if weight is None:
        return False
    tally.add([answer.choices for answer in ballot.answers], weight)
    return True
