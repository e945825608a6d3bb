"""Bounces of many makes, each to the message that it is about; anything else is no bounce, and nothing crashes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.mail.bounces import read_bounce
from ballot.mail.channel import Outcome

ID = "<invitation.0123456789abcdef0123456789abcdef@vote.example.org>"
SECRET = "https://vote.example.org/vote/merger/00A#token.credential"


def dsn(action: str = "failed", status: str = "5.1.1", returned: str = "text/rfc822-headers", extra: str = "") -> bytes:
    """As Postfix writes it, by RFC 3464."""
    return f"""From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: bounces@vote.example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry to have to inform you.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
{extra}
Final-Recipient: rfc822; y00@example.org
Original-Recipient: rfc822;y00@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; in.example.org
Diagnostic-Code: smtp; 550 {status} <y00@example.org>: no such user, see {SECRET}

--B
Content-Type: {returned}

From: ballot@vote.example.org
To: y00@example.org
Subject: Please vote
Message-ID: {ID}

{SECRET}
--B--
""".encode()


QMAIL = f"""From: MAILER-DAEMON@mx.example.net
To: bounces@vote.example.org
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<y00@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <bounces@vote.example.org>
From: ballot@vote.example.org
Message-ID: {ID}
Subject: Please vote

{SECRET}
""".encode()


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_failure_by_the_standard_names_its_message_and_its_reason_without_the_link(returned: str) -> None:
    report = read_bounce(dsn(returned=returned))
    assert report is not None
    assert (report.message_id, report.delivery and report.delivery.outcome) == (ID, Outcome.BOUNCED)
    assert "no such user" in report.answer
    assert "token" not in repr(report)


def test_a_failure_in_another_form_is_known_too() -> None:
    report = read_bounce(QMAIL)
    assert report is not None
    assert (report.message_id, report.delivery and report.delivery.outcome) == (ID, Outcome.BOUNCED)


def test_a_delay_is_no_failure() -> None:
    report = read_bounce(dsn("delayed", "4.4.1"))
    assert report is not None
    assert report.delivery is None


def test_a_success_is_a_delivery() -> None:
    report = read_bounce(dsn("delivered", "2.0.0"))
    assert report is not None
    assert report.delivery is not None
    assert report.delivery.outcome is Outcome.DELIVERED


def test_the_envelope_id_is_enough_where_nothing_is_returned() -> None:
    data = dsn(extra=f"Original-Envelope-Id: {ID.strip('<>')}").replace(f"Message-ID: {ID}".encode(), b"X: y")
    report = read_bounce(data)
    assert report is not None
    assert report.message_id == ID


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"From: a@b.org\nSubject: Re: Please vote\n\nWho are you?\n",
        f"From: a@b.org\nSubject: Out of office\nIn-Reply-To: {ID}\n\nBack on Monday.\n".encode(),
        dsn().replace(ID.encode(), b"<another@example.org>"),
    ],
    ids=["nothing", "an answer", "out of office", "a bounce of somebody else's"],
)
def test_what_is_no_bounce_of_ours_says_nothing(data: bytes) -> None:
    assert read_bounce(data) is None


@given(
    st.binary(max_size=2000)
    | st.builds(lambda cut, put: dsn()[:cut] + put + dsn()[cut:], st.integers(0, 1400), st.binary(max_size=60))
)
def test_nothing_that_is_sent_to_the_mailbox_makes_it_crash(data: bytes) -> None:
    read_bounce(data)


@pytest.mark.parametrize("header", ["Message-ID: ", "Diagnostic-Code: smtp; "])
def test_a_header_with_bytes_that_are_no_text_is_read_as_far_as_it_can_be(header: str) -> None:
    """Found by `make fuzz`: the library hands out such a header as an object, and not as a string."""
    id = b"<invitation.0123456789abcdef0123456789abcdef@vote.example.org>"
    odd = header.encode() + (id if header.startswith("Message") else b"550 no") + b"\xff\xfe"
    status = odd if header.startswith("Diagnostic") else b"Status: 5.1.1"
    returned = odd if header.startswith("Message") else b"Message-ID: " + id
    bounce = (
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        b"Final-Recipient: rfc822; y@example.org\nAction: failed\nStatus: 5.1.1\n" + status + b"\n\n"
        b"--b\nContent-Type: message/rfc822\n\n" + returned + b"\n\nx\n--b--\n"
    )
    report = read_bounce(bounce)
    assert report is None or report.message_id == id.decode()
