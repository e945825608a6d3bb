"""What one officer proposed and another approved: in this very log, and each proposal once.

That the right people signed it, and that it says what its event says, is asked of each event by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ballot.protocol.hashing import Hash
from ballot.record.programme_events import ProgrammeEvent


def proposal_faults(events: Sequence[ProgrammeEvent], hashes: Sequence[Hash]) -> Iterator[tuple[int, str]]:
    """The height of an event, and what is wrong with the proposal that it carries.

    One proposal is approved once. Of a CCG with localities one approval moves them all, in events of one time.
    """
    heights = {hash: height for height, hash in enumerate(hashes)}
    first: dict[Hash, ProgrammeEvent] = {}
    places: set[tuple[Hash, str | None]] = set()
    for height, event in enumerate(events):
        if event.proposal is None:
            continue
        proposal = event.proposal.proposal
        if heights.get(proposal.after, height) >= height:
            yield height, "proposed after an event that this log does not have before it"
        before = first.setdefault(proposal.hash, event)
        place = (proposal.hash, event.locality)
        if place in places or before.time != event.time:
            yield height, "approved by a proposal that was approved before"
        places.add(place)
