"""Check the proposals in the log as a whole: made in this log, and each approved once.

Each event's own check covers the signers of its proposal, and that the two agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ballot.protocol.hashing import Hash
from ballot.record.programme_events import ProgrammeEvent


def proposal_faults(events: Sequence[ProgrammeEvent], hashes: Sequence[Hash]) -> Iterator[tuple[int, str]]:
    """Yield the height of an event, and what is wrong with its proposal.

    A proposal is approved once. In a CCG with localities, one approval gives an event with the same time for each.
    """
    heights = {hash: height for height, hash in enumerate(hashes)}
    first: dict[Hash, ProgrammeEvent] = {}
    places: set[tuple[Hash, str | None]] = set()
    for height, event in enumerate(events):
        if event.proposal is None:
            continue
        proposal = event.proposal.proposal
        if heights.get(proposal.after, height) >= height:
            yield height, "the proposal names an event that is not before it in this log"
        before = first.setdefault(proposal.hash, event)
        place = (proposal.hash, event.locality)
        if place in places or before.time != event.time:
            yield height, "the proposal was approved before"
        places.add(place)
