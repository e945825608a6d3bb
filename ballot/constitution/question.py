"""A question: what is asked, and which answers there are.

[[question]]                                      [[question]]
id      = "merge"                                 id      = "form"
text    = "Do you support ...?"                   text    = "Which arrangement ...?"
answers = ["For", "Against", "Abstain"]           abstain = "Abstain"
                                                  [[question.option]]
                                                  id   = "one-ccg"
                                                  text = "One CCG with all functions"
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.constitution.conditions import check_option_id, check_question_id
from ballot.constitution.counts import ABSTAIN, YES_OR_NO
from ballot.constitution.counts_file import MOST_OPTIONS
from ballot.strict.errors import quoted
from ballot.strict.toml_tables import Table, first_repeated


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `answers` are the labels in order, with the label of the abstention last.

    They are the labels of for, against and abstain; or, with `options`, of each option and of the abstention.
    """

    id: str
    text: str
    answers: tuple[str, ...]
    options: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the answers in the counts, in the same order."""
        return (*self.options, ABSTAIN) if self.options else YES_OR_NO


def read_question(table: Table) -> Question:
    """Read a question with three labels as `answers`, or with [[question.option]] tables and a label for `abstain`."""
    table.only("id", "text", "answers", "option", "abstain")
    identifier = check_question_id(table, table.text("id"), "id")
    text = table.text("text", lines=True)
    if table.has("option"):
        return _with_options(table, identifier, text)
    answers = table.texts("answers")
    if table.has("abstain"):
        raise table.refusal('"abstain" stands beside [[question.option]]; three "answers" have one already.', "abstain")
    if len(answers) != len(YES_OR_NO):
        raise table.refusal(
            '"answers" must be three labels: those of for, against and abstain, in this order.', "answers"
        )
    return Question(identifier, text, answers)


def _with_options(table: Table, identifier: str, text: str) -> Question:
    if table.has("answers"):
        raise table.refusal('A question has three "answers" or [[question.option]] tables, not both.', "answers")
    tables = table.tables("option")
    if not 2 <= len(tables) <= MOST_OPTIONS:
        raise table.refusal(f"A question has 2 to {MOST_OPTIONS} options, not {len(tables)}.", "option")
    for option in tables:
        option.only("id", "text")
    ids = [check_option_id(option, "id") for option in tables]
    labels = [*(option.text("text") for option in tables), table.text("abstain")]
    if (index := first_repeated(ids)) is not None:
        raise table.refusal(f"{quoted(ids[index])} is the id of two options.", "option", index, "id")
    if (index := first_repeated(labels)) is not None:
        keys = ("option", index, "text") if index < len(ids) else ("abstain",)
        raise table.refusal(f"{quoted(labels[index])} is the label of two answers.", *keys)
    return Question(identifier, text, tuple(labels), tuple(ids))
