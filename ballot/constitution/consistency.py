"""What one part of a rule file says must be possible with the others: weights, options, localities, how many tests."""

from __future__ import annotations

from ballot.constitution.errors import InvalidRule
from ballot.constitution.rule import Constitution, Quorum, Rule, Test, Unit, locality_parts
from ballot.strict.errors import quoted
from ballot.strict.toml_tables import Table

MOST_LOCALITY_TESTS = 2
"""Per measure. The search for what would have changed the outcome runs over all these tests together."""


def check_whole(constitution: Constitution, root: Table) -> None:
    """Raise InvalidRule at the first part that contradicts another."""
    tables = {None: root} | {
        part.question: root.table("question").table(part.question) for part in constitution.questions
    }
    for question, table in tables.items():
        rule = constitution.rule_for(question)
        if not rule.all_tests:
            raise table.refusal("Nothing is left to decide by: add a [[test]] or a [[locality_test]].")
        _check_options(rule)
        if rule.casting_vote is not None and (reason := _no_tie(rule, constitution)):
            raise table.refusal(f"A casting vote decides between for and against: {reason}.", "tie")
        for option in rule.options or (None,):
            if rule.needed_of(option) > len(rule.tests_of(option)):
                of = "" if option is None else f" for {quoted(option)}"
                sentence = (
                    f"{rule.needed_of(option)} tests must hold{of} and there are only {len(rule.tests_of(option))}."
                )
                raise table.refusal(sentence, "combine")
        if table.has("combine_quorums") and len(rule.quorums) < 2:
            sentence = f'"combine_quorums" is for several [[quorum]] tables, and there are {len(rule.quorums)}.'
            raise table.refusal(sentence, "combine_quorums")
        counted: tuple[Test | Quorum, ...] = (*rule.all_tests, *rule.all_quorums)
        for part in counted:
            if part.unit is Unit.WEIGHT and constitution.weight is None:
                what = "test" if isinstance(part, Test) else "quorum"
                sentence = f"This {what} counts weight and the file has no [weight]."
                raise InvalidRule(constitution.file, part.line, sentence)
        _check_localities(constitution, rule)
    weight = constitution.weight
    if weight is not None and weight.column is not None and weight.column == constitution.locality_column:
        sentence = f"The column {quoted(weight.column)} is that of the localities, and holds nothing to weigh by."
        raise root.table("weight").refusal(sentence, "column")


def _no_tie(rule: Rule, constitution: Constitution) -> str | None:
    """Why no casting vote can decide under this rule; None if one can."""
    if rule.has_options:
        return "a question with options has neither"
    if constitution.locality_column is not None:
        return "where members vote by locality, one vote more is in none of them"
    if not any(test.can_tie for test in rule.tests):
        return f'no test needs more_than = "1/2" of the {rule.words.member.many} for and against, or of those cast'
    return None


def _check_options(rule: Rule) -> None:
    """Either every test of a question is for an option or none is. Every option named needs a test of the whole CCG."""
    for test in rule.all_tests:
        if test.is_about_options != rule.has_options:
            sentence = "Of the tests of one question all are for options (option, most_votes), or none is."
            raise InvalidRule(rule.file, test.line, sentence)
    for test in rule.all_tests:
        if test.option is not None and not rule.can_pass(test.option):
            sentence = f"There is no [[test]] that {quoted(test.option)} could pass, only tests of localities."
            raise InvalidRule(rule.file, test.line, sentence)


def _check_localities(constitution: Constitution, rule: Rule) -> None:
    """A file has one locality column, since members are divided in only one way, and a limited number of tests."""
    for part in rule.in_localities:
        if part.column != constitution.locality_column:
            sentence = f"Members are divided by {quoted(constitution.locality_column)}, and by one column only."
            raise InvalidRule(rule.file, part.condition.line, sentence)
    for option in (*rule.options, None):
        for unit in Unit:
            same = [p.condition for p in locality_parts(rule, option, unit)]
            if len(same) > MOST_LOCALITY_TESTS:
                sentence = (
                    f"There are more than {MOST_LOCALITY_TESTS} locality tests and quorums that count {unit.value}."
                )
                raise InvalidRule(rule.file, same[MOST_LOCALITY_TESTS].line, sentence)
