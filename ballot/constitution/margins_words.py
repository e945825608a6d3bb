"""What would have changed a decision, in the sentences that follow the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, NOT_RETURNED, Counts
from ballot.constitution.findings import QuorumFinding
from ballot.constitution.margins import (
    VoteShift,
    can_carry,
    can_search,
    greatest_loss,
    least_of_any_kind,
    sources_for,
    spared_turnout,
    units_of,
    ways_to_carry,
)
from ballot.constitution.margins_localities import least
from ballot.constitution.phrases import joined, number_of, spelled, unit_noun
from ballot.constitution.rule import Outcome, Quorum, QuorumCounting, Rule, Unit
from ballot.constitution.verdict import Verdict, subjects
from ballot.constitution.words import DEFAULT_WORDS, Words, capitalised
from ballot.strict.errors import plain

_INSTEAD = {AGAINST: "instead of against", ABSTAIN: "instead of abstaining", NOT_RETURNED: "instead of not voting"}


def explain_margins(rule: Rule, counts: Counts, verdict: Verdict) -> Iterator[str]:
    """The sentences after the verdict: what would have been needed to carry, or to lose."""
    if verdict.tied and counts.casting_vote is not None:
        return  # One person decided, and no number of votes
    if verdict.outcome is Outcome.CARRIED:
        if can_search(rule, counts):
            yield from _spare(rule, counts, verdict.option)
        return
    if verdict.quorum is not None and not verdict.quorum.holds:
        yield from _quorums_short(rule, verdict.quorum)
    if not can_search(rule, counts):
        return
    for option in subjects(counts):
        # If another option already passes, and localities decide, a few more votes do not settle it.
        entangled = bool(rule.in_localities) and any(passing != option for passing in verdict.passing)
        if rule.can_pass(option) and not entangled:
            yield from _what_would_carry(rule, counts, option)


# -- What would have carried it ------------------------------------------------------------------------------------


def _what_would_carry(rule: Rule, counts: Counts, option: str | None) -> Iterator[str]:
    it = "it" if option is None else plain(option)
    ways = list(ways_to_carry(rule, counts, option))
    if (
        ways and option is not None
    ):  # Of the many options that votes could come from, show the one that needs the fewest
        ways = [min(ways, key=lambda way: [move.number for move in way])]
    if ways:
        first, *others = [_gain(rule, way, counts, option) for way in ways]
        yield capitalised(f"{first} would have carried {it}{''.join(f'; so would {other}' for other in others)}.")
    elif not can_carry(rule, counts, option):
        everybody = joined(number_of(counts.eligible.of(u) or 0, u, rule.words, "eligible ") for u in units_of(rule))
        yield f"No change of votes alone could have carried {it}: not even {everybody} {_for(option)}."
    elif option is None or not rule.in_localities:  # With localities, another option may only seem to block this one
        in_detail = option is None and not rule.in_localities
        together = least_of_any_kind(rule, counts, option) if in_detail else None
        such_as = "" if together is None else f", such as {joined(_gain(rule, (m,), counts, option) for m in together)}"
        yield f"Only changes of more than one kind would have carried {it}{such_as}."


def _gain(rule: Rule, moves: Sequence[VoteShift], counts: Counts, option: str | None) -> str:
    """`two more practices voting for instead of against`; all moves are from one source.

    A practice votes as one block with all of its weight. So the words about weight state what the practices have
    between them; any practices with more weight carry it too.
    """
    turnout = [move for move in moves if counts.part(move.unit, option or FOR) is None]
    votes = [move for move in moves if move not in turnout]
    texts = [f"{number_of(move.number, move.unit, rule.words, 'more ')} returning a vote" for move in turnout]
    if votes:
        source = votes[0].source
        instead = _INSTEAD.get(source, f"instead of {plain(source)}")
        texts.append(f"{_who(rule.words, votes)} voting {_for(option)} {instead}")
    return joined(texts)


def _who(words: Words, moves: Sequence[VoteShift]) -> str:
    """`two more practices`, `practices with at least 30 more weighted votes between them`, or both."""
    practices = [move for move in moves if move.unit is Unit.PRACTICES]
    weights = [move for move in moves if move.unit is Unit.WEIGHT]
    both = "at least " if weights else ""
    who = "".join(f"{both}{number_of(m.number, m.unit, words, 'more ')}{_places(m)}" for m in practices)
    who = who or words.member.many
    for move in weights:
        who += f" with at least {number_of(move.number, move.unit, words, 'more ')} between them{_places(move)}"
    return who


def _places(move: VoteShift) -> str:
    """` (two of U1 and one of U3)`."""
    if not move.where:
        return ""
    return f" ({joined(f'{spelled(number)} of {plain(locality)}' for locality, number in move.where.items())})"


def _for(option: str | None) -> str:
    return "for" if option is None else f"for {plain(option)}"


def _quorums_short(rule: Rule, found: QuorumFinding) -> Iterator[str]:
    """Each quorum that is short, and each locality's."""
    several = len(rule.quorums) > 1
    for number, (quorum, finding) in enumerate(zip(rule.quorums, found.parts, strict=True), start=1):
        name = f"quorum {number}" if several else "the quorum"
        if not finding.holds:
            yield _quorum_short(rule, quorum, finding.share.part, finding.share.base, name)
    for part, local in zip(rule.locality_quorums, found.localities, strict=True):
        for locality, finding in local.localities.items() if not local.holds else ():
            name = f"the locality quorum in {plain(locality)}"
            if not finding.holds:
                yield _quorum_short(rule, part.quorum, finding.share.part, finding.share.base, name)


