"""The statements of satisfaction with which a scrutineer's report ends, and the checks that support each.

They follow what sections 51 and 52 of the Trade Union and Labour Relations (Consolidation) Act 1992 ask of a ballot
and of its scrutineer's report, in our own words and for our own kind of ballot. Whether that Act applies to a ballot is
for the reader to know. No check can replace the scrutineer's own judgement: each statement says what it leaves to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ballot.audit.catalogue import BALLOT_CHECKS, BY_ID
from ballot.constitution.words import Words
from ballot.protocol.canonical import Json, array, boolean, fields, text
from ballot.protocol.errors import Reason
from ballot.record.errors import InvalidRecord

LONGEST_WHY = 2000


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `wording` names a body as {bodies} and a member as {member} or {members}."""

    id: str
    law: str
    """Where the law asks for it."""
    wording: str
    checks: tuple[str, ...]
    """The auditor's checks that support it, by id."""
    beyond: str
    """What no check shows, so that the scrutineer must judge it."""

    def sentence(self, words: Words) -> str:
        """The statement with a programme's own nouns."""
        return self.wording.format(**_nouns(words))

    def limit(self, words: Words) -> str:
        """What no check shows, with a programme's own nouns."""
        return self.beyond.format(**_nouns(words))

    def support(self, found: Mapping[str, str]) -> str:
        """`12 of 12 checks passed`, or which did not; `found` has the status of each check of the auditor."""
        if not self.checks:
            return "No check of a record can support this."
        passed = [id for id in self.checks if found.get(id) == "PASS"]
        told = f"{len(passed)} of {len(self.checks)} checks passed"
        others = [f"{id} {found.get(id, 'SKIPPED')}" for id in self.checks if id not in passed]
        return f"{told}; {', '.join(others)}." if others else f"{told}."


STATEMENTS = (
    Statement(
        "contravention",
        "section 52(2)(a)",
        "There are no reasonable grounds for believing that this ballot contravened any law that applies to it, the "
        "constitutions of the {bodies} or the sealed rules.",
        (
            "record.rules",
            "record.programme",
            "record.terms",
            "record.policy",
            "events.signatures",
            "events.order",
            "checkpoints.window",
            "record.decision",
            "record.outcome",
        ),
        "Whether the rule files say what the constitutions say, and which law applies.",
    ),
    Statement(
        "arrangements",
        "section 52(2)(b)",
        "The arrangements for making, keeping, sending out, returning and otherwise handling voting links and ballots, "
        "and for counting, included all security arrangements that were reasonably practicable to keep the risk of "
        "unfairness or malpractice small.",
        (
            "record.tokens",
            "record.lists",
            "record.struck",
            "ballots.credential",
            "ballots.signature",
            "ballots.twice",
            "ballots.after-end",
            "checkpoints.roots",
            "checkpoints.order",
            "decryption.proofs",
            "decryption.bound",
        ),
        "That each link reached its {member} and no one else, and how servers, mailboxes and letters were kept.",
    ),
    Statement(
        "interference",
        "section 52(2)(c)",
        "I could carry out my functions without any interference that would make it reasonable to question my "
        "independence from the {bodies}.",
        (),
        "Only the scrutineer knows.",
    ),
    Statement(
        "opportunity",
        "section 51(3) and (4)",
        "As far as reasonably practicable, every {member} entitled to vote was sent a voting link in time, and could "
        "vote without interference from the {bodies} or anyone who works for them.",
        ("record.roll", "record.weights", "record.tokens", "checkpoints.window"),
        "Deliveries and refused ballots rest on the office's word. That the roll lists the right {members}.",
    ),
    Statement(
        "secrecy",
        "section 51(5)",
        "As far as reasonably practicable, votes were cast in secret.",
        (
            "setup.trustees",
            "record.trustees",
            "record.secrecy",
            "record.secrecy-again",
            "decryption.owner",
            "decryption.shares",
            "result.value",
        ),
        "That no trustees came together, with the server's key, to open single ballots.",
    ),
    Statement(
        "count",
        "section 51(5)",
        "The votes were counted fairly and accurately.",
        (
            *BALLOT_CHECKS,
            "tally.ciphertexts",
            "tally.count",
            "tally.weight",
            "decryption.proofs",
            "decryption.bound",
            "result.value",
            "record.returned",
            "record.decision",
        ),
        "That each voter's device encrypted what was chosen. Opening a spoilt ballot shows that, for who does it.",
    ),
)


def _nouns(words: Words) -> dict[str, str]:
    return {"bodies": words.body.many, "member": words.member.one, "members": words.member.many}


BY_STATEMENT = {statement.id: statement for statement in STATEMENTS}
assert all(id in BY_ID for statement in STATEMENTS for id in statement.checks)


@dataclass(frozen=True, slots=True)
class Answer:
    """The scrutineer's answer to one statement. Without satisfaction, `why` says why not; otherwise it is a remark."""

    statement: str
    is_satisfied: bool
    why: str = ""

    def to_json(self) -> Json:
        return {"statement": self.statement, "satisfied": self.is_satisfied, "why": self.why}


def check_answers(answers: tuple[Answer, ...]) -> None:
    """Raise InvalidRecord unless each statement has one answer, in order, and each refusal its reason in words."""
    if [answer.statement for answer in answers] != [statement.id for statement in STATEMENTS]:
        raise InvalidRecord(Reason.WRONG_SHAPE, "expected one answer to each statement, in their order")
    for answer in answers:
        if not answer.is_satisfied and not answer.why:
            raise InvalidRecord(Reason.WRONG_SHAPE, f"say why you are not satisfied: {answer.statement}")
        if len(answer.why) > LONGEST_WHY or not answer.why.isprintable():
            raise InvalidRecord(Reason.WRONG_SHAPE, f"use at most {LONGEST_WHY} printable characters")


def parse_answers(value: Json) -> tuple[Answer, ...]:
    """The answers in a report; none in a draft. Raises InvalidMessage for another form."""
    found = tuple(_answers(value))
    if found:
        check_answers(found)
    return found


def _answers(value: Json) -> Iterator[Answer]:
    for each in array(value):
        each = fields(each, ("statement", "satisfied", "why"))
        yield Answer(text(each["statement"]), boolean(each["satisfied"]), text(each["why"]))
