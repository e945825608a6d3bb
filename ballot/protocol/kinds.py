"""Questions of all three kinds: which kind one is, and what differs in the tally and the result.

Spec: Messages, Questions; Encrypted answers; Encrypted tally; Election result. Our own elections ask homomorphic
questions only; the other kinds are read in other people's archives.

In memory, each question's ciphertexts, factors or numbers are one flat row. In JSON, the rows of a Lists question are
nested by list, and the numbers of a shuffled vote are an array of their own: `nest_lists`, `flatten_lists` and
results.py convert.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ballot.protocol.canonical import Json, array
from ballot.protocol.errors import InvalidBallot, InvalidMessage, Reason
from ballot.protocol.group import Element, Group, Rng
from ballot.protocol.list_questions import TYPE as LISTS
from ballot.protocol.list_questions import (
    ListsAnswer,
    ListsQuestion,
    create_lists_answer,
    in_lists,
    lists_answer_faults,
)
from ballot.protocol.non_homomorphic import TYPE as NON_HOMOMORPHIC
from ballot.protocol.non_homomorphic import (
    NonHomomorphicAnswer,
    NonHomomorphicQuestion,
    create_raw_answer,
    raw_answer_faults,
)
from ballot.protocol.questions import Answer, HomomorphicQuestion, answer_faults, create_answer

HOMOMORPHIC = "Homomorphic"
"""The type that a homomorphic question names only where it has an extra."""

Question = HomomorphicQuestion | NonHomomorphicQuestion | ListsQuestion
AnyAnswer = Answer | NonHomomorphicAnswer | ListsAnswer


def parse_question(value: Json) -> Question:
    """The question in `value`; raises InvalidMessage for another form, UNSUPPORTED for another type."""
    if not isinstance(value, dict) or value.get("type", HOMOMORPHIC) == HOMOMORPHIC:
        return HomomorphicQuestion.from_json(value)
    if value["type"] == NON_HOMOMORPHIC:
        return NonHomomorphicQuestion.from_json(value)
    if value["type"] == LISTS:
        return ListsQuestion.from_json(value)
    kinds = f"{HOMOMORPHIC}, {NON_HOMOMORPHIC} and {LISTS}"
    raise InvalidMessage(Reason.UNSUPPORTED, f"only questions of the types {kinds} are supported")


def parse_answer(G: Group, value: Json) -> AnyAnswer:
    """The answer in `value`, whose fields say of which kind it is; raises InvalidMessage for another form."""
    if isinstance(value, dict) and "proof" in value:
        return NonHomomorphicAnswer.from_json(G, value)
    if isinstance(value, dict) and "list_proofs" in value:
        return ListsAnswer.from_json(G, value)
    return Answer.from_json(G, value)


def create_any_answer(G: Group, y: Element, S0: str, question: Question, vote: Sequence[int], rng: Rng) -> AnyAnswer:
    """Encrypt and prove a plain vote, as the question's own module does. Raises: NotForSecrets; ValueError."""
    match question:
        case HomomorphicQuestion():
            return create_answer(G, y, S0, question, vote, rng)
        case NonHomomorphicQuestion():
            return create_raw_answer(G, y, S0, question, vote, rng)
        case ListsQuestion():
            return create_lists_answer(G, y, S0, question, vote, rng)


def any_answer_faults(G: Group, y: Element, S0: str, question: Question, answer: AnyAnswer) -> Iterator[InvalidMessage]:
    """Yield every fault of an encrypted answer; none if it is provably a valid vote."""
    match question, answer:
        case HomomorphicQuestion(), Answer():
            yield from answer_faults(G, y, S0, question, answer)
        case NonHomomorphicQuestion(), NonHomomorphicAnswer():
            yield from raw_answer_faults(G, y, S0, answer)
        case ListsQuestion(), ListsAnswer():
            yield from lists_answer_faults(G, y, S0, question, answer)
        case _:
            yield InvalidBallot(Reason.WRONG_SHAPE, "the answer is not of the question's kind")


def is_shuffled(question: Question) -> bool:
    """Whether the answers are shuffled and opened one by one, not added."""
    return isinstance(question, NonHomomorphicQuestion)


def row_length(question: Question, ballots: int) -> int:
    """The number of ciphertexts that an encrypted tally of so many ballots has for the question."""
    return ballots if is_shuffled(question) else question.length


def nest_lists(questions: Sequence[Question], rows: Sequence[Sequence[Json]]) -> list[Json]:
    """Flat rows as JSON has them. Rows beyond the questions are left as they are."""
    nested: list[Json] = [list(row) for row in rows]
    for i, (question, row) in enumerate(zip(questions, rows, strict=False)):
        if isinstance(question, ListsQuestion) and len(row) == question.length:
            nested[i] = in_lists(question, row)
    return nested


def flatten_lists(questions: Sequence[Question], value: Json) -> list[list[Json]]:
    """The flat rows that `nest_lists` wrote as `value`; raises InvalidMessage for another form."""
    rows = [array(row) for row in array(value)]
    for i, (question, row) in enumerate(zip(questions, rows, strict=False)):
        if isinstance(question, ListsQuestion):
            parts = zip(array(row, len(question.lists)), question.lists, strict=True)
            rows[i] = [entry for part, names in parts for entry in array(part, len(names))]
    return rows
