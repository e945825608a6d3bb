"""Every answer to a cast, in order: if two things are wrong, the first check answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ballot.office.acts.counting import Abandon
from ballot.office.acts.membership import Reissue, Revoke, Strike
from ballot.office.board.election_status import list_board
from ballot.office.casting.cast import SMALLEST_LIMIT, CastAnswer, cast
from ballot.office.errors import Refusal
from ballot.office.perform import perform
from ballot.office.post.voting_links import PracticeLink
from ballot.protocol.ballots import Ballot, hash_unsigned, parse_ballot
from ballot.protocol.credentials import derive_private_key
from ballot.protocol.errors import Reason
from ballot.protocol.signatures import sign_hash
from ballot.record.receipts import check_receipt
from ballot.registrar.issuing import sign_again
from tests.integration.office.replay import replay
from tests.integration.office.world import CLOSES, OPENS, SECOND, WHY, World
from tests.support.databases import ON_ONE
from tests.support.simulator import FOR, G


def resigned(world: World, link: PracticeLink, change: Callable[[Ballot], Ballot]) -> bytes:
    """A ballot that was changed and signed again, so that only the change is wrong."""
    ballot = change(parse_ballot(G, world.ballot(link)))
    key = derive_private_key(G, world.row(link.ccg).uuid, link.credential)
    return replace(ballot, signature=sign_hash(G, key, hash_unsigned(ballot), world.rng)).to_bytes()


def false_proof(world: World, link: PracticeLink) -> bytes:
    def change(ballot: Ballot) -> Ballot:
        (answer,) = ballot.answers
        return replace(ballot, answers=(replace(answer, individual_proofs=answer.individual_proofs[::-1]),))

    return resigned(world, link, change)


def false_signature(world: World, link: PracticeLink) -> bytes:
    mine = parse_ballot(G, world.ballot(link))
    key = derive_private_key(G, world.row(link.ccg).uuid, world.links(link.ccg)[1].credential)
    return replace(mine, signature=sign_hash(G, key, hash_unsigned(mine), world.rng)).to_bytes()


HUGE = b"{" + b" " * SMALLEST_LIMIT
BEFORE, DURING, AFTER = OPENS - SECOND, OPENS, CLOSES


@pytest.mark.parametrize(
    ("moment", "token", "body", "voted", "expected"),
    [
        pytest.param(DURING, "", HUGE, False, (413, "too-large"), id="too large, and no token"),
        pytest.param(AFTER, "bad", b"no", False, (400, "not-json"), id="malformed, and a bad token, and closed"),
        pytest.param(AFTER, "bad", b"{}", False, (400, "wrong-fields"), id="not a ballot"),
        pytest.param(
            AFTER, "bad", "same", True, (200, "accepted"), id="the same ballot, with a bad token, after closing"
        ),
        pytest.param(BEFORE, "bad", "good", False, (403, "token-invalid"), id="a bad token, and not open"),
        pytest.param(AFTER, "bad", "false-proof", True, (403, "token-invalid"), id="a bad token, closed, voted, false"),
        pytest.param(BEFORE, None, "false-proof", False, (425, "not-open-yet"), id="not open, and a false proof"),
        pytest.param(AFTER, None, "false-proof", True, (410, "closed"), id="closed, voted, and a false proof"),
        pytest.param(DURING, None, "false-proof", True, (409, "already-voted"), id="voted, and a false proof"),
        pytest.param(DURING, None, "false-proof", False, (400, "individual-proof"), id="a false proof"),
        pytest.param(DURING, None, "false-signature", False, (400, "signature"), id="another's signature"),
        pytest.param(DURING, None, "good", False, (200, "accepted"), id="accepted"),
        pytest.param(CLOSES - SECOND, None, "good", False, (200, "accepted"), id="the last second"),
    ],
)
def test_the_answer_that_stands_first_is_given(
    sealed: World, moment: object, token: str | None, body: str | bytes, voted: bool, expected: tuple[int, str]
) -> None:
    link = sealed.links()[0]
    sealed.clock.now = OPENS
    first = sealed.ballot(link)
    if voted:
        assert sealed.cast(link, first).status == 200
    made = {
        "good": lambda: sealed.ballot(link),
        "same": lambda: first,
        "false-proof": lambda: false_proof(sealed, link),
        "false-signature": lambda: false_signature(sealed, link),
    }
    data = body if isinstance(body, bytes) else made[body]()
    sealed.clock.now = moment  # type: ignore[assignment]
    before = sealed.archive()
    answer = sealed.cast(link, data, token=token)
    assert (answer.status, answer.word) == expected
    assert (answer.receipt is not None) == (answer.status == 200)
    if answer.status != 200:
        assert sealed.archive() == before


def test_every_word_of_a_refusal_is_one_of_an_enum(sealed: World) -> None:
    words = {refusal.value for refusal in Refusal}
    assert len(words) == len(Refusal)
    assert not words & {reason.value for reason in Reason}


def strike_it(world: World, link: PracticeLink) -> None:
    perform(world.desk, world.id, Strike(link.ccg, link.practice), world.two, WHY)


def reissue_it(world: World, link: PracticeLink) -> None:
    perform(world.desk, world.id, Reissue(link.ccg, link.practice), (world.registrar,))


def revoke_it(world: World, link: PracticeLink) -> None:
    perform(world.desk, world.id, Revoke(link.ccg, link.practice), (world.registrar,))


@pytest.mark.parametrize(
    ("act", "word"),
    [(strike_it, "practice-struck"), (reissue_it, "token-superseded"), (revoke_it, "token-revoked")],
)
def test_a_token_that_has_ended_is_refused(
    opened: World, act: Callable[[World, PracticeLink], None], word: str
) -> None:
    link = opened.links()[0]
    act(opened, link)
    assert opened.cast(link) == CastAnswer(403, word)


@ON_ONE
def test_a_token_for_another_ccg_is_refused(opened: World) -> None:
    link, other = opened.links()[0], opened.links("00B")[0]
    assert opened.cast(link, token=other.token) == CastAnswer(403, "token-for-another-ballot")


@ON_ONE
def test_a_token_of_another_practice_does_not_carry_my_ballot(opened: World) -> None:
    mine, other = opened.links()[:2]
    assert opened.cast(mine, token=other.token) == CastAnswer(403, "credential-of-another")


def test_a_token_that_the_registrar_signed_and_never_issued_is_unknown(opened: World) -> None:
    link = opened.links()[0]
    public = next(entry.public for entry in opened.entries.values() if entry.practice == link.practice)
    never = sign_again(opened.id, link.ccg, link.practice, public, 9, CLOSES, opened.registrar)
    assert opened.cast(link, token=never) == CastAnswer(403, "token-unknown")


def test_a_token_ends_at_its_long_stop_whatever_the_window(opened: World) -> None:
    link = opened.links()[0]
    opened.clock.now = CLOSES + timedelta(days=180)
    assert opened.cast(link) == CastAnswer(403, "token-expired")


def test_a_ballot_of_an_abandoned_ccg_is_refused(opened: World) -> None:
    link = opened.links()[0]
    perform(opened.desk, opened.id, Abandon("00A"), opened.two, WHY)
    assert opened.cast(link) == CastAnswer(410, "abandoned")


def test_a_ccg_or_programme_that_is_not_there_and_a_draft_have_no_ballot(opened: World) -> None:
    link = opened.links()[0]
    body = opened.ballot(link)
    for programme, ccg in ((opened.id, "99Z"), ("other", "00A")):
        answer = cast(opened.engine, opened.clock, programme, ccg, link.token, body, opened.board)
        assert answer == CastAnswer(404, "no-such-ballot")


def test_a_draft_takes_no_ballot(world: World) -> None:
    world.prepare()
    answer = cast(world.engine, world.clock, world.id, "00A", "", b"{}", world.board)
    assert answer == CastAnswer(404, "no-such-ballot")


@ON_ONE
def test_a_ballot_for_another_election_is_refused(opened: World) -> None:
    link = opened.links()[0]
    uuid = opened.row("00B").uuid
    data = resigned(opened, link, lambda ballot: replace(ballot, election_uuid=uuid))
    assert opened.cast(link, data) == CastAnswer(400, "election-uuid")


def test_the_identical_ballot_has_the_identical_receipt_even_after_a_reissue(opened: World) -> None:
    link = opened.links()[0]
    body = opened.ballot(link)
    first = opened.cast(link, body)
    reissue_it(opened, link)
    assert opened.cast(link, body) == first
    receipt = check_receipt(first.receipt or b"", opened.board.public)
    event = replay(opened.archive()).events[receipt.height]
    assert (receipt.chain_head, receipt.time) == (event.hash, OPENS)


def test_where_the_last_counts_a_later_ballot_supersedes_and_both_receipts_stand(world: World) -> None:
    world.policy = "last-counts"
    world.programme_folder.joinpath("programme.toml").write_text(
        world.programme_folder.joinpath("programme.toml").read_text().replace('"final"', '"last-counts"')
    )
    world.open()
    link = world.links()[0]
    bodies = [world.ballot(link, FOR) for _ in range(2)]
    receipts = [world.cast(link, body).receipt for body in bodies]
    assert [world.cast(link, body).receipt for body in bodies] == receipts
    with world.reading() as session:
        listed = list_board(session, world.row())
    assert [(entry.height, entry.superseded_at) for entry in listed] == [(1, 2), (2, None)]


@ON_ONE
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"null", b"[" * 60000, b"9" * 60000, b'{"a":1,"a":2}', b'"\\ud800"', b"{}"], ids=range(8)
)
def test_whatever_bytes_come_they_are_answered_with_a_word(opened: World, body: bytes) -> None:
    answer = opened.cast(opened.links()[0], body)
    assert answer.status == 400
    assert answer.word in {reason.value for reason in Reason}


@pytest.mark.parametrize("token", [".", "a.b", "\ud800.\udfff", "é.é", "x" * 100_000, "." * 999, "\0"], ids=range(7))
def test_whatever_token_comes_it_is_refused(opened: World, token: str) -> None:
    assert opened.cast(opened.links()[0], token=token) == CastAnswer(403, "token-invalid")


@pytest.mark.parametrize(
    ("programme", "ccg"), [("\0", "00A"), ("merger", "\0"), ("\ud800", "00A"), ("merger", "' OR 1=1"), ("é" * 999, "")]
)
def test_whatever_address_comes_there_is_no_ballot(opened: World, programme: str, ccg: str) -> None:
    answer = cast(opened.engine, opened.clock, programme, ccg, "", b"{}", opened.board)
    assert answer == CastAnswer(404, "no-such-ballot")
