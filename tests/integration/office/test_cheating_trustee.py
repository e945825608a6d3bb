"""The whole count with one cheating trustee of three, and with a cheating server.

Both make the last ballot, an honest one, with chosen randomness, so that a false factor has a proof that holds as the
specification asks (tests/support/vectors/tampered_totals.py). Practices voted (2, 1, 0); the cheat would publish
(0, 3, 0).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ballot.audit.run import Options, audit
from ballot.db.session import transaction
from ballot.db.shares import ShareRow, list_shares
from ballot.declaration.errors import NotVerified
from ballot.office.acts.counting import Decide, Declare, GiveShare
from ballot.office.board.publish import publish_verified, write_record
from ballot.office.chronicle import open_chronicle
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.perform import perform
from ballot.office.setup.server_keys import read_server_keys
from ballot.office.tally import SERVER, to_decrypt
from ballot.protocol.ballots import parse_ballot
from ballot.protocol.credentials import derive_private_key
from ballot.protocol.decryption import OwnedPartialDecryption, check_partial_decryption, combine_factors
from ballot.protocol.events import EventType
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.proofs import Proof
from ballot.protocol.results import compute_result, result_to_bytes
from ballot.protocol.strong_decryption import OwnedStrongProofs, TrusteeShare, create_share, parse_share
from ballot.protocol.trustees import public_keys
from ballot.record.decryptions import decryptions_path, write_decryptions
from ballot.record.programme_events import Move
from tests.integration.office.replay import replay
from tests.integration.office.world import World
from tests.support.simulator import AGAINST, FOR, G
from tests.support.vectors.tampered_totals import ballot_with, forge, shifted, shifts_of, tally_of


def vote_and_close(world: World, forger: int, counted: tuple[int, ...]) -> list[Proof]:
    """Three practices of 00A vote, the last one's ballot made by the forger; its false proofs."""
    links = world.links()[:3]
    honest = [world.ballot(link, vote) for link, vote in zip(links, (FOR, AGAINST), strict=False)]
    for link, body in zip(links, honest, strict=False):
        world.cast(link, body)
    election, x = world.election(), key_of(world, forger)
    cast = [([answer.choices for answer in parse_ballot(G, body).answers], 1) for body in honest]
    before = tally_of(election, cast)
    randomness, proofs = forge(election, before, x, shifts_of(forger, counted), 1, world.rng)
    s = derive_private_key(G, election.uuid, links[2].credential)
    assert world.cast(links[2], ballot_with(election, s, FOR, randomness, world.rng).to_bytes()).status == 200
    world.close()
    return proofs


def key_of(world: World, owner: int) -> int:
    if owner == SERVER:
        return read_server_keys(world.instance, world.id, world.storage)[world.row().uuid]
    return world.trustee_keys[owner - 2]


def false_share(world: World, forger: int, counted: tuple[int, ...], proofs: list[Proof]) -> TrusteeShare:
    """The share that the specification's check lets pass."""
    task = to_decrypt(world.desk, world.id, "00A")
    honest = create_share(G, task.election, task.tally, forger, key_of(world, forger), world.rng)
    share = shifted(honest, shifts_of(forger, counted), proofs)
    check_partial_decryption(G, task.election, task.tally, public_keys(task.trustees)[forger - 1], share.partial)
    return share


def refused(world: World, owner: int, body: bytes) -> Refused:
    with pytest.raises(Refused) as told:
        perform(world.desk, world.id, GiveShare("00A", owner, body))
    return told.value


def owners(world: World) -> list[int]:
    with world.reading() as session:
        return [row.owner for row in list_shares(session, world.row().id)]


def test_one_cheating_trustee_of_three_is_named_and_the_count_ends_with_the_others(opened: World) -> None:
    proofs = vote_and_close(opened, forger=2, counted=(SERVER, 2, 4))
    opened.give("00A", SERVER)
    cheat = false_share(opened, 2, (SERVER, 2, 4), proofs).to_bytes()

    told = refused(opened, 2, cheat)

    assert told.reason is Refusal.INVALID_SHARE
    assert told.sentence == (
        "The share of One is not valid: the factor of question 0, choice 0 has no valid strong proof."
    )
    assert owners(opened) == [SERVER]
    assert [
        perform(opened.desk, opened.id, GiveShare("00A", owner, opened.share("00A", owner))) for owner in (3, 4)
    ] == [
        False,
        True,
    ]
    assert replay(opened.archive()).result == ((2, 1, 0),)
    opened.tally(*(name for name in opened.elections if name != "00A"))
    perform(opened.desk, opened.id, Decide())
    perform(opened.desk, opened.id, Declare(), opened.two)
    published = publish_verified(opened.desk, opened.id, opened.folder / "public")
    assert published.verdict == "VERIFIED"


