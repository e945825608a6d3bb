"""Does a CCG's rule file fit the programme whose questions it is to decide?"""

from __future__ import annotations

from ballot.constitution.errors import InvalidRule
from ballot.constitution.programme import Programme
from ballot.constitution.rule import Constitution
from ballot.strict.errors import quoted


def check_fits(constitution: Constitution, programme: Programme) -> None:
    """Raise InvalidRule unless the rule for each question is for options exactly if the question has options.

    The options and questions that the rule names must be the programme's.
    """
    asked = {question.id: question for question in programme.questions}
    for own in constitution.questions:
        if own.question not in asked:
            sentence = f"{quoted(own.question)} is not a question of the programme: {', '.join(map(quoted, asked))}."
            raise InvalidRule(constitution.file, own.line, sentence)
    for question in programme.questions:
        rule = constitution.rule_for(question.id)
        if rule.has_options != bool(question.options):
            has, needs = ("for and against", "options") if question.options else ("options", "for and against")
            sentence = f"The question {quoted(question.id)} is answered with {needs}, and its tests are of {has}."
            raise InvalidRule(constitution.file, rule.all_tests[0].line, sentence)
        for test in rule.all_tests:
            if test.option is not None and test.option not in question.options:
                known = ", ".join(map(quoted, question.options))
                sentence = f"{quoted(test.option)} is not an option of {quoted(question.id)}: {known}."
                raise InvalidRule(constitution.file, test.line, sentence)
