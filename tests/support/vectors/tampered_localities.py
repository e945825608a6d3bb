"""Records of a CCG that votes by localities, each an election of its own: good ones, and false ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ballot.record.programme_events import TWO_PEOPLE, Move, ProgrammeEvent
from ballot.record.public_roll import PublicMember
from ballot.record.times import time_text
from tests.support.record_simulator import MEMBERS, OPENS, RecordSimulator
from tests.support.simulator import AGAINST, FOR
from tests.support.vectors.tampered_outcomes import decided
from tests.support.vectors.tampered_records import false, hooked, packed, roll_changed, with_file, without
from tests.support.vectors.tampering import Vector

LOCALITY_TEST = """
[[locality_test]]
column    = "pcn_code"
require   = "all"
measure   = "practices"
of        = "cast"
more_than = "1/2"
"""

PRACTICES: dict[str, list[tuple[Any, ...]]] = {
    "00A": [
        ("Z90001", "Ash Surgery", 4000, "U11"),
        ("Z90002", "Ash Green", 9000, "U12"),
        ("Z90003", "Lane, Ash", None, "U11"),
        ("Z90004", "Ash End", 6000, "u-13"),
        ("Z90005", "Ash Hill", 7000, "U12"),
    ],
    "00B": MEMBERS["00B"],
}
VOTES = {"00A.U11": [(0, FOR), (1, FOR)], "00A.U12": [(0, FOR)], "00A.u-13": [(0, AGAINST)], "00B": [(0, FOR)]}


@dataclass
class ByLocality(RecordSimulator):
    """00A votes in three localities, 00B as one."""

    practices: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: PRACTICES)
    votes: dict[str, list[tuple[int, tuple[int, ...]]]] = field(default_factory=lambda: VOTES)

    def __post_init__(self) -> None:
        change = self.hooks.get("00A.toml", lambda rule: rule)
        self.hooks = {**self.hooks, "00A.toml": lambda rule: change(rule + LOCALITY_TEST)}
        super().__post_init__()


class OpenedApart(ByLocality):
    """One locality opens an hour before the others, by two people."""

    def event(self, move: Move, time: datetime, data: dict[str, Any], election: str | None = None, **more: Any) -> None:
        if move is Move.OPENED and election == "00A.U11":
            early = OPENS - timedelta(hours=1)
            super().event(move, early, {"opens": time_text(early)}, election, signers=TWO_PEOPLE)
        else:
            super().event(move, time, data, election, **more)


def _false(fault: str, check: str, hook: str, change: Callable[[Any], Any], *also: str, **more: Any) -> Vector:
    return hooked(f"locality-{fault}", check, hook, change, *also, make=ByLocality, **{"votes": VOTES} | more)


def moved(practice: str, locality: str | None) -> Callable[[list[PublicMember]], list[PublicMember]]:
    """The roll with one practice in another locality."""
    return lambda rows: [replace(m, locality=locality) if m.practice == practice else m for m in rows]


def exchanged(rows: list[PublicMember]) -> list[PublicMember]:
    """Two practices, each in the other's locality: no locality is larger or smaller for it."""
    return moved("Z90002", "U11")(moved("Z90001", "U12")(rows))


def no_rule(constitution: str) -> str:
    """Without its test of localities, the rule has none."""
    return constitution.split("[[locality_test]]")[0]


def counts_of_one(value: dict[str, Any]) -> None:
    """What one locality gave, passed off as the CCG's."""
    value["ccgs"]["00A"]["merge"]["counts"] |= {
        "eligible": {"practices": 2},
        "for": {"practices": 2},
        "against": {"practices": 0},
    }


FEWER = {**VOTES, "00A.U11": [(0, FOR)]}


def listed_elsewhere(rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """As many of the CCG as ever, but one who did not vote, in one locality, for one who did, in another."""
    return [("00A", "Z90003", "Lane, Ash") if code == "Z90002" else (ccg, code, name) for ccg, code, name in rows]


def of_another(event: ProgrammeEvent) -> ProgrammeEvent:
    return replace(event, locality="U99") if event.locality == "U11" else event


def titled(elections: Any) -> Any:
    """The first election under another title."""
    first, *rest = elections
    return (replace(first, name="NHS Ash CCG, East"), *rest)


IN_CAPITALS = {
    **PRACTICES,
    "00A": [(*row, {"U12": "u11"}.get(place, place)) for *row, place in PRACTICES["00A"]],
}
"""Two localities of 00A that some file systems take for one."""
VOTES_IN_CAPITALS = {name.replace("U12", "u11"): votes for name, votes in VOTES.items()}

LOCALITIES = [
    Vector("good--record-localities.zip", packed(make=ByLocality, votes=VOTES), exit=0),
    Vector(
        "good--record-localities-voting.zip",
        packed(make=ByLocality, stage="voting", votes=VOTES),
        exit=0,
        stage="voting",
    ),
    Vector("good--record-localities-struck.zip", packed(make=ByLocality, votes=VOTES, strike=("00A.U12", 1)), exit=0),
    _false(
        "archive-missing",
        "record.elections",
        "files",
        without("elections/00A.U12.bel"),
        *("events.heads", "events.data", "checkpoints.form"),
        stage="setup",
    ),
    _false("no-file-name", "record.files", "files", with_file("elections/00A..bel", lambda _: b"x"), stage="setup"),
    _false("counted-in-another", "record.weights", "roll", moved("Z90001", "U12"), stage="voting"),
    _false("roll-altered", "record.roll", "files", roll_changed(exchanged), stage="voting"),
    _false("missing-in-the-roll", "record.roll", "roll", moved("Z90001", None), "record.weights", stage="voting"),
    _false("without-a-rule", "record.elections", "00A.toml", no_rule, "record.roll", stage="voting"),
    _false("returned-in-another", "record.returned", "returned", listed_elsewhere, stage="closed", votes=FEWER),
    _false("counts-not-the-sums", "record.decision", "decision.json", decided(counts_of_one)),
    _false("other-title", "record.elections", "terms", lambda t: replace(t, elections=titled(t.elections))),
    _false("of-no-election", "events.order", "event opened", of_another, stage="voting"),
    false(
        "locality-in-capitals-and-small-letters",
        "record.roll",
        make=ByLocality,
        practices=IN_CAPITALS,
        votes=VOTES_IN_CAPITALS,
        stage="voting",
    ),
    false("locality-opened-apart", "events.order", make=OpenedApart, votes=VOTES, stage="voting"),
]
