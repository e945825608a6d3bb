"""Propose an act of two people: its statement at this moment, signed with the proposer's own key, and stored.

Both officers read the same words, with every fact that the act depends on. The statement is made again at approval,
under the lock of the act; if one character differs, nothing happens. So no word depends on the clock, only on what was
decided, stored or changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ballot.db.proposals import PROPOSED, ProposalRow
from ballot.db.session import transaction
from ballot.office.activity import ActPlace, Proposed, Who, note_act
from ballot.office.acts.act import Act, ccg_of, fact
from ballot.office.acts.proposable import act_to_bytes
from ballot.office.chronicle import new_salt, open_chronicle
from ballot.office.desk import Desk, Why, check_note
from ballot.office.errors import Refusal, Refused
from ballot.office.sealed import read_keys
from ballot.office.situation import Situation
from ballot.protocol.canonical import write_json
from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import EVENTS_LOG
from ballot.record.keys import SigningKey
from ballot.record.moves import REASON_WORDS, TWO_PEOPLE
from ballot.record.proposals import Proposal, salted, sign_proposal


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
    if why.note is not None:
        lines.append(f"Note, kept private: {why.note}")
    return "\n".join(lines) + "\n"


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
    """Store a proposal for the other officer, and return its hash. Changes nothing else. Raises Refused."""
    check_note(why)
    if act.move is None or act.people != TWO_PEOPLE:
        raise Refused(Refusal.WRONG_SIGNERS, "This act does not need two people.")
    ready = act.before(desk, programme_id)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        row, log = chronicle.programme, chronicle.logs[EVENTS_LOG]
        if proposer.key.role not in TWO_PEOPLE:
            raise Refused(
                Refusal.WRONG_SIGNERS, "The returning officer or the deputy proposes, and the other approves."
            )
        if read_keys(row.keys)[proposer.key.role] != proposer.key.public:
            raise Refused(Refusal.FOREIGN_KEY, f"This is not the key of the programme's {proposer.key.role.value}.")
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
            after=Hash(log.head),
            time=chronicle.now,
            expires=chronicle.now + VALID,
        )
        signed = sign_proposal(proposal, proposer.key)
        kept = ProposalRow(
            hash=proposal.hash,
            programme_id=programme_id,
            act=act_to_bytes(act),
            body=proposal.to_bytes(),
            words=words,
            salt=salt,
            note=why.note,
            note_salt=note_salt,
            signature=write_json(signed.signature.to_json()),
            proposer=proposer.name,
            role=proposer.key.role.value,
            proposed_at=proposal.time,
            expires_at=proposal.expires,
            state=PROPOSED,
        )
        session.add(kept)
        who = Who(proposer.name, acting_for=proposer.key.role.value)
        place = ActPlace(programme_id, proposal.ccg, why.code.value)
        note_act(session, chronicle.now, who, Proposed(proposal.hash, act.move.value), place)
    return proposal.hash
