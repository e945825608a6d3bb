"""What follows from a rule, in sentences that a governing body signs.

Every sentence is true of any members and any votes. None of them is worked out from the words of the file: each is
found by asking `verdict` about made-up counts so large that no threshold falls between two of their votes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, NOT_RETURNED, Counts, Measure, summed
from ballot.constitution.effects import MANY, answers_of, candidates, made_up
from ballot.constitution.findings import CountedShare
from ballot.constitution.phrases import joined, so_many_localities, unit_noun
from ballot.constitution.rule import LocalityQuorum, LocalityTest, Outcome, QuorumCounting, Rule, Unit
from ballot.constitution.verdict import has_quorum, holds_for, is_quorate, judge, meets_localities, meets_tests, passes
from ballot.constitution.weight import MissingList
from ballot.constitution.words import capitalised
from ballot.strict.errors import plain

MOST_MADE_UP = 50
"""The most localities that are made up. A rule that needs more only gets the sentence that it depends on them."""
_NOBODY = Measure(0, 0)


def read_effects_aloud(rule: Rule) -> Iterator[str]:
    """What an abstention, a vote not returned, a tie, an empty box, a single practice and a silent locality do."""
    yield f"An abstention {_effect(rule, ABSTAIN)}{_towards_quorum(rule)}."
    yield f"A vote that is not returned {_effect(rule, NOT_RETURNED)}{_towards_quorum(rule, returned=False)}."
    yield from _read_ties(rule)
    yield from _read_silence(rule)
    yield from _read_never(rule)
    yield from _read_single(rule)
    for part in rule.locality_tests:
        yield from _read_silent_locality(rule, part)
    for quorum in rule.locality_quorums:
        yield _read_inquorate_locality(quorum)


# -- One vote more -----------------------------------------------------------------------------------------------------


def _effect(rule: Rule, group: str) -> str:
    """Describe the effect of one more practice in this group on every test's share: a phrase and its tests."""
    against = answers_of(rule)[-1]
    before, after, opposed, favoured = (_shares(rule, more) for more in (None, group, against, FOR))
    named: dict[str, list[str]] = {}
    for place, name in enumerate(_names_of_tests(rule)):
        if after[place] == before[place]:
            effect = "is left out of {}"
        elif rule.has_options:
            effect = "counts in the total of {} and for no option"
        elif after[place] == opposed[place]:
            effect = "has the effect of a vote against in {}"
        elif after[place] == favoured[place]:
            effect = "has the effect of a vote for in {}"
        else:
            raise AssertionError("an answer neither leaves the share alone nor acts like a vote for or against")
        named.setdefault(effect, []).append(name)
    return ", and ".join(effect.format(_tests_said(rule, names)) for effect, names in named.items())


def _shares(rule: Rule, more: str | None) -> list[CountedShare]:
    """The share in every test, then every locality test, after one practice joins a group of the made-up counts."""
    answers = answers_of(rule)
    given = {answer: Measure(30 - 7 * place, 300 - 70 * place) for place, answer in enumerate(answers[:3])}
    given[ABSTAIN] = Measure(5, 50)
    total = Measure(100, 1000)
    if more is not None:
        total = Measure(101, 1003)
        if more != NOT_RETURNED:
            had = given.get(more, _NOBODY)
            given[more] = Measure((had.practices or 0) + 1, (had.weight or 0) + 3)
    verdict = judge(rule, summed({"one": made_up(rule, total, given)}))
    local = (next(iter(found.localities.values())) for found in verdict.locality_tests)
    return [finding.share for finding in (*verdict.tests, *local)]


def _names_of_tests(rule: Rule) -> list[str]:
    tests = ["the test"] if len(rule.tests) == 1 else [f"test {n}" for n in range(1, len(rule.tests) + 1)]
    local = len(rule.locality_tests)
    return tests + (["the locality test"] if local == 1 else [f"locality test {n}" for n in range(1, local + 1)])


def _tests_said(rule: Rule, names: Sequence[str]) -> str:
    """`the test`, `every test and the locality test`, `test 1 and test 3`."""
    said = []
    for kind, number in (("test", len(rule.tests)), ("locality test", len(rule.locality_tests))):
        own = [name for name in names if name.startswith((f"{kind} ", f"the {kind}"))]
        said += [f"every {kind}"] if len(own) == number > 1 else own
    return joined(said)