def test_a_cheating_trustee_may_mend_its_share(opened: World) -> None:
    proofs = vote_and_close(opened, forger=2, counted=(SERVER, 2, 4))
    refused(opened, 2, false_share(opened, 2, (SERVER, 2, 4), proofs).to_bytes())

    opened.tally("00A")

    assert replay(opened.archive()).result == ((2, 1, 0),)


def test_a_share_as_the_specification_has_it_is_refused_by_name_for_the_proofs_that_it_lacks(opened: World) -> None:
    vote_and_close(opened, forger=2, counted=(SERVER, 2, 4))
    weak = parse_share(G, opened.share("00A", 3)).partial.to_bytes()

    told = refused(opened, 3, weak)

    assert told.reason is Refusal.INVALID_SHARE
    assert told.sentence.startswith("The share of Two is not valid: it has no strong proofs")


def test_shares_that_do_not_open_the_total_together_are_a_sentence_and_nothing_is_written(opened: World) -> None:
    """No share that was checked can do this; a row that somebody changed in the database can."""
    proofs = vote_and_close(opened, forger=2, counted=(SERVER, 2, 3))
    changed = false_share(opened, 2, (SERVER, 2, 3), proofs).to_bytes()
    with transaction(opened.engine) as session:
        session.add(ShareRow(ballot_id=opened.row().id, owner=2, body=changed, received_at=opened.clock.now))
    opened.give("00A", SERVER)

    told = refused(opened, 4, opened.share("00A", 4))

    assert told.reason is Refusal.INVALID_SHARE
    assert told.sentence.startswith("The shares of the server, One, Three do not open the total together")
    assert owners(opened) == [SERVER, 2]
    assert State(opened.row().state) is State.CLOSED


@pytest.mark.parametrize("keeps", ["its-best-proofs", "nothing"])
def test_a_cheating_server_gets_no_verified_record_out_of_its_count(opened: World, tmp_path: Path, keeps: str) -> None:
    """It needs nobody to write what it likes into its own database, and goes on to the declaration."""
    counted = (SERVER, 2, 4)
    proofs = vote_and_close(opened, forger=SERVER, counted=counted)
    cheat = false_share(opened, SERVER, counted, proofs)
    shares = {SERVER: cheat} | {owner: parse_share(G, opened.share("00A", owner)) for owner in counted[1:]}
    write_tally(opened, shares)
    assert replay(opened.archive()).result == ((0, 3, 0),)
    opened.tally(*(name for name in opened.elections if name != "00A"))
    perform(opened.desk, opened.id, Decide())
    perform(opened.desk, opened.id, Declare(), opened.two)

    with pytest.raises(NotVerified, match=r"decryption\.bound"):
        publish_verified(opened.desk, opened.id, opened.folder / "public")
    with opened.reading() as session:
        write_record(session, opened.id, tmp_path / "record", opened.board)
    if keeps == "nothing":
        (tmp_path / "record" / decryptions_path("00A")).unlink()
    found = audit(tmp_path / "record", Options())
    assert found.exit_status == 1
    assert "decryption.bound" in found.failed()
    assert set(found.failed()) <= {"decryption.bound", "record.manifest", "events.data"}


def write_tally(world: World, shares: dict[int, TrusteeShare]) -> None:
    """What `GiveShare` writes, without what it checks."""
    task = to_decrypt(world.desk, world.id, "00A")
    factors = combine_factors(G, task.trustees, {owner: share.partial for owner, share in shares.items()})
    result = result_to_bytes(compute_result(G, task.tally, factors, task.sized.total_weight))
    with transaction(world.engine) as session:
        chronicle = open_chronicle(session, world.desk, world.id)
        ballot = chronicle.ballot("00A")
        for owner, share in shares.items():
            session.add(ShareRow(ballot_id=ballot.id, owner=owner, body=share.to_bytes(), received_at=chronicle.now))
            partial = share.partial.to_bytes()
            owned = OwnedPartialDecryption(owner, sha256_hex(partial)).to_bytes()
            chronicle.append(ballot, EventType.PARTIAL_DECRYPTION, [partial, owned])
        chronicle.append(ballot, EventType.RESULT, [result])
        strong = write_decryptions(OwnedStrongProofs(owner, share.proofs) for owner, share in shares.items())
        data = {"result": sha256_hex(result), "proofs": sha256_hex(strong)}
        chronicle.move(ballot, Move.TALLIED, data, (world.board,), None)
