"""Acts on the voting window: open early, close early, extend. All need two people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from ballot.constitution.programme import CountOrder
from ballot.db.accepted import count_returned, newest_time
from ballot.db.ballots import BallotRow
from ballot.db.practices import list_practices
from ballot.mail.messages import Change
from ballot.office.acts.act import Asks, Done, OfCcg, Using, ask, exactly, fact, named, window
from ballot.office.chronicle import Chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.post.outbox import queue_change
from ballot.office.situation import Situation
from ballot.office.tally import CountedTotal, append_closing, count_before
from ballot.protocol.canonical import Json
from ballot.record.moves import Move, ReasonCode
from ballot.record.times import time_in_sentence, time_text, whole_second

_SECOND = timedelta(seconds=1)
NOW = "the moment at which the other officer approves this"
CLOSES = ask(
    Asks.MOMENT,
    "New closing time",
    "Enter the new closing time",
    "British time, for example 5 June 2020, 17:00",
    argument="--closes",
    metavar="TIME",
    help="such as 2020-06-05T17:00, in the programme's zone",
)


@dataclass(frozen=True, slots=True)
class OfWindow(OfCcg):
    """An act whose statement names the ballot and its window."""

    def facts(self, situation: Situation) -> Iterator[str]:
        ballots = situation.ballots_of(self.ccg)
        yield from named(ballots)
        yield from window(ballots[0])


@dataclass(frozen=True, slots=True)
class OpenEarly(OfWindow):
    """Open a CCG's ballot now. -> open"""

    move: ClassVar[Move] = Move.OPENED
    name: ClassVar[str] = "open"
    title: ClassVar[str] = "Open voting now, before the planned time"
    reasons: ClassVar[tuple[ReasonCode, ...]] = (
        ReasonCode.AGREED_BY_MEMBERS,
        ReasonCode.ERROR_IN_SETUP,
        ReasonCode.REHEARSAL,
    )

    def facts(self, situation: Situation) -> Iterator[str]:
        yield from OfWindow.facts(self, situation)
        yield fact("New opening time", NOW)
        yield fact("Afterwards", "{Members} can vote at once. The closing time stays as it is.")

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[None]:
        assert ballot is not None
        ballot.opens_at = chronicle.now
        queue_change(chronicle.session, chronicle.programme, Change.OPENED, ballot, chronicle.now)
        return Done({"opens": time_text(ballot.opens_at)}, None)


@dataclass(frozen=True, slots=True)
class CloseEarly(OfWindow):
    """Close a CCG's ballot now. -> closed"""

    move: ClassVar[Move] = Move.CLOSED
    name: ClassVar[str] = "close"
    title: ClassVar[str] = "Close voting now, before the planned time"
    reasons: ClassVar[tuple[ReasonCode, ...]] = (
        ReasonCode.ALL_RETURNED,
        ReasonCode.AGREED_BY_MEMBERS,
        ReasonCode.TECHNICAL_FAILURE,
        ReasonCode.REHEARSAL,
    )

    def facts(self, situation: Situation) -> Iterator[str]:
        yield from OfWindow.facts(self, situation)
        yield fact("New closing time", NOW)
        yield fact(
            "Afterwards",
            "{Members} that have not voted can no longer vote. The ballot cannot be opened again.",
            *_when_counted(situation),
        )

    def check_reason(self, situation: Situation, why: Why | None) -> None:
        if why is None or why.code is not ReasonCode.ALL_RETURNED:
            return
        session, ballots = situation.session, situation.ballots_of(self.ccg)
        on_roll = sum(each.struck_at is None for ballot in ballots for each in list_practices(session, ballot.id))
        missing = on_roll - sum(count_returned(session, ballot.id) for ballot in ballots)
        if missing > 0:
            name = next(ccg.name for ccg in situation.rules.ccgs if ccg.ods == self.ccg)
            said = f"{missing} of {on_roll} {situation.rules.words.member.many} of {name} have not voted"
            raise Refused(Refusal.NOT_READY, f"{said}. Choose another reason.")

    def before(self, desk: Desk, programme_id: str) -> Mapping[str, CountedTotal]:
        """The encrypted totals of the ballots cast so far."""
        return count_before(desk, programme_id, self.ccg)

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[None]:
        """Close in whole seconds: later than any ballot accepted in this second."""
        assert ballot is not None
        rows = chronicle.ballots_of(self.ccg)
        moments = [moment for row in rows for moment in (newest_time(chronicle.session, row.id), row.opens_at)]
        chronicle.now = max([chronicle.now, *(moment + _SECOND for moment in moments if moment is not None)])
        ballot.closes_at = chronicle.now
        data = append_closing(chronicle, ballot, using.ready)
        queue_change(chronicle.session, chronicle.programme, Change.CLOSED, ballot, chronicle.now)
        return Done(data, None)


@dataclass(frozen=True, slots=True)
class Extend(OfWindow):
    """Close a CCG's ballot later. Tokens outlast the window and need no change."""

    move: ClassVar[Move] = Move.EXTENDED
    name: ClassVar[str] = "extend"
    title: ClassVar[str] = "Keep voting open for longer"
    hint: ClassVar[str | None] = "Only while voting is open"
    reasons: ClassVar[tuple[ReasonCode, ...]] = (
        ReasonCode.TECHNICAL_FAILURE,
        ReasonCode.MAIL_LOST,
        ReasonCode.AGREED_BY_MEMBERS,
        ReasonCode.ERROR_IN_SETUP,
        ReasonCode.REHEARSAL,
    )
    closes: datetime = field(metadata=CLOSES)

    def facts(self, situation: Situation) -> Iterator[str]:
        for ballot in situation.ballots_of(self.ccg):
            if whole_second(self.closes) <= ballot.closes_at:
                after = time_in_sentence(ballot.closes_at, situation.now)
                raise Refused(Refusal.NOT_LATER, f"Choose a time after {after}, when {ballot.name} closes now.")
        yield from OfWindow.facts(self, situation)
        yield fact("New closing time", exactly(self.closes))
        yield fact("Afterwards", "The voting links that work now work until then.", *_when_counted(situation))

    def arguments(self, situation: Situation, ready: Any) -> dict[str, Json]:
        return {"closes": time_text(self.closes)}

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[None]:
        assert ballot is not None
        ballot.closes_at = whole_second(self.closes)
        queue_change(chronicle.session, chronicle.programme, Change.EXTENDED, ballot, chronicle.now)
        return Done({"closes": time_text(ballot.closes_at)}, None)


def _when_counted(situation: Situation) -> Iterator[str]:
    if situation.rules.count is CountOrder.TOGETHER:
        yield "No total is opened before the last ballot of the programme has closed."
