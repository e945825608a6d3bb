"""The MIME of a message: text beside HTML, headers that mail systems trust, and no way to forge another into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.mail.addresses import ascii_address
from ballot.mail.envelope import (
    LENGTH,
    Envelope,
    From,
    InvalidHeader,
    MailKey,
    make_message_id,
    make_name,
    mark_of,
    marks_in,
    to_bytes,
)
from ballot.mail.messages import UNSUBSCRIBABLE, Kind
from ballot.mail.render import Rendered
from ballot.roll.addresses import why_no_address

NOON = datetime(2020, 5, 11, 12, tzinfo=UTC)
SENDER = From("The ballot", "ballot@vote.example.org", "help@vote.example.org", "bounces@vote.example.org")
HEADERS = [
    "Date",
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]


def made(
    kind: Kind | None = Kind.INVITATION,
    to: str = "y00@example.org",
    subject: str = "Please vote",
    name: str = "The ballot",
    text: str = "Dear Dr A\n",
) -> bytes:
    mark = MailKey(b"k" * 32).mark(to)
    id = make_message_id((kind or Kind.INVITATION).value, mark, "vote.example.org:8443")
    sender = From(name, SENDER.address, SENDER.reply_to, SENDER.return_path)
    rendered = Rendered(subject, text, f"<p>{text}</p>\n", (("receipt.json", b'{"a":1}'),))
    return to_bytes(Envelope(kind, to, id, NOON, sender, rendered))


def parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_message_has_text_before_html_and_its_attachment_beside_them() -> None:
    message = parsed(made())
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/json",
    ]
    assert text_of(message) == "Dear Dr A\n"
    assert not message.defects
    assert all(not part.defects for part in message.walk())


def test_the_headers_are_these_and_each_stands_once() -> None:
    message = parsed(made())
    assert list(message.keys()) == HEADERS
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOON
    assert str(message["From"]) == "The ballot <ballot@vote.example.org>"


def test_every_line_is_short_ascii_and_ends_as_smtp_wants() -> None:
    data = made(text="Ärztehaus " * 40 + "\n.\nFrom here\n" + "x" * 2000 + "\n")
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert b"\r" not in data.replace(b"\r\n", b"")
    for part in parsed(data).walk():
        if not part.is_multipart():
            assert max(len(line) for line in str(part.get_payload()).splitlines()) <= 76
    assert max(len(line) for line in data.split(b"\r\n")) <= 200
    assert text_of(parsed(data)).count("x" * 2000) == 1


WELSH = "Pleidlais Bwrdd Gofal Sylfaenol Gŵyr a'r Cylch: gofynnir i bob practis bleidleisio cyn dydd Gwener"
NAMES = ("The ballot", "Bwrdd Iechyd Gŵyr, Llanelli â Phen-y-bont ar Ogwr a phob man arall yng Nghymru gyfan")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "subject",
    [
        WELSH,
        f"[Rehearsal] {WELSH} {WELSH}",
        "Ł" * 150,
        "x" * 120 + "ŵ",
        "ŵ " * 60,
        "Głosowanie 🗳 " * 12,
        "ŵ",
        "x " * 200,
    ],
)
def test_a_long_subject_is_folded_and_reads_as_it_was(subject: str, name: str) -> None:
    data = made(subject=subject.strip(), name=name)
    head = data.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    for line in head.split(b"\r\n"):
        assert len(line) <= (76 if b"=?" in line else 200)
        assert all(len(word) <= 75 for word in line.split() if word.startswith(b"=?"))
    assert str(parsed(data)["Subject"]) == subject.strip()
    written = str(make_header(decode_header(message_from_bytes(data)["From"])))  # the newer parser adds a blank
    assert written == f"{name} <ballot@vote.example.org>"


@given(st.text(st.sampled_from("a ŵ🗳é=?_"), min_size=1, max_size=200).map(str.strip).filter(bool))
def test_no_letter_and_no_blank_of_a_subject_is_lost(subject: str) -> None:
    data = made(subject=subject)
    assert all(len(line) <= 76 for line in data.partition(b"\r\n\r\n")[0].split(b"\r\n") if b"=?" in line)
    assert str(parsed(data)["Subject"]) == subject


def test_a_folded_name_leaves_the_address_whole() -> None:
    sender = replace(SENDER, name=NAMES[1], address=f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example.org")
    rendered = Rendered("Please vote", "x\n", "<p>x</p>\n")
    data = to_bytes(Envelope(Kind.RESULT, "y00@example.org", "<a@b>", NOON, sender, rendered))
    assert sender.address.encode() in data
    assert parsed(data)["From"].addresses[0].addr_spec == sender.address


def test_exchange_is_asked_for_no_automatic_answer_whatever_the_message() -> None:
    for kind in (None, *Kind):
        assert parsed(made(kind))["X-Auto-Response-Suppress"] == "OOF, AutoReply"


@pytest.mark.parametrize("kind", list(Kind))
def test_only_reminders_and_notices_can_be_unsubscribed_from(kind: Kind) -> None:
    unsubscribe = parsed(made(kind))["List-Unsubscribe"]
    assert (unsubscribe is not None) == (kind in UNSUBSCRIBABLE)
    if unsubscribe is not None:
        assert str(unsubscribe).startswith("<mailto:help@vote.example.org?subject=unsubscribe%20")


def test_a_message_is_made_the_same_each_time() -> None:
    assert made() == made()


def test_a_name_is_of_what_the_message_is_about() -> None:
    first = make_name(Kind.RECEIPT, "a", "b")
    assert first == make_name(Kind.RECEIPT, "a", "b")
    assert (
        len({first, make_name(Kind.RECEIPT, "ab", ""), make_name(Kind.RECEIPT), make_name(Kind.RESULT, "a", "b")}) == 4
    )


def test_a_message_id_is_of_the_boards_host_and_keyed() -> None:
    name, (ours, theirs) = make_name(Kind.RECEIPT, "a", "b"), (MailKey(b"1" * 32), MailKey(b"2" * 32))
    id = make_message_id("receipt", ours.mark(name), "vote.example.org:8443")
    assert id == f"<receipt.{ours.mark(name)}@vote.example.org>"
    assert mark_of(id) == ours.mark(name) == MailKey(b"1" * 32).mark(name) != theirs.mark(name)
    assert name.partition(".")[2] not in ours.mark(name)
    assert "1" * 8 not in repr(ours)
    with pytest.raises(ValueError, match="host name"):
        make_message_id("receipt", ours.mark(name), "vote.example.org>\r\nBcc: a@b.c")


@pytest.mark.parametrize(
    "around", ["<x.%s@h>", "bounces+%s@h", "%s@h", "SRS0=ab=cd=h=bounces+%s@relay", "(%s)", "=%s=40h"]
)
def test_a_mark_is_found_wherever_it_stands(around: str) -> None:
    mark = "0123456789abcdef" * 3
    assert marks_in(around % mark[:LENGTH]) == [mark[:LENGTH]]
    assert marks_in(around % mark[:LENGTH].upper()) == [mark[:LENGTH]]
    assert marks_in(around % mark) == marks_in(around % mark[:32]) == []


HOSTILE = st.text(min_size=1, max_size=80) | st.builds(
    lambda before, how, after: before + how + after,
    st.text(max_size=20),
    st.sampled_from(
        ["\r\nBcc: evil@example.net", "\nBcc: e@x.net", "\r\n\r\n<p>", "\x00", "\u2028X: y", "\x0bX: y", "\x85a: b"]
    ),
    st.text(max_size=20),
)


@given(subject=HOSTILE, name=HOSTILE)
def test_no_text_forges_a_header_or_a_body(subject: str, name: str) -> None:
    try:
        data = made(subject=subject, name=name)
    except InvalidHeader:
        assert not (subject.isprintable() and name.isprintable()) or _odd(name)
        return
    message = parsed(data)
    assert list(message.keys()) == HEADERS
    assert [address.addr_spec for address in message["To"].addresses] == ["y00@example.org"]
    assert [address.addr_spec for address in message["From"].addresses] == ["ballot@vote.example.org"]
    assert text_of(message) == "Dear Dr A\n"


def _odd(name: str) -> bool:
    return not name.strip()


@given(address=HOSTILE | st.from_regex(r"[a-z,;<>\"@ .-]{1,30}@[a-z,;<> .-]{1,30}", fullmatch=True))
def test_what_names_more_or_less_than_one_address_is_refused(address: str) -> None:
    try:
        data = made(to=address)
    except InvalidHeader:
        return
    assert [found.addr_spec for found in parsed(data)["To"].addresses] == [ascii_address(address)]
    assert list(parsed(data).keys()) == HEADERS


@given(local=st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{0,20}", fullmatch=True))
def test_every_address_that_a_roll_accepts_can_be_written_to(local: str) -> None:
    address = f"{local}@surgery.example.org"
    assert why_no_address(address) is None
    assert parsed(made(to=address))["To"].addresses[0].addr_spec == address


@pytest.mark.parametrize(
    ("domain", "written"),
    [
        ("straße.example", "xn--strae-oqa.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("пример.example", "xn--e1afmkfd.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_an_international_domain_is_written_as_it_is_and_not_as_another(domain: str, written: str) -> None:
    assert why_no_address(f"a@{domain}") is None
    assert ascii_address(f"a@{domain}") == f"a@{written}"


@given(
    domain=st.text(max_size=80)
    | st.from_regex(
        r"(xn--)?[a-z\u0430-\u044f\u03b1-\u03c9\u00df-\u00ff0-9\u2010\u2013\u3002.-]{1,40}\.[a-z]{2}", fullmatch=True
    )
)
def test_every_domain_that_a_roll_accepts_can_be_written_to(domain: str) -> None:
    if why_no_address(f"a@{domain}") is None:
        assert ascii_address(f"a@{domain}").isascii()


def test_nothing_of_the_words_is_shown() -> None:
    rendered = Rendered("Please vote", "secret-link", "secret-link")
    shown = repr(Envelope(Kind.INVITATION, "a@b.org", "<a@b>", NOON, SENDER, rendered, secrets=("secret-token",)))
    assert "secret" not in shown
