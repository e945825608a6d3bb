"""The result of comparing one condition with the counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ballot.strict.fraction import rounded_percentage


@dataclass(frozen=True, slots=True)
class CountedShare:
    """A numerator over its base, unreduced: 20/24 says more than 5/6."""

    part: int
    base: int

    def __str__(self) -> str:
        return f"{self.part}/{self.base}"

    def with_percentage(self) -> str:
        """`20/24 (about 83.33%)`, `1,000/1,500 (about 66.67%)`; the base is not 0."""
        return f"{self.part:,}/{self.base:,} ({rounded_percentage(self.part, self.base)})"


@dataclass(frozen=True, slots=True)
class ConditionFinding:
    """One share, and whether it meets the threshold."""

    share: CountedShare
    holds: bool

    def as_json(self) -> dict[str, object]:
        return {"holds": self.holds, "share": str(self.share) if self.share.base else None}


@dataclass(frozen=True, slots=True)
class LocalityFinding:
    """The result of one test or quorum in each locality, and the number of localities in which it must hold."""

    needed: int
    localities: Mapping[str, ConditionFinding]

    @property
    def holding(self) -> int:
        """The number of localities in which the test holds."""
        return sum(finding.holds for finding in self.localities.values())

    @property
    def holds(self) -> bool:
        return self.holding >= self.needed

    def as_json(self) -> dict[str, object]:
        localities = {name: finding.as_json() for name, finding in self.localities.items()}
        return {"holds": self.holds, "needed": self.needed, "holding": self.holding, "localities": localities}


@dataclass(frozen=True, slots=True)
class QuorumFinding:
    """The result of every quorum of a rule, and whether there is a quorum."""

    parts: tuple[ConditionFinding, ...]
    localities: tuple[LocalityFinding, ...]
    holds: bool

    def as_json(self) -> dict[str, object]:
        """A single quorum has its share beside it. Of several, or of localities, each is listed."""
        found: dict[str, object] = {"required": True, "holds": self.holds}
        if len(self.parts) == 1 and not self.localities:
            return {**found, **self.parts[0].as_json()}
        found["parts"] = [part.as_json() for part in self.parts]
        if self.localities:
            found["localities"] = [part.as_json() for part in self.localities]
        return found
