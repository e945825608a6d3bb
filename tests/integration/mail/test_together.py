"""Two people invite, or two workers send, at the same time: no one gets anything twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ballot.mail.smtp import SmtpChannel
from ballot.office.post.delivery_reports import read_bounces
from ballot.office.post.send import send_due
from tests.integration.mail.post import Post
from tests.integration.mail.test_reports import bounce_of


def test_two_who_invite_at_once_queue_one_invitation_each(post: Post) -> None:
    with ThreadPoolExecutor(4) as pool:
        queued = list(pool.map(lambda _: post.invite().messages, range(4)))
    assert sorted(queued) == [0, 0, 0, 12]
    assert len(post.rows()) == 12


def test_two_workers_never_take_the_same_message(post: Post) -> None:
    post.invite()
    rooms = [post.room() for _ in range(3)]
    settings = rooms[0].settings.channel
    rooms = [replace(room, channel=SmtpChannel(settings, "vote.example.org")) for room in rooms]  # type: ignore[arg-type]
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(send_due, rooms))
    for room in rooms:
        room.channel.close()
    assert sum(sum(each.states.values()) for each in done) == 12
    assert max(Counter(got.id for got in post.server.got).values()) == 1


def test_a_bounce_that_comes_while_the_message_is_in_hand_stands(post: Post) -> None:
    post.invite("Y00000")

    def bounce(step: str, _: int) -> None:
        if step == "DATA":
            read_bounces(post.world.engine, post.world.clock, [bounce_of(post, "Y00000")])

    post.server.at = bounce
    post.send()
    assert [row.state.value for row in post.rows("Y00000") if row.state] == ["bounced"]