def _towards_quorum(rule: Rule, *, returned: bool = True) -> str:
    """Whether an abstention, or a vote not returned, counts towards each quorum."""
    names = [f"quorum {n}" for n in range(1, len(rule.quorums) + 1)] if len(rule.quorums) > 1 else ["the quorum"]
    local = len(rule.locality_quorums)
    names = names[: len(rule.quorums)]
    names += ["the locality quorum"] if local == 1 else [f"locality quorum {n}" for n in range(1, local + 1)]
    named: dict[str, list[str]] = {}
    for name, quorum in zip(names, rule.all_quorums, strict=True):
        counts = returned and quorum.counting is QuorumCounting.RETURNED
        named.setdefault("counts" if counts else "does not count", []).append(name)
    return "".join(f", and {counts} towards {joined(those)}" for counts, those in named.items())


# -- Silence -----------------------------------------------------------------------------------------------------------


def _read_silence(rule: Rule) -> Iterator[str]:
    """What is decided if nobody votes for or against: usually nothing, unless a rule only limits the votes against."""
    if rule.has_options:
        yield "If nobody votes for any option, nothing is carried."
        return
    if rule.has_limits and _too_many_localities(rule):
        return
    done = {
        "no vote is returned": 0,
        f"every {rule.words.member.one} abstains": MANY,
        f"some {rule.words.member.many} abstain and no other votes": MANY - 1,
    }
    carries = {what for what, some in done.items() if _carries(rule, _abstaining(rule, some), None)}
    if not carries:
        yield "If nobody votes for or against, it is not carried."
        return
    can = "can be" if rule.in_localities or rule.needs_quorum or rule.weight else "is"
    if carries == set(done):
        yield f"If nobody votes for or against, it {can} carried: silence is consent."
        return
    for what in done:
        yield f"If {what}, it {f'{can} carried: silence is consent' if what in carries else 'is not carried'}."


# -- Ties --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Tie:
    """Two answers with half of the votes each, and which of the two can be carried."""

    one: str
    other: str
    carried: tuple[str, ...]
    """The ones that can be carried: for, or options. Several only if it depends on localities."""
    depends: bool
    """Whether the localities decide."""
    varies: bool = False
    """Whether the number of votes decides, because a test asks for a number."""


def _tie(rule: Rule, one: str, other: str) -> _Tie:
    subjects = (one, other) if rule.has_options else (FOR,)
    found = set()
    for half in _halves(rule):
        counts = made_up(rule, half.doubled(), {one: half, other: half})
        passes_whole = (name for name in subjects if meets_tests(rule, counts, name if rule.has_options else None))
        found.add(tuple(passes_whole))
    many = Measure(MANY, MANY)
    if not has_quorum(rule, made_up(rule, many.doubled(), {one: many, other: many})) or found == {()}:
        return _Tie(one, other, (), depends=False)
    if len(found) > 1 or any(part.test.threshold.counts_votes for part in rule.locality_tests):
        return _Tie(one, other, (), depends=False, varies=True)
    (passing,) = found
    if len(passing) > 1 and not rule.locality_tests:
        return _Tie(one, other, (), depends=False)
    if not rule.locality_tests:
        return _Tie(one, other, passing, depends=False)
    opposite = {one: other, other: one}
    able = [name for name in passing if _can_hold_in_localities(rule, name, opposite[name])]
    return _Tie(one, other, tuple(able), depends=True)


def _halves(rule: Rule) -> Iterator[Measure]:
    """Every half that matters: very many, and around each number of votes that a test asks for."""
    sizes = []
    for unit in Unit:
        numbers = [int(t.threshold.value) for t in rule.tests if t.unit is unit and t.threshold.counts_votes]
        sizes.append(sorted({MANY, *(max(number + near, 1) for number in numbers for near in (-1, 0, 1))}))
    yield from (Measure(*half) for half in product(*sizes))


def _can_hold_in_localities(rule: Rule, winner: str, loser: str) -> bool:
    """Whether the winner can meet every locality test when each answer has half of all votes.

    Trying two ways to spread a measure's votes is enough. If a test must hold everywhere, each locality splits in half.
    Otherwise a few small localities vote all for, and a large one stays just below half.
    """
    localities = _made_up_localities(rule)
    if localities is None:
        return True
    needed = localities - 1
    even = [(MANY, MANY)] * (needed + 1)
    uneven = [(2, 0)] * needed + [(MANY - 2 * needed, MANY)]
    option = winner if rule.has_options else None
    for practices, weight in product((even, uneven), repeat=2):
        parts = {}
        for place, (heads, votes) in enumerate(zip(practices, weight, strict=True)):
            given = {winner: Measure(heads[0], votes[0]), loser: Measure(heads[1], votes[1])}
            parts[f"locality {place}"] = made_up(rule, Measure(sum(heads), sum(votes)), given)
        if meets_localities(rule, summed(parts), option):
            return True
    return False


