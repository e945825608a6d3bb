"""A programme held still for one act: all its logs locked, the time read once, events signed and chained.

Acts that write an event hold every log, so that the heads an event names are those of its own moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from ballot.db.appending import NewRow
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.events import PrivateNoteRow, ProgrammeEventRow
from ballot.db.logs import LogHead, date_logs, lock_logs
from ballot.db.programmes import find_programme
from ballot.office.activity import ActPlace, Moved, Who, note_act
from ballot.office.casting.archives import append_event
from ballot.office.casting.logbook import append, never_before
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, next_state
from ballot.office.sealed import read_keys
from ballot.office.signing import Approval, SignedApart, Signers, proposal_of, roles_of, sign_with
from ballot.office.situation import Situation
from ballot.protocol.canonical import Json
from ballot.protocol.errors import Reason
from ballot.protocol.events import EventType
from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import EVENTS_LOG
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PublicKey, Role
from ballot.record.moves import SIGNERS, Move
from ballot.record.programme_events import Head, ProgrammeEvent, check_event_signatures, proposal_differs
from ballot.record.proposals import SignedProposal, check_proposal_signature, salted
from ballot.record.times import time_text

SALT_BYTES = 16


@dataclass
class Chronicle(Situation):
    """The programme, its ballots and its logs, locked until the transaction ends, and the one time of the act."""

    desk: Desk
    logs: dict[str, LogHead]

    def open_if_due(self, ballot: BallotRow) -> bool:
        """Write the opening of a ballot that is due and not yet written. Returns whether it was written."""
        if State(ballot.state) is not State.SEALED or self.now < ballot.opens_at:
            return False
        self.move(ballot, Move.OPENED, {"opens": time_text(ballot.opens_at)}, (self.desk.board,), None)
        return True

    def open_all_due(self) -> bool:
        """Write every opening that is due. Returns whether any was written."""
        written = [self.open_if_due(ballot) for ballot in self.ballots]
        return any(written)

    def move(
        self,
        ballot: BallotRow,
        move: Move,
        data: Mapping[str, Json],
        signers: Signers,
        why: Why | None,
        practice: str | None = None,
    ) -> None:
        """Put one ballot into the state that `move` leads to, and write the event. The log entry names the practice."""
        ballot.state = next_state(State(ballot.state), move).value
        self.write(move, ballot, data, signers, why, practice)

    def write(
        self,
        move: Move,
        ballot: BallotRow | None,
        data: Mapping[str, Json],
        signers: Signers,
        why: Why | None = None,
        practice: str | None = None,
    ) -> None:
        """Append a signed event of one ballot, or of the whole programme if `ballot` is None.

        Raises: Refused, unless exactly the required people sign, each with the programme's key.
        """
        self.check_signers(move, signers)
        log = self.logs[EVENTS_LOG]
        salt, note_hash = self._salted(why, signers)
        heads = {
            name: Head(Hash(self.logs[name].head), self.logs[name].size - 1)
            for name in (row.election_name for row in self.ballots)
            if name in self.logs
        }
        parent = Hash(log.head) if log.size else None
        reason = None if why is None else why.code
        ccg, locality = (None, None) if ballot is None else (ballot.ccg, ballot.locality)
        id = self.programme.id
        proposal = proposal_of(signers)
        unsigned = ProgrammeEvent(
            parent, log.size, self.now, move, id, ccg, data, reason, note_hash, heads, (), locality, proposal
        )
        if proposal is not None and (wrong := proposal_differs(unsigned, proposal)):
            raise Refused(
                Refusal.PROPOSAL_STALE, f"The proposal no longer matches: its {', '.join(wrong)}. Make a new one."
            )
        event = sign_with(unsigned, signers, self.desk.board)
        if isinstance(signers, SignedApart):
            _check_apart(event, read_keys(self.programme.keys))
        line = {
            "programme_id": id,
            "height": event.height,
            "hash": event.hash,
            "time": self.now,
            "line": event.to_bytes(),
        }
        rows = [NewRow(ProgrammeEventRow, line)]
        connection, board = self.session.connection(), self.desk.board
        self.logs[EVENTS_LOG] = append(connection, log, event.hash, rows, self.now, self.programme.board, board)
        date_logs(self.session, id, self.now)  # no later append may have an earlier date than the event
        self.logs = {name: replace(log, last_time=self.now) for name, log in self.logs.items()}
        if why is not None and why.note is not None:
            kept = PrivateNoteRow(programme_id=self.programme.id, height=event.height, salt=salt, text=why.note)
            self.session.add(kept)
        self._note(event, signers, practice)

    def append(self, ballot: BallotRow, type: EventType, payloads: list[bytes]) -> None:
        """Append to the ballot's archive at the time of this act."""
        name, board = ballot.election_name, self.desk.board
        log, now = self.logs[name], self.now
        self.logs[name] = append_event(self.session, ballot, log, type, payloads, now, self.programme.board, board)

    def _salted(self, why: Why | None, signers: Signers) -> tuple[bytes, Hash | None]:
        if why is None or why.note is None:
            return b"", None
        salt = signers.note_salt if isinstance(signers, Approval) else new_salt(self.desk)
        return salt, salted(salt, why.note)

    def _note(self, event: ProgrammeEvent, signers: Signers, practice: str | None) -> None:
        """Add the event to the activity log with who did it: the account if known, else the key's role."""
        first, *others = (role.value for role in event.signers)
        proposal = None if event.proposal is None else event.proposal.proposal.hash
        moved = Moved(event.height, event.locality, proposal, practice)
        actor, second, acting_for = first, next(iter(others), None), None
        if isinstance(signers, Approval):
            actor, second, acting_for = signers.proposer, signers.approver, first
        elif self.desk.account is not None and (first != Role.BOARD.value or event.move is Move.DECIDED):
            # a clock or a share causes all other events that the board signs; only a decision has a person behind it
            actor, acting_for = self.desk.account, first
        who = Who(actor, second, acting_for)
        place = ActPlace(event.programme, event.ccg, None if event.reason is None else event.reason.value)
        note_act(self.session, event.time, who, moved, place, act=event.move.value)

    def check_signers(self, move: Move, signers: Signers) -> None:
        """Raise Refused unless exactly the required people sign, each with the programme's key."""
        keys = read_keys(self.programme.keys)
        roles = roles_of(signers)
        if frozenset(roles) not in SIGNERS[move] or len(roles) != len(set(roles)):
            expected = " or ".join(" and ".join(sorted(role.value for role in group)) for group in SIGNERS[move])
            raise Refused(Refusal.WRONG_SIGNERS, f"A ballot can be {move.value} only with the signature of {expected}.")
        if isinstance(signers, Approval):
            check_signed(signers.proposal, keys)
        if isinstance(signers, (Approval, SignedApart)):
            return
        for key in signers:
            if key.public != keys[key.role]:
                raise Refused(Refusal.FOREIGN_KEY, f"This is not the key of the programme's {key.role.value}.")


