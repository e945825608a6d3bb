"""Decrypt the total of one closed election: the server's share and the trustees', then the result. -> tallied

A share that does not hold is refused, by name, and spoils nothing. Exactly t of the trustees' shares are published.
Combining and the logarithm are computed outside the lock; the append then happens once, whoever comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ballot.db.ballots import BallotRow, find_ballot
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading, transaction
from ballot.db.shares import ShareRow, find_share, list_shares
from ballot.office.archives import read_closing
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.sealed import GROUP, read_election, read_programme, read_trustees
from ballot.office.server_keys import read_server_keys
from ballot.protocol.decryption import (
    OwnedPartialDecryption,
    check_partial_decryption,
    combine_factors,
    create_partial_decryption,
    parse_partial_decryption,
)
from ballot.protocol.elections import Election
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.events import EventType
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.results import compute_result, result_to_bytes
from ballot.protocol.tally import EncryptedTally, SizedEncryptedTally, parse_encrypted_tally
from ballot.protocol.trustees import Trustee, public_keys
from ballot.record.programme_events import Move
from ballot.registrar.keyring import StorageKey

SERVER = 1
"""The server's own key is the first of the trustees structure; the trustees are owners 2 and up."""


@dataclass(frozen=True, slots=True)
class ToDecrypt:
    """What a trustee needs to make its share: the election and the published encrypted tally."""

    ballot_id: int
    uuid: str
    election: Election
    trustees: tuple[Trustee, ...]
    names: tuple[str, ...]
    encrypted_tally: bytes
    tally: EncryptedTally
    sized: SizedEncryptedTally

    def name(self, owner: int) -> str:
        """Who an owner is, in words; raises Refused if there is no such trustee."""
        if not SERVER <= owner <= 1 + len(self.names):
            raise Refused(Refusal.NO_SUCH_TRUSTEE, f"There is no trustee {owner}; they are 1 to {1 + len(self.names)}.")
        return "the server" if owner == SERVER else self.names[owner - 2]


def to_decrypt(desk: Desk, programme_id: str, election_name: str) -> ToDecrypt:
    """The total to be decrypted; raises Refused unless the ballot is closed and not yet tallied."""
    with reading(desk.engine) as session:
        ballot, programme = find_ballot(session, programme_id, election_name), find_programme(session, programme_id)
        if ballot is None or programme is None:
            raise Refused(Refusal.NO_SUCH_BALLOT, f"There is no ballot of {election_name} in {programme_id}.")
        closing = read_closing(session, ballot)
    if closing is None or State(ballot.state) is not State.CLOSED:
        raise Refused(
            Refusal.WRONG_STATE, f"The ballot of {election_name} is {ballot.state}; only a closed one is decrypted."
        )
    election = read_election(ballot.election or b"")
    return ToDecrypt(
        ballot.id,
        ballot.uuid,
        election,
        read_trustees(programme, ballot),
        read_programme(programme.toml).trustees.names,
        closing.encrypted_tally,
        parse_encrypted_tally(GROUP, closing.encrypted_tally, election),
        closing.sized,
    )


def add_server_share(desk: Desk, programme_id: str, election_name: str, instance: Path, storage: StorageKey) -> bool:
    """Make and add the server's own share; answers whether the ballot is tallied now. Raises Refused, KeyRefused."""
    task = to_decrypt(desk, programme_id, election_name)
    x = read_server_keys(instance, programme_id, storage)[task.uuid]
    share = create_partial_decryption(GROUP, task.election, task.tally, x, desk.rng)
    return add_share(desk, programme_id, election_name, SERVER, share.to_bytes())


def add_share(desk: Desk, programme_id: str, election_name: str, owner: int, body: bytes) -> bool:
    """Add a trustee's share, tally when it is the last one needed, and answer whether the ballot is tallied now.

    Raises: Refused; the same share again is not an error.
    """
    task = to_decrypt(desk, programme_id, election_name)
    _check_share(task, owner, body)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        if State(chronicle.ballot(election_name).state) is not State.CLOSED:
            raise Refused(Refusal.WRONG_STATE, f"The ballot of {election_name} was tallied meanwhile.")
        given = find_share(session, task.ballot_id, owner)
        if given is not None and given.body != body:
            raise Refused(Refusal.SHARE_ALREADY_GIVEN, f"{task.name(owner)} has given a share already.")
        if given is None:
            session.add(ShareRow(ballot_id=task.ballot_id, owner=owner, body=body, received_at=chronicle.now))
    return _tally_if_complete(desk, programme_id, election_name, task)


def _check_share(task: ToDecrypt, owner: int, body: bytes) -> None:
    name = task.name(owner)
    try:
        share = parse_partial_decryption(GROUP, body)
        check_partial_decryption(GROUP, task.election, task.tally, public_keys(task.trustees)[owner - 1], share)
    except InvalidMessage as fault:
        raise Refused(Refusal.INVALID_SHARE, f"The share of {name} does not hold: {fault.detail}.") from None


def _tally_if_complete(desk: Desk, programme_id: str, election_name: str, task: ToDecrypt) -> bool:
    with reading(desk.engine) as session:
        programme = find_programme(session, programme_id)
        given = {row.owner: row.body for row in list_shares(session, task.ballot_id)}
    chosen = _choose(programme, given)
    if chosen is None:
        return False
    shares = {owner: parse_partial_decryption(GROUP, body) for owner, body in chosen.items()}
    factors = combine_factors(GROUP, task.trustees, shares)
    result = result_to_bytes(compute_result(GROUP, task.tally, factors, task.sized.total_weight))
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        ballot: BallotRow = chronicle.ballot(election_name)
        if State(ballot.state) is State.TALLIED:
            return True
        for owner, body in chosen.items():
            owned = OwnedPartialDecryption(owner, sha256_hex(body)).to_bytes()
            chronicle.append(ballot, EventType.PARTIAL_DECRYPTION, [body, owned])
        chronicle.append(ballot, EventType.RESULT, [result])
        chronicle.move(ballot, Move.TALLIED, {"result": sha256_hex(result)}, (desk.board,), None)
    return True


def _choose(programme: ProgrammeRow | None, given: dict[int, bytes]) -> dict[int, bytes] | None:
    """The server's share and those of the first t trustees by number, or None while some are missing."""
    threshold = read_programme(programme.toml).trustees.threshold if programme else 0
    trustees = [owner for owner in sorted(given) if owner != SERVER][:threshold]
    if SERVER not in given or len(trustees) < threshold:
        return None
    return {owner: given[owner] for owner in (SERVER, *trustees)}
