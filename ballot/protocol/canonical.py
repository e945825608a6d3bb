"""JSON in the one form that counts: compact, fields in the specification's order.

Spec: Messages, Conventions. A message is accepted only if writing it again gives the same bytes. That one rule
covers duplicate keys, spaces, escapes, field order and number forms: `parse_json`, read the fields, `write_json`,
compare. What is *not* done here: knowing what any message means.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from ballot.protocol.errors import InvalidMessage, Reason

Json = Any
"""Any JSON value, before its fields have been read."""

MAX_DEPTH: Final = 32
"""Levels; messages need less than half. Fixed, so that the recursive writer never runs out of its caller's stack."""

MAX_CONTAINERS: Final = 2**18
"""Objects and arrays in one message: each is a few bytes of text and about a hundred in memory."""

MAX_DIGITS: Final = 100
"""Of a number without quotes; messages need less than a fifth. The time to read digits grows with their square."""


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def write_json(value: Json) -> bytes:
    """The canonical bytes of a value: compact UTF-8, escapes exactly as the reference implementation's writer."""
    return _encoder.encode(value).replace("\x7f", "\\u007f").encode("utf-8")


def _refuse_float(text: str) -> NoReturn:
    raise InvalidMessage(Reason.WRONG_TYPE, f"expected whole numbers only, found {text[:40]!r}")


def _read_whole(digits: str) -> int:
    count = len(digits.removeprefix("-"))
    if count > MAX_DIGITS:
        detail = f"expected numbers of at most {MAX_DIGITS} digits, found one of {count}"
        raise InvalidMessage(Reason.NUMBER_RANGE, detail)
    return int(digits)


_decoder = json.JSONDecoder(parse_float=_refuse_float, parse_int=_read_whole, parse_constant=_refuse_float)


def parse_json(data: bytes) -> Json:
    """The value of JSON with few levels and no fractions; raises InvalidMessage for anything else."""
    containers = data.count(b"{") + data.count(b"[")
    if containers > MAX_CONTAINERS:
        raise InvalidMessage(Reason.TOO_DEEP, f"expected JSON of at most {MAX_CONTAINERS} objects and arrays")
    try:
        written = data.decode("utf-8")
        value = _decoder.decode(written)
        if containers >= MAX_DEPTH:  # fewer cannot be nested deeper
            _check_depth(value)
        if "\\u" in written:
            write_json(value)
        return value
    except RecursionError:
        raise InvalidMessage(Reason.TOO_DEEP, "expected JSON with few levels, found too many") from None
    except UnicodeEncodeError:  # half of a surrogate pair can be read but not written, nor hashed
        raise InvalidMessage(Reason.NOT_CANONICAL, "expected JSON that holds only Unicode text") from None
    except UnicodeDecodeError as error:
        raise InvalidMessage(Reason.NOT_JSON, f"expected UTF-8, found byte {error.start} that is not") from None
    except ValueError as error:
        raise InvalidMessage(Reason.NOT_JSON, f"expected JSON, found {str(error)[:120]}") from None


def _check_depth(value: Json) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            entry
            for container in level
            if type(container) in (dict, list)
            for entry in (container.values() if type(container) is dict else container)
        ]
        if not level:
            return
    raise InvalidMessage(Reason.TOO_DEEP, f"expected JSON of fewer than {MAX_DEPTH} levels")


_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def as_sent(data: bytes) -> bytes:
    """A message from a file, without what editors and mail programs add around it.

    Removes a byte order mark, and blanks and line ends before and after the message. The message itself stays as its
    maker wrote it, so hashes and signatures hold. Raises InvalidMessage, saying what to do, if a program changed more:
    the canonical form is one line of UTF-8.
    """
    if data.startswith(_UTF_16):
        detail = "it was saved as UTF-16. Save it as UTF-8, or ask for the file again"
        raise InvalidMessage(Reason.NOT_JSON, detail)
    message = data.removeprefix(_BYTE_ORDER_MARK).strip(b" \t\r\n")
    if b"\n" in message or b"\r" in message:
        detail = "it was broken into lines, by a mail program or an editor. Ask for the file again, as an attachment"
        raise InvalidMessage(Reason.NOT_CANONICAL, detail)
    return message