def _read_ties(rule: Rule) -> Iterator[str]:
    ties = [_tie(rule, one, other) for one, other in combinations(answers_of(rule), 2)]
    units = sorted({test.unit for test in rule.all_tests}, key=list(Unit).index)
    by_ = "" if units == [Unit.PRACTICES] else f", by {joined(unit_noun(unit, 2, rule.words) for unit in units)}"
    if rule.casting_vote is not None:
        yield f"A tie, everybody voting and as many for as against{by_}, {_casting_vote_said(rule)}."
    elif not rule.has_options:
        (tie,) = ties
        yield f"A tie, everybody voting and as many for as against{by_}, {_tie_said(rule, tie)}."
    if not rule.has_options:
        return
    subject = f"A tie, everybody voting and half of them for each of two options{by_},"
    if any(tie.varies for tie in ties):
        yield f"{subject} can be carried or not, which depends on how many votes there are."
        return
    won: dict[tuple[tuple[str, ...], bool], list[_Tie]] = {}
    for tie in ties:
        won.setdefault((tie.carried, tie.depends and bool(tie.carried)), []).append(tie)
    if len(won) == 1 and not ties[0].carried:
        yield f"{subject} is not carried."
        return
    for (carried, depends), same in won.items():
        if not carried:
            continue
        options = joined((plain(name) for name in carried), "or")
        between = joined((f"{plain(tie.one)} and {plain(tie.other)}" for tie in same), "or")
        if depends:
            which = "where its locality tests hold and no other option passes"
            yield f"{subject} between {between} is carried with {options} only {which}."
        else:
            yield f"{subject} between {between} is carried with {options}{_if_quorum(rule)}."
    if any(not tie.carried for tie in ties):
        yield "Any other tie is not carried."


def _casting_vote_said(rule: Rule) -> str:
    """What a casting vote does to a tie of any size, a quorum by number aside."""
    outcomes = {
        judge(rule, made_up(rule, half.doubled(), {FOR: half, AGAINST: half})).outcome for half in _halves(rule)
    }
    if outcomes == {Outcome.TIED}:
        return f"is decided by the casting vote of {plain(rule.casting_vote or '')}{_if_quorum(rule)}"
    if Outcome.TIED in outcomes:
        return "is decided by the casting vote or not, which depends on how many votes there are"
    if outcomes <= {Outcome.NOT_CARRIED, Outcome.INQUORATE}:
        return "is not carried, and no casting vote changes that"
    return "can be carried or not, which depends on how many votes there are"


def _tie_said(rule: Rule, tie: _Tie) -> str:
    if tie.varies:
        return "can be carried or not, which depends on how many votes there are"
    if tie.carried and tie.depends:
        where = "which depends on how the votes are spread over the localities"
        return f"is carried only where {_local_tests(rule)} too, {where}{_if_quorum(rule)}"
    if tie.carried:
        return f"is carried{_if_quorum(rule)}"
    half = made_up(rule, Measure(2 * MANY, 2 * MANY), {FOR: Measure(MANY, MANY), AGAINST: Measure(MANY, MANY)})
    if tie.depends and meets_tests(rule, half, None):
        return f"is not carried, because {_local_tests(rule, 'not ')}"
    return "is not carried"


def _local_tests(rule: Rule, negated: str = "") -> str:
    if len(rule.locality_tests) == 1:
        return "the locality test cannot hold" if negated else "the locality test holds"
    return "the locality tests cannot all hold" if negated else "every locality test holds"


def _if_quorum(rule: Rule) -> str:
    """Add the condition for a quorum in numbers, which even full turnout may miss."""
    by_number = any(quorum.threshold.is_number for quorum in rule.quorums)
    return ", if there is a quorum" if by_number or rule.locality_quorums else ""


# -- What stops it -----------------------------------------------------------------------------------------------------


def _made_up_localities(rule: Rule) -> int | None:
    """The fewest localities of which any test or quorum that does not need all can spare two; None if too many."""
    for number in range(3, MOST_MADE_UP + 3):
        if all(part.require is None or part.needed(number) <= number - 2 for part in rule.in_localities):
            return number
    return None


