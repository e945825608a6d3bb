"""From an act to a real mail server: who gets what, once, with whose link; one bad address does not affect others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.outbox import MessageRow
from ballot.db.practices import PracticeRow
from ballot.db.session import reading, transaction
from ballot.mail.envelope import MailKey, mark_of
from ballot.mail.messages import Kind
from ballot.mail.states import DeliveryState
from ballot.office.acts.counting import Abandon, Decide, Declare
from ballot.office.acts.membership import Reissue, Strike
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.post.mail_status import mail_status
from ballot.office.post.mailings import announce, retry
from ballot.office.post.outbox import Everyone, OneCcg, OnePractice
from ballot.office.post.send import CLAIM_LASTS, MOST_ATTEMPTS, WAITS, send_due
from ballot.registrar.keyring import init_keys, open_mail_secret
from tests.integration.mail.mail_server import MailServer
from tests.integration.mail.post import HELP_DESK, Post, links_in, part
from tests.integration.office.world import CLOSES, OPENS, WHY, World


def newest_entry(world: World) -> tuple[str, str, str | None, str]:
    with world.reading() as session:
        (row, *_) = list_activity(session, ActivityFilter(), 1)
    return row.act, row.actor, row.ccg, row.details


def test_every_practice_gets_its_own_link_and_a_second_invitation_is_never_queued(post: Post) -> None:
    assert post.invite().messages == 12
    assert post.send().states == {DeliveryState.SENT: 12}
    again = post.invite()
    assert (again.messages, len(again.before)) == (0, 12)
    assert post.send().states == {}
    wanted = {
        link.email: link.url("https://vote.example.org") for ccg in post.world.ccgs for link in post.world.links(ccg)
    }
    assert {got.recipients[0]: links_in(got.message) for got in post.server.got} == {k: [v] for k, v in wanted.items()}
    for message in post.mailed():
        assert links_in(message, "html") == links_in(message)
        assert str(message["Reply-To"]) == HELP_DESK


def test_each_invitation_says_what_the_roll_says_the_vote_counts_for(post: Post) -> None:
    post.invite()
    post.send()
    said = {got.recipients[0]: " ".join(part(got.message, "plain").split()) for got in post.server.got}

    for address, words in {
        "y02@example.org": "one vote",
        "y12@example.org": "one practice and 3,000 registered patients",
        "y22@example.org": "3,000 registered patients",
    }.items():
        assert f"Its vote counts for {words}." in said[address]


def test_what_is_on_the_wire_names_one_recipient_and_the_address_for_bounces(post: Post) -> None:
    post.invite()
    post.send()
    for got in post.server.got:
        assert got.sender == "bounces@vote.example.org"
        assert [str(got.message["To"])] == got.recipients
        assert got.message["Cc"] is None
        assert got.message["Bcc"] is None


def test_one_bad_address_stops_nobody_else(post: Post) -> None:
    post.server.refuse = {"y01@example.org": "550 5.1.1 no such user", "y02@example.org": "450 4.2.0 greylisted"}
    post.invite()
    done = post.send()
    assert done.states == {DeliveryState.SENT: 10, DeliveryState.BOUNCED: 1, DeliveryState.DEFERRED: 1}
    assert done.stopped is None
    (bounced,) = post.rows("Y00001")
    assert (bounced.state, bounced.answer) == (DeliveryState.BOUNCED, "550 5.1.1 no such user")
    post.server.refuse.clear()
    assert post.send().states == {}
    post.later(minutes=1)
    assert post.send().states == {DeliveryState.SENT: 1}
    assert len(post.server.to("y02@example.org")) == 1


def test_a_server_that_refuses_us_blames_no_address_and_ends_the_round(post: Post) -> None:
    """It was 12 of 12 addresses bounced, one after the other."""
    everyone = [f"y{ccg}{n}@example.org" for ccg in range(3) for n in range(4)]
    post.server.refuse = dict.fromkeys(everyone, "554 5.7.1 Relay access denied")
    post.invite()
    for _ in range(3):
        done = post.send()
        assert (done.states, done.stopped) == ({DeliveryState.DEFERRED: 1}, "554 5.7.1 Relay access denied")
    post.server.refuse = {"y01@example.org": "550 5.1.1 no such user"}
    post.later(minutes=1)
    assert post.send().states == {DeliveryState.SENT: 11, DeliveryState.BOUNCED: 1}
    assert len({got.id for got in post.server.got}) == len(post.server.got) == 11


def test_a_message_id_cannot_be_worked_out_and_there_is_none_before_the_first_attempt(post: Post) -> None:
    post.invite("Y00000")
    (queued,) = _all_rows(post.world, "y00@example.org")
    assert queued.mark is None
    post.send()
    (sent,) = _all_rows(post.world, "y00@example.org")
    (got,) = post.server.got
    assert sent.name == queued.name
    assert got.id == f"<invitation.{sent.mark}@vote.example.org>"
    assert sent.name.partition(".")[2] not in got.id
    assert sent.mark == MailKey(open_mail_secret(post.world.keys)).mark(sent.name) != MailKey(b"x" * 32).mark(sent.name)


def test_a_message_that_is_sent_again_has_the_message_id_it_had_whatever_the_key_is_by_then(post: Post) -> None:
    post.server.refuse_data = {"y00@example.org": "451 4.3.0 try later"}
    post.invite("Y00000")
    post.send()
    before = post.message_id("Y00000")
    (post.world.keys / "private" / "mail.key").unlink()
    init_keys(post.world.keys, names=("mail",))
    post.server.refuse_data.clear()
    post.later(minutes=1)
    post.send()
    assert [got.id for got in post.server.got] == [before]


def test_with_a_place_for_it_the_return_path_has_the_mark(post: Post) -> None:
    post.return_path = "bounces+*@vote.example.org"
    post.invite()
    post.send()
    for got in post.server.got:
        mark = mark_of(got.id)
        assert got.sender == f"bounces+{mark}@vote.example.org"
        assert len(got.sender.partition("@")[0]) <= 64
    assert len({got.sender for got in post.server.got}) == 12


def test_a_deferred_message_is_tried_ever_more_rarely_and_given_up_where_a_person_sees_it(post: Post) -> None:
    post.server.refuse = {"y00@example.org": "451 4.3.0 try later"}
    post.invite("Y00000")
    tries = 0
    while post.rows("Y00000")[0].state is not DeliveryState.FAILED:
        tries += bool(post.send().states)
        post.later(minutes=1 if tries < 4 else 240)
    assert tries == MOST_ATTEMPTS
    assert post.send().states == {}
    assert retry(post.world.engine, post.world.clock, post.world.id, OnePractice("Y00000")) == 1
    assert newest_entry(post.world) == ("mail-queued", "command line", "00A", '{"kind":"invitation","messages":1}')
    post.server.refuse.clear()
    post.send()
    assert post.rows("Y00000")[0].state is DeliveryState.SENT


def test_a_server_that_is_full_ends_the_round_and_nothing_is_lost(post: Post) -> None:
    post.server.refuse_data = {"y00@example.org": "552 5.3.4 mailbox system full"}
    post.invite()
    done = post.send()
    assert done.stopped == "552 5.3.4 mailbox system full"
    post.server.refuse_data.clear()
    post.later(minutes=1)
    assert post.send().states == {DeliveryState.SENT: 12}
    assert len({got.id for got in post.server.got}) == len(post.server.got) == 12


def test_without_the_registrar_invitations_wait_where_everybody_sees_it(post: Post) -> None:
    post.locked = True
    post.invite()
    done = post.send()
    assert (done.states, done.waiting) == ({}, 12)
    assert {(row.state, row.answer) for row in post.rows()} == {(DeliveryState.QUEUED, WAITS)}
    post.locked = False
    assert post.send().states == {DeliveryState.SENT: 12}


def test_a_reminder_without_the_registrar_points_to_the_invitation(post: Post) -> None:
    post.locked = True
    post.remind("Y00000")
    post.send()
    (got,) = post.server.got
    assert links_in(got.message) == links_in(got.message, "html") == []
    assert "use the link in your invitation" in part(got.message, "plain")


def test_a_reminder_goes_only_to_those_who_have_not_voted_and_says_nothing_of_how(post: Post) -> None:
    assert post.world.cast(post.world.links()[0]).status == 200
    queued = post.remind(OneCcg("00A"))
    assert queued.practices == ("Y00001", "Y00002", "Y00003")
    assert post.world.cast(post.world.links()[1]).status == 200  # between queueing and sending
    post.send()
    assert [row.state for row in post.rows("Y00001", Kind.REMINDER)] == [DeliveryState.DROPPED]
    reminded = [got for got in post.server.got if got.id.startswith("<reminder.")]
    assert [got.recipients for got in reminded] == [["y02@example.org"], ["y03@example.org"]]
    assert "Abstain" not in "".join(part(got.message, "plain") for got in reminded)


def test_nobody_is_reminded_twice_on_one_day(post: Post) -> None:
    post.remind()
    assert post.remind().messages == 0
    post.later(days=1)
    assert post.remind().messages == 12


@pytest.mark.parametrize("practice", ["", " ", "Y99999", "%", "*", "all", "Y0000", "y00001", "Y00001 Y00002", "00A"])
def test_a_reminder_to_one_practice_can_never_become_one_to_all(post: Post, practice: str) -> None:
    with pytest.raises(Refused) as caught:
        post.remind(OnePractice(practice))
    assert caught.value.reason is Refusal.NO_SUCH_PRACTICE
    post.send()
    assert post.server.got == []
    assert {row.kind for row in post.rows()} == {None}


def test_a_reminder_to_one_practice_reaches_it_alone_even_where_it_shares_an_address(post: Post) -> None:
    share_address(post.world, "Y00001", "y00@example.org")
    post.remind("Y00000")
    post.send()
    (got,) = post.server.got
    assert got.recipients == ["y00@example.org"]
    assert "Y00001" not in part(got.message, "plain")


def test_a_new_link_goes_to_its_practice_alone_and_is_the_live_one(post: Post) -> None:
    post.invite()
    post.send()
    post.server.got.clear()
    old = post.world.links()[2]
    perform(post.world.desk, post.world.id, Reissue("00A", "Y00002"), (post.world.registrar,))
    post.send()
    (got,) = post.server.got
    assert got.recipients == ["y02@example.org"]
    assert got.id.startswith("<reissued.")
    assert (
        links_in(got.message)
        == [post.world.links()[2].url("https://vote.example.org")]
        != [old.url("https://vote.example.org")]
    )


def test_a_link_superseded_between_queueing_and_sending_is_never_sent(post: Post) -> None:
    post.invite("Y00002")
    room = post.room()
    assert room.links is not None
    with reading(post.world.engine) as session:  # the links are known before the re-issue
        first = session.scalars(select(PracticeRow.id).where(PracticeRow.ods == "Y00002")).one()
        old = room.links.of(session, post.world.id, first)
    perform(post.world.desk, post.world.id, Reissue("00A", "Y00002"), (post.world.registrar,))
    with reading(post.world.engine) as session:
        new = room.links.of(session, post.world.id, first)
    assert old is not None
    assert new is not None
    assert old.token != new.token
    post.send()
    live = post.world.links()[2].url("https://vote.example.org")
    assert [links_in(got.message) for got in post.server.got] == [[live], [live]]


def test_a_struck_practice_gets_nothing_but_the_news_that_it_was_struck(post: Post) -> None:
    post.invite()
    perform(post.world.desk, post.world.id, Strike("00A", "Y00003"), post.world.two, WHY)
    post.send()
    (got,) = post.server.to("y03@example.org")
    assert "Your practice cannot vote" in str(got.message["Subject"])
    assert [(row.kind, row.state, row.answer) for row in _all_rows(post.world, "y03@example.org")] == [
        ("invitation", "dropped", "practice-struck"),
        ("ballot-changed", "sent", "accepted by the mail server"),
    ]
    status = mail_status(post.world.engine, post.world.id, post.world.clock(), sees_who_voted=True)
    shown = [(one.kind, one.name) for one in status.posted if one.practice == "Y00003"]
    assert shown == [(kind, "Practice 0-3, struck off the roll") for kind in (Kind.INVITATION, Kind.BALLOT_CHANGED)]
    assert "Y00003" not in {problem.practice for problem in status.problems}
    assert "Y00003" not in post.remind().practices
    with pytest.raises(Refused, match="already-struck"):
        post.remind("Y00003")


def test_nothing_is_sent_for_a_ballot_that_has_ended(post: Post) -> None:
    post.invite()
    perform(post.world.desk, post.world.id, Abandon("00B"), post.world.two, WHY)
    post.send()
    invitations = [row for row in post.rows(kind=Kind.INVITATION) if row.ccg == "00B"]
    assert {row.state for row in invitations} == {DeliveryState.DROPPED}
    with pytest.raises(Refused, match="wrong-state"):
        post.remind(OneCcg("00B"))


def test_a_vote_queues_a_receipt_and_a_notice_to_each_further_address_and_they_go_out_locked(post: Post) -> None:
    set_practice(post.world, "Y00000", notify="chair@example.org partner@example.net")
    post.locked = True
    answer = post.world.cast(post.world.links()[0])
    assert post.world.cast(post.world.links()[0], None).word == "already-voted"
    post.send()
    by_address = {got.recipients[0]: got.message for got in post.server.got}
    assert set(by_address) == {"y00@example.org", "chair@example.org", "partner@example.net"}
    receipt = by_address["y00@example.org"]
    (attached,) = receipt.iter_attachments()
    assert attached.get_content() == answer.receipt
    assert attached.get_filename() == "receipt-Y00000-00A.json"
    notice = by_address["chair@example.org"]
    assert "We accepted a vote from this practice" in part(notice, "plain")
    assert list(notice.iter_attachments()) == []
    assert str(notice["List-Unsubscribe"]).startswith(f"<mailto:{HELP_DESK}?subject=unsubscribe")
    assert receipt["List-Unsubscribe"] is None
    for message in by_address.values():
        assert links_in(message) == links_in(message, "html") == []


def test_the_same_ballot_cast_again_queues_nothing_more(post: Post) -> None:
    link = post.world.links()[0]
    body = post.world.ballot(link)
    assert post.world.cast(link, body) == post.world.cast(link, body)
    assert len(post.rows("Y00000")) == 1


def test_a_practice_without_an_address_votes_like_any_other_and_is_named(post: Post) -> None:
    set_practice(post.world, "Y00000", email=None)
    assert post.invite().without_address == ("Y00000",)
    assert post.world.cast(post.world.links()[0]).status == 200
    assert [(row.kind, row.state) for row in post.rows("Y00000")] == [(None, None)]


def test_practices_that_share_an_address_get_one_message_with_a_link_each(post: Post) -> None:
    share_address(post.world, "Y00001", "Y00@Example.org")
    share_address(post.world, "Y10000", "y00@example.org")
    assert post.invite().messages == 10
    post.send()
    (got,) = post.server.to("y00@example.org")
    mine = [link.url("https://vote.example.org") for ccg in ("00A", "00B") for link in post.world.links(ccg)]
    assert links_in(got.message) == links_in(got.message, "html") == [mine[0], mine[1], mine[4]]
    for name in ("Practice 0-0", "Practice 0-1", "Practice 1-0"):
        assert name in part(got.message, "plain")


def test_of_a_shared_message_only_those_who_can_still_vote_are_listed(post: Post) -> None:
    share_address(post.world, "Y00001", "y00@example.org")
    post.remind(OneCcg("00A"))
    assert post.world.cast(post.world.links()[1]).status == 200
    post.send()
    (got,) = [got for got in post.server.got if got.id.startswith("<reminder.")][:1]
    assert "Y00000" in part(got.message, "plain")
    assert "Y00001" not in part(got.message, "plain")


def test_the_declared_result_reaches_everybody_with_one_link_to_the_board(post: Post) -> None:
    world = post.world
    for ccg in world.ccgs:
        for link in world.links(ccg)[:3]:
            assert world.cast(link).status == 200
    post.send()
    post.server.got.clear()
    with pytest.raises(Refused, match="not-ready"):
        announce(world.engine, world.clock, world.id, Everyone())
    world.close()
    world.tally()
    perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two)
    post.locked = True
    post.send()
    assert len(post.server.got) == 12
    text = part(post.server.to("y00@example.org")[0].message, "plain")
    assert "carried" in text
    assert "the merger goes ahead with NHS 00A, NHS 00B and NHS 00C CCGs" in text
    for message in post.mailed():
        assert links_in(message) == links_in(message, "html") == ["https://vote.example.org/board/merger/results"]
    assert announce(world.engine, world.clock, world.id, Everyone()).messages == 0


def test_telling_the_result_again_is_in_the_activity_log_if_anything_was_queued(post: Post) -> None:
    world = post.world
    world.cast(world.links()[0])
    with transaction(world.engine) as session:
        session.execute(update(PracticeRow).where(PracticeRow.ods == "Y00001").values(email=None))
    world.close()
    world.tally()
    perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two)
    before = newest_entry(world)
    announce(world.engine, world.clock, world.id, Everyone())
    assert newest_entry(world) == before
    with transaction(world.engine) as session:
        session.execute(update(PracticeRow).where(PracticeRow.ods == "Y00001").values(email="late@example.org"))
    assert announce(world.engine, world.clock, world.id, OneCcg("00A")).messages == 1
    assert newest_entry(world) == ("mail-queued", "command line", "00A", '{"kind":"result","messages":1}')


def test_no_more_are_sent_in_a_minute_than_the_settings_allow(post: Post) -> None:
    post.rate = 4
    post.invite(OneCcg("00A"))
    post.send()
    assert post.waited == [timedelta(seconds=15)] * 4


def test_a_message_left_by_a_process_that_died_is_taken_over_once_its_mark_runs_out(post: Post) -> None:
    post.invite("Y00000")
    leave_in_sending(post)
    assert post.send().states == {}
    post.later(seconds=int(CLAIM_LASTS.total_seconds()))
    assert post.send().states == {DeliveryState.SENT: 1}
    (got,) = post.server.got
    assert str(got.message["Date"]) == "Mon, 11 May 2020 08:00:00 +0000"  # of the first attempt


def test_a_message_that_cannot_be_made_holds_up_no_other(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.invite(OneCcg("00A"))
    import ballot.office.post.send as send

    real = send.render
    broken = iter([ValueError("hunter2")])

    def render(message: object, attaches: bool) -> object:
        for fault in broken:
            raise fault
        return real(message, attaches)  # type: ignore[arg-type]

    monkeypatch.setattr(send, "render", render)
    assert post.send().states == {DeliveryState.DEFERRED: 1, DeliveryState.SENT: 3}
    assert post.rows("Y00000")[0].answer == "the message could not be made: ValueError"


def test_another_registrars_key_sends_nothing_and_says_so(post: Post) -> None:
    post.invite("Y00000")
    room = post.room()
    assert room.links is not None
    room.links._registrar = post.world.officer
    from ballot.office.post.send import send_due

    with pytest.raises(Refused, match="foreign-key"):
        send_due(room)
    assert post.server.got == []
    assert post.rows("Y00000")[0].state is DeliveryState.DEFERRED


def test_no_invitation_before_sealing(world: World, mail_server: MailServer) -> None:
    post = Post(world.prepare().make_backup().issue(), mail_server)
    with pytest.raises(Refused, match="wrong-state"):
        post.invite()
    with pytest.raises(Refused, match="wrong-state"):
        post.remind()


def test_an_invitation_before_opening_says_when_that_is_and_a_reminder_is_too_early(post: Post) -> None:
    post.world.clock.now = OPENS - timedelta(days=1)
    post.invite("Y00000")
    post.send()
    assert "Voting opens:  9am on Monday 11 May 2020, British Summer Time" in part(post.server.got[0].message, "plain")
    with pytest.raises(Refused, match="wrong-state"):
        post.remind()


def set_practice(world: World, ods: str, **columns: str | None) -> None:
    with transaction(world.engine) as session:
        practice = session.scalars(select(PracticeRow).where(PracticeRow.ods == ods)).one()
        for name, value in columns.items():
            setattr(practice, name, value)


def share_address(world: World, ods: str, address: str) -> None:
    set_practice(world, ods, email=address)


def leave_in_sending(post: Post) -> None:
    """As a process does that dies between marking and sending."""
    from ballot.office.post.send import _claim

    assert _claim(replace(post.room())) is not None


def _all_rows(world: World, address: str) -> list[MessageRow]:
    with reading(world.engine) as session:
        return list(session.scalars(select(MessageRow).where(MessageRow.to == address)))


def test_a_clock_that_was_put_past_the_closing_drops_no_invitation(post: Post) -> None:
    post.invite()
    right, post.world.clock.now = post.world.clock.now, CLOSES + timedelta(days=3)

    send_due(replace(post.room(), doubts=lambda: True))

    (tried,) = [row for row in post.rows() if row.attempts]
    assert (tried.state, tried.answer) == (DeliveryState.DEFERRED, "the server's clock was changed")
    post.world.clock.now = right + timedelta(minutes=1)
    post.send()
    assert {row.state for row in post.rows()} == {DeliveryState.SENT}
