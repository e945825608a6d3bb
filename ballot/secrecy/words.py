"""The meter's results in sentences, in table rows, and as plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ballot.secrecy.meter import Estimate, Measured, Meter
from ballot.secrecy.model import VotingModel

HEADS = ("If this were published", "Some vote known", "Every vote known", "Votes known")


def percent(share: Fraction) -> str:
    """A whole percentage, rounded half up; only exactly nothing is 0 %, and only exactly all is 100 %."""
    whole = (200 * share.numerator + share.denominator) // (2 * share.denominator)
    if whole == 0 and share > 0:
        return "under 1 %"
    if whole == 100 and share < 1:
        return "over 99 %"
    return f"{whole} %"


def say_model(model: VotingModel, member: str = "practice") -> str:
    """The assumptions, before any figure; `member` is what the programme calls who votes."""
    return (
        f"Assumed: each {member} votes independently. {percent(model.turnout)} vote; of these "
        f"{percent(model.share_abstaining)} abstain; of the rest {percent(model.share_for)} are for. Everyone knows "
        "who voted, and the list sizes."
    )


def table_rows(meter: Meter) -> list[tuple[str, str, str, str]]:
    """The rows of the table: the planned way of counting, then the alternatives."""
    rows = [_row(f"PLANNED: {meter.planned.weighting.name}", meter.planned)]
    return rows + [_row(other.weighting.name, other) for other in meter.others]


def _row(name: str, measured: Measured) -> tuple[str, str, str, str]:
    known = f"{percent(measured.share_known)}{' at most' if measured.unsettled else ''}"
    return (name, _of(measured.some), _of(measured.every), known)


def _of(estimate: Estimate) -> str:
    return f"{estimate.hits} of {estimate.ballots} ({percent(estimate.share)})"


def sentences(meter: Meter, member: str = "practice", members: str = "practices") -> Iterator[str]:
    """What the planned way of counting reveals, and what would increase it. The words are the programme's."""
    planned = meter.planned
    low, high = planned.every.interval()
    yield (
        f"Counting {planned.weighting.name}: in {planned.every.hits} of {planned.every.ballots} simulated ballots the "
        f"totals reveal every {member}'s vote (19 times out of 20 the true chance is between {percent(low)} and "
        f"{percent(high)}). In {planned.some.hits} they reveal some vote. {planned.known} of the {planned.cast} votes "
        f"cast ({percent(planned.share_known)}) are known."
    )
    yield (
        "A unanimous result reveals every vote, whatever is counted. Its chance here is "
        f"{_one_in(meter.unanimous)} (exact under the assumptions)."
    )
    for number, step in enumerate(meter.abstainers, 1):
        if step.disclosed == (meter.abstainers[number - 2].disclosed if number > 1 else 0):
            yield f"{'An' if number == 1 else 'One more'} abstainer who says so adds nothing: none was simulated."
            return
        who = f"one {member} that abstained says so" if number == 1 else f"{number} {members} that abstained say so"
        yield (
            f"If {who}: {step.known - step.disclosed} of the {step.cast - step.disclosed} votes of the others "
            f"({percent(step.share_of_others_known)}) are known, and every vote in {_of(step.every)} of the ballots."
        )
    if planned.unsettled:
        yield (
            f"{planned.unsettled} votes could not be settled in the time allowed. They count as known, so the figures "
            "are upper bounds."
        )


def _one_in(chance: Fraction) -> str:
    if chance == 0:
        return "nil"
    if chance > Fraction(1, 10):
        return percent(chance)
    return f"about 1 in {(2 * chance.denominator + chance.numerator) // (2 * chance.numerator):,}"


def as_json(meter: Meter) -> dict[str, object]:
    """All results of the meter; fractions as exact text."""
    model = meter.model
    return {
        "practices": meter.practices,
        "model": {
            "turnout": str(model.turnout),
            "share_for": str(model.share_for),
            "share_abstaining": str(model.share_abstaining),
        },
        "unanimous": str(meter.unanimous),
        "planned": _measured(meter.planned),
        "alternatives": [_measured(other) for other in meter.alternatives],
        "abstainers_known": [_measured(step) for step in meter.abstainers],
    }


def _measured(measured: Measured) -> dict[str, object]:
    return {
        "published": measured.weighting.name,
        "some": _estimate(measured.some),
        "every": _estimate(measured.every),
        "votes_known": measured.known,
        "votes_told": measured.disclosed,
        "votes_unsettled": measured.unsettled,
        "votes_cast": measured.cast,
    }


def _estimate(estimate: Estimate) -> dict[str, object]:
    low, high = estimate.interval()
    return {"hits": estimate.hits, "ballots": estimate.ballots, "interval": [percent(low), percent(high)]}