def check_canonical(data: bytes, value: Json, what: str) -> None:
    """Raise InvalidMessage unless writing `value`, which `parse_json` read, gives exactly `data`."""
    again = write_json(value)
    if again != data:
        at = next((i for i, (a, b) in enumerate(zip(again, data, strict=False)) if a != b), min(len(again), len(data)))
        raise InvalidMessage(Reason.NOT_CANONICAL, f"{what} is not in compact, ordered JSON from byte {at} on")


def fields(value: Json, names: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Json]:
    """The object `value`; raises InvalidMessage unless it has the fields `names` in order, `optional` ones or not."""
    if not isinstance(value, dict):
        raise InvalidMessage(Reason.WRONG_TYPE, f"expected an object, found {kind_of(value)}")
    if tuple(value) == names:  # nearly always: every field is there, in order
        return value
    found = list(value)
    if found != [name for name in names if name in value or name not in optional]:
        missing = [name for name in names if name not in value and name not in optional]
        unknown = [name for name in found if name not in names]
        raise InvalidMessage(Reason.WRONG_FIELDS, _sentence(missing, unknown))
    return value


def _sentence(missing: list[str], unknown: list[str]) -> str:
    parts = []
    if missing:
        parts.append(f"missing {', '.join(missing)}")
    if unknown:
        parts.append(f"unknown {', '.join(repr(name[:40]) for name in unknown[:5])}")
    return "; ".join(parts) or "fields out of order"


def array(value: Json, length: int | None = None) -> list[Json]:
    """The array `value`; raises InvalidMessage unless it is one, of `length` entries if given."""
    if not isinstance(value, list):
        raise InvalidMessage(Reason.WRONG_TYPE, f"expected an array, found {kind_of(value)}")
    if length is not None and len(value) != length:
        raise InvalidMessage(Reason.WRONG_SHAPE, f"expected {length} entries, found {len(value)}")
    return value


def text(value: Json) -> str:
    """The string `value`; raises InvalidMessage for another type."""
    if not isinstance(value, str):
        raise InvalidMessage(Reason.WRONG_TYPE, f"expected a string, found {kind_of(value)}")
    return value


def integer(value: Json, minimum: int = 0, maximum: int = 2**62) -> int:
    """The whole number `value`; raises InvalidMessage unless it is in [minimum, maximum]. Booleans are not numbers."""
    if type(value) is not int:
        raise InvalidMessage(Reason.WRONG_TYPE, f"expected a whole number, found {kind_of(value)}")
    if not minimum <= value <= maximum:
        raise InvalidMessage(Reason.NUMBER_RANGE, f"expected a number from {minimum} to {maximum}")
    return value


def check_version(value: Json, supported: int, what: str) -> None:
    """Raise UNSUPPORTED unless `value` is the supported version; `what` names its subject, such as "protocol"."""
    if type(value) is not int:
        raise InvalidMessage(Reason.WRONG_TYPE, f"{what} version: expected a whole number, found {kind_of(value)}")
    if value != supported:
        raise InvalidMessage(Reason.UNSUPPORTED, f"{what} version {value} is not supported, only version {supported}")


def boolean(value: Json) -> bool:
    """The boolean `value`; raises InvalidMessage for another type."""
    if type(value) is not bool:
        raise InvalidMessage(Reason.WRONG_TYPE, f"expected true or false, found {kind_of(value)}")
    return value


def kind_of(value: Json) -> str:
    """The type of a JSON value in words for a message. The value itself could be a secret."""
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", int: "a number"}
    return kinds.get(type(value), "null")
