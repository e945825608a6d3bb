"""A programme as it is at one moment. The facts of an act are read from this, under a lock or for a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ballot.constitution.programme import CountOrder, Programme
from ballot.db.ballots import BallotRow
from ballot.db.practices import PracticeRow, find_practice
from ballot.db.programmes import ProgrammeRow
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, state_at
from ballot.office.sealed import read_programme
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.times import wall_time

NOT_CLOSED = (State.SEALED, State.OPEN)
"""States in which a ballot can still take votes, now or later."""


def still_voting(programme: Programme, ballots: Iterable[BallotRow]) -> list[BallotRow]:
    """The ballots for whose closing every total waits; none where the programme counts each by itself."""
    if programme.count is CountOrder.EACH:
        return []
    return [ballot for ballot in ballots if State(ballot.state) in NOT_CLOSED]


@dataclass
class Situation:
    """The programme's row, its ballots and the time."""

    session: Session
    programme: ProgrammeRow
    ballots: list[BallotRow]
    now: datetime

    @property
    def rules(self) -> Programme:
        """The rules in programme.toml."""
        return read_programme(self.programme.toml)

    def state(self, ballot: BallotRow) -> State:
        """The ballot's state at this moment, which may be ahead of its row."""
        return state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, self.now)

    def check_may_decrypt(self, election_name: str) -> None:
        """Raise Refused while this election's total waits for other ballots to close."""
        if waiting := still_voting(self.rules, self.ballots):
            last = max(waiting, key=lambda ballot: ballot.closes_at)
            raise Refused(
                Refusal.NOT_ALL_CLOSED,
                f"The total of {election_name} cannot be decrypted yet: all ballots of {self.programme.id} are counted "
                f"together. {last.name} closes at {wall_time(last.closes_at)}.",
            )

    def ballots_of(self, ccg: str) -> list[BallotRow]:
        """The CCG's ballots: one, or one for each locality. Raises Refused if there is none.

        An act on a CCG changes all of them in one transaction.
        """
        ballots = [ballot for ballot in self.ballots if ballot.ccg == ccg]
        if not ballots:
            raise Refused(
                Refusal.NO_SUCH_BALLOT, f"{ccg} is not one of the {self.rules.words.body.many} of {self.programme.id}."
            )
        return ballots

    def ballot(self, election_name: str) -> BallotRow:
        """The ballot of one election. Raises Refused if there is none."""
        for ballot in self.ballots:
            if ballot.election_name == election_name:
                return ballot
        raise Refused(Refusal.NO_SUCH_BALLOT, f"{election_name} is not one of the elections of {self.programme.id}.")

    def member(self, ccg: str, ods: str) -> tuple[BallotRow, PracticeRow]:
        """A practice that is not struck, in any locality, with its ballot. Raises Refused if there is none."""
        for ballot in self.ballots_of(ccg):
            member = find_practice(self.session, ballot.id, ods)
            if member is not None and member.struck_at is not None:
                raise Refused(Refusal.ALREADY_STRUCK, f"{ods} was already struck off the roll.")
            if member is not None:
                return ballot, member
        name = next((listed.name for listed in self.rules.ccgs if listed.ods == ccg), ccg)
        raise Refused(Refusal.NO_SUCH_PRACTICE, f"{ods} is not a member of {name} ({ccg}).")

    @property
    def decision(self) -> Hash:
        """The hash of the decision. Raises Refused before there is one."""
        if self.programme.decision is None:
            raise Refused(Refusal.NOT_READY, f"{self.programme.id} is not decided yet.")
        return sha256_hex(self.programme.decision)
