"""Bounces in many formats, each matched to its message; anything else is no bounce, and nothing crashes."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.mail.bounces import BounceReport, Fate, read_bounce, read_statuses

MARK = "0123456789abcdef0123456789abcdef01234567"
ID = f"<invitation.{MARK}@vote.example.org>"
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


TO = "y00@example.org"


def heard(data: bytes) -> BounceReport:
    report = read_bounce(data)
    assert report is not None
    return report


def fate(data: bytes, to: str = TO) -> Fate:
    """What became of the message, which must be ours."""
    report = heard(data)
    assert report.marks == (MARK,)
    status = report.fate_of(to)
    assert status is not None
    return status.fate


def report_of(*parts: str, to: str = "bounces@vote.example.org", sender: str = "MAILER-DAEMON@mx.example.net") -> bytes:
    """A multipart/report of these parts, each with its headers."""
    inside = "".join(f"--B\n{part}\n" for part in parts)
    kind = 'multipart/report; report-type=delivery-status; boundary="B"'
    return f"From: {sender}\nTo: {to}\nMIME-Version: 1.0\nContent-Type: {kind}\n\n{inside}--B--\n".encode()


TEXT = "Content-Type: text/plain\n\nYour message could not be delivered.\n"
HEADERS = f"Content-Type: text/rfc822-headers\n\nFrom: ballot@vote.example.org\nMessage-ID: {ID}\n"


def status(*blocks: str, kind: str = "message/delivery-status", head: str = "") -> str:
    told = "\n".join(f"{block}\n" for block in (f"Reporting-MTA: dns; mx.example.net\n{head}", *blocks))
    return f"Content-Type: {kind}\n\n{told}"


def block(action: str = "failed", number: str = "5.1.1", final: str = TO, original: str = "") -> str:
    first = f"Original-Recipient: rfc822;{original}\n" if original else ""
    return f"{first}Final-Recipient: rfc822; {final}\nAction: {action}\nStatus: {number}\n"


def encoded(part: str, encoding: str) -> str:
    """The same part in an encoding that no message inside a message may have."""
    kind, _, inside = part.partition("\n\n")
    if encoding == "base64":
        inside = base64.encodebytes(inside.encode()).decode()
    else:
        inside = quopri.encodestring(inside.replace(MARK, f"{MARK[:20]}=\n{MARK[20:]}").encode()).decode()
        inside = inside.replace("=3D\n", "=\n")
    return f"{kind}\nContent-Transfer-Encoding: {encoding}\n\n{inside}"


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_failure_by_the_standard_names_its_message_and_its_reason_without_the_link(returned: str) -> None:
    assert fate(dsn(returned=returned)) is Fate.FAILED
    report = heard(dsn(returned=returned))
    assert "no such user" in report.statuses[0].reason
    assert report.addresses == (TO,)
    assert "token" not in repr(report)


RETURNED = HEADERS.replace("text/rfc822-headers", "message/rfc822") + f"\n{SECRET}\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(QMAIL, id="qmail"),
        pytest.param(
            report_of(TEXT, status(block(), head=f"X-Original-Message-ID: {ID}")), id="only in the status part"
        ),
        pytest.param(
            report_of(TEXT, status(block(), head=f"X-Original-Message-ID:\n  {ID}\n (original)")),
            id="folded, with a comment",
        ),
        pytest.param(
            report_of(TEXT, status(block(), head=f"Original-Envelope-Id: {ID.strip('<>')}")), id="envelope id"
        ),
        pytest.param(
            report_of(TEXT, status(block(), head=f"Original-Envelope-Id: {ID}")), id="envelope id in brackets"
        ),
        pytest.param(report_of(TEXT, status(block()), encoded(RETURNED, "base64")), id="message/rfc822 in base64"),
        pytest.param(report_of(TEXT, status(block()), encoded(RETURNED, "quoted-printable")), id="in quoted-printable"),
        pytest.param(report_of(TEXT, status(block()), encoded(HEADERS, "base64")), id="headers in base64"),
        pytest.param(report_of(TEXT, encoded(status(block()), "base64"), HEADERS), id="status part in base64"),
        pytest.param(report_of(TEXT, encoded(status(block()), "quoted-printable"), HEADERS), id="status part in q-p"),
        pytest.param(
            report_of(TEXT, status(block(), kind="message/global-delivery-status"), HEADERS),
            id="global-delivery-status",
        ),
        pytest.param(
            report_of(
                TEXT, status(block(), kind="message/global-delivery-status").replace("rfc822;", "utf-8;"), HEADERS
            ),
            id="an address in UTF-8",
        ),
        pytest.param(
            report_of(TEXT, status(block()), HEADERS.replace("text/rfc822-headers", "message/global-headers")),
            id="global headers",
        ),
        pytest.param(
            report_of(TEXT, status(block("relayed", "2.0.0")), status(block()), HEADERS), id="two status parts"
        ),
        pytest.param(report_of(TEXT, status(block().replace("Action: failed\n", "")), HEADERS), id="no action"),
        pytest.param(report_of(TEXT, status(block("failed (bad mailbox)")), HEADERS), id="an action with a comment"),
        pytest.param(report_of(TEXT, status(block("Error")), HEADERS), id="OpenSMTPD"),
        pytest.param(
            report_of(TEXT, "Content-Type: message/delivery-status\n\n" + block(), HEADERS),
            id="all fields in one block",
        ),
        pytest.param(
            report_of(
                TEXT, status(block()), HEADERS.replace(ID, f"=?utf-8?B?{base64.b64encode(ID.encode()).decode()}?=")
            ),
            id="an ID as an encoded word",
        ),
        pytest.param(
            report_of(TEXT, status(block()), HEADERS.replace(ID, f"=?us-ascii?q?{ID.replace('@', '=40')}?= (ours)")),
            id="an ID as an encoded word in q",
        ),
        pytest.param(
            report_of(TEXT, status(block(), head=f"Original-Envelope-Id: +3Cinvitation.{MARK}+40h+3E")), id="xtext"
        ),
        pytest.param(
            report_of(TEXT, status(block()), to=f"bounces+{MARK}@vote.example.org"), id="the return path alone"
        ),
        pytest.param(
            report_of(
                TEXT,
                status(block()),
                HEADERS.replace(ID, "<another@relay.example.net>"),
                to=f"bounces+{MARK}@vote.example.org",
            ),
            id="a relay that changes the Message-ID",
        ),
        pytest.param(
            f"From: Mail Delivery System <Mailer-Daemon@mx.example.net>\nTo: {MARK.upper()}@bounces.example.org\n"
            f"X-Failed-Recipients: {TO}\nSubject: Mail delivery failed: returning message to sender\n\n"
            f"A message that you sent could not be delivered.\n\n  {TO}\n    550 no such user\n".encode(),
            id="Exim without a status part",
        ),
        pytest.param(
            report_of(
                TEXT,
                status(
                    "Original-Recipient: rfc822;y00@example.org\nFinal-Recipient: rfc822;y00@example.org\n"
                    "Action: failed\nStatus: 5.1.10\n"
                    "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found\n"
                ),
                RETURNED,
                sender="MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org",
            ),
            id="Exchange",
        ),
        pytest.param(
            report_of(
                TEXT,
                status(block().replace("\n", "\r\n"), head="Arrival-Date: Sun, 29 Nov 2026 10:00:00 -0800 (PST)\n"),
                RETURNED,
                sender="Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            ),
            id="Gmail",
        ),
    ],
)
def test_a_failure_is_known_in_whatever_form_and_wherever_the_mark_stands(data: bytes) -> None:
    assert fate(data) is Fate.FAILED
    assert fate(data.replace(b"\n", b"\r\n").replace(b"\r\r\n", b"\r\n")) is Fate.FAILED


@pytest.mark.parametrize(
    ("action", "number", "expected"),
    [
        ("delayed", "4.4.1", Fate.DELAYED),
        ("delivered", "2.0.0", Fate.DELIVERED),
        ("relayed", "2.0.0", Fate.PASSED_ON),
        ("expanded", "2.0.0", Fate.PASSED_ON),
        ("failed", "4.4.7", Fate.FAILED),
    ],
)
def test_the_action_says_what_became_of_it(action: str, number: str, expected: Fate) -> None:
    assert fate(dsn(action, number)) is expected


@pytest.mark.parametrize(
    ("blocks", "to", "expected"),
    [
        ((block("delivered", final="a@x.org", original=TO), block(final="b@x.org", original=TO)), TO, Fate.FAILED),
        ((block("relayed", final="a@x.org"), block("delayed", final="b@x.org")), TO, Fate.DELAYED),
        ((block(final="other@x.org"), block("delivered", final=TO)), TO, Fate.DELIVERED),
        ((block(final="other@x.org"), block("delivered", final=TO)), "Other@X.org", Fate.FAILED),
        ((block("relayed"), block("delivered")), TO, Fate.DELIVERED),
    ],
)
def test_of_several_recipients_ours_counts_or_the_worst(blocks: tuple[str, ...], to: str, expected: Fate) -> None:
    assert fate(report_of(TEXT, status(*blocks), HEADERS), to) is expected


@pytest.mark.parametrize(
    "written",
    ["rfc822;a@b.org", "RFC822; <A@B.org>", "rfc822;a@b.org (our secretary)", "<a@b.org>", "utf-8; a@b.org", "a@b.org"],
)
def test_a_recipients_address_is_read_however_it_is_written(written: str) -> None:
    (found,) = read_statuses(f"Final-Recipient: {written}\nAction: failed\n")
    assert found.addresses == ("a@b.org",)


def test_a_report_without_our_mark_says_whom_it_names_and_proves_nothing() -> None:
    old = "<invitation.0123456789abcdef0123456789abcdef@vote.example.org>"
    for id in ("<another@example.org>", old):
        report = heard(dsn().replace(ID.encode(), id.encode()))
        assert (report.marks, report.addresses) == ((), (TO,))


@pytest.mark.parametrize("address", ["a\x00b@c.org", "a\x1b[2Jb@c.org", "a b", "x" * 300 + "@c.org", "<>"])
def test_no_address_that_is_not_fit_to_be_shown_is_taken_from_a_report(address: str) -> None:
    for data in (
        report_of(TEXT, status(block(final=address)), HEADERS),
        f"From: Mailer-Daemon@x.org\nX-Failed-Recipients: {address}\n\n{ID}\n".encode(),
    ):
        assert all(found.isprintable() and found.count("@") == 1 for found in heard(data).addresses)
        assert address.lower() not in heard(data).addresses


def test_what_a_mail_server_says_and_nobody_understands_is_a_report_all_the_same() -> None:
    french = (
        f"From: MAILER-DAEMON@x.example.fr\nTo: bounces+{MARK}@vote.example.org\n\nVotre message n'est pas remis.\n"
    )
    report = heard(french.encode())
    assert (report.marks, report.statuses) == ((MARK,), ())


@pytest.mark.parametrize("sender", ["", "From:\n", "From: <>\n", "From: MAILER-DAEMON\n", "From: (,\n"])
def test_a_report_in_words_is_understood_whoever_it_is_from(sender: str) -> None:
    kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n'
    words = "Content-Type: text/plain\n\nThe following addresses had fatal errors\n<y00@example.org>\n"
    assert fate(f"{sender}{kind}\n--B\n{words}\n--B\n{HEADERS}\n--B--\n".encode()) is Fate.FAILED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"From: a@b.org\nSubject: Re: Please vote\n\nWho are you?\n",
        f"From: a@b.org\nSubject: Out of office\nIn-Reply-To: {ID}\n\nBack on Monday.\n".encode(),
        f"From: a@b.org\nTo: bounces+{MARK}@x.org\nAuto-Submitted: auto-replied\n\nBack on Monday.\n".encode(),
        f"From: a@b.org\nIn-Reply-To: {ID}\n\n> did not reach the following recipient(s):\n> c@d.org on x\n".encode(),
        report_of(TEXT, HEADERS)
        .replace(b"delivery-status", b"disposition-notification")
        .replace(b"MAILER-DAEMON", b"y00"),
    ],
    ids=["nothing", "an answer", "out of office", "out of office to the return path", "an answer that quotes", "read"],
)
def test_what_is_no_report_says_nothing(data: bytes) -> None:
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
    id = ID.encode()
    odd = header.encode() + (id if header.startswith("Message") else b"550 no") + b"\xff\xfe"
    status = odd if header.startswith("Diagnostic") else b"Status: 5.1.1"
    returned = odd if header.startswith("Message") else b"Message-ID: " + id
    bounce = (
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        b"Final-Recipient: rfc822; y@example.org\nAction: failed\nStatus: 5.1.1\n" + status + b"\n\n"
        b"--b\nContent-Type: message/rfc822\n\n" + returned + b"\n\nx\n--b--\n"
    )
    assert fate(bounce) is Fate.FAILED
