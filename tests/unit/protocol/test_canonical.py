"""JSON has one form: any other is refused, each fault with its own reason."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from ballot.protocol.canonical import (
    MAX_DEPTH,
    array,
    as_sent,
    boolean,
    check_canonical,
    fields,
    integer,
    parse_json,
    text,
    write_json,
)
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.events import parse_event
from ballot.record.manifest import parse_manifest
from ballot.record.programme_events import parse_programme_event
from ballot.record.terms import parse_terms

NOT_JSON = {
    "empty": b"",
    "blank": b" ",
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a broken byte": b'{"a":"\xff"}',
    "an overlong slash": b'"\xc0\xaf"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "garbage behind": b"{}x",
    "two values": b"{}{}",
    "a comma behind": b"[1,]",
    "single quotes": b"{'a':1}",
    "a comment": b"{}//",
    "a leading zero": b"01",
    "a plus": b"+1",
    "hexadecimal": b"0x1",
    "a raw control character": b'"\x01"',
    "a raw newline in text": b'"\n"',
    "an unknown escape": b'"\\x41"',
    "half an escape": b'"\\u12"',
    "not closed": b'{"a":1',
    "true in capitals": b"True",
}


@pytest.mark.parametrize("data", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_is_refused_as_such(data: bytes) -> None:
    with pytest.raises(InvalidMessage) as caught:
        parse_json(data)
    assert caught.value.reason is Reason.NOT_JSON


@pytest.mark.parametrize("sign", [b"", b"-"])
@pytest.mark.parametrize("digits", [101, 5000, 10**7])
def test_a_number_of_more_digits_than_any_message_has_is_refused_unread(sign: bytes, digits: int) -> None:
    with pytest.raises(InvalidMessage, match=f"^number-range: .* at most 100 digits, found one of {digits}$"):
        parse_json(sign + b"9" * digits)
    assert parse_json(sign + b"9" * 100)


@pytest.mark.parametrize(
    "data", [b"1.0", b"1e5", b"-0.0", b"NaN", b"Infinity", b"-Infinity", b"[1e999999999]", b"1E400"]
)
def test_fractions_and_what_is_no_number_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidMessage) as caught:
        parse_json(data)
    assert caught.value.reason is Reason.WRONG_TYPE


@pytest.mark.parametrize("levels", [MAX_DEPTH, MAX_DEPTH + 1, 500, 990, 1000, 5000, 100_000])
@pytest.mark.parametrize("form", ["[%s]", '{"a":%s}', '[{"a":%s},1]'], ids=["arrays", "objects", "both"])
def test_deep_nesting_is_refused_whatever_the_interpreters_limit(levels: int, form: str) -> None:
    before, after = form.split("%s")
    with pytest.raises(InvalidMessage) as caught:
        parse_json((before * levels + "1" + after * levels).encode())
    assert caught.value.reason is Reason.TOO_DEEP


def test_nesting_that_is_not_closed_is_refused() -> None:
    with pytest.raises(InvalidMessage):
        parse_json(b"[" * 1_000_000)


def test_a_few_levels_are_read() -> None:
    levels = MAX_DEPTH - 1
    assert write_json(parse_json(b"[" * levels + b"]" * levels)) == b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("read", "before", "after"),
    [
        (parse_event, b'{"height":', b',"type":"Setup"}'),
        (parse_manifest, b'{"version":1,"programme":"p","fingerprint":', b',"files":{},"signatures":[]}\n'),
        (parse_programme_event, b'{"height":', b',"time":1,"type":1,"programme":1,"data":1,"heads":1,"signatures":1}'),
        (parse_terms, b'{"version":1,"questions":', b"}"),
    ],
    ids=["event", "manifest", "programme event", "terms"],
)
def test_no_depth_makes_a_reader_run_out_of_stack(read: Callable[[bytes], object], before: bytes, after: bytes) -> None:
    limit = sys.getrecursionlimit()
    for levels in (*range(1, 40), *range(limit - 120, limit + 20)):
        with pytest.raises(InvalidMessage):
            read(before + b"[" * levels + b"]" * levels + after)


@pytest.mark.parametrize(
    "data",
    [b'"\\ud800"', b'"\\udfff"', b'"\\ud83dx"', b'["a",{"b":"\\uDC00\\uD800"}]', b'{"\\ud800":1}'],
    ids=["high", "low", "high alone", "the wrong way round", "as a name"],
)
def test_half_of_a_surrogate_pair_is_refused_before_anything_hashes_it(data: bytes) -> None:
    with pytest.raises(InvalidMessage) as caught:
        parse_json(data)
    assert caught.value.reason is Reason.NOT_CANONICAL


SECOND_SPELLINGS = {
    "a space": b'{"a": 1}',
    "a space behind": b'{"a":1} ',
    "a newline behind": b'{"a":1}\n',
    "a tab before": b'\t{"a":1}',
    "the same field twice": b'{"a":1,"a":1}',
    "the same field twice, the last as it should be": b'{"a":2,"a":1}',
    "an escaped letter": b'{"\\u0061":1}',
    "an escaped slash": b'{"a":"\\/"}',
    "an escaped letter beyond ASCII": b'{"a":"\\u00e9"}',
    "an escaped pair": b'{"a":"\\ud83d\\ude00"}',
    "an escape in capitals": b'{"a":"\\u001F"}',
    "a long escape of a newline": b'{"a":"\\u000a"}',
    "a raw delete character": b'{"a":"\x7f"}',
    "minus zero": b'{"a":-0}',
}


@pytest.mark.parametrize("data", SECOND_SPELLINGS.values(), ids=SECOND_SPELLINGS.keys())
def test_a_second_spelling_is_read_but_not_accepted(data: bytes) -> None:
    value = parse_json(data)
    with pytest.raises(InvalidMessage) as caught:
        check_canonical(data, value, "it")
    assert caught.value.reason is Reason.NOT_CANONICAL
    check_canonical(write_json(value), value, "it")


def test_text_is_escaped_as_the_reference_writer_does() -> None:
    assert write_json('"\\/\b\f\n\r\t\0\x1f\x7f') == b'"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f"'
    assert write_json("é\u2028\U0001f600") == '"é\u2028\U0001f600"'.encode()
    assert write_json({"b": [1, None, True], "a": "x"}) == b'{"b":[1,null,true],"a":"x"}'


def test_an_escaped_backslash_before_a_u_is_only_text() -> None:
    assert parse_json(b'"\\\\ud800"') == "\\ud800"
    check_canonical(b'"\\\\ud800"', "\\ud800", "it")


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1},
        {"a": 1, "b": 2, "c": 3},
        {"b": 1, "a": 2},
        {},
        {"a": 1, "b": 2, "o": 3, "x": 4},
        {"a": 1, "o": 2, "b": 3},
    ],
    ids=["missing", "unknown", "out of order", "empty", "unknown behind an optional", "an optional out of order"],
)
def test_fields_are_those_of_the_specification_in_its_order(value: dict[str, int]) -> None:
    with pytest.raises(InvalidMessage) as caught:
        fields(value, ("a", "b", "o"), optional=("o",))
    assert caught.value.reason is Reason.WRONG_FIELDS


def test_an_optional_field_may_be_there_or_not() -> None:
    assert fields({"a": 1}, ("a", "o"), optional=("o",)) == {"a": 1}
    assert fields({"a": 1, "o": 2}, ("a", "o"), optional=("o",)) == {"a": 1, "o": 2}


WRONG_TYPES = {
    "a list as object": lambda: fields([], ("a",)),
    "nothing as object": lambda: fields(None, ()),
    "text as array": lambda: array("ab"),
    "an object as array": lambda: array({}),
    "a number as text": lambda: text(1),
    "true as number": lambda: integer(True),
    "text as number": lambda: integer("1"),
    "a number as boolean": lambda: boolean(1),
    "nothing as boolean": lambda: boolean(None),
}


@pytest.mark.parametrize("read", WRONG_TYPES.values(), ids=WRONG_TYPES.keys())
def test_another_type_is_refused(read: Callable[[], object]) -> None:
    with pytest.raises(InvalidMessage) as caught:
        read()
    assert caught.value.reason is Reason.WRONG_TYPE


@pytest.mark.parametrize("value", [-1, 11, 10**4000])
def test_a_number_beyond_its_range_is_refused(value: int) -> None:
    with pytest.raises(InvalidMessage) as caught:
        integer(value, 0, 10)
    assert caught.value.reason is Reason.NUMBER_RANGE


def test_an_array_of_another_length_is_refused() -> None:
    assert array([1, 2], 2) == [1, 2]
    with pytest.raises(InvalidMessage) as caught:
        array([1], 2)
    assert caught.value.reason is Reason.WRONG_SHAPE


def test_a_refusal_never_shows_the_value_it_refuses() -> None:
    for read in (text, array, boolean, integer):
        with pytest.raises(InvalidMessage) as caught:
            read({"secret": "KhZ3K-mPk4jV"})
        assert "KhZ3K" not in str(caught.value)


MESSAGE = '{"name":"\u0174","n":[1,2]}'.encode()


@pytest.mark.parametrize(
    "saved",
    [
        pytest.param(MESSAGE, id="untouched"),
        pytest.param(MESSAGE + b"\n", id="line end"),
        pytest.param(MESSAGE + b"\r\n", id="line end of Windows"),
        pytest.param(b"\xef\xbb\xbf" + MESSAGE + b"\r\n", id="byte order mark"),
        pytest.param(b"\xef\xbb\xbf\r\n" + MESSAGE + b" \t\r\n\r\n", id="blanks and empty lines"),
    ],
)
def test_what_editors_and_mail_programs_add_around_a_message_is_taken_off(saved: bytes) -> None:
    assert as_sent(saved) == MESSAGE
    check_canonical(as_sent(saved), parse_json(as_sent(saved)), "the message")


@pytest.mark.parametrize(
    ("saved", "told"),
    [
        pytest.param(MESSAGE.decode().encode("utf-16"), "saved as UTF-16", id="UTF-16"),
        pytest.param(b"\xfe\xff" + MESSAGE.decode().encode("utf-16-be"), "saved as UTF-16", id="UTF-16, big end first"),
        pytest.param(b'{"name":"a",\r\n"n":[]}', "broken into lines", id="broken into lines"),
        pytest.param(b'{"name":"a=\nb"}', "broken into lines", id="broken by quoted-printable"),
    ],
)
def test_a_message_that_cannot_be_mended_says_what_happened_to_it_and_what_to_do(saved: bytes, told: str) -> None:
    with pytest.raises(InvalidMessage, match=told) as refused:
        as_sent(saved)
    assert refused.value.reason in (Reason.NOT_JSON, Reason.NOT_CANONICAL)
    assert "again" in refused.value.detail


@pytest.mark.parametrize("inside", [b'{"a": 1}', b'{"a":" b"}', b'"\xef\xbb\xbf"', b"\xef\xbb\xbf\xef\xbb\xbf{}"])
def test_nothing_within_a_message_is_changed(inside: bytes) -> None:
    assert as_sent(inside) == inside.removeprefix(b"\xef\xbb\xbf")
