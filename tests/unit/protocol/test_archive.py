"""The archive's bytes: cut or altered anywhere, it is refused or read as a shorter one, never misread."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from itertools import pairwise

import pytest

from ballot.protocol.archive import (
    BLOCK,
    MAX_MEMBER,
    ArchiveMember,
    read_header,
    read_members,
    setup_payloads,
    tar_header,
    write_data,
    write_event,
    write_header,
    write_member,
)
from ballot.protocol.canonical import parse_json
from ballot.protocol.errors import InvalidArchive, InvalidMessage, Reason
from ballot.protocol.events import MAY_FOLLOW, Event, EventType, check_link, next_event, parse_event
from ballot.protocol.hashing import Hash, sha256_hex
from tests.support.simulator import AGAINST, FOR, Simulator

STAMP = 1589184000
BODY = b'{"a":1}'


@pytest.fixture(scope="module")
def sim() -> Simulator:
    sim = Simulator(weights=(None,) * 2)
    sim.vote(0, FOR)
    sim.vote(1, AGAINST)
    sim.close()
    sim.decrypt(1, 2, 3)
    return sim


def read(data: bytes) -> tuple[int, list[ArchiveMember], list[Reason]]:
    """All that can be read, and the reasons of all faults."""
    faults: list[Reason] = []
    stream = io.BytesIO(data)
    timestamp = read_header(stream, lambda fault: faults.append(fault.reason))
    members = list(read_members(stream, timestamp, lambda fault: faults.append(fault.reason)))
    return timestamp, members, faults


def faults_of(data: bytes) -> list[Reason]:
    return read(data)[2]


def test_what_was_written_is_read(sim: Simulator) -> None:
    timestamp, members, faults = read(sim.archive)
    assert timestamp == STAMP
    assert faults == []
    again = write_header(timestamp)
    for member in members:
        assert member.offset == len(again)
        again += (write_data if member.kind == "data" else write_event)(member.body, timestamp)
    assert again == sim.archive


def test_its_events_are_a_chain_from_setup_to_result(sim: Simulator) -> None:
    events = [parse_event(member.body) for member in read(sim.archive)[1] if member.kind == "event"]
    assert [event.height for event in events] == list(range(len(events)))
    for previous, event in zip([None, *events], events, strict=False):
        assert check_link(previous, event) == []
    assert events[-1] == sim.last
    assert {event.type for event in events} == set(EventType) - {EventType.SHUFFLE, EventType.END_SHUFFLES}


def test_pythons_own_tar_reader_sees_the_same_members(sim: Simulator) -> None:
    with tarfile.open(fileobj=io.BytesIO(sim.archive)) as archive:
        names = archive.getnames()
        assert names[0] == "BELENIOS"
        assert len(names) == len(read(sim.archive)[1]) + 1
        assert {(m.mode, m.uid, m.gid, m.mtime) for m in archive} == {(0o644, 0, 0, STAMP)}


def test_every_earlier_download_is_a_prefix_of_every_later_one() -> None:
    sim = Simulator(weights=(None,) * 2)
    seen = [sim.archive]
    sim.vote(0, FOR)
    seen.append(sim.archive)
    sim.close()
    seen.append(sim.archive)
    sim.decrypt(1, 2, 3)
    seen.append(sim.archive)
    for earlier, later in pairwise(seen):
        assert later.startswith(earlier)
        members = read(earlier)[1]
        assert members == read(later)[1][: len(members)]
        assert faults_of(earlier) == []


def test_cut_at_any_block_it_is_a_shorter_archive_or_truncated(sim: Simulator) -> None:
    whole = read(sim.archive)[1]
    ends = {member.offset for member in whole} | {len(sim.archive)}
    for cut in range(2 * BLOCK, len(sim.archive), BLOCK):
        _, members, faults = read(sim.archive[:cut])
        assert members == whole[: len(members)]
        assert faults == ([] if cut in ends else [Reason.ARCHIVE_TRUNCATED])


@pytest.mark.parametrize("into", [1, 99, 124, 136, 511, 513, 600])
def test_cut_inside_a_block_it_is_truncated(sim: Simulator, into: int) -> None:
    whole = read(sim.archive)[1]
    for member in whole[:8]:
        assert faults_of(sim.archive[: member.offset + into]) == [Reason.ARCHIVE_TRUNCATED]


@pytest.mark.parametrize("cut", [0, 1, 124, 511, 512, 513, 540, 548, 549, 560, 1023])
def test_cut_inside_the_header_it_is_no_archive(cut: int) -> None:
    with pytest.raises(InvalidArchive) as caught:
        read(write_header(STAMP)[:cut])
    assert caught.value.reason in (Reason.ARCHIVE_TRUNCATED, Reason.ARCHIVE_HEADER)


def test_a_header_alone_is_an_empty_archive() -> None:
    assert read(write_header(STAMP)) == (STAMP, [], [])


HEADERS = {
    "another name": write_member("BELENIOZ", b'{"version":1,"timestamp":"0"}', 0),
    "another version": write_member("BELENIOS", b'{"version":2,"timestamp":"0"}', 0),
    "version true": write_member("BELENIOS", b'{"version":true,"timestamp":"0"}', 0),
    "a numeric timestamp": write_member("BELENIOS", b'{"version":1,"timestamp":0}', 0),
    "a negative timestamp": write_member("BELENIOS", b'{"version":1,"timestamp":"-1"}', 0),
    "a fraction of a second": write_member("BELENIOS", b'{"version":1,"timestamp":"0.5"}', 0),
    "a leading zero": write_member("BELENIOS", b'{"version":1,"timestamp":"01"}', 0),
    "a timestamp of twenty digits": write_member("BELENIOS", b'{"version":1,"timestamp":"99999999999999999999"}', 0),
    "a space": write_member("BELENIOS", b'{"version":1, "timestamp":"0"}', 0),
    "a field more": write_member("BELENIOS", b'{"version":1,"timestamp":"0","x":1}', 0),
    "fields out of order": write_member("BELENIOS", b'{"timestamp":"0","version":1}', 0),
    "no JSON": write_member("BELENIOS", b"x", 0),
    "deep JSON": write_member("BELENIOS", b"[" * 4000, 0),
    "an empty body": write_member("BELENIOS", b"", 0),
    "a body of ten thousand bytes": write_member("BELENIOS", b" " * 10_000, 0),
    "zero blocks": bytes(4096),
    "a zip": b"PK\x03\x04" + bytes(4096),
    "text": b"hello",
    "nothing": b"",
}


@pytest.mark.parametrize("data", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_in_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidArchive):
        read(data)


def block_with(offset: int, value: bytes) -> Callable[[bytes], bytes]:
    return lambda member: member[:offset] + value + member[offset + len(value) :]


MEMBERS: dict[str, tuple[Callable[[bytes], bytes], list[Reason]]] = {
    "an ustar magic": (block_with(257, b"ustar\x0000"), [Reason.ARCHIVE_TAR]),
    "another mode": (block_with(100, b"0000755"), [Reason.ARCHIVE_TAR]),
    "another owner": (block_with(108, b"0001750"), [Reason.ARCHIVE_TAR]),
    "another checksum": (block_with(148, b"7"), [Reason.ARCHIVE_TAR]),
    "a link": (block_with(156, b"2"), [Reason.ARCHIVE_TAR]),
    "a directory": (block_with(156, b"5"), [Reason.ARCHIVE_TAR]),
    "a link's target": (block_with(157, b"/etc/passwd"), [Reason.ARCHIVE_TAR]),
    "bytes behind the name": (block_with(90, b"x"), [Reason.ARCHIVE_TAR]),
    "a byte in the last padding of the block": (block_with(511, b"x"), [Reason.ARCHIVE_TAR]),
    "a byte in the padding": (block_with(BLOCK + len(BODY), b"x"), [Reason.ARCHIVE_TAR]),
    "a byte at the very end": (block_with(2 * BLOCK - 1, b"\x01"), [Reason.ARCHIVE_TAR]),
    "another body": (block_with(BLOCK, b'{"a":2}'), [Reason.ARCHIVE_HASH]),
    "a size in base 256": (block_with(124, b"\x80" + bytes(10)), [Reason.ARCHIVE_TAR]),
    "a negative size": (block_with(124, b"-0000000001"), [Reason.ARCHIVE_TAR]),
    "a size with spaces": (block_with(124, b"          7"), [Reason.ARCHIVE_TAR]),
    "a size in another base": (block_with(124, b"00000000009"), [Reason.ARCHIVE_TAR]),
    "a size of eight gigabytes": (block_with(124, b"77777777777"), [Reason.ARCHIVE_TRUNCATED]),
    "a size just too large": (block_with(124, f"{MAX_MEMBER + 1:011o}".encode()), [Reason.ARCHIVE_TRUNCATED]),
    "a size of a quarter gigabyte": (block_with(124, f"{MAX_MEMBER:011o}".encode()), [Reason.ARCHIVE_TRUNCATED]),
    "end-of-archive blocks behind": (lambda member: member + bytes(1024), [Reason.ARCHIVE_TAR]),
    "a few bytes behind": (lambda member: member + b"xyz", [Reason.ARCHIVE_TRUNCATED]),
}


@pytest.mark.parametrize(("spoil", "reasons"), MEMBERS.values(), ids=MEMBERS.keys())
def test_a_spoiled_member_is_named(spoil: Callable[[bytes], bytes], reasons: list[Reason]) -> None:
    data = write_header(STAMP) + spoil(write_data(BODY, STAMP))
    assert faults_of(data) == reasons
    stream = io.BytesIO(data)
    timestamp = read_header(stream)
    with pytest.raises(InvalidArchive):
        list(read_members(stream, timestamp))


def test_every_single_byte_of_a_member_counts() -> None:
    before, member = write_header(STAMP), write_data(BODY, STAMP)
    for at in range(len(member)):
        for flip in (1, 0x80):
            spoiled = bytearray(member)
            spoiled[at] ^= flip
            assert faults_of(before + bytes(spoiled)), f"byte {at} does not count"


def test_every_single_byte_of_the_header_counts() -> None:
    header = write_header(STAMP)
    for at in range(len(header)):
        spoiled = bytearray(header)
        spoiled[at] ^= 1
        try:
            faults = faults_of(bytes(spoiled))
        except InvalidArchive:
            continue
        assert faults, f"byte {at} does not count"


NAMES = {
    "a path": "../" + sha256_hex(BODY) + ".data.json",
    "an absolute path": "/tmp/x.data.json",
    "another ending": sha256_hex(BODY) + ".data.jsonx",
    "another kind": sha256_hex(BODY) + ".shuffle.json",
    "upper-case": sha256_hex(BODY).upper() + ".data.json",
    "a short hash": sha256_hex(BODY)[:63] + ".data.json",
    "a second header": "BELENIOS",
    "no name": "",
    "a long name": "a" * 99,
    "a newline": sha256_hex(BODY) + ".data.json\n",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_member_by_another_name_is_refused_and_the_next_is_still_read(name: str) -> None:
    good = write_event(b"{}", STAMP)
    _, members, faults = read(write_header(STAMP) + write_member(name, BODY, STAMP) + good)
    assert faults == [Reason.ARCHIVE_NAME]
    assert [member.body for member in members] == [b"{}"]


def test_a_name_beyond_ascii_is_refused() -> None:
    member = bytearray(write_data(BODY, STAMP))
    member[0] = 0xE9
    assert faults_of(write_header(STAMP) + bytes(member)) == [Reason.ARCHIVE_TAR, Reason.ARCHIVE_NAME]


def test_a_member_of_another_time_is_refused() -> None:
    assert faults_of(write_header(STAMP) + write_data(BODY, STAMP + 1)) == [Reason.ARCHIVE_TAR]


@pytest.mark.parametrize("length", [0, 1, 511, 512, 513, 1024])
def test_bodies_of_any_length_are_padded_to_a_block(length: int) -> None:
    body = b" " * length
    data = write_header(STAMP) + write_data(body, STAMP) + write_event(b"{}", STAMP)
    _, members, faults = read(data)
    assert faults == []
    assert [member.body for member in members] == [body, b"{}"]
    assert len(data) % BLOCK == 0


@pytest.mark.parametrize("timestamp", [0, 1, STAMP, 2**31, 2**32])
def test_a_timestamp_is_text_in_the_header_and_octal_in_every_member(timestamp: int) -> None:
    data = write_header(timestamp)
    assert read(data)[0] == timestamp
    assert data[BLOCK:].rstrip(b"\0") == b'{"version":1,"timestamp":"%d"}' % timestamp
    assert data[136:147] == b"%011o" % timestamp
    assert data[257:263] == bytes(6)


def test_the_tar_header_is_the_old_form() -> None:
    block = tar_header("BELENIOS", 42, STAMP)
    assert len(block) == BLOCK
    assert block[:9] == b"BELENIOS\0"
    assert block[100:124] == b"0000644\x000000000\x000000000\0"
    blank = block[:148] + b" " * 8 + block[156:]
    assert block[148:156] == b"%06o\0 " % sum(blank)


def test_the_setup_names_what_stands_before_it() -> None:
    payloads = setup_payloads(b"e", b"t", b"c")
    assert payloads[:3] == [b"e", b"t", b"c"]
    assert parse_json(payloads[3]) == {name: sha256_hex(name[0].encode()) for name in NAMES_OF_SETUP}


NAMES_OF_SETUP = ("election", "trustees", "credentials")


# -- Events ------------------------------------------------------------------------------------------------------

FIRST = next_event(None, EventType.SETUP, b"setup")
SECOND = next_event(FIRST, EventType.BALLOT, b"ballot")

LINKS = {
    "another parent": (Event(Hash("0" * 64), 1, EventType.BALLOT, SECOND.payload), Reason.EVENT_PARENT),
    "no parent": (Event(None, 1, EventType.BALLOT, SECOND.payload), Reason.EVENT_PARENT),
    "a height skipped": (Event(FIRST.hash, 2, EventType.BALLOT, SECOND.payload), Reason.EVENT_HEIGHT),
    "a height repeated": (Event(FIRST.hash, 0, EventType.BALLOT, SECOND.payload), Reason.EVENT_HEIGHT),
    "a second setup": (Event(FIRST.hash, 1, EventType.SETUP, SECOND.payload), Reason.EVENT_SEQUENCE),
    "a result at once": (Event(FIRST.hash, 1, EventType.RESULT, SECOND.payload), Reason.EVENT_SEQUENCE),
    "a ballot without payload": (Event(FIRST.hash, 1, EventType.BALLOT, None), Reason.EVENT_PAYLOAD),
    "a closing with payload": (Event(FIRST.hash, 1, EventType.END_BALLOTS, SECOND.payload), Reason.EVENT_PAYLOAD),
}


@pytest.mark.parametrize(("event", "reason"), LINKS.values(), ids=LINKS.keys())
def test_a_broken_link_is_named(event: Event, reason: Reason) -> None:
    assert [fault.reason for fault in check_link(FIRST, event)] == [reason]


def test_the_first_event_is_a_setup_without_parent() -> None:
    assert check_link(None, FIRST) == []
    assert [fault.reason for fault in check_link(None, SECOND)] == [
        Reason.EVENT_PARENT,
        Reason.EVENT_HEIGHT,
        Reason.EVENT_SEQUENCE,
    ]


def test_no_ballot_follows_the_closing_and_nothing_the_result() -> None:
    for before, after in MAY_FOLLOW.items():
        if before not in (EventType.SETUP, EventType.BALLOT):
            assert EventType.BALLOT not in after
    assert MAY_FOLLOW[EventType.RESULT] == frozenset()
    assert set(MAY_FOLLOW) == {None, *EventType}


EVENTS = {
    "another type": b'{"height":0,"type":"Setups","payload":"%s"}',
    "a list as type": b'{"height":0,"type":[],"payload":"%s"}',
    "an object as type": b'{"height":0,"type":{},"payload":"%s"}',
    "nothing as type": b'{"height":0,"type":null,"payload":"%s"}',
    "no height": b'{"type":"Setup","payload":"%s"}',
    "a negative height": b'{"height":-1,"type":"Setup","payload":"%s"}',
    "a huge height": b'{"height":99999999999999999999,"type":"Setup","payload":"%s"}',
    "a height as text": b'{"height":"0","type":"Setup","payload":"%s"}',
    "nothing as parent": b'{"parent":null,"height":0,"type":"Setup","payload":"%s"}',
    "a short payload": b'{"height":0,"type":"Setup","payload":"ab"}',
    "nothing as payload": b'{"height":0,"type":"Setup","payload":null}',
    "out of order": b'{"type":"Setup","height":0,"payload":"%s"}',
    "a newline behind": b'{"height":0,"type":"Setup","payload":"%s"}\n',
}


@pytest.mark.parametrize("data", EVENTS.values(), ids=EVENTS.keys())
def test_an_event_in_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidMessage):
        parse_event(data.replace(b"%s", b"ab" * 32))
