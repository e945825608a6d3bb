"""From closed ballots to an outcome: give a share, decide, declare, call for another vote; or abandon a ballot.

Deciding applies each CCG's own constitution, then the programme's rule, and is written once, as it is published. One
re-ballot follows one programme, of as many of its CCGs as need it; another follows that re-ballot. So there is one line
from first to last, and the latest decision of each CCG is never in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ballot.constitution.counts import AGAINST, FOR
from ballot.constitution.explain import counted_sentences
from ballot.constitution.words import Words
from ballot.db.ballots import BallotRow
from ballot.db.session import reading
from ballot.db.shares import ShareRow
from ballot.declaration.errors import NotDeclared
from ballot.declaration.model import QuestionResult, headline_of
from ballot.declaration.tell import tell_outcome, tell_results
from ballot.mail.messages import Change
from ballot.office.activity import ShareGiven
from ballot.office.acts.act import Act, Asks, Done, OfCcg, Using, ask, ccgs_that_can, fact, named
from ballot.office.acts.window import OfWindow
from ballot.office.chronicle import Chronicle
from ballot.office.count import read_count, waiting_ties
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.post.outbox import Everyone, queue_change, queue_results
from ballot.office.sealed import read_constitution
from ballot.office.setup.prepare import check_answer, check_open, cited_by, read_cited, why_open
from ballot.office.situation import Situation
from ballot.office.tally import Tallied, ToDecrypt, append_result, checked_share, combine, given_shares, to_decrypt
from ballot.protocol.canonical import Json, parse_json
from ballot.record.decisions import ProgrammeDecision, decide_programme
from ballot.record.keys import Role
from ballot.record.moves import BOARD, Move, ReasonCode

CCGS = ask(Asks.CCGS, "{Bodies} that vote again", "Choose at least one {body}", metavar="CCG")
ANSWERED_BY = ask(
    Asks.LINE,
    "Id of the new programme",
    "Enter the id of the new programme",
    "Choose it now, and set that programme up afterwards. Only that programme can be the re-ballot",
    argument="--as",
    metavar="ID",
    help="the programme that they vote in",
)


QUESTION = ask(Asks.CHOICE, "Question", "Choose the question", metavar="ID", help="the question's id, such as merge")
GIVEN = ask(
    Asks.CHOICE,
    "How was the casting vote given?",
    "Choose for or against",
    argument="--given",
    metavar="WORD",
    help="for or against",
)


@dataclass(frozen=True, slots=True)
class Combined:
    """What was made before the lock: the share as sent, and the result if the share completes the count."""

    task: ToDecrypt
    body: bytes
    given: Mapping[int, bytes]
    tallied: Tallied | None


@dataclass(frozen=True, slots=True, repr=False)
class GiveShare(Act[bool]):
    """Add a share, of the server or of a trustee. Returns whether it completed the count. -> tallied, with the last one

    (1) Check the share. (2) If it completes the count, combine it with the others into the result. (3) Under the lock,
    write share and result together. If another share came in between, do (2) again. The same share again is not an
    error.
    """

    move: ClassVar[Move | None] = None
    name: ClassVar[str] = "share"
    title: ClassVar[str] = "Add a share of the decryption"
    people: ClassVar[frozenset[Role]] = BOARD
    needs_reason: ClassVar[bool] = False
    election: str
    owner: int
    body: bytes

    def ballots(self, situation: Situation) -> list[BallotRow]:
        return [situation.ballot(self.election)]

    def before(self, desk: Desk, programme_id: str) -> Combined:
        task = to_decrypt(desk, programme_id, self.election)
        body = checked_share(task, self.owner, self.body)
        with reading(desk.engine) as session:
            given = given_shares(session, task)
        return Combined(task, body, given, combine(task, {**given, self.owner: body}))

    def facts(self, situation: Situation) -> Iterator[str]:
        ballot = situation.ballot(self.election)
        if State(ballot.state) is not State.CLOSED:
            raise Refused(Refusal.WRONG_STATE, f"The ballot of {self.election} has been counted in the meantime.")
        situation.check_may_decrypt(self.election)
        yield from named([ballot])

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[bool]:
        assert ballot is not None
        made: Combined = using.ready
        given = given_shares(chronicle.session, made.task)
        if given.get(self.owner, made.body) != made.body:
            raise Refused(Refusal.SHARE_ALREADY_GIVEN, f"{made.task.name(self.owner)} has already given a share.")
        all_given = {**given, self.owner: made.body}
        tallied = made.tallied if given == made.given else combine(made.task, all_given)
        if self.owner not in given:
            row = ShareRow(ballot_id=ballot.id, owner=self.owner, body=made.body, received_at=chronicle.now)
            chronicle.session.add(row)
        if tallied is not None:
            append_result(chronicle, ballot, tallied)
        return Done({}, tallied is not None, ShareGiven(self.election, self.owner))


@dataclass(frozen=True, slots=True)
class Decide(Act[ProgrammeDecision]):
    """Decide the programme by its rules, once every ballot is tallied or abandoned. Returns the decision."""

    move: ClassVar[Move] = Move.DECIDED
    name: ClassVar[str] = "decide"
    title: ClassVar[str] = "Apply each {body}'s own rule, then the programme's"
    people: ClassVar[frozenset[Role]] = BOARD
    needs_reason: ClassVar[bool] = False

    def ballots(self, situation: Situation) -> list[BallotRow]:
        """The tallied ballots."""
        return [ballot for ballot in situation.ballots if State(ballot.state) is State.TALLIED]

    def facts(self, situation: Situation) -> Iterator[str]:
        if situation.programme.decision is not None:
            raise Refused(Refusal.ALREADY_DECIDED, "The programme is already decided.")
        states = {ballot.election_name: State(ballot.state) for ballot in situation.ballots}
        waiting = [
            f"{ballot.name} ({ballot.election_name})"
            for ballot in situation.ballots
            if State(ballot.state) not in (State.TALLIED, State.ABANDONED)
        ]
        if waiting:
            raise Refused(Refusal.NOT_READY, f"These ballots are not counted yet: {', '.join(waiting)}.")
        for ccg in dict.fromkeys(ballot.ccg for ballot in self.ballots(situation)):
            if ties := _ties_of(situation, ccg):
                sentence = f"{ccg} is tied on {', '.join(ties)}, and the casting vote is not recorded yet."
                raise Refused(Refusal.NOT_READY, sentence)
        if State.TALLIED not in states.values():
            raise Refused(Refusal.NOT_READY, "Every ballot was abandoned, so there is nothing to decide.")
        yield from named(self.ballots(situation))

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[ProgrammeDecision]:
        tallied: dict[str, list[BallotRow]] = {}
        for each in self.ballots(chronicle):
            tallied.setdefault(each.ccg, []).append(each)
        counts = {ccg: read_count(chronicle.session, ballots) for ccg, ballots in tallied.items()}
        decision = decide_programme(chronicle.rules, counts, cited_by(chronicle.session, chronicle.programme))
        chronicle.programme.decision = decision.to_bytes()
        return Done({"decision": chronicle.decision}, decision)


@dataclass(frozen=True, slots=True)
class CastingVote(OfCcg):
    """Record how a tie was decided by the office that the constitution names: in its CCG, on one question."""

    move: ClassVar[Move] = Move.CASTING_VOTE
    name: ClassVar[str] = "casting-vote"
    title: ClassVar[str] = "Record the casting vote in a tie"
    hint: ClassVar[str | None] = "Only after the count, and only where the constitution gives someone a casting vote"
    question: str = field(metadata=QUESTION)
    given: str = field(metadata=GIVEN)
    reasons: ClassVar[tuple[ReasonCode, ...]] = (ReasonCode.AS_PLANNED, ReasonCode.REHEARSAL)

    @classmethod
    def fitting(cls, situation: Situation) -> list[str]:
        """The CCGs with a tie that waits."""
        if situation.programme.decision is not None:
            return []
        return [ccg for ccg in ccgs_that_can(cls.move, situation) if _ties_of(situation, ccg)]

    @classmethod
    def choices(cls, situation: Situation) -> Mapping[str, Mapping[str, str]]:
        tied = {question for ccg in cls.fitting(situation) for question in _ties_of(situation, ccg)}
        texts = {question.id: question.text for question in situation.rules.questions if question.id in tied}
        return {"question": texts, "given": {FOR: "For", AGAINST: "Against"}}

    def facts(self, situation: Situation) -> Iterator[str]:
        if situation.programme.decision is not None:
            raise Refused(Refusal.ALREADY_DECIDED, "The programme is already decided.")
        ballots = situation.ballots_of(self.ccg)
        if any(State(ballot.state) is not State.TALLIED for ballot in ballots):
            raise Refused(Refusal.WRONG_STATE, f"The ballot of {self.ccg} is not counted.")
        ties = _ties_of(situation, self.ccg)
        if self.question not in ties:
            waits = f"a casting vote is needed on: {', '.join(ties)}" if ties else "no tie waits for a casting vote"
            raise Refused(Refusal.NOT_READY, f"{self.ccg}: {waits}.")
        if self.given not in (FOR, AGAINST):
            raise Refused(Refusal.NOT_READY, "A casting vote is given for or against. Write one of these words.")
        rule = read_constitution(ballots[0]).rule_for(self.question)
        text = next(question.text for question in situation.rules.questions if question.id == self.question)
        yield from named(ballots)
        yield fact("Question", text)
        yield fact("Who has the casting vote", rule.casting_vote or "")
        yield fact("It was given", self.given)
        yield fact("Afterwards", "The question is decided by it. It cannot be changed.")

    def arguments(self, situation: Situation, ready: Any) -> dict[str, Json]:
        return {"question": self.question, "given": self.given}

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[None]:
        return Done({"question": self.question, "given": self.given}, None)


def _ties_of(situation: Situation, ccg: str) -> list[str]:
    """The questions of a counted CCG on which a casting vote is needed; none where nobody has one."""
    ballots, asked = situation.ballots_of(ccg), [question.id for question in situation.rules.questions]
    constitution = read_constitution(ballots[0])
    if all(constitution.rule_for(question).casting_vote is None for question in asked):
        return []
    return waiting_ties(situation.rules, read_count(situation.session, ballots))


@dataclass(frozen=True, slots=True)
class Declare(Act[None]):
    """Two people sign the decision, and every practice gets the result. -> declared, except for abandoned ballots"""

    move: ClassVar[Move] = Move.DECLARED
    name: ClassVar[str] = "declare"
    title: ClassVar[str] = "Declare the result"
    needs_reason: ClassVar[bool] = False
    reasons: ClassVar[tuple[ReasonCode, ...]] = (ReasonCode.AS_PLANNED, ReasonCode.REHEARSAL)

    @classmethod
    def fitting(cls, situation: Situation) -> list[str]:
        return [] if situation.programme.decision is None else ccgs_that_can(cls.move, situation)

    def ballots(self, situation: Situation) -> list[BallotRow]:
        """Every ballot that was not abandoned."""
        return [ballot for ballot in situation.ballots if State(ballot.state) is not State.ABANDONED]

    def facts(self, situation: Situation) -> Iterator[str]:
        hash = situation.decision
        yield from _outcome(situation)
        yield from _verdicts(situation)
        yield fact("Afterwards", "The ballots end. The result is sent to every {member} that has an e-mail address.")
        yield fact("Decision, by its SHA-256", hash)

    def arguments(self, situation: Situation, ready: Any) -> dict[str, Json]:
        return {"decision": situation.decision}

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[None]:
        queue_results(chronicle.session, chronicle.programme, chronicle.now, Everyone())
        return Done({"decision": chronicle.decision}, None)


@dataclass(frozen=True, slots=True)
class CallReballot(Act[None]):
    """Vote again in these CCGs: their own rules allow it after the last vote, or their ballot was abandoned.

    The programme named is not prepared yet, and no other programme answers the call. So no one can hold two re-ballots
    and choose the better result. Next: a folder with [reballot] in its programme.toml, then prepare, issue and seal as
    for any programme.
    """

    move: ClassVar[Move] = Move.REBALLOT
    name: ClassVar[str] = "reballot"
    title: ClassVar[str] = "Call a re-ballot: some {bodies} vote again"
    ccgs: tuple[str, ...] = field(metadata=CCGS)
    answered_by: str = field(metadata=ANSWERED_BY)
    """The id of the programme in which they will vote."""
    reasons: ClassVar[tuple[ReasonCode, ...]] = (
        ReasonCode.INQUORATE,
        ReasonCode.NOT_CARRIED,
        ReasonCode.AGREED_BY_MEMBERS,
        ReasonCode.TECHNICAL_FAILURE,
        ReasonCode.ERROR_IN_SETUP,
        ReasonCode.REHEARSAL,
    )

    @classmethod
    def fitting(cls, situation: Situation) -> list[str]:
        """The CCGs that may vote again, in an earlier programme too."""
        if situation.programme.decision is None or situation.programme.called is not None:
            return []
        cited = read_cited(situation.session, situation.programme)
        return [ccg for ccg in cited.constitutions if why_open(cited, ccg) is not None]

    def ballots(self, situation: Situation) -> list[BallotRow]:
        """No ballot: the call comes after the decision and changes no ballot."""
        return []

    def facts(self, situation: Situation) -> Iterator[str]:
        row, decision = situation.programme, situation.decision
        if row.called is not None:
            raise Refused(Refusal.ALREADY_CALLED, f"A re-ballot of {row.called} was already called.")
        cited = read_cited(situation.session, row)
        reasons = {ccg: check_open(cited, ccg) for ccg in sorted(set(self.ccgs))}
        check_answer(situation.session, self.answered_by)
        yield from _outcome(situation)
        for ccg, reason in reasons.items():
            yield fact(f"{cited.constitutions[ccg].name} ({ccg}) votes again", reason)
        yield fact("Id of the new programme", f"{self.answered_by}. No other programme can be this re-ballot")
        yield fact(
            "Afterwards", "The new vote of these {bodies} takes the place of their last. What the others decided stays."
        )
        yield fact("After the decision, by its SHA-256", decision)

    def arguments(self, situation: Situation, ready: Any) -> dict[str, Json]:
        called: list[Json] = [*sorted(set(self.ccgs))]
        return {"decision": situation.decision, "ccgs": called, "answered_by": self.answered_by}

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[None]:
        chronicle.programme.called = " ".join(sorted(set(self.ccgs)))
        return Done(self.arguments(chronicle, None), None)


@dataclass(frozen=True, slots=True)
class Abandon(OfWindow):
    """End a CCG's ballot without an outcome. Ballots already cast stay in the record. -> abandoned"""

    move: ClassVar[Move] = Move.ABANDONED
    name: ClassVar[str] = "abandon"
    title: ClassVar[str] = "Abandon a ballot: it ends without an outcome, and nothing is counted"
    reasons: ClassVar[tuple[ReasonCode, ...]] = (
        ReasonCode.ERROR_IN_SETUP,
        ReasonCode.TECHNICAL_FAILURE,
        ReasonCode.MAIL_EXPOSED,
        ReasonCode.AGREED_BY_MEMBERS,
        ReasonCode.REHEARSAL,
    )

    @classmethod
    def fitting(cls, situation: Situation) -> list[str]:
        return [] if situation.programme.decision is not None else ccgs_that_can(cls.move, situation)

    def facts(self, situation: Situation) -> Iterator[str]:
        if situation.programme.decision is not None:
            raise Refused(
                Refusal.ALREADY_DECIDED, "The programme is decided, so its ballots can no longer be abandoned."
            )
        yield from OfWindow.facts(self, situation)
        counted = any(State(ballot.state) is State.TALLIED for ballot in situation.ballots_of(self.ccg))
        yield fact(
            "What is lost",
            "Every vote cast in this ballot. Totals that are opened already stay in the record, and decide nothing."
            if counted
            else "Every vote cast in this ballot. The encrypted ballots stay in the record, and are never counted.",
        )
        yield fact("Outcome of the programme", "There is none, whatever the other {bodies} decide.")
        yield fact("Afterwards", "This cannot be undone. For another vote of this {body}, call a re-ballot.")

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[None]:
        assert ballot is not None
        queue_change(chronicle.session, chronicle.programme, Change.ABANDONED, ballot, chronicle.now)
        return Done({}, None)


