"""A rule in words: numbers with their nouns, and what a test counts, out of what, and how much is needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from ballot.constitution.rule import (
    Combine,
    Denominator,
    LocalityPart,
    LocalityQuorum,
    Quorum,
    QuorumCounting,
    Rule,
    RuleSource,
    Test,
    Unit,
)
from ballot.constitution.threshold import Comparison, Threshold
from ballot.constitution.words import Words
from ballot.constitution.words import capitalised as capitalised
from ballot.strict.errors import plain

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def unit_noun(unit: Unit, number: int, words: Words) -> str:
    """The measure's noun, as it follows this number."""
    return (words.member if unit is Unit.PRACTICES else words.weight).of(number)


def spelled(number: int) -> str:
    """`two`, `ten`, `11`, `1,200`."""
    return _WORDS[number] if number < len(_WORDS) else f"{number:,}"


def number_of(number: int, unit: Unit, words: Words, kind: str = "") -> str:
    """`two practices`, `one more practice`, `300 weighted votes`."""
    return f"{spelled(number)} {kind}{unit_noun(unit, number, words)}"


def joined(texts: Iterable[str], word: str = "and") -> str:
    """`a, b and c`."""
    *first, last = texts
    return f"{', '.join(first)} {word} {last}" if first else last


def bodies(names: Iterable[str], words: Words) -> str:
    """`NHS Avon Vale and NHS Severn Mouth CCGs`: the shared last word once, for several."""
    found, last = list(names), f" {words.body.one}"
    if len(found) > 1 and all(name.endswith(last) for name in found):
        return f"{joined(name.removesuffix(last) for name in found)} {words.body.many}"
    return joined(found)


_CLAUSE = re.compile(r"\s*clauses?\b[\s:]*", re.IGNORECASE)
_OWN_NAME = re.compile(r"§|(?![IVXLC]+\b)[^\W\d_]{3,}", re.IGNORECASE)
_OF = {
    (Unit.PRACTICES, Denominator.FOR_AND_AGAINST): "{} that voted {} (abstentions left out)",
    (Unit.PRACTICES, Denominator.CAST): "{} that voted (abstentions included)",
    (Unit.PRACTICES, Denominator.ELIGIBLE): "eligible {}, whether they voted or not",
    (
        Unit.PRACTICES,
        Denominator.ELIGIBLE_LESS_ABSTENTIONS,
    ): "eligible {} that did not abstain, whether they voted or not",
    (Unit.WEIGHT, Denominator.FOR_AND_AGAINST): "{} given {} (abstentions left out)",
    (Unit.WEIGHT, Denominator.CAST): "{} cast (abstentions included)",
    (Unit.WEIGHT, Denominator.ELIGIBLE): "eligible {}, whether cast or not",
    (Unit.WEIGHT, Denominator.ELIGIBLE_LESS_ABSTENTIONS): "eligible {} that did not abstain, whether cast or not",
}
_TURNOUT = {
    (Unit.PRACTICES, QuorumCounting.RETURNED): "returned a vote (abstentions included)",
    (Unit.PRACTICES, QuorumCounting.FOR_AND_AGAINST): "voted {} (abstentions left out)",
    (Unit.WEIGHT, QuorumCounting.RETURNED): "were returned (abstentions included)",
    (Unit.WEIGHT, QuorumCounting.FOR_AND_AGAINST): "were given {} (abstentions left out)",
}


def base_phrase(test: Test, words: Words, number: int = 2) -> str:
    """The base of a test in words: `practices that voted (abstentions included)`."""
    decided = "for any option" if test.is_about_options else "for or against"
    return _OF[test.unit, test.base].format(unit_noun(test.unit, number, words), decided)


def who_for(test: Test) -> str:
    """`for`, `against`, `for merge`, `for one option, more than for any other,`."""
    if test.most_votes:
        return "for one option, more than for any other,"
    if test.against:
        return "against"
    return "for" if test.option is None else f"for {plain(test.option)}"


def turnout_phrase(quorum: Quorum, has_options: bool) -> str:
    """The votes that make the quorum, in words: `returned a vote (abstentions included)`."""
    decided = "for any option" if has_options else "for or against"
    return _TURNOUT[quorum.unit, quorum.counting].format(decided)


def threshold_phrase(threshold: Threshold) -> str:
    """`more than 1/2`, `at least 66.67% (exactly 6667/10000)`, `at least 20`, `all but one`."""
    if threshold.comparison is Comparison.ALL_BUT:
        return f"all but {spelled(int(threshold.value))}"
    comparison = comparison_phrase(threshold.comparison)
    if isinstance(threshold.value, Fraction) and threshold.written.endswith("%"):
        value = threshold.value
        return f"{comparison} {threshold.written} (exactly {value.numerator}/{value.denominator})"
    if isinstance(threshold.value, int):
        return f"{comparison} {threshold.value:,}"
    return f"{comparison} {threshold.written}"


def comparison_phrase(comparison: Comparison) -> str:
    """`at least`, `more than`, `all but`, `at most`, `fewer than`."""
    return comparison.value.replace("_", " ")


def needed_or_allowed(threshold: Threshold) -> str:
    """The word that follows a threshold's phrase."""
    return "allowed" if threshold.comparison.is_limit else "needed"


def needed_sentences(rule: Rule) -> Iterator[str]:
    """How many of several tests must hold; with options, for each option that has several."""
    for option in (*rule.options, None) if rule.has_options else (None,):
        tests, needed = rule.tests_of(option), rule.needed_of(option)
        if len(tests) < 2:
            continue
        of = f" for the option {plain(option)}" if option is not None else ""
        if needed == len(tests):
            yield f"Every test{of} must hold."
        else:
            yield f"At least {needed} of the {len(tests)} tests{of} must hold."


def quorums_needed(rule: Rule) -> str:
    """How many of several quorums must be met."""
    return "One of the quorums is enough." if rule.combine_quorums is Combine.ANY else "Every quorum must be met."


def locality_requirement(part: LocalityPart) -> str:
    """In how many localities a test must hold, or a quorum be met."""
    must = "it must be met" if isinstance(part, LocalityQuorum) else "it must hold"
    if part.require is None:
        return f"{must} in every locality ({plain(part.column)})."
    return f"{must} in {so_many_localities(part)}."


def so_many_localities(part: LocalityPart) -> str:
    """`at least 3 localities (pcn_code)`, `more than 1/2 of the localities (pcn_code)`."""
    if isinstance(part.require, Threshold):
        return f"{threshold_phrase(part.require)} of the localities ({plain(part.column)})"
    number = part.require or 1
    return f"at least {number:,} {'locality' if number == 1 else 'localities'} ({plain(part.column)})"


def citation(source: RuleSource) -> str:
    """`clause 6.4 of Constitution`."""
    return f"{cited_clause(source)} of {source.document}"


def cited_clause(source: RuleSource) -> str:
    """`clause 6.4`; or `Section 5`, if the file already names the part."""
    named = clause_number(source)
    return named if _OWN_NAME.match(named) else f"clause {named}"


def clause_number(source: RuleSource) -> str:
    """`7.1`, even if the file says `Clause 7.1`."""
    return _CLAUSE.sub("", source.clause, count=1) or source.clause
