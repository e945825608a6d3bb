"""No message can make reading the bounce mailbox slow.

What is over the limits is not read at all, and what is read is shown to the library's patterns as a few short lines.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.mail import bounces, report_limits
from ballot.mail.bounces import read_bounce
from ballot.mail.report_limits import LARGEST, LINES, LONGEST_LINE, MOST_LINES, MOST_PARTS, WIDTH, ReportTooLarge
from tests.unit.mail.test_bounces import MARK, dsn

FROM = b"From: MAILER-DAEMON@mx.example.net\n"
CUBIC = b"," * 3000 + b"@" * 6000
"""One line that the library's last pattern takes minutes for; the time grows with the cube of its length."""
NESTED = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(2000))


def seen_by_the_library(data: bytes, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every line of text that reached the library's patterns."""
    seen: list[str] = []

    def note(message: object) -> tuple[frozenset[bytes], frozenset[bytes]]:
        for part in message.walk():  # type: ignore[attr-defined]
            payload = part.get_payload()
            seen.extend(payload.split("\n") if isinstance(payload, str) else [])
            seen.extend(str(value) for value in part.values())
        return frozenset(), frozenset()

    monkeypatch.setattr(bounces, "all_failures", note)
    read_bounce(data)
    return seen


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(FROM + b"\n" + CUBIC + b"\n" + b"x" * LONGEST_LINE + b"x\n", id="a long line"),
        pytest.param(FROM + b"\n" + b"\n" * MOST_LINES, id="many lines"),
        pytest.param(FROM + b"\n" + b"\r" * MOST_LINES, id="many lines that end in CR"),
        pytest.param(FROM + NESTED, id="parts inside parts"),
        pytest.param(FROM + b"content-TYPE: message/rfc822\n\n" * 2000, id="messages inside messages"),
        pytest.param(FROM + b'Content-Type: text/plain; x="' + b";" * 9000 + b"\n\nx\n", id="a header with a list"),
        pytest.param(
            FROM + b"Content-Type: text/plain" + b";\n a=b" * 1000 + b"\n\nx\n",
            id="a header that goes on for many lines",
        ),
    ],
)
def test_what_has_no_measure_is_not_read(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounces, "message_from_bytes", lambda _: pytest.fail("it was parsed"))
    with pytest.raises(ReportTooLarge):
        read_bounce(data)


@pytest.mark.parametrize("encoding", ["8bit", "base64"])
def test_the_librarys_patterns_see_few_and_short_lines_whatever_came(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b"\n".join([CUBIC] * 20)
    if encoding == "base64":
        from base64 import encodebytes

        text = encodebytes(text)
    kind = b"Content-Type: text/plain\nContent-Transfer-Encoding: " + encoding.encode()
    part = b"\n--b\n" + kind + b"\n\n" + text
    data = FROM + b"X-Mailer: " + b"x" * 9000 + b'\nContent-Type: multipart/mixed; boundary="b"\n\n' + part * 3
    seen = seen_by_the_library(data, monkeypatch)
    assert 1 < len(seen) <= LINES + 5 * MOST_PARTS
    assert max(map(len, seen)) <= 500
    assert sum(len(line) ** 3 for line in seen) < 5e9 < len(CUBIC) ** 3


@given(
    st.lists(
        st.sampled_from([b"a", b"@", b",", b" ", b"\n", b"\r\n", b"<", b"--b\n", b"\n\n", CUBIC[2900:3100]]),
        max_size=200,
    )
)
def test_nothing_that_is_read_is_longer_than_the_measure(pieces: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        start = FROM + b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\n'
        seen = seen_by_the_library(start + b"".join(pieces), patch)
    assert all(len(line) <= WIDTH for line in seen)
    assert len(seen) <= LINES + 5 * MOST_PARTS


def test_only_the_beginning_of_a_large_message_is_read() -> None:
    large = dsn(returned="message/rfc822").replace(b"\n--B--", b"x" * 70 + b"\n" + (b"y" * 70 + b"\n") * 20_000)
    assert len(large) > 4 * LARGEST
    report = read_bounce(large)
    assert report is not None
    assert report.marks == (MARK,)


def test_what_takes_longer_than_all_that_foresaw_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(message: object) -> None:
        for _ in range(500):
            time.sleep(0.01)
        pytest.fail("nothing stopped it")

    monkeypatch.setattr(report_limits, "SECONDS", 0.05)
    monkeypatch.setattr(bounces, "all_failures", never)
    with pytest.raises(ReportTooLarge):
        read_bounce(FROM + b"\nSorry.\n")