def _quorum_short(rule: Rule, quorum: Quorum, part: int, base: int, name: str) -> str:
    if not quorum.threshold.is_met(base, base):
        everybody = f"all {number_of(base, quorum.unit, rule.words, 'eligible ')}" if base else "nobody eligible"
        return f"No turnout could have met {name}: not even {everybody}."
    short = least(0, base - part, lambda more: quorum.threshold.is_met(part + more, base))
    decided = "for any option" if rule.has_options else "for or against"
    voting = f" voting {decided}" if quorum.counting is QuorumCounting.FOR_AND_AGAINST else ""
    return f"{capitalised(name)} was short by {number_of(short, quorum.unit, rule.words)}{voting}."


# -- What would have lost it ---------------------------------------------------------------------------------------


def _spare(rule: Rule, counts: Counts, option: str | None) -> Iterator[str]:
    units, members = units_of(rule), rule.words.member.many
    for unit in units:
        measure = members if unit is Unit.PRACTICES else _weight_said(rule)
        where = f"counted in {measure} alone, " if len(units) > 1 else ""
        have = counts.part(unit, option or FOR)
        if have is None:
            yield from _spare_turnout(rule, counts, unit, option)
            continue
        if rule.has_limits:
            yield from _spare_silence(rule, counts, unit, where)
        if have == 0:  # Carried by consent, or by votes without weight: no vote for can be lost
            if option is None and counts.part(unit, AGAINST) == counts.eligible.of(unit) != 0:
                every = f"every {'eligible ' if unit is Unit.PRACTICES else ''}{unit_noun(unit, 1, rule.words)}"
                yield capitalised(f"{where}it carried with {every} against.")
            continue
        away = greatest_loss(rule, counts, unit, NOT_RETURNED, option)
        losses = [greatest_loss(rule, counts, unit, target, option) for target in sources_for(counts, option)[:-2]]
        if away is None or None in losses:
            continue  # The other option's localities would decide, so a number of votes cannot answer this
        against = min((loss for loss in losses if loss is not None), default=have)
        if away == against == have:
            whose = " for" if rule.has_limits else ""
            yield capitalised(f"{where}no change of votes{whose} would have lost it.")
        elif away and against:
            fewer = number_of(away, unit, rule.words, "fewer ")
            if unit is Unit.WEIGHT:
                between = f"{number_of(away, unit, rule.words)} between them"
                fewer = f"if {members} {_for(option)} with up to {between} had not voted"
                other = f"with up to {spelled(against)} had been {_against(option)}"
                yield capitalised(f"{where}it would still have carried {fewer}, or {other}{_wherever(rule)}.")
                continue
            yield capitalised(
                f"{where}it would still have carried with up to {fewer} {_for(option)} if they had not voted, and up "
                f"to {spelled(against)} if they had been {_against(option)}{_wherever(rule)}."
            )
        else:
            for number, instead in ((away, "not voting"), (against, _against(option))):
                yield capitalised(f"{where}{_spare_of_one_kind(number, unit, instead, option, rule)}")


