"""Close an archive with its encrypted total, and decrypt that total.

The product over the ballots is computed before the lock is taken, so that other CCGs go on voting. If a ballot arrived
in between, which can only happen when closing early, it is computed again under the lock.

A share is refused under its sender's name unless both its proofs hold: the specification's, and the strong proof that
binds the total (protocol/strong_decryption.py). The share that completes the count is combined before anything is
written, so a failure leaves nothing behind. Exactly t of the trustees' shares are published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from ballot.db.accepted import list_accepted
from ballot.db.archive import DATA, list_entries
from ballot.db.authority import statement_hashes
from ballot.db.ballots import BallotRow, find_ballot, list_ballots, list_ballots_of
from ballot.db.logs import find_log
from ballot.db.practices import list_practices
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.db.shares import list_shares
from ballot.office.casting.archives import read_closing
from ballot.office.chronicle import Chronicle
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.sealed import GROUP, read_election, read_programme, read_trustees
from ballot.office.setup.server_keys import read_server_keys
from ballot.office.situation import Situation
from ballot.protocol.ballots import parse_ballot
from ballot.protocol.canonical import Json, as_sent
from ballot.protocol.decryption import OwnedPartialDecryption, combine_factors
from ballot.protocol.elections import Election
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.events import EventType
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.results import compute_result, result_to_bytes
from ballot.protocol.strong_decryption import OwnedStrongProofs, TrusteeShare, check_share, create_share, parse_share
from ballot.protocol.tally import (
    EncryptedTally,
    SizedEncryptedTally,
    Tally,
    encrypted_tally_to_bytes,
    parse_encrypted_tally,
)
from ballot.protocol.trustees import Trustee, public_keys
from ballot.record.authority import StatementsRoot
from ballot.record.decryptions import write_decryptions
from ballot.record.programme_events import Move
from ballot.record.times import time_text
from ballot.registrar.keyring import StorageKey


@dataclass(frozen=True, slots=True)
class CountedTotal:
    """An encrypted total, and the head of the log that it was made from."""

    head: str
    tally: Tally


def count_before(desk: Desk, programme_id: str, ccg: str) -> dict[str, CountedTotal]:
    """The encrypted total of the ballots cast so far, with the head of the log it belongs to, by election name."""
    counted: dict[str, CountedTotal] = {}
    with reading(desk.engine) as session:
        for ballot in list_ballots_of(session, programme_id, ccg):
            log = find_log(session, programme_id, ballot.election_name)
            if log is not None and State(ballot.state) in (State.SEALED, State.OPEN):
                counted[ballot.election_name] = CountedTotal(log.head, tally_ballots(session, ballot))
    return counted


def tally_ballots(session: Session, ballot: BallotRow) -> Tally:
    """The encrypted product of the last ballot of each credential, each to the power of its weight."""
    election = read_election(ballot.election or b"")
    weights = {row.credential: 1 if row.weight is None else row.weight for row in list_practices(session, ballot.id)}
    last = {row.credential: row.payload for row in list_accepted(session, ballot.id)}
    counted = {payload: weights[credential] for credential, payload in last.items()}
    tally = Tally(GROUP, election)
    for entry in list_entries(session, ballot.id):
        if entry.kind == DATA and entry.hash in counted:
            answers = parse_ballot(GROUP, entry.body).answers
            tally.add([answer.choices for answer in answers], counted[entry.hash])
    return tally


def append_closing(chronicle: Chronicle, ballot: BallotRow, before: Mapping[str, CountedTotal]) -> dict[str, Json]:
    """Append EndBallots and EncryptedTally, and return the data of the event of closing.

    Uses the total counted `before` if no ballot has come since.
    """
    counted, head = before.get(ballot.election_name), chronicle.logs[ballot.election_name].head
    if counted is None or counted.head != head:
        counted = CountedTotal(head, tally_ballots(chronicle.session, ballot))
    tally = counted.tally
    encrypted = encrypted_tally_to_bytes(tally.encrypted)
    sized = SizedEncryptedTally(tally.num_tallied, tally.total_weight, sha256_hex(encrypted))
    chronicle.append(ballot, EventType.END_BALLOTS, [])
    chronicle.append(ballot, EventType.ENCRYPTED_TALLY, [encrypted, sized.to_bytes()])
    data: dict[str, Json] = {"closes": time_text(ballot.closes_at)}
    if chronicle.programme.statement is not None:
        data["authority"] = StatementsRoot.of(statement_hashes(chronicle.session, ballot.id)).to_json()
    return data


SERVER = 1
"""The server's own key comes first in the trustees structure. The trustees are owners 2 and up."""


@dataclass(frozen=True, slots=True)
class ToDecrypt:
    """What a trustee needs to make a share: the election and the published encrypted tally."""

    ballot_id: int
    uuid: str
    election: Election
    trustees: tuple[Trustee, ...]
    names: tuple[str, ...]
    threshold: int
    encrypted_tally: bytes
    tally: EncryptedTally
    sized: SizedEncryptedTally

    def name(self, owner: int) -> str:
        """The name of an owner. Raises Refused if there is no such trustee."""
        if not SERVER <= owner <= 1 + len(self.names):
            raise Refused(
                Refusal.NO_SUCH_TRUSTEE, f"There is no trustee {owner}. They are numbered 1 to {1 + len(self.names)}."
            )
        return "the server" if owner == SERVER else self.names[owner - 2]


