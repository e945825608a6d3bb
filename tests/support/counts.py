"""Short ways to write the counts of a question without options."""

from __future__ import annotations

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, Counts, Measure


def yes_or_no(
    eligible: Measure, for_: Measure, against: Measure, abstain: Measure, returned: Measure | None = None
) -> Counts:
    """The counts of a question without options."""
    return Counts(eligible, {FOR: for_, AGAINST: against, ABSTAIN: abstain}, returned)