def _outcome(situation: Situation) -> Iterator[str]:
    """What follows from the decision, and why."""
    outcome = tell_outcome(_read_decision(situation)["outcome"])
    yield fact("Outcome", headline_of(outcome, situation.rules.words))
    if outcome is not None and len(outcome.explanation) > 1:
        yield fact("How it follows", *outcome.explanation[:-1])


def _verdicts(situation: Situation) -> Iterator[str]:
    """What each CCG decided on each question, with its counts, in all and by locality."""
    programme, answers = situation.rules, _read_decision(situation)["ccgs"]
    for ccg in programme.ccgs:
        label = f"{ccg.name} ({ccg.ods})"
        if ccg.ods not in answers:
            yield fact(label, "Abandoned: it has no outcome.")
            continue
        constitution = read_constitution(situation.ballots_of(ccg.ods)[0])
        try:
            results = tell_results(programme, constitution, answers[ccg.ods])
        except NotDeclared as fault:
            raise Refused(Refusal.FILES_DIFFER, str(fault)) from None
        yield fact(
            label, *(line for result in results for line in _result(result, constitution.words, len(results) > 1))
        )


def _result(result: QuestionResult, words: Words, several: bool) -> Iterator[str]:
    yield f"{result.question.text} {result.verdict}." if several else f"{result.verdict}."
    yield from counted_sentences(result.counts, words)
    for name, counts in result.counts.localities.items():
        yield from (f"{name}: {sentence}" for sentence in counted_sentences(counts, words))


def _read_decision(situation: Situation) -> Mapping[str, Json]:
    decision: Mapping[str, Json] = parse_json((situation.programme.decision or b"").removesuffix(b"\n"))
    return decision
