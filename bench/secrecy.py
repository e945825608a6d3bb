"""Figures of the secrecy meter, for `make bench`: how its time grows with practices and with patients."""

from __future__ import annotations

import time

from ballot.secrecy.meter import draw_ballots, measure, run_meter
from ballot.secrecy.model import SeededDraws, VotingModel
from ballot.secrecy.weighting import alternatives, exact_sizes, heads_only, packed

BALLOTS = 20


def invented_sizes(practices: int, patients: int) -> list[int]:
    """Uneven lists with about this many patients in total."""
    draw, mean = SeededDraws(f"bench {practices}"), patients // practices
    return [mean // 5 + draw(mean * 4 // 5) + draw(mean * 4 // 5) for _ in range(practices)]


def figures() -> list[tuple[str, str]]:
    """Names and values, ready to print."""
    found = [
        (f"secrecy, exact sizes, {practices} practices, {patients:,} patients", _per_ballot(practices, patients))
        for practices, patients in ((14, 120_000), (40, 350_000), (80, 700_000), (165, 400_000), (165, 2_500_000))
    ]
    found += [
        (f"secrecy, packed, {practices} practices, {patients:,} patients", _per_ballot(practices, patients, pack=True))
        for practices, patients in ((14, 120_000), (40, 350_000), (165, 1_400_000))
    ]
    sizes = invented_sizes(165, 1_400_000)
    began = time.perf_counter()
    run_meter(heads_only(165), alternatives(sizes), VotingModel(), BALLOTS, SeededDraws("bench"))
    whole = f"{time.perf_counter() - began:8.1f} s for the whole table, {BALLOTS} ballots each"
    return [*found, ("secrecy, 165 practices, all alternatives", whole)]


def _per_ballot(practices: int, patients: int, *, pack: bool = False) -> str:
    sizes = invented_sizes(practices, patients)
    votes = draw_ballots(practices, VotingModel(), BALLOTS, SeededDraws("bench"))
    began = time.perf_counter()
    result = measure(packed(sizes) if pack else exact_sizes(sizes), votes)
    milliseconds = (time.perf_counter() - began) * 1_000 / BALLOTS
    return f"{milliseconds:8.1f} ms a ballot, {result.unsettled} of {result.cast} votes unsettled"


if __name__ == "__main__":
    for name, value in figures():
        print(f"{name:<62}{value}")
