"""Figures of deciding, for `make bench`: every CCG of England at once, each with the sentences of its working.

The CCGs' sizes come from the roll of November 2019 if the reference data is beside the checkout, and are made up in the
same number otherwise. Every CCG decides by a double majority with a quorum, the rule with the most work.
"""

from __future__ import annotations

import csv
import random
import time
from collections import defaultdict
from pathlib import Path

from ballot.constitution.combine import combine
from ballot.constitution.counts import ABSTAIN, YES_OR_NO, Counts, Measure
from ballot.constitution.decide import Decision, decide
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import load_outcome_rule

ROOT = Path(__file__).resolve().parents[1]
ENGLAND = ROOT.parent / "shared" / "data" / "practices_england_2019_11_list_2020_04.csv"
RULE = ROOT / "config" / "lancashire-south-cumbria-2020" / "constitutions" / "01A.toml"
CCGS, PRACTICES = 191, 6_830
OUTCOME = b'[outcome]\nquestions = ["merge"]\nrequire = { at_least = 100 }\notherwise = "stop"\n'
WAYS = ((*YES_OR_NO, None), (60, 25, 5, 10))


def england() -> tuple[dict[str, list[int]], str]:
    """List sizes by CCG, and their source."""
    sizes: defaultdict[str, list[int]] = defaultdict(list)
    if ENGLAND.is_file():
        with ENGLAND.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                sizes[row["ccg_ods_code"]].append(int(row["registered_patients"] or 0))
        return dict(sizes), "November 2019"
    draw = random.Random(1)
    for number in range(PRACTICES):
        sizes[f"C{number % CCGS:03}"].append(draw.randrange(1_000, 20_000))
    return dict(sizes), "made up"


def count(sizes: list[int], draw: random.Random) -> Counts:
    """One made-up vote of these practices."""
    given = draw.choices(*WAYS, k=len(sizes))

    def measure(name: str | None) -> Measure:
        mine = [size for size, answer in zip(sizes, given, strict=True) if name is None or answer == name]
        return Measure(len(mine), sum(mine))

    return Counts(measure(None), {name: measure(name) for name in (*YES_OR_NO[:-1], ABSTAIN)})


def figures() -> list[tuple[str, str]]:
    """Names and values, ready to print."""
    sizes, source = england()
    draw = random.Random(2)
    counts = {ccg: count(lists, draw) for ccg, lists in sizes.items()}
    rule = load_constitution(RULE.read_bytes(), RULE.name).rule_for("merge")
    began = time.perf_counter()
    decisions: dict[str, Decision] = {ccg: decide(rule, found) for ccg, found in counts.items()}
    outcome = combine(
        load_outcome_rule(OUTCOME, "outcome"), {ccg: {"merge": d.outcome} for ccg, d in decisions.items()}
    )
    taken = time.perf_counter() - began
    practices = sum(map(len, sizes.values()))
    sentences = sum(len(decision.explanation) for decision in decisions.values()) + len(outcome.explanation)
    what = f"{len(sizes)} CCGs, {practices:,} practices ({source})"
    return [(f"deciding England: {what}", f"{taken * 1000:8.0f} ms, {sentences:,} sentences, margins among them")]


if __name__ == "__main__":
    for name, value in figures():
        print(f"{name:<70}{value}")
