"""Carry out an act: the only code that opens its transaction and writes its event and log entry.

    perform(desk, "merger", Extend("00A", closes), (officer, deputy), why)    # both at one desk
    approve(desk, "merger", hash, shown, deputy)                              # the second of two, apart
    give_approval(desk, "merger", hash, shown, name, signature)               # the same, signed in the own browser
    complete(desk, "merger", hash, registrar)                                 # a third, where the registrar must act

In this order: note, reason and signers; what needs no lock; then under the lock the proposal, if one is approved, the
facts, the state of every ballot concerned, the rows, the event and the log entry. All of it happens, or nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from ballot.db.ballots import BallotRow
from ballot.db.proposals import APPROVED, ProposalRow, find_proposal
from ballot.db.session import reading, transaction
from ballot.office.activity import COMMAND_LINE, ActPlace, ApprovalRefused, Approved, Who, note_act
from ballot.office.acts.act import Act, Using, ccg_of, practice_of
from ballot.office.chronicle import Chronicle, open_chronicle
from ballot.office.desk import Desk, Why, check_note
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, next_state
from ballot.office.proposals.ending import (
    check_another,
    check_waits,
    finish,
    found,
    place_of,
    read_row,
    shown_hash,
    take,
)
from ballot.office.proposals.propose import Officer, statement
from ballot.office.sealed import read_keys
from ballot.office.signing import Approval, SignedApart, Signers, roles_of
from ballot.protocol.hashing import Hash
from ballot.record.keys import Role, RoleSignature, SigningKey
from ballot.record.moves import BOARD, TWO_PEOPLE
from ballot.record.proposals import sign_approval
from ballot.record.times import whole_second

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
    if act.people != TWO_PEOPLE and not isinstance(signers, (Approval, SignedApart)):
        registrar = next((key for key in signers if key.role is Role.REGISTRAR), None)
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
            finish(row, statement(chronicle, act, facts, why), signers, chronicle.now, done=True)
        return _apply(chronicle, act, act.ballots(chronicle), Using(ready, why, registrar), signers, who)


def approve(
    desk: Desk, programme_id: str, hash: str, shown: str, approver: Officer, registrar: SigningKey | None = None
) -> None:
    """Approve with a key that is opened here, as `give_approval` does."""
    give_approval(desk, programme_id, hash, shown, approver.name, sign_approval(Hash(hash), approver.key), registrar)


def give_approval(
    desk: Desk,
    programme_id: str,
    hash: str,
    shown: str,
    name: str,
    signature: RoleSignature,
    registrar: SigningKey | None = None,
) -> None:
    """Perform what was proposed. Raises Refused, and then nothing has changed but the activity log.

    `shown` is the hash of what the approver was shown, `signature` is theirs over the proposal's hash. An act that
    needs the registrar's key waits for `complete` if that is not given.
    """
    with reading(desk.engine) as session:
        row = found(find_proposal(session, programme_id, hash), programme_id)
    try:
        check_waits(row, whole_second(desk.clock()))
        check_another(row, name, signature.role)
        signed, why, act = read_row(row)
        approval = Approval(row.hash, replace(signed, approval=signature), row.proposer, name, row.note_salt, shown)
        if act.needs_registrar and registrar is None:
            _approve_only(desk, programme_id, act, approval, why)
        else:
            perform(desk, programme_id, act, approval, why, registrar)
    except Refused as refused:
        _note_refused(desk, row, Who(name, acting_for=signature.role.value), refused.reason)
        raise


def complete(desk: Desk, programme_id: str, hash: str, registrar: SigningKey) -> None:
    """Perform what both officers have approved, with the registrar's key. Raises Refused."""
    with reading(desk.engine) as session:
        row = found(find_proposal(session, programme_id, hash), programme_id)
    check_waits(row, whole_second(desk.clock()), (APPROVED,))
    signed, why, act = read_row(row)
    approval = Approval(row.hash, signed, row.proposer, row.second or "", row.note_salt, shown_hash(row))
    perform(desk, programme_id, act, approval, why, registrar)


def _approve_only(desk: Desk, programme_id: str, act: Act[Any], approval: Approval, why: Why) -> None:
    """Keep the approval for the registrar, after every check that performing it now would make."""
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        row = take(chronicle, approval)
        assert act.move is not None
        chronicle.check_signers(act.move, approval)
        words = statement(chronicle, act, act.facts(chronicle), why)
        for ballot in act.ballots(chronicle):
            next_state(chronicle.state(ballot), act.move)
        finish(row, words, approval, chronicle.now, done=False)
        who = Who(approval.approver, acting_for=approval.proposal.roles[-1].value)
        note_act(session, chronicle.now, who, Approved(row.hash, act.move.value), place_of(row))


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


def _note_refused(desk: Desk, row: ProposalRow, who: Who, reason: Refusal) -> None:
    with transaction(desk.engine) as session:
        note_act(session, desk.clock(), who, ApprovalRefused(row.hash, reason.value), place_of(row))
