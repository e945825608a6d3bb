"""The `.bel` archive: an old-style tar file that only ever grows, byte for byte as the reference tool writes it.

Spec: Messages, Public data. Each member is named after the SHA-256 of its contents. Headers have no magic, mode
0000644, owner and group 0000000, and one modification time for all: the timestamp of the BELENIOS header, which is
a JSON *string*. There are no end-of-archive blocks, so every older download is a prefix of every later one.

Reading is a stream. Every fault goes to `on_fault`; one after which the next member cannot be found ends the stream.
What is *not* done here: what members mean, and the chain (events.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Final

from ballot.protocol.canonical import check_canonical, check_version, fields, parse_json, text, write_json
from ballot.protocol.errors import InvalidArchive, InvalidMessage, Reason
from ballot.protocol.events import Event, EventType, next_event
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.protocol.spec import ARCHIVE_VERSION, PROTOCOL_VERSION

BLOCK: Final = 512
MAX_MEMBER: Final = 2**28
"""Bytes. A million public credentials take 80 MB."""

MAX_ELECTION: Final = 2**22
"""Bytes: the texts of about ten thousand questions."""

_NAME = re.compile(r"([0-9a-f]{64})\.(data|event)\.json")
_OCTAL = re.compile(rb"[0-7]{11}")

OnFault = Callable[[InvalidArchive], None]


def raise_fault(fault: InvalidArchive) -> None:
    """Raise the fault: the `on_fault` of callers that accept only whole archives."""
    raise fault


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """One data or event file, its bytes and where its tar header starts."""

    kind: str
    hash: Hash
    body: bytes
    offset: int


def tar_header(name: str, size: int, timestamp: int) -> bytes:
    """The 512 bytes before a member."""
    block = bytearray(BLOCK)
    encoded = name.encode("ascii")
    block[: len(encoded)] = encoded
    block[100:107] = b"0000644"
    block[108:115] = block[116:123] = b"0000000"
    block[124:135] = f"{size:011o}".encode()
    block[136:147] = f"{timestamp:011o}".encode()
    block[148:156] = b" " * 8
    block[156:157] = b"0"
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    return bytes(block)


def write_member(name: str, body: bytes, timestamp: int) -> bytes:
    """A member with its header and padding."""
    return tar_header(name, len(body), timestamp) + body + bytes(-len(body) % BLOCK)


def write_header(timestamp: int) -> bytes:
    """The BELENIOS member that starts an archive; `timestamp` in whole seconds since 1970, UTC."""
    return write_member("BELENIOS", _header_body(timestamp), timestamp)


def _header_body(timestamp: int) -> bytes:
    return write_json({"version": ARCHIVE_VERSION, "timestamp": str(timestamp)})


def write_data(body: bytes, timestamp: int) -> bytes:
    """A data member."""
    return write_member(f"{sha256_hex(body)}.data.json", body, timestamp)


def write_event(body: bytes, timestamp: int) -> bytes:
    """An event member."""
    return write_member(f"{sha256_hex(body)}.event.json", body, timestamp)


def read_header(stream: IO[bytes], on_fault: OnFault = raise_fault) -> int:
    """The timestamp of the archive; raises InvalidArchive if no header can be read at all."""
    block = stream.read(BLOCK)
    name, size = _name_and_size(block)
    if name != "BELENIOS" or size > 4096:
        raise InvalidArchive(Reason.ARCHIVE_HEADER, "expected a Belenios archive, which starts with BELENIOS")
    body = stream.read(size)
    padding = stream.read(-size % BLOCK)
    try:
        value = parse_json(body)
        if isinstance(value, dict) and "version" in value:
            check_version(value["version"], ARCHIVE_VERSION, "archive")
        value = fields(value, ("version", "timestamp"))
        if type(value["timestamp"]) is int:  # the successor of 3.3.0 writes a number; its elections name their version
            _check_protocol_version(stream)
            raise InvalidArchive(Reason.ARCHIVE_HEADER, "expected the timestamp as a string, found a number")
        digits = text(value["timestamp"])
        if not re.fullmatch(r"0|[1-9][0-9]{0,9}", digits):
            raise InvalidArchive(Reason.ARCHIVE_HEADER, "expected a timestamp in seconds, written as a string")
        check_canonical(body, value, "the archive's header")
    except InvalidMessage as fault:
        unsupported = fault.reason is Reason.UNSUPPORTED
        raise InvalidArchive(fault.reason if unsupported else Reason.ARCHIVE_HEADER, fault.detail) from None
    timestamp = int(digits)
    if len(padding) != -size % BLOCK:
        raise InvalidArchive(Reason.ARCHIVE_TRUNCATED, "the header's padding is cut off")
    _check_bytes(block, padding, "BELENIOS", size, timestamp, on_fault)
    return timestamp


def _check_protocol_version(stream: IO[bytes]) -> None:
    """Raise UNSUPPORTED if the first member, the election, has another protocol version."""
    try:
        _, size = _name_and_size(stream.read(BLOCK))
        value = parse_json(stream.read(size)) if size <= MAX_ELECTION else None
    except InvalidMessage:
        return
    if isinstance(value, dict) and type(value.get("version")) is int:
        check_version(value["version"], PROTOCOL_VERSION, "protocol")


def read_members(stream: IO[bytes], timestamp: int, on_fault: OnFault = raise_fault) -> Iterator[ArchiveMember]:
    """The members in order, one at a time; the stream must be at the end of the header."""
    offset = BLOCK + _padded(len(_header_body(timestamp)))
    while block := stream.read(BLOCK):
        at = f"at byte {offset}"
        try:
            name, size = _name_and_size(block)
        except InvalidArchive as fault:
            on_fault(InvalidArchive(fault.reason, f"{at}: {fault.detail}"))
            return
        match = _NAME.fullmatch(name)
        body = stream.read(size) if size <= MAX_MEMBER else b""
        padding = stream.read(-size % BLOCK)
        if len(body) + len(padding) != _padded(size):
            on_fault(InvalidArchive(Reason.ARCHIVE_TRUNCATED, f"{at}: a member of {size} bytes is cut off"))
            return
        _check_bytes(block, padding, name, size, timestamp, on_fault)
        if match is None:
            on_fault(InvalidArchive(Reason.ARCHIVE_NAME, f"{at}: {name[:80]!r} is not the name of a member"))
        else:
            hash = sha256_hex(body)
            if match[1] != hash:
                on_fault(InvalidArchive(Reason.ARCHIVE_HASH, f"{at}: named {match[1]}, contents hash to {hash}"))
            yield ArchiveMember(match[2], hash, body, offset)
        offset += BLOCK + _padded(size)


def _padded(size: int) -> int:
    return size + -size % BLOCK


def _name_and_size(block: bytes) -> tuple[str, int]:
    if len(block) < BLOCK:
        raise InvalidArchive(Reason.ARCHIVE_TRUNCATED, f"a header of {BLOCK} bytes is cut off after {len(block)}")
    if not _OCTAL.fullmatch(block[124:135]):
        raise InvalidArchive(Reason.ARCHIVE_TAR, "expected a tar header with the size of a member")
    return block[:100].split(b"\0")[0].decode("ascii", "replace"), int(block[124:135], 8)


def _check_bytes(block: bytes, padding: bytes, name: str, size: int, timestamp: int, on_fault: OnFault) -> None:
    if not name.isascii() or block != tar_header(name[:99], size, timestamp):
        on_fault(InvalidArchive(Reason.ARCHIVE_TAR, f"the tar header of {name[:80]} is not as the writer makes it"))
    if padding.strip(b"\0"):
        on_fault(InvalidArchive(Reason.ARCHIVE_TAR, f"the padding after {name[:80]} is not empty"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A data or event member to be appended."""

    kind: str
    body: bytes

    def to_member(self, timestamp: int) -> bytes:
        return write_data(self.body, timestamp) if self.kind == "data" else write_event(self.body, timestamp)


def event_entries(previous: Event | None, type: EventType, payloads: list[bytes]) -> tuple[Event, list[Entry]]:
    """The next event and everything appended with it: its payloads (the event names the last), then itself."""
    event = next_event(previous, type, payloads[-1] if payloads else None)
    return event, [*(Entry("data", body) for body in payloads), Entry("event", event.to_bytes())]


def setup_payloads(election: bytes, trustees: bytes, credentials: bytes) -> list[bytes]:
    """The payloads of the Setup event: the three structures and the setup_data that names them."""
    names = {"election": election, "trustees": trustees, "credentials": credentials}
    return [election, trustees, credentials, write_json({name: sha256_hex(body) for name, body in names.items()})]