def _check_apart(event: ProgrammeEvent, keys: Mapping[Role, PublicKey]) -> None:
    try:
        check_event_signatures(event, keys)
    except InvalidRecord:
        sentence = "The signature is not of exactly this. Something changed since the page was loaded: load it again."
        raise Refused(Refusal.SHOWN_DIFFERS, sentence) from None


def check_signed(signed: SignedProposal, keys: Mapping[Role, PublicKey]) -> None:
    """Raise Refused unless each signature of a proposal is its officer's, over exactly this proposal."""
    try:
        check_proposal_signature(signed, keys)
    except InvalidRecord as fault:
        if fault.reason is Reason.PUBLIC_KEY:
            names = " or ".join(role.value for role in signed.roles)
            raise Refused(Refusal.FOREIGN_KEY, f"This is not the key of the programme's {names}.") from None
        raise Refused(Refusal.SHOWN_DIFFERS, "The signature is not of this proposal. Read it again.") from None


def new_salt(desk: Desk) -> bytes:
    """A random salt that keeps a hash of private words from being guessed."""
    return bytes(desk.rng(256) for _ in range(SALT_BYTES))


def open_chronicle(session: Session, desk: Desk, programme_id: str) -> Chronicle:
    """Lock the programme for an act. Raises Refused if there is none, or the board's key is not its key."""
    logs = lock_logs(session, programme_id)
    now = never_before(desk.clock(), logs.values())
    programme = find_programme(session, programme_id)
    if programme is None:
        raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
    if read_keys(programme.keys)[Role.BOARD] != desk.board.public:
        raise Refused(Refusal.FOREIGN_KEY, "This is not the key of the programme's board.")
    return Chronicle(session, programme, list_ballots(session, programme_id), now, desk, logs)
