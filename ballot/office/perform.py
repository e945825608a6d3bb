"""Carry out an act: the only code that opens its transaction and writes its event and log entry.

    perform(desk, "merger", Extend("00A", closes), (officer, deputy), why)    # both at one desk
    approve(desk, "merger", hash, shown, deputy)                              # the second of two, apart

In this order: note, reason and signers; what needs no lock; then under the lock the proposal, if one is approved, the
facts, the state of every ballot concerned, the rows, the event and the log entry. All of it happens, or nothing.
"""

from __future__ import annotations

from typing import Any, TypeVar

from ballot.db.ballots import BallotRow
from ballot.db.proposals import ProposalRow, find_proposal
from ballot.db.session import reading, transaction
from ballot.office.activity import COMMAND_LINE, ActPlace, ApprovalRefused, Who, note_act
from ballot.office.acts.act import Act, Using, ccg_of, practice_of
from ballot.office.chronicle import Chronicle, open_chronicle
from ballot.office.desk import Desk, Why, check_note
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, next_state
from ballot.office.proposals.ending import check_another, finish, found, place_of, read_row, take
from ballot.office.proposals.propose import Officer, statement
from ballot.office.sealed import read_keys
from ballot.office.signing import Approval, Signers, keys_of, roles_of
from ballot.record.keys import Role, SigningKey
from ballot.record.moves import BOARD, TWO_PEOPLE

Answer = TypeVar("Answer")


def perform(
    desk: Desk,
    programme_id: str,
    act: Act[Answer],
    signers: Signers = (),
    why: Why | None = None,
    registrar: SigningKey | None = None,
    who: Who = COMMAND_LINE,
) -> Answer:
    """Perform an act in one transaction, and return its answer. Raises Refused, and then nothing has changed.

    `signers` is empty for what the board signs: its key is the desk's. `registrar` is the registrar's key, if the act
    needs it in addition to the signers. `who` goes into the log entry of an act without an event; an event names its
    signers.
    """
    signers = (desk.board,) if act.people == BOARD else signers
    _check_people(act, signers, why)
    check_note(why)
    if act.people != TWO_PEOPLE:
        registrar = next((key for key in keys_of(signers) if key.role is Role.REGISTRAR), None)
    if act.needs_registrar and registrar is None:
        raise Refused(
            Refusal.REGISTRAR_LOCKED, "Changing a contact needs a new voting link, and so the registrar's key."
        )
    ready = act.before(desk, programme_id)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        row = take(chronicle, signers) if isinstance(signers, Approval) else None
        _check_keys(chronicle, act, signers, registrar)
        facts = act.check(chronicle, why)
        if row is not None and isinstance(signers, Approval) and why is not None:
            finish(row, statement(chronicle, act, facts, why), signers.approver, chronicle.now)
        return _apply(chronicle, act, act.ballots(chronicle), Using(ready, why, registrar), signers, who)


def approve(
    desk: Desk, programme_id: str, hash: str, shown: str, approver: Officer, registrar: SigningKey | None = None
) -> None:
    """Perform what was proposed. Raises Refused, and then nothing has changed but the activity log.

    `shown` is the hash of what the approver was shown. Only a change of contact needs the registrar's key.
    """
    with reading(desk.engine) as session:
        row = found(find_proposal(session, programme_id, hash), programme_id)
    try:
        check_another(row, approver.name, approver.key.role)
        signed, why, act = read_row(row)
        approval = Approval(row.hash, signed, approver.key, row.proposer, approver.name, row.note_salt, shown)
        perform(desk, programme_id, act, approval, why, registrar)
    except Refused as refused:
        _note_refused(desk, row, approver, refused.reason)
        raise


def _apply(
    chronicle: Chronicle,
    act: Act[Answer],
    ballots: list[BallotRow],
    using: Using,
    signers: Signers,
    who: Who,
) -> Answer:
    """Change the rows, then write the event or the entry: for each ballot of a CCG, or once for the whole programme."""
    if act.move is None:
        (ballot,) = ballots
        done = act.apply(chronicle, ballot, using)
        assert done.entry is not None
        note_act(chronicle.session, chronicle.now, who, done.entry, ActPlace(chronicle.programme.id, ballot.ccg))
        return done.answer
    if (ccg := ccg_of(act)) is not None:
        for ballot in chronicle.ballots_of(ccg):
            chronicle.open_if_due(ballot)
        for ballot in ballots:
            done = act.apply(chronicle, ballot, using)
            chronicle.move(ballot, act.move, done.data, signers, using.why, practice_of(act))
        return done.answer
    done = act.apply(chronicle, None, using)
    for ballot in ballots:
        ballot.state = next_state(State(ballot.state), act.move).value
    chronicle.write(act.move, None, done.data, signers, using.why)
    return done.answer


def _check_people(act: Act[Any], signers: Signers, why: Why | None) -> None:
    """Raise Refused unless the required people sign, with a reason if the act needs one."""
    roles = roles_of(signers)
    if frozenset(roles) != act.people or len(roles) != len(act.people):
        names = " and ".join(sorted(role.value for role in act.people))
        raise Refused(Refusal.WRONG_SIGNERS, f"This needs the signature of {names}.")
    if why is None and (act.needs_reason or isinstance(signers, Approval)):
        raise Refused(Refusal.NO_REASON, "This needs a reason. Choose one.")


def _check_keys(chronicle: Chronicle, act: Act[Any], signers: Signers, registrar: SigningKey | None) -> None:
    """Raise Refused for a key of another programme, before anything is written."""
    if act.move is not None:
        chronicle.check_signers(act.move, signers)
    needed = registrar if act.needs_registrar else None
    if needed is not None and needed.public != read_keys(chronicle.programme.keys)[Role.REGISTRAR]:
        raise Refused(Refusal.FOREIGN_KEY, "This is not the key of the programme's registrar.")


def _note_refused(desk: Desk, row: ProposalRow, approver: Officer, reason: Refusal) -> None:
    with transaction(desk.engine) as session:
        who = Who(approver.name, acting_for=approver.key.role.value)
        note_act(session, desk.clock(), who, ApprovalRefused(row.hash, reason.value), place_of(row))
