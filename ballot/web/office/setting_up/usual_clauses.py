"""Clauses that many constitutions have, in the words of a rule file, to start the form of a rule from.

None of these clauses is any CCG's own. The form shows what was filled in, and the officer compares it with the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ballot.constitution.rule import Denominator, QuorumCounting, Unit
from ballot.constitution.threshold import Comparison

Table = dict[str, object]


def _test(unit: Unit, base: Denominator, how: Comparison, share: str) -> Table:
    return {"measure": unit.value, "of": base.value, how.value: share}


def _quorum(share: str) -> Table:
    counting = {"measure": Unit.PRACTICES.value, "counting": QuorumCounting.RETURNED.value}
    return {**counting, Comparison.AT_LEAST.value: share}


@dataclass(frozen=True, slots=True)
class UsualClause:
    """A clause's title, and its tests."""

    title: str
    tests: tuple[Table, ...]

    @property
    def weighs(self) -> bool:
        """Whether votes must weigh by registered patients."""
        return any(test["measure"] == Unit.WEIGHT.value for test in self.tests)


_MORE, _LEAST = Comparison.MORE_THAN, Comparison.AT_LEAST
_CAST, _ALL, _DECIDED = Denominator.CAST, Denominator.ELIGIBLE, Denominator.FOR_AND_AGAINST
USUAL_CLAUSES: Mapping[str, UsualClause] = {
    "majority": UsualClause(
        "More than half of the votes cast. Abstentions are votes cast", (_test(Unit.PRACTICES, _CAST, _MORE, "1/2"),)
    ),
    "majority-decided": UsualClause(
        "More than half of those who vote for or against. Abstentions do not matter",
        (_test(Unit.PRACTICES, _DECIDED, _MORE, "1/2"),),
    ),
    "two-thirds": UsualClause("At least two thirds of the votes cast", (_test(Unit.PRACTICES, _CAST, _LEAST, "2/3"),)),
    "majority-all": UsualClause("More than half of all {members}", (_test(Unit.PRACTICES, _ALL, _MORE, "1/2"),)),
    "two-thirds-all": UsualClause(
        "At least two thirds of all {members}", (_test(Unit.PRACTICES, _ALL, _LEAST, "2/3"),)
    ),
    "three-quarters-all": UsualClause("At least 75% of all {members}", (_test(Unit.PRACTICES, _ALL, _LEAST, "75%"),)),
    "limited": UsualClause(
        "At least 75% of all {members}, and not more than 10% of all against",
        (
            _test(Unit.PRACTICES, _ALL, _LEAST, "75%"),
            {"votes": "against", **_test(Unit.PRACTICES, _ALL, Comparison.AT_MOST, "10%")},
        ),
    ),
    "both": UsualClause(
        "More than half of the votes cast, both by {members} and by registered patients",
        (_test(Unit.PRACTICES, _CAST, _MORE, "1/2"), _test(Unit.WEIGHT, _CAST, _MORE, "1/2")),
    ),
}
USUAL_QUORUMS: Mapping[str, tuple[str, Table | None]] = {
    "none": ("There is none", None),
    "half": ("At least half of all {members} must vote", _quorum("1/2")),
    "two-thirds": ("At least two thirds of all {members} must vote", _quorum("2/3")),
    "three-quarters": ("At least 75% of all {members} must vote", _quorum("75%")),
}


def usual_rule(clause: str, quorum: str, *, with_options: bool) -> Table:
    """The tables of a rule file for a clause and a quorum. With options, the tests are about the one with most votes.

    Nobody votes against an option, so a limit on those against is left out there.

    Raises: KeyError for an id that is not listed.
    """
    about: Table = {"most_votes": True} if with_options else {}
    asked = (test for test in USUAL_CLAUSES[clause].tests if not with_options or "votes" not in test)
    tests = [{**about, **test} for test in asked]
    table = USUAL_QUORUMS[quorum][1]
    return {"test": tests, **({} if table is None else {"quorum": table})}
