"""Propose an act of two people: its statement at this moment, signed with the proposer's own key, and stored.

Both officers read the same words, with every fact that the act depends on. The statement is made again at approval,
under the lock of the act; if one character differs, nothing happens. So no word depends on the clock, only on what was
decided, stored or changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ballot.db.proposals import PROPOSED, UNSIGNED, ProposalRow, hold_proposal
from ballot.db.session import transaction
from ballot.office.activity import Proposed, Who, note_act
from ballot.office.acts.act import Act, ccg_of, fact
from ballot.office.acts.proposable import act_to_bytes
from ballot.office.chronicle import Chronicle, check_signed, new_salt, open_chronicle
from ballot.office.desk import Desk, Why, check_note
from ballot.office.errors import Refusal, Refused
from ballot.office.proposals.ending import check_waits, found, place_of
from ballot.office.sealed import read_keys
from ballot.office.situation import Situation
from ballot.protocol.canonical import parse_json, write_json
from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import EVENTS_LOG
from ballot.record.keys import Role, RoleSignature, SigningKey
from ballot.record.moves import REASON_WORDS, TWO_PEOPLE
from ballot.record.proposals import Proposal, SignedProposal, parse_proposal, salted, sign_proposal


def statement(situation: Situation, act: Act[Any], facts: Iterable[str], why: Why) -> str:
    """The statement, fact by fact: the title, the programme, the act's own facts and the reason."""
    programme = situation.rules
    rehearsal = ", a rehearsal" if programme.rehearsal else ""
    lines = [
        fact("Act", act.title),
        fact("Programme", f"{programme.name} ({situation.programme.id}){rehearsal}"),
        *facts,
        fact("Reason, published", f"{REASON_WORDS[why.code]} ({why.code.value})"),
    ]
    note = [] if why.note is None else [f"Note, kept private: {why.note}"]
    return "\n".join([*map(programme.words.said, lines), *note]) + "\n"


def read_statement(words: str) -> list[tuple[str, list[str]]]:
    """The facts of a statement, each by its label, for a page that shows them."""
    facts: list[tuple[str, list[str]]] = []
    for line in words.splitlines():
        if line.startswith(" ") and facts:
            facts[-1][1].append(line.strip())
        else:
            label, _, said = line.partition(":")
            facts.append((label, [said.strip()] if said.strip() else []))
    return facts


VALID = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Officer:
    """The returning officer or the deputy: who they are, and their own key."""

    name: str
    """The account, or on the command line the role."""
    key: SigningKey


def propose(desk: Desk, programme_id: str, act: Act[Any], why: Why, proposer: Officer) -> Hash:
    """Store a signed proposal for the other officer, and return its hash. Changes nothing else. Raises Refused."""
    with _prepared(desk, programme_id, act, why, proposer.name, proposer.key.role) as (chronicle, row):
        if read_keys(chronicle.programme.keys)[proposer.key.role] != proposer.key.public:
            raise Refused(Refusal.FOREIGN_KEY, f"This is not the key of the programme's {proposer.key.role.value}.")
        proposal = parse_proposal(parse_json(row.body))
        _sign(chronicle, row, sign_proposal(proposal, proposer.key).signature)
        return proposal.hash


def prepare_proposal(desk: Desk, programme_id: str, act: Act[Any], why: Why, name: str, role: Role) -> Hash:
    """Store a proposal that its proposer is to sign in their own browser. Raises Refused."""
    with _prepared(desk, programme_id, act, why, name, role) as (_, row):
        return Hash(row.hash)


def sign_prepared(desk: Desk, programme_id: str, hash: str, name: str, signature: RoleSignature) -> None:
    """Add the proposer's signature to their own proposal, for the other officer to read. Raises Refused."""
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        row = found(hold_proposal(session, hash), programme_id)
        check_waits(row, chronicle.now, (UNSIGNED,))
        if name != row.proposer or signature.role.value != row.role:
            raise Refused(Refusal.OWN_PROPOSAL, "Only the officer who prepared a proposal can sign it.")
        _sign(chronicle, row, signature)


def _sign(chronicle: Chronicle, row: ProposalRow, signature: RoleSignature) -> None:
    proposal = parse_proposal(parse_json(row.body))
    check_signed(SignedProposal(proposal, signature), read_keys(chronicle.programme.keys))
    row.signature, row.state = write_json(signature.to_json()), PROPOSED
    who, place = Who(row.proposer, acting_for=row.role), place_of(row)
    note_act(chronicle.session, chronicle.now, who, Proposed(proposal.hash, proposal.move.value), place)


@contextmanager
def _prepared(
    desk: Desk, programme_id: str, act: Act[Any], why: Why, name: str, role: Role
) -> Iterator[tuple[Chronicle, ProposalRow]]:
    """A new proposal, not signed yet, in a transaction that ends with the block."""
    check_note(why)
    if act.move is None or act.people != TWO_PEOPLE:
        raise Refused(Refusal.WRONG_SIGNERS, "This act does not need two people.")
    if role not in TWO_PEOPLE:
        raise Refused(Refusal.WRONG_SIGNERS, "The returning officer or the deputy proposes, and the other approves.")
    ready = act.before(desk, programme_id)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        words = statement(chronicle, act, act.check(chronicle, why), why)  # no one is asked to approve the impossible
        salt, note_salt = new_salt(desk), new_salt(desk)
        proposal = Proposal(
            programme=programme_id,
            move=act.move,
            ccg=ccg_of(act),
            arguments=act.arguments(chronicle, ready),
            reason=why.code,
            note=None if why.note is None else salted(note_salt, why.note),
            words=salted(salt, words),
            after=Hash(chronicle.logs[EVENTS_LOG].head),
            time=chronicle.now,
            expires=chronicle.now + VALID,
        )
        row = ProposalRow(
            hash=proposal.hash,
            programme_id=programme_id,
            act=act_to_bytes(act),
            body=proposal.to_bytes(),
            words=words,
            salt=salt,
            note=why.note,
            note_salt=note_salt,
            signature=b"",
            proposer=name,
            role=role.value,
            proposed_at=proposal.time,
            expires_at=proposal.expires,
            state=UNSIGNED,
        )
        session.add(row)
        yield chronicle, row
