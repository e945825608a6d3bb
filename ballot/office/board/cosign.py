"""Ask witnesses to cosign the newest checkpoints: the client's side of C2SP `tlog-witness`, add-checkpoint.

The log calls its witnesses; no one can give the board a cosignature that it did not ask for. A witness gets the size
that it cosigned last, with the proof that the log went on from there. If it remembers another size (409) it says which,
and is asked once more. Every answer is checked with the key in the settings before it is stored and shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from ballot.config import WitnessSettings
from ballot.db.logs import list_logs, lock_log
from ballot.db.programmes import list_programmes
from ballot.db.session import reading, transaction
from ballot.db.transparency import add_cosignature, newest_cosigned
from ballot.office.board.log_proofs import prove_consistency
from ballot.protocol.errors import InvalidMessage
from ballot.record.cosignatures import Cosignature, RecordedCosignature, accept_cosignatures
from ballot.record.tlog_proofs import ConsistencyProof

Post = Callable[[str, bytes], tuple[int, bytes]]
"""Sends to a witness's address. Returns status and body, of limited size. Raises OSError if there is no answer."""

_SIZE = re.compile(rb"(0|[1-9][0-9]{0,15})\n")
ADD = "/add-checkpoint"


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """The result of asking one witness about one log."""

    programme: str
    log: str
    witness: str
    size: int
    word: str
    """`cosigned`, or why not: `unreachable`, `status-...`, `conflict`, or `refused` for an answer that is not valid."""


def ask_witnesses(engine: Engine, witnesses: Sequence[WitnessSettings], post: Post) -> list[WitnessAnswer]:
    """Ask every witness about every log whose newest checkpoint it has not cosigned. Returns the results."""
    asked: list[WitnessAnswer] = []
    with reading(engine) as session:
        logs = [
            (row.id, log.name, log.size)
            for row in list_programmes(session)
            for log in list_logs(session, row.id)
            if log.size
        ]
    for programme, log, size in logs:
        for witness in witnesses:
            with reading(engine) as session:
                last = newest_cosigned(session, programme, log, witness.witness.vkey) or 0
            if last < size:
                word = _ask(engine, witness, post, programme, log, last, size)
                asked.append(WitnessAnswer(programme, log, witness.witness.name, size, word))
    return asked


def _ask(engine: Engine, settings: WitnessSettings, post: Post, programme: str, log: str, last: int, size: int) -> str:
    """Ask one witness about one log, at most twice. Returns the word of the result."""
    for _ in range(2):
        with reading(engine) as session:
            proof = prove_consistency(session, programme, log, last, size)
        if proof is None:
            return "conflict"
        try:
            status, body = post(settings.url + ADD, _request(proof))
        except OSError:
            return "unreachable"
        if status == 409 and (told := _SIZE.fullmatch(body)) and int(told[1]) <= size and int(told[1]) != last:
            last = int(told[1])
            continue
        if status != 200:
            return "conflict" if status == 409 else f"status-{status}"
        try:
            found = accept_cosignatures(body.decode(), proof.signed.body, [settings.witness])
        except (InvalidMessage, UnicodeDecodeError):
            return "refused"
        return _keep(engine, programme, log, size, found) if found else "refused"
    return "conflict"


def _request(proof: ConsistencyProof) -> bytes:
    """Write the request with the board's own signature only. Other cosignatures do not concern this witness."""
    return ConsistencyProof(proof.old, proof.path, type(proof.signed)(proof.signed.note)).to_text().encode()


def _keep(engine: Engine, programme: str, log: str, size: int, found: list[Cosignature]) -> str:
    with transaction(engine) as session:
        if lock_log(session, programme, log) is None:
            return "conflict"
        for one in found:
            add_cosignature(session, programme, RecordedCosignature(log, size, one.witness.vkey, one.line))
    return "cosigned"
