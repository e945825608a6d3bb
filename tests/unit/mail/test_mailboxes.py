"""An mbox is split only where a message begins; a file that is not an mbox is refused as one."""

from __future__ import annotations

import mailbox
from pathlib import Path

import pytest

from ballot.mail.mailboxes import NoMailbox, mbox_messages, one_message
from ballot.mail.report_limits import LARGEST
from tests.unit.mail.test_bounces import dsn

START = b"From MAILER-DAEMON Sun Nov 29 10:00:00 2026\n"
IN_A_BODY = b"""Subject: one

Hello,

From the mail system: your message could not be delivered.

From Monday on, Sun Nov 29 or later, we are closed.

From me Sun Nov 29 10:00:00 2026
is how I began, and it is no header.
"""


def read(tmp_path: Path, data: bytes) -> list[bytes]:
    file = tmp_path / "in.mbox"
    file.write_bytes(data)
    return list(mbox_messages(file))


def test_a_line_that_begins_with_from_inside_a_body_does_not_split(tmp_path: Path) -> None:
    data = START + IN_A_BODY + b"\n" + START + b"Subject: two\n\nx\n"
    assert read(tmp_path, data) == [IN_A_BODY + b"\n", b"Subject: two\n\nx\n"]
    crlf = [part.replace(b"\n", b"\r\n") for part in (data, IN_A_BODY)]
    assert read(tmp_path, crlf[0])[0] == crlf[1] + b"\r\n"


@pytest.mark.parametrize(
    "start",
    [
        b"From - Sun Nov 29 10:00:00 2026",
        b"From a@b.org Mon Jan  5 10:00:00 2026",
        b"From a@b.org  Mon Jan  5 10:00 GMT 2026",
        b"From Mon Jan 05 10:00:00 2026 +0000",
        b"From a@b.org Mon, 05 Jan 2026 10:00:00 +0000",
        b'From "a b"@c.org Mon Jan  5 10:00:00 2026',
    ],
)
def test_every_form_of_the_line_between_messages_is_known(start: bytes, tmp_path: Path) -> None:
    one = b"Subject: x\n\ny\n\n"
    assert read(tmp_path, (start + b"\n" + one) * 3) == [one] * 3


def test_what_the_standard_library_writes_is_read(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "in.mbox", create=True)
    for _ in range(2):
        box.add(dsn())
    box.close()
    assert [data.strip() for data in mbox_messages(tmp_path / "in.mbox")] == [dsn().strip()] * 2


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (dsn(), "is not an mbox.*--message"),
        (b"Return-Path: <>\n" + dsn(), "is not an mbox"),
        (b"From the mail system, greetings\n", "is not an mbox"),
        (b"\xef\xbb\xbf" + START + dsn(), "byte order mark"),
        ((START + dsn()).decode().encode("utf-16"), "byte order mark"),
    ],
)
def test_a_single_message_or_one_with_a_byte_order_mark_is_said_to_be_no_mbox(
    data: bytes, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(NoMailbox, match=sentence):
        read(tmp_path, data)


def test_an_empty_mbox_has_no_message(tmp_path: Path) -> None:
    assert read(tmp_path, b"") == read(tmp_path, b"\n\r\n") == []


def test_of_a_message_without_end_the_beginning_is_kept(tmp_path: Path) -> None:
    (one, two) = read(tmp_path, START + b"x" * 3 * LARGEST + b"\n\n" + START + b"a: b\n")
    assert len(one) <= 2 * LARGEST
    assert two == b"a: b\n"


def test_one_message_is_read_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_bytes(b"\xef\xbb\xbf" + dsn())
    assert list(one_message(file)) == [dsn()]
    with pytest.raises(NoMailbox):
        list(one_message(tmp_path / "none.eml"))