def to_decrypt(desk: Desk, programme_id: str, election_name: str) -> ToDecrypt:
    """The total to be decrypted. Raises Refused unless the ballot is closed and not yet tallied."""
    with reading(desk.engine) as session:
        ballot, programme = find_ballot(session, programme_id, election_name), find_programme(session, programme_id)
        if ballot is None or programme is None:
            raise Refused(Refusal.NO_SUCH_BALLOT, f"There is no ballot of {election_name} in {programme_id}.")
        closing = read_closing(session, ballot)
        if closing is None or State(ballot.state) is not State.CLOSED:
            raise Refused(
                Refusal.WRONG_STATE,
                f"The ballot of {election_name} is {ballot.state}. Only a closed ballot can be decrypted.",
            )
        all_ballots = list_ballots(session, programme_id)
        Situation(session, programme, all_ballots, desk.clock()).check_may_decrypt(election_name)
    election, trustees = read_election(ballot.election or b""), read_programme(programme.toml).trustees
    return ToDecrypt(
        ballot.id,
        ballot.uuid,
        election,
        read_trustees(programme, ballot),
        trustees.names,
        trustees.threshold,
        closing.encrypted_tally,
        parse_encrypted_tally(GROUP, closing.encrypted_tally, election),
        closing.sized,
    )


def server_share(desk: Desk, programme_id: str, election_name: str, instance: Path, storage: StorageKey) -> bytes:
    """Make the server's own share of a closed election. Raises Refused, KeyRefused."""
    task = to_decrypt(desk, programme_id, election_name)
    x = read_server_keys(instance, programme_id, storage)[task.uuid]
    return create_share(GROUP, task.election, task.tally, SERVER, x, desk.rng).to_bytes()


def checked_share(task: ToDecrypt, owner: int, body: bytes) -> bytes:
    """The share's bytes as made, whatever a mail or text program added. Raises Refused unless its proofs hold."""
    name = task.name(owner)
    try:
        sent = as_sent(body)
        share = parse_share(GROUP, sent)
        check_share(GROUP, task.election, task.tally, owner, public_keys(task.trustees)[owner - 1], share)
    except InvalidMessage as fault:
        raise Refused(Refusal.INVALID_SHARE, f"The share of {name} is not valid: {fault.detail}.") from None
    return sent


def given_shares(session: Session, task: ToDecrypt) -> dict[int, bytes]:
    """The shares received so far, by owner."""
    return {row.owner: row.body for row in list_shares(session, task.ballot_id)}


@dataclass(frozen=True, slots=True)
class Tallied:
    """The shares to be published, and the result that they open."""

    shares: dict[int, TrusteeShare]
    result: bytes


def combine(task: ToDecrypt, given: dict[int, bytes]) -> Tallied | None:
    """The result from the server's share and the first t trustees' shares by number. None while some are missing."""
    trustees = [owner for owner in sorted(given) if owner != SERVER][: task.threshold]
    if SERVER not in given or len(trustees) < task.threshold:
        return None
    try:
        shares = {owner: parse_share(GROUP, given[owner]) for owner in (SERVER, *trustees)}
        factors = combine_factors(GROUP, task.trustees, {owner: share.partial for owner, share in shares.items()})
        result = compute_result(GROUP, task.tally, factors, task.sized.total_weight)
    except InvalidMessage as fault:
        names = ", ".join(task.name(owner) for owner in (SERVER, *trustees))
        raise Refused(
            Refusal.INVALID_SHARE, f"The shares of {names} do not open the total together: {fault.detail}."
        ) from None
    return Tallied(shares, result_to_bytes(result))


def append_result(chronicle: Chronicle, ballot: BallotRow, tallied: Tallied) -> None:
    """Append the shares, the result, and the event that the board signs. -> tallied"""
    for owner, share in tallied.shares.items():
        partial = share.partial.to_bytes()
        owned = OwnedPartialDecryption(owner, sha256_hex(partial)).to_bytes()
        chronicle.append(ballot, EventType.PARTIAL_DECRYPTION, [partial, owned])
    chronicle.append(ballot, EventType.RESULT, [tallied.result])
    data = {"result": sha256_hex(tallied.result), "proofs": sha256_hex(_decryptions(tallied.shares))}
    chronicle.move(ballot, Move.TALLIED, data, (chronicle.desk.board,), None)


def read_decryptions(session: Session, ballot: BallotRow, owners: Iterable[int]) -> bytes:
    """The record's file of the strong proofs of these owners' shares, in the order of the archive."""
    given = {row.owner: row.body for row in list_shares(session, ballot.id)}
    return _decryptions({owner: parse_share(GROUP, given[owner]) for owner in owners})


def _decryptions(shares: Mapping[int, TrusteeShare]) -> bytes:
    return write_decryptions(OwnedStrongProofs(owner, share.proofs) for owner, share in shares.items())
