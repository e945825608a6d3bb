"""For any bytes, a record's file is read or raises InvalidMessage, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ballot.protocol.canonical import write_json
from ballot.protocol.errors import InvalidMessage
from ballot.record.checkpoints import open_checkpoint, parse_checkpoint_line
from ballot.record.counting import Counting, CountKind, eligible_measure
from ballot.record.keys import PublicKey, Role
from ballot.record.manifest import check_manifest_signature, parse_manifest
from ballot.record.merkle import CompactRange, leaf_hash, node_hash
from ballot.record.programme_events import check_event_signatures, parse_programme_event
from ballot.record.public_roll import parse_returned, parse_roll, write_returned, write_roll
from ballot.record.receipts import check_receipt, parse_receipt
from ballot.record.terms import parse_terms
from ballot.record.times import parse_time, time_text
from ballot.record.tokens import open_token, parse_token_line, token_hash
from tests.support.record_simulator import RecordSimulator
from tests.support.strategies import json_values, reshaped, spoiled

RECORD = RecordSimulator()
FILES = RECORD.files
KEYS = {role: PublicKey.from_pem(FILES[f"keys/{role.value}.pub"]) for role in Role}
BOARD, REGISTRAR = KEYS[Role.BOARD], KEYS[Role.REGISTRAR]

few = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def last_line(name: str) -> bytes:
    return FILES[name].splitlines()[-1]


def event(data: bytes) -> None:
    read = parse_programme_event(data)
    assert read.to_bytes() == data
    check_event_signatures(read, KEYS)


def manifest(data: bytes) -> None:
    read = parse_manifest(data)
    assert read.to_bytes() == data
    check_manifest_signature(read, KEYS)


def tokens(data: bytes) -> None:
    assert parse_token_line(data).to_bytes() == data + b"\n"


def checkpoint(data: bytes) -> None:
    open_checkpoint(parse_checkpoint_line(data)[1], BOARD)


def note(data: bytes) -> None:
    open_checkpoint(data.decode("utf-8", "replace"), BOARD)


def roll(data: bytes) -> None:
    assert write_roll(parse_roll(data)) == data


def returned(data: bytes) -> None:
    assert write_returned(parse_returned(data)) == data


def receipt(data: bytes) -> None:
    parse_receipt(data)
    check_receipt(data, BOARD)


def token(data: bytes) -> None:
    signed = data.decode("utf-8", "surrogateescape")
    token_hash(signed)
    open_token(signed, REGISTRAR)


def pem(data: bytes) -> None:
    assert PublicKey.from_pem(data).to_pem() == data


RECEIPT = (
    b'{"programme":"p","ccg":"00A","election_uuid":"u","tracking_number":"t","height":1,"chain_head":"'
    + b"ab" * 32
    + b'","time":"2020-05-29T16:00:00Z","key":"'
    + BOARD.raw.hex().encode()
    + b'","signature":"'
    + b"A" * 86
    + b'=="}'
)

READERS: dict[str, tuple[Callable[[bytes], None], bytes]] = {
    "event": (event, last_line("events.jsonl")),
    "manifest": (manifest, FILES["manifest.json"]),
    "token line": (tokens, last_line("tokens.jsonl")),
    "checkpoint": (checkpoint, last_line("checkpoints.jsonl")),
    "note": (note, json.loads(last_line("checkpoints.jsonl"))["note"].encode()),
    "terms": (lambda data: void(parse_terms(data)), FILES["terms.json"]),
    "roll": (roll, FILES["roll.csv"]),
    "returned": (returned, FILES["returned.csv"]),
    "receipt": (receipt, RECEIPT),
    "token": (token, b"e30.AAAA"),
    "key": (pem, FILES["keys/board.pub"]),
}


def void(value: object) -> None:
    assert value is not None


EACH = pytest.mark.parametrize(("read", "good"), READERS.values(), ids=READERS.keys())


def reads_or_refuses(read: Callable[[bytes], None], data: bytes) -> bool:
    try:
        read(data)
    except InvalidMessage:
        return False
    return True


@EACH
def test_the_good_file_is_read(read: Callable[[bytes], None], good: bytes) -> None:
    assert reads_or_refuses(read, good) == (read not in (receipt, token))


@EACH
@few
@given(data=st.binary(max_size=200))
def test_any_bytes(read: Callable[[bytes], None], good: bytes, data: bytes) -> None:
    reads_or_refuses(read, data)


@EACH
@few
@given(value=json_values)
def test_any_json(read: Callable[[bytes], None], good: bytes, value: object) -> None:
    reads_or_refuses(read, write_json(value))


SIGNED = (event, manifest, note)
"""Those of which every byte is covered by a signature."""


@EACH
@few
@given(data=st.data())
def test_a_good_file_with_pieces_changed(read: Callable[[bytes], None], good: bytes, data: st.DataObject) -> None:
    other = data.draw(spoiled(good))
    assert not reads_or_refuses(read, other) or read not in SIGNED or other == good


@pytest.mark.parametrize(
    ("read", "good"),
    [pytest.param(*entry, id=id) for id, entry in READERS.items() if entry[1].startswith(b"{")],
)
@few
@given(data=st.data())
def test_a_good_file_with_a_value_replaced(read: Callable[[bytes], None], good: bytes, data: st.DataObject) -> None:
    other = data.draw(reshaped(json.loads(good))) + (b"\n" if good.endswith(b"\n") else b"")
    assert not reads_or_refuses(read, other) or read not in SIGNED or other == good


@few
@given(moment=st.datetimes(timezones=st.timezones()))
def test_any_moment_is_written_as_it_will_be_read(moment: object) -> None:
    try:
        written = time_text(moment)  # type: ignore[arg-type]
    except OverflowError:  # within a day of the first or the last year; no file can say it
        return
    assert time_text(parse_time(written)) == written


# -- Packing -----------------------------------------------------------------------------------------------------

practices = st.lists(st.tuples(st.integers(0, 2), st.one_of(st.none(), st.integers(0, 60_000))), max_size=30)


@few
@given(votes=practices)
def test_a_packed_total_decodes_to_the_sums(votes: list[tuple[int, int | None]]) -> None:
    patients = sum(size or 0 for _, size in votes)
    packed = Counting(CountKind.PACKED, 10 ** len(str(patients)))
    weights = [packed.weight(size or 0) or 0 for _, size in votes]
    for answer in range(3):
        total = sum(weight for (chosen, _), weight in zip(votes, weights, strict=True) if chosen == answer)
        measure = packed.measure(total)
        assert measure.practices == sum(chosen == answer for chosen, _ in votes)
        assert measure.weight == sum(size or 0 for chosen, size in votes if chosen == answer)
    whole = eligible_measure(packed, weights)
    assert (whole.practices, whole.weight) == (len(votes), patients)


# -- Merkle trees ------------------------------------------------------------------------------------------------


def tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, for one leaf or more."""
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


@few
@given(leaves=st.lists(st.binary(max_size=40), min_size=1, max_size=70))
def test_the_compact_range_has_the_root_of_the_definition(leaves: list[bytes]) -> None:
    tree = CompactRange()
    for leaf in leaves:
        tree = tree.append(leaf)
    assert tree.root == tree_hash(leaves)
