"""What the doctor found of one thing, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Health(Enum):
    """How a thing is."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"
    NA = "N/A"


@dataclass(frozen=True, slots=True)
class Finding:
    """`mend` is an instruction, empty where nothing is to be done."""

    name: str
    health: Health
    found: str
    mend: str = ""


def judged(name: str, is_good: bool, good: str, bad: str, mend: str, worst: Health = Health.FAIL) -> Finding:
    """OK with `good`, or `worst` with `bad` and what to mend."""
    return Finding(name, Health.OK, good) if is_good else Finding(name, worst, bad, mend)
