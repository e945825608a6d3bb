"""Measure again how many single votes the totals reveal; without this, the auditor trusts the office's figures.

The draws follow from the programme and the election's name, the weights from the roll, so the figures must be exactly
the same. The work is bounded in steps, so every auditor measures the same part of a record.
"""

from __future__ import annotations

from ballot.audit.files import RECORD
from ballot.audit.foundations import Foundations
from ballot.audit.report import Report
from ballot.record.secrecy import measure_again
from ballot.record.terms import ReadTerms

MOST_STEPS = 1_500_000_000
"""For all elections of a record together: one to five minutes on one core. England with 191 CCGs takes 900 million."""

NEEDED = ("record.rules", "record.roll", "record.counting", "record.weights")


def check_secrecy_again(base: Foundations, report: Report) -> None:
    """Compare every figure that can be measured within the bound; the verdict names the other elections."""
    if base.terms is None:
        return
    if base.roll is None or any(report.has_fault(id, RECORD) for id in NEEDED):
        report.skip("record.secrecy-again", RECORD, "rules, roll or weights are not as they should be")
        return
    left, measured, not_measured = MOST_STEPS, 0, []
    for name in sorted(base.terms.secrecy, key=lambda name: (len(base.electorates.get(name, ())), name)):
        done, steps = _measure(name, base, base.terms, left, report)
        left = max(0, left - steps)  # elections are sorted by size: after the first that is too large, none fits
        if done:
            measured += 1
        else:
            not_measured.append(name)
    if measured:
        report.ran("record.secrecy-again", RECORD, measured)
    if not_measured:
        report.not_applicable("record.secrecy-again", RECORD, "not measured again: more work than an auditor does")
        names, more = ", ".join(not_measured[:5]), len(not_measured) - 5
        listed = f"{names[:200]} and {more} more" if more > 0 else names[:200]
        report.notes.append(f"What the totals of {listed} reveal was not measured again: it rests on the office's word")


def _measure(name: str, base: Foundations, terms: ReadTerms, left: int, report: Report) -> tuple[bool, int]:
    """Measure one election and compare. Answers whether that was possible, and the steps it took."""
    named, stated = base.election(name), terms.secrecy[name]
    constitution = None if named is None else base.constitutions.get(named.ccg)
    if named is None or constitution is None:
        return True, 0  # record.secrecy or record.rules reports this
    members = sorted(base.electorates.get(name, ()), key=lambda member: member.practice)
    weights = [member.weight for member in members]
    found, steps = measure_again(terms.programme, name, constitution, named.counting, weights, left)
    if found is None:
        return False, steps
    if found != stated:
        detail = f"the terms say {stated.known} of {stated.cast} votes, found {found.known} of {found.cast}"
        report.fault("record.secrecy-again", RECORD, detail, where=name, election=name)
    return True, steps
