"""By default no total is decrypted before the last ballot of the programme has closed.

The programme of world.py counts each CCG by itself; here that line is left out.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from ballot.audit.catalogue import Stage
from ballot.audit.run import Options, audit
from ballot.db.shares import list_shares
from ballot.office import situation
from ballot.office.acts.counting import Abandon, GiveShare
from ballot.office.acts.window import Extend
from ballot.office.board.publish import publish
from ballot.office.count import read_count_day
from ballot.office.desk import Why
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.tally import SERVER, to_decrypt
from ballot.record.moves import ReasonCode
from tests.integration.office.world import CLOSES, OPENS, World

WHY = Why(ReasonCode.REHEARSAL, "made up")
SECOND = timedelta(seconds=1)


@pytest.fixture
def together(world: World) -> World:
    """Three CCGs voting, and one practice of 00A has voted."""
    file = world.programme_folder / "programme.toml"
    file.write_text(file.read_text().replace('count = "each"\n', ""))
    world._seal()
    world.clock.now = OPENS
    world.cast(world.links()[0])
    return world


@pytest.mark.parametrize("owner", [SERVER, 2])
def test_no_share_is_taken_while_another_ccg_votes(
    together: World, owner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    together.close("00A")
    with monkeypatch.context() as lax:
        lax.setattr(situation, "still_voting", lambda programme, ballots: [])
        share = together.share("00A", owner)
    with pytest.raises(Refused) as refused:
        perform(together.desk, together.id, GiveShare("00A", owner, share))
    assert refused.value.reason is Refusal.NOT_ALL_CLOSED
    assert "NHS 00B CCG closes at" in refused.value.sentence
    with pytest.raises(Refused) as refused:
        to_decrypt(together.desk, together.id, "00A")
    assert refused.value.reason is Refusal.NOT_ALL_CLOSED
    with together.reading() as session:
        assert list_shares(session, together.row().id) == []
    day = read_count_day(together.engine, together.id, CLOSES - SECOND)
    assert day.still_voting == ("NHS 00B CCG", "NHS 00C CCG")

    together.close("00B", "00C")
    together.tally("00A", "00B", "00C")
    assert read_count_day(together.engine, together.id, together.clock()).still_voting == ()


def test_extending_one_ballot_keeps_every_total_closed(together: World) -> None:
    perform(together.desk, together.id, Extend("00B", CLOSES + timedelta(days=1)), together.two, WHY)
    together.clock.now = CLOSES + SECOND
    together.close_due("00A", "00C")
    with pytest.raises(Refused) as refused:
        to_decrypt(together.desk, together.id, "00A")
    assert refused.value.reason is Refusal.NOT_ALL_CLOSED


def test_an_abandoned_ballot_is_not_waited_for(together: World) -> None:
    together.close("00A")
    for ccg in ("00B", "00C"):
        perform(together.desk, together.id, Abandon(ccg), together.two, WHY)
    together.tally("00A")


def test_a_record_in_which_a_total_was_opened_too_soon_does_not_verify(
    together: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    together.close("00A")
    monkeypatch.setattr(situation, "still_voting", lambda programme, ballots: [])
    together.tally("00A")
    together.close("00B", "00C")
    together.tally("00B", "00C")
    packed = publish(together.desk, together.id, together.folder / "record", lambda record: None)

    report = audit(packed, Options(stage=Stage.TALLIED))

    assert {fault.check for fault in report.faults} == {"events.order"}
    assert [fault.detail for fault in report.faults] == ["00A was tallied before every ballot had closed"]
