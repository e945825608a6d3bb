"""Declare the outcome: two people put their names to the decision, and every practice is told. -> declared"""

from __future__ import annotations

from ballot.db.session import transaction
from ballot.office.announce import queue_results
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, next_state
from ballot.office.recipients import Everyone
from ballot.office.signing import Signers
from ballot.protocol.hashing import sha256_hex
from ballot.record.programme_events import Move


def declare(desk: Desk, programme_id: str, signers: Signers, why: Why | None = None) -> None:
    """Declare every CCG's ballot that was not abandoned; raises Refused before the programme is decided."""
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id, signers)
        if chronicle.programme.decision is None:
            raise Refused(Refusal.NOT_READY, "The programme is not decided yet.")
        for ballot in chronicle.ballots:
            if State(ballot.state) is not State.ABANDONED:
                ballot.state = next_state(State(ballot.state), Move.DECLARED).value
        data = {"decision": sha256_hex(chronicle.programme.decision)}
        chronicle.write(Move.DECLARED, None, data, signers, why)
        queue_results(session, chronicle.programme, chronicle.now, Everyone())
