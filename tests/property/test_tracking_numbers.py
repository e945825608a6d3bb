"""A tracking number is read however people copy it."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from ballot.office.board.tracking import parse_tracking_number
from ballot.protocol.hashing import base64_of_hex


@given(
    st.binary(min_size=32, max_size=32), st.sampled_from(["{}", " {}\n", '"{}"', "\u201c{}\u201d ", "{}=", " '{}=' "])
)
@example(b"\xf8" + bytes(31), "{}")
@example(b"\xfb\xef\xbe" * 10 + b"\xfb\xec", "{}")
def test_every_tracking_number_is_read_however_it_is_quoted_and_whether_or_not_its_pluses_became_spaces(
    digest: bytes, typed: str
) -> None:
    number = base64_of_hex(digest.hex())

    assert parse_tracking_number(typed.format(number)) == digest.hex()
    assert parse_tracking_number(number.replace("+", " ")) == digest.hex()
    assert parse_tracking_number(" ".join(number[i : i + 6] for i in range(0, 43, 6))) == digest.hex()
