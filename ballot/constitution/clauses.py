"""The clause that a file seems to mean, in usual words; and what its own wording says that the rule does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from ballot.constitution.effects import consents
from ballot.constitution.phrases import joined, so_many_localities, spelled, unit_noun
from ballot.constitution.rule import Combine, Constitution, Denominator, Quorum, QuorumCounting, Rule, Test, Unit
from ballot.constitution.threshold import Comparison, Threshold
from ballot.constitution.words import Words
from ballot.strict.errors import plain
from ballot.strict.fraction import parse_fraction

_SHARES = {
    Fraction(1, 4): "a quarter",
    Fraction(1, 3): "a third",
    Fraction(1, 2): "half",
    Fraction(3, 5): "three fifths",
    Fraction(2, 3): "two thirds",
    Fraction(3, 4): "three quarters",
    Fraction(1): "all",
}
_OF = {
    Denominator.FOR_AND_AGAINST: "the {} for and against",
    Denominator.CAST: "the {} cast (with abstentions)",
    Denominator.ELIGIBLE: "the {} of all members",
    Denominator.ELIGIBLE_LESS_ABSTENTIONS: "the {} of all members that do not abstain",
}
_WRITTEN = re.compile(r"\b([0-9]+(?:\.[0-9]+)?) ?(?:%|per ?cent\b)")
_LIMIT = (
    r"\b(not|no) more than [^.;]{0,40}\b(against|oppos\w+|object\w*)"
    r"|\b(unless|fewer than)\b[^.;]{0,60}\b(against|object\w*|oppos\w+)"
)
_PLACES = (
    r"\b(each|every|majority of the|thirds of the) (locality|localities|networks?|pcns?|areas?|divisions?|houses?)\b"
)
_IN_WORDS = {"two thirds": "2/3", "three quarters": "3/4", "three fifths": "3/5"}


def usual_clause(rule: Rule) -> str:
    """The rule as a constitution would usually say it, such as `a majority of the votes cast`."""
    several = len(rule.options) > 1
    tests = list(dict.fromkeys(_test(test, rule.words, several=several) for test in rule.tests))
    if rule.combine is Combine.ANY and len(tests) > 1:
        said = "either " + joined(tests, "or")
    elif isinstance(rule.combine, int) and rule.combine < len(tests):
        said = f"{spelled(rule.combine)} of these: {'; '.join(tests)}"
    else:
        said = joined(tests) if tests else ""
    local = [
        f"{_test(part.test, rule.words, several=several)} in {_where(part.require, so_many_localities(part))}"
        for part in rule.locality_tests
    ]
    said = joined([*([said] if said else []), *dict.fromkeys(local)])
    quorums = [_quorum(quorum, rule.words) for quorum in rule.quorums]
    quorums = [joined(quorums, "or" if rule.combine_quorums is Combine.ANY else "and")] if quorums else []
    for part in rule.locality_quorums:
        quorums.append(f"{_quorum(part.quorum, rule.words)} in {_where(part.require, so_many_localities(part))}")
    if quorums:
        said += f", if {joined(quorums)}"
    if rule.casting_vote is not None:
        said += f", with a casting vote of {plain(rule.casting_vote)}"
    return said + (", silence being taken as consent" if consents(rule) else "")


def _where(require: object, so_many: str) -> str:
    return "every locality" if require is None else so_many


def _votes(unit: Unit, words: Words) -> str:
    return "votes" if unit is Unit.PRACTICES else words.weight.many


def _share(threshold: Threshold) -> str:
    """`a majority`, `two thirds`, `at least 55%`, `seven`."""
    value, comparison = threshold.value, threshold.comparison
    if isinstance(value, int):
        return spelled(value) if comparison is Comparison.AT_LEAST else f"{comparison.value} {value}".replace("_", " ")
    if comparison is Comparison.MORE_THAN and value == Fraction(1, 2):
        return "a majority"
    if comparison is Comparison.AT_LEAST and value in _SHARES:
        return "at least half" if value == Fraction(1, 2) else _SHARES[value]
    return f"{comparison.value} {threshold.written}".replace("_", " ")


def _test(test: Test, words: Words, *, several: bool) -> str:
    """One test; where several options are named, an option is called one of them."""
    option = "" if test.option is None else " for an option" if several else f" for {plain(test.option)}"
    votes, threshold = _votes(test.unit, words), test.threshold
    if threshold.is_number:
        return f"{_share(threshold)} {votes}{' against' if test.against else option or ' for'}"
    of = _OF[test.base].format(votes)
    if threshold.comparison is Comparison.ALL_BUT:
        return f"all but {spelled(int(threshold.value))} of {of}"
    if test.against:
        return f"{_share(threshold)} of {of} against"
    if test.most_votes:
        return f"the most votes, and {_share(threshold)} of {of}"
    return f"{_share(threshold)} of {of}{option}"


def _quorum(quorum: Quorum, words: Words) -> str:
    votes, verb = unit_noun(quorum.unit, 2, words), "vote" if quorum.unit is Unit.PRACTICES else "are cast"
    how = verb if quorum.counting is QuorumCounting.RETURNED else f"{verb} for or against"
    of = "" if quorum.threshold.is_number else "of "
    return f"{_share(quorum.threshold)} {of}{'all ' if of else ''}{votes} {how}"


def unmet_wording(constitution: Constitution) -> Iterator[str]:
    """What the wording of the clause says and no part of the file does, in sentences."""
    words = " ".join(constitution.source.wording.lower().replace("-", " ").split())
    rules = [constitution.rule_for(), *(constitution.rule_for(own.question) for own in constitution.questions)]
    shares = {t.threshold.value for rule in rules for t in rule.all_tests}
    shares |= {quorum.threshold.value for rule in rules for quorum in rule.all_quorums}
    shares |= {p.require.value for rule in rules for p in rule.in_localities if isinstance(p.require, Threshold)}
    for written in dict.fromkeys([*_IN_WORDS, *(found[0] for found in _WRITTEN.finditer(words))]):
        if written in words and _value(written) not in shares | {1 - share for share in shares}:
            yield f'The clause says "{written}", and nothing in the file needs or allows that share.'
    for pattern, held, missing in (
        (r"\bquorum\b|\bquorate\b", any(r.needs_quorum for r in rules), "a quorum, and the file has no [quorum]"),
        (r"\bcasting vote\b", any(r.casting_vote for r in rules), "a casting vote, and the file has no [tie]"),
        (
            _LIMIT,
            any(rule.has_limits for rule in rules),
            'a limit on those against, and no test says votes = "against"',
        ),
        (
            r"\b(deemed|taken) to (have )?(agree|consent|approve)|\bdeemed consent\b|\bconsent is deemed\b",
            any(consents(rule) for rule in rules),
            "that silence is consent, and here nothing is carried without votes for",
        ),
        (
            _PLACES,
            any(rule.in_localities for rule in rules),
            "localities, and the file has no [[locality_test]] or [[locality_quorum]]",
        ),
        (r"\b(second|further|confirmatory) (meeting|ballot|vote)\b", False, "a second vote, which no file can ask for"),
    ):
        if re.search(pattern, words) and not held:
            yield f"The clause speaks of {missing}."


def _value(written: str) -> Fraction | None:
    number = _WRITTEN.match(written)
    try:
        return parse_fraction(f"{number[1]}%" if number else _IN_WORDS[written])
    except ValueError:
        return None