def _localities(rule: Rule) -> range:
    return range(_made_up_localities(rule) or MOST_MADE_UP + 2)


def _abstaining(rule: Rule, number: int) -> Counts:
    """So many abstain in each locality, and no one else votes."""
    given = {ABSTAIN: Measure(number, number)}
    return summed({f"locality {place}": made_up(rule, Measure(MANY, MANY), given) for place in _localities(rule)})


def _many_for(rule: Rule, option: str | None, others: Mapping[str, Measure] | None = None) -> Counts:
    """Everyone votes for, in two more localities than any test needs; in one of them some vote otherwise."""
    others = others or {}
    parts = {}
    for place in _localities(rule):
        turned = others if place == 0 else {}
        practices, weight = (MANY - sum(m.of(unit) or 0 for m in turned.values()) for unit in Unit)
        given = {name: measure for name, measure in turned.items() if name != NOT_RETURNED}
        given[option or FOR] = Measure(practices, weight)
        parts[f"locality {place}"] = made_up(rule, Measure(MANY, MANY), given)
    return summed(parts)


def _too_many_localities(rule: Rule) -> bool:
    return _made_up_localities(rule) is None


def _carries(rule: Rule, counts: Counts, option: str | None) -> bool:
    return is_quorate(rule, counts) and passes(rule, counts, option)


def _read_never(rule: Rule) -> Iterator[str]:
    """What cannot be carried even if everyone votes for it."""
    if _too_many_localities(rule):
        return
    for option in candidates(rule):
        if not _carries(rule, _many_for(rule, option), option):
            it = "It" if option is None else plain(option) if option in rule.options else "An option"
            for_ = "for" if option is None else "for it"
            yield f"{capitalised(it)} can never be carried: not even everybody voting {for_} is enough."


def _read_single(rule: Rule) -> Iterator[str]:
    """What one practice can stop, however the others vote."""
    if _too_many_localities(rule):
        return
    for option in candidates(rule):
        if not _carries(rule, _many_for(rule, option), option):
            continue
        against = next(answer for answer in answers_of(rule)[::-1] if answer != (option or FOR))
        acts = {against: "votes against" if option is None else "votes for another option"}
        acts |= {ABSTAIN: "abstains", NOT_RETURNED: "does not return its vote"}
        one = f"One {rule.words.member.one}"
        for measure, who in ((Measure(1, 0), one), (Measure(1, 1), f"{one} with {rule.words.weight.many}")):
            turned = {group: _many_for(rule, option, {group: measure}) for group in acts}
            stopping = [group for group, counts in turned.items() if not _carries(rule, counts, option)]
            if stopping:
                it = "it" if option is None else plain(option) if option in rule.options else "an option"
                said = joined((acts.pop(group) for group in stopping), "or")
                yield f"{who} that {said} stops {it}, however the others vote."


def _read_inquorate_locality(part: LocalityQuorum) -> str:
    if part.require is None:
        return f"A locality ({plain(part.column)}) that returns no vote makes the whole vote inquorate."
    return f"Unless votes come from {so_many_localities(part)}, the vote is inquorate."


def _read_silent_locality(rule: Rule, part: LocalityTest) -> Iterator[str]:
    """If a test must hold in every locality, a silent locality, or its only practice, can stop the vote."""
    test = part.test
    it = "it" if not test.is_about_options else plain(test.option) if test.option is not None else "every option"
    for_ = "for" if not test.is_about_options else "for it"
    silent = made_up(rule, Measure(MANY, MANY), {})
    if test.against and holds_for(rule, test, silent, None):
        return  # Silence is consent there too
    if part.require is not None:
        if test.against:
            return
        if test.most_votes:
            it = "an option"
        yield f"Unless votes {for_} come from {so_many_localities(part)}, {it} is not carried."
        return
    yield f"A locality ({plain(part.column)}) that returns no vote stops {it}, however the others vote."
    if not test.most_votes and not test.against:
        alone = f"{rule.words.member.a} that is alone"
        yield f"So does one in which nobody votes {for_}: {alone} in its locality can stop {it}."
    weight = rule.weight
    if test.unit is Unit.WEIGHT and weight and (weight.missing is MissingList.ZERO or weight.votes(1) == 0):
        yield f"A locality whose {rule.words.member.many} have no {rule.words.weight.many} stops {it} too."