def _weight_said(rule: Rule) -> str:
    """The second measure: `weight`, or what the rule or its programme calls it."""
    weight = rule.words.weight
    return Unit.WEIGHT.value if weight == DEFAULT_WORDS.weight else weight.many


def _spare_silence(rule: Rule, counts: Counts, unit: Unit, where: str) -> Iterator[str]:
    """How many more could have voted against, of those that did not vote for."""
    words = rule.words
    for source, instead in ((ABSTAIN, "instead of abstaining"), (NOT_RETURNED, "instead of not voting")):
        silent = counts.part(unit, source)
        more = greatest_loss(rule, counts, unit, AGAINST, source=source) if silent else None
        if more is None:
            continue
        if more == silent:
            all_of = f"all {number_of(more, unit, words)}"
            if unit is Unit.WEIGHT:
                all_of = f"all {words.member.many} ({more:,} votes)"
            yield capitalised(f"{where}it would still have carried with {all_of} voting against {instead}.")
        elif more:
            who = number_of(more, unit, words)
            who = who if unit is Unit.PRACTICES else f"{words.member.many} with {who}"
            yield capitalised(
                f"{where}it would still have carried with up to {who} voting against {instead}{_wherever(rule)}."
            )
        else:
            who = number_of(1, unit, words) if unit is Unit.PRACTICES else _any_with_weight(words)
            somewhere = " in some locality" if rule.in_localities else ""
            yield capitalised(f"{where}{who}{somewhere} voting against {instead}, and it would not have carried.")


def _any_with_weight(words: Words) -> str:
    return f"any {words.member.one} with {words.weight.many}"


def _against(option: str | None) -> str:
    return "against" if option is None else "for another option"


def _wherever(rule: Rule) -> str:
    return ", whichever their localities" if rule.in_localities else ""


def _spare_of_one_kind(number: int, unit: Unit, instead: str, option: str | None, rule: Rule) -> str:
    change = f"{instead} instead of {_for(option)}"
    if unit is Unit.WEIGHT:
        if number:
            practices = f"{rule.words.member.many} with up to {number_of(number, unit, rule.words)} between them"
            return f"it would still have carried with {practices} {change}{_wherever(rule)}."
        somewhere = " in some locality" if rule.in_localities else ""
        return f"{_any_with_weight(rule.words)}{somewhere} {change}, and it would not have carried."
    if number:
        return (
            f"it would still have carried with up to {number_of(number, unit, rule.words)} {change}{_wherever(rule)}."
        )
    somewhere = " in some locality" if rule.in_localities else ""
    return f"{number_of(1, unit, rule.words)}{somewhere} {change}, and it would not have carried."


def _spare_turnout(rule: Rule, counts: Counts, unit: Unit, option: str | None) -> Iterator[str]:
    """The margin in turnout, if the votes for each answer are not known in this unit."""
    returned = counts.turnout(unit) or 0
    spare = spared_turnout(rule, counts, unit, option)
    if spare == returned:
        return
    if unit is Unit.WEIGHT:
        least_missed = f"{rule.words.member.many} with {number_of(spare + 1, unit, rule.words)} or more between them"
        yield capitalised(f"{least_missed} not voting, and there would have been no quorum.")
    elif spare:
        yield f"The quorum would still have been met with up to {number_of(spare, unit, rule.words, 'fewer ')} voting."
    else:
        yield capitalised(f"{number_of(1, unit, rule.words, 'fewer ')} voting, and there would have been no quorum.")
