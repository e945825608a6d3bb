"""What a governing body signs is true: each statement of the text is compared with the decision itself.

Rules of every shape, random members, random votes; the text is read as the governing body reads it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, YES_OR_NO
from ballot.constitution.decide import decide
from ballot.constitution.follows import read_effects_aloud
from ballot.constitution.phrases import locality_requirement
from ballot.constitution.rule import Combine, LocalityTest, Outcome, Quorum, QuorumCounting, Rule, Test, Unit
from ballot.constitution.threshold import MINIMA, Threshold
from ballot.constitution.verdict import judge, meets_localities
from ballot.constitution.words import Words
from ballot.strict.fraction import parse_fraction
from tests.property.test_constitution_options_and_localities import (
    LOCALITIES,
    OPTIONS,
    SOURCE,
    Paper,
    count,
    locality_quorums,
)
from tests.support.constitution_strategies import (
    ANY_OR_ALL,
    QUORUMS,
    REQUIRES,
    any_test,
    thresholds,
    weights,
    weights_of_one,
)

NEAR = st.builds(
    lambda comparison, written: Threshold(comparison, parse_fraction(written), written),
    st.sampled_from(MINIMA),
    st.sampled_from(["1/2", "1/2", "1/3", "2/3", "99%", "100%"]),
)
SHARES = NEAR | thresholds(number=False)


@st.composite
def conditions(draw: st.DrawFn, options: bool) -> Test:
    named = draw(st.sampled_from([*OPTIONS[:2], None])) if options else None
    return draw(any_test(SHARES, named, options=options))


@st.composite
def shapes(draw: st.DrawFn) -> Rule:
    options = draw(st.booleans())
    tests = tuple(draw(st.lists(conditions(options), max_size=3)))
    local = st.builds(LocalityTest, conditions(options), st.just("pcn_code"), REQUIRES)
    quorum = QUORUMS | st.builds(Quorum, st.sampled_from(Unit), st.sampled_from(QuorumCounting), NEAR)
    quorums = draw(st.just(()) | st.lists(quorum, max_size=2).map(tuple))
    combine = draw(st.sampled_from([Combine.ALL, Combine.ANY, 2] if len(tests) > 1 else [Combine.ALL]))
    local_quorums = draw(st.just(()) | locality_quorums(quorum))
    tests_in = tuple(draw(st.lists(local, min_size=0 if tests else 1, max_size=2)))
    any_or_all = draw(ANY_OR_ALL)
    can_tie = not options and not tests_in and any(test.can_tie for test in tests)
    casting = draw(st.sampled_from([None, "the Chair"])) if can_tie else None
    weight = draw(weights())
    words = Words() if weight.unit is None else Words(weight=weight.unit)
    return Rule(tests, combine, quorums, weight, SOURCE, "", tests_in, any_or_all, local_quorums, casting, words)


def answers(rule: Rule) -> tuple[str, ...]:
    return (*OPTIONS, ABSTAIN) if rule.has_options else YES_OR_NO


@st.composite
def situations(draw: st.DrawFn, least: int = 0) -> tuple[Rule, list[Paper]]:
    rule = draw(shapes())
    weigh = weights_of_one(rule.weight)
    voted = st.sampled_from([*answers(rule)[:-1]] * 2 + [ABSTAIN, None])
    return rule, draw(st.lists(st.tuples(st.sampled_from(LOCALITIES), weigh, voted), min_size=least, max_size=8))


def carried(rule: Rule, papers: Sequence[Paper]) -> tuple[bool, str | None]:
    verdict = judge(rule, count(papers, answers(rule)))
    return verdict.outcome is Outcome.CARRIED, verdict.option


def stopped(rule: Rule, papers: Sequence[Paper], what: str) -> bool:
    """Whether `it`, an option by its name, or any option is not carried."""
    is_carried, option = carried(rule, papers)
    return not is_carried or (what in OPTIONS and option != what)


def is_so_many(said: str, localities: int) -> bool:
    """`at least 3`, or `more than 1/2 of the`: of the three that there are."""
    number = re.match(r"(at least|more than) ([\d/.%]+)", said)
    assert number is not None
    if number[2].isdigit():
        return localities >= int(number[2])
    share, needed = Fraction(localities, len(LOCALITIES)), parse_fraction(number[2])
    return share > needed or (share == needed and number[1] == "at least")


def has_weight(rule: Rule, papers: Sequence[Paper]) -> bool:
    """0 of 0 is another matter: where a measure is counted, somebody has votes in it."""
    return any(weight for _, weight, _ in papers)


@given(situations(), st.data())
def test_what_the_text_says_of_a_tie_is_what_is_decided(drawn: tuple[Rule, list[Paper]], data: st.DataObject) -> None:
    rule, some = drawn
    pair = data.draw(st.permutations(answers(rule)[:-1]))[:2]
    spread = st.sampled_from(LOCALITIES)
    papers = [
        paper for place, weight, _ in some for paper in ((place, weight, pair[0]), (data.draw(spread), weight, pair[1]))
    ]
    if not has_weight(rule, papers):
        return
    text = [sentence for sentence in read_effects_aloud(rule) if sentence.startswith(("A tie", "Any other tie"))]
    named = {option: option for option in rule.options}
    named |= dict(zip((o for o in pair if o not in named), ("another option", "yet another"), strict=False))
    if rule.has_options and "yet another" in named.values() and rule.options:
        return  # two options of which no test knows: nothing is said
    is_carried, option = carried(rule, papers)
    counts = count(papers, answers(rule))
    quorate = judge(rule, counts).outcome is not Outcome.INQUORATE

    said = text[0]
    if rule.has_options:
        couples = [f"{named[a]} and {named[b]}" for a, b in (pair, pair[::-1])]
        mine = [s for s in text if any(re.search(rf"(between|or) {c}( or| is)", s) for c in couples)]
        said = mine[0] if mine else "is not carried"
    if "depends on how many votes" in said or "depends on how many votes" in text[0]:
        assert any(test.threshold.counts_votes for test in rule.all_tests)
    elif "is decided by the casting vote" in said:
        found = judge(rule, counts).outcome
        assert found is Outcome.TIED or ("if there is a quorum" in said and found is Outcome.INQUORATE)
    elif "is not carried" in said:
        assert judge(rule, counts).outcome in (Outcome.NOT_CARRIED, Outcome.INQUORATE)
    elif "only where" in said:
        of = [None] if not rule.has_options else list(pair)
        assert not is_carried or any(meets_localities(rule, counts, each) for each in of)
        if not rule.has_options and quorate:
            assert is_carried == meets_localities(rule, counts, None)
    else:
        assert " is carried" in said
        assert is_carried or ("if there is a quorum" in said and not quorate)
        if rule.has_options and is_carried:
            assert f"is carried with {named[option or '']}" in said


@given(situations(least=1), st.data())
def test_what_stops_it_stops_it_however_the_others_vote(drawn: tuple[Rule, list[Paper]], data: st.DataObject) -> None:
    rule, papers = drawn
    others = [OPTIONS[2] if rule.has_options else AGAINST]
    if data.draw(st.booleans()):  # as much support as there can be, in every locality
        best = data.draw(st.sampled_from(answers(rule)[:-1])) if rule.has_options else FOR
        papers = [(place, weight, best) for place in LOCALITIES for _, weight, _ in papers]
    votes = rule.words.weight.many
    for sentence in read_effects_aloud(rule):
        if found := re.fullmatch(r"(.+) can never be carried: .+", sentence):
            assert stopped(rule, papers, found[1].lower())
        elif found := re.fullmatch(
            rf"One practice( with {votes})? that (.+) stops (.+), however the others vote\.", sentence
        ):
            acts = {
                "votes against": AGAINST,
                "votes for another option": data.draw(st.sampled_from([o for o in OPTIONS if o != found[3]])),
                "abstains": ABSTAIN,
                "does not return its vote": None,
            }
            at = data.draw(st.integers(0, len(papers) - 1))
            if found[1] and not papers[at][1]:
                continue
            for said in re.split(r", | or ", found[2]):
                turned = [*papers[:at], (papers[at][0], papers[at][1], acts[said]), *papers[at + 1 :]]
                if said != "votes for another option" or found[3] in OPTIONS:
                    assert stopped(rule, turned, found[3])
                else:  # "an option": any but the one that it votes for
                    assert carried(rule, turned)[1] in (None, acts[said])
        elif found := re.fullmatch(
            r"A locality \(pcn_code\) that returns no vote stops (.+), however the others vote\.", sentence
        ):
            place = data.draw(st.sampled_from(LOCALITIES))
            silent = [(p[0], p[1], None) if p[0] == place else p for p in papers]
            assert stopped(rule, silent, found[1])
        elif sentence.endswith(" that returns no vote makes the whole vote inquorate."):
            place = data.draw(st.sampled_from(LOCALITIES))
            silent = [(p[0], p[1], None) if p[0] == place else p for p in papers]
            assert judge(rule, count(silent, answers(rule))).outcome is Outcome.INQUORATE
        elif found := re.fullmatch(r"Unless votes come from (.+) localit.+, the vote is inquorate\.", sentence):
            voting = {p[0] for p in papers if p[2] is not None}
            inquorate = judge(rule, count(papers, answers(rule))).outcome is Outcome.INQUORATE
            assert inquorate or is_so_many(found[1], len(voting))
        elif found := re.fullmatch(r"So does one in which nobody votes for(?: it)?: .+ can stop (.+)\.", sentence):
            place, other = data.draw(st.sampled_from(LOCALITIES)), data.draw(st.sampled_from([*others, ABSTAIN, None]))
            none_for = [
                (p[0], p[1], other) if p[0] == place and p[2] == (found[1] if rule.has_options else FOR) else p
                for p in papers
            ]
            assert stopped(rule, none_for, found[1])
        elif found := re.fullmatch(
            r"Unless votes for(?: it)? come from (.+) localit.+, (.+) is not carried\.", sentence
        ):
            option = found[2] if found[2] in OPTIONS else None
            is_carried, winner = carried(rule, papers)
            if is_carried and (option is None or winner == option):
                target = winner or FOR
                assert is_so_many(found[1], len({p[0] for p in papers if p[2] == target}))
        elif (sentence.startswith("If ") and "not carried" in sentence) or "nothing is carried" in sentence:
            some = (
                [None] if "no vote is returned" in sentence else [ABSTAIN] if "every" in sentence else [ABSTAIN, None]
            )
            nobody = [(p[0], p[1], data.draw(st.sampled_from(some))) for p in papers]
            if "some practices" not in sentence or {p[2] for p in nobody} == {ABSTAIN, None}:
                assert not carried(rule, nobody)[0]
        elif sentence.startswith("If ") and " is carried: silence is consent" in sentence:
            some = (
                [None] if "no vote is returned" in sentence else [ABSTAIN] if "every" in sentence else [ABSTAIN, None]
            )
            nobody = [(p[0], p[1], data.draw(st.sampled_from(some))) for p in papers]
            if "some practices" not in sentence or {p[2] for p in nobody} == {ABSTAIN, None}:
                assert carried(rule, nobody)[0]
        elif sentence.startswith("If ") and "can be carried: silence is consent" in sentence:
            assert rule.has_limits
        elif found := re.fullmatch(rf"A locality whose practices have no {votes} stops (.+) too\.", sentence):
            place = data.draw(st.sampled_from(LOCALITIES))
            assert stopped(rule, [(p[0], 0, p[2]) if p[0] == place else p for p in papers], found[1])
        else:
            assert sentence.startswith(("An abstention", "A vote that is not returned", "A tie", "Any other tie"))


EFFECT = re.compile(
    r"(is left out of|has the effect of a vote (?:against|for) in|counts in the total of) (.+?)"
    r"(?= and for no option|, and |\.$)"
)


def effects_of(rule: Rule, sentence: str) -> dict[str, str]:
    """What the sentence says of each test: `test 1` or `locality test 2` -> the effect."""
    found: dict[str, str] = {}
    sizes = {"test": len(rule.tests), "locality test": len(rule.locality_tests)}
    for effect, names in EFFECT.findall(sentence):
        for name in re.split(r", | and ", names.removesuffix(" and for no option")):
            kind = re.sub(r"^(the|every) | \d+$", "", name)
            number = re.search(r"\d+$", name)
            for each in [int(number[0])] if number else range(1, sizes[kind] + 1):
                assert f"{kind} {each}" not in found
                found[f"{kind} {each}"] = effect
    assert len(found) == sum(sizes.values()), sentence
    return dict(sorted(found.items(), key=lambda item: (item[0].startswith("locality"), item[0])))


def counts_towards(rule: Rule, sentence: str) -> list[bool]:
    """What the sentence says of each quorum, in order."""
    said: dict[str, bool] = {}
    for verb, names in re.findall(
        r", and (counts|does not count) towards (.+?)(?=, and counts|, and does not|\.$)", sentence
    ):
        said |= dict.fromkeys(re.split(r", | and ", names), verb == "counts")
    whole = ["the quorum"] if len(rule.quorums) == 1 else [f"quorum {n + 1}" for n in range(len(rule.quorums))]
    local = [f"locality quorum {n + 1}" for n in range(len(rule.locality_quorums))]
    assert set(said) == {*whole, *(["the locality quorum"] if len(local) == 1 else local)}, sentence
    return [said[name] for name in (*whole, *(["the locality quorum"] if len(local) == 1 else local))]


@given(situations(), st.sampled_from(LOCALITIES), st.data())
def test_an_abstention_and_a_vote_not_returned_do_to_each_test_what_the_text_says(
    drawn: tuple[Rule, list[Paper]], place: str, data: st.DataObject
) -> None:
    rule, papers = drawn
    weight = data.draw(weights_of_one(rule.weight))
    abstention, silence, *_ = read_effects_aloud(rule)
    other = OPTIONS[2] if rule.has_options else AGAINST

    def findings(more: Sequence[Paper]) -> list[tuple[int, int]]:
        verdict = judge(rule, count([*papers, *more], answers(rule)))
        local = [found.localities[place] for found in verdict.locality_tests]
        return [(finding.share.part, finding.share.base) for finding in (*verdict.tests, *local)]

    without, against = findings([]), findings([(place, weight, other)])
    favour = against if rule.has_options else findings([(place, weight, FOR)])
    for sentence, answer in ((abstention, ABSTAIN), (silence, None)):
        effects = list(effects_of(rule, sentence).values())
        after = findings([(place, weight, answer)])
        tests = [*rule.tests, *(part.test for part in rule.locality_tests)]
        every = zip(tests, effects, after, without, against, favour, strict=True)
        for test, effect, with_it, with_none, with_against, with_for in every:
            if effect == "is left out of":
                assert with_it == with_none
            elif effect == "has the effect of a vote against in":
                assert with_it == with_against
            elif effect == "has the effect of a vote for in":
                assert with_it == with_for
            else:
                size = 1 if test.unit is Unit.PRACTICES else weight
                assert with_it == (with_none[0], with_none[1] + size)
        if rule.needs_quorum:
            quorum, before = (
                judge(rule, count([*papers, *more], answers(rule))).quorum for more in ([(place, weight, answer)], [])
            )
            assert quorum is not None
            assert before is not None
            after_it, without_it = (
                [*found.parts, *(local.localities[place] for local in found.localities)] for found in (quorum, before)
            )
            towards = counts_towards(rule, sentence)
            for asked, counts, one, other in zip(rule.all_quorums, towards, after_it, without_it, strict=True):
                size = 1 if asked.unit is Unit.PRACTICES else weight
                assert one.share.part == other.share.part + (size if counts else 0)


@given(situations())
def test_every_decision_of_these_rules_says_how_many_localities_it_needs(drawn: tuple[Rule, list[Paper]]) -> None:
    rule, papers = drawn
    explanation = decide(rule, count(papers, answers(rule))).explanation

    for part in rule.locality_tests:
        assert any(locality_requirement(part) in sentence for sentence in explanation)
