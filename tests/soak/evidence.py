"""The evidence of voters, mail server and record, line by line, each written before the next step: no kill removes it.

At the end the voters have their ballots and receipts, the mail server its messages, and the record its elections. Each
is read from what was on disk before the next step, and none of it from the app's tables.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ballot.protocol.archive import read_header, read_members
from ballot.protocol.ballots import parse_ballot, tracking_number
from ballot.protocol.events import EventType, parse_event
from ballot.protocol.group import Ed25519, element_text
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.results import parse_result
from ballot.protocol.tally import parse_sized_encrypted_tally

Line = Mapping[str, Any]


class Journal:
    """A file of JSON lines that only grows; several threads may write."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, *, synced: bool = True, **line: object) -> None:
        """Add a line; on return it is on disk, or with the kernel, which outlives every process."""
        data = json.dumps(line).encode() + b"\n"
        with self._lock:
            os.write(self._file, data)
            if synced:
                os.fdatasync(self._file)


def read_journal(path: Path) -> Iterator[Line]:
    """Every whole line; a kill may have cut the last one."""
    for line in path.read_bytes().split(b"\n")[:-1]:
        yield json.loads(line)


G = Ed25519()
ACCEPTED = "accepted"

Practice = tuple[str, str]
"""`programme/ccg` and the practice's code."""


@dataclass(frozen=True, slots=True)
class Made:
    """A ballot that a voter made, and its meaning, which only the voter knows."""

    practice: Practice
    vote: tuple[int, ...]
    number: str
    """Its tracking number."""
    token: str = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to a voter."""

    payload: str
    status: int
    word: str


@dataclass
class Voted:
    """The voters' evidence, by payload: the hash of a ballot's bytes."""

    made: dict[str, Made] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)
    whole: set[str] = field(default_factory=set)
    """The payloads that reached the server in full at least once."""
    handed: dict[str, set[bytes]] = field(default_factory=dict)
    """The receipts issued for it."""
    answers: list[Answered] = field(default_factory=list)
    silences: int = 0


@dataclass
class Posted:
    """The messages that the mail server accepted, by Message-ID."""

    took: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    to: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    """The tracking number in a message with a receipt."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One election in the record: every ballot in order, by payload and credential, and the result."""

    place: str
    ballots: tuple[tuple[str, str], ...]
    num_tallied: int
    result: tuple[int, ...]


def read_voted(journals: Iterable[Path]) -> Voted:
    """Read the voters' journals."""
    found = Voted()
    for path in journals:
        for line in read_journal(path):
            if "made" in line:
                body = line["body"].encode()
                practice = (line["place"], line["practice"])
                found.made[line["made"]] = Made(
                    practice, tuple(line["vote"]), tracking_number(body), line["token"], body
                )
            elif "sent" in line:
                found.sent[line["sent"]] += 1
                if line["whole"]:
                    found.whole.add(line["sent"])
            elif "silence" in line:
                found.silences += 1
            else:
                payload, status = line["answered"], line["status"]
                if status == 200:
                    found.handed.setdefault(payload, set()).add(line["body"].encode())
                found.answers.append(Answered(payload, status, _word(status, line["body"])))
    return found


def _word(status: int, body: str) -> str:
    if status == 200:
        return ACCEPTED
    try:
        return str(json.loads(body)["word"])
    except (ValueError, KeyError, TypeError):
        return "(no word)"


def read_posted(journal: Path) -> Posted:
    """Read the mail server's journal."""
    found = Posted()
    for line in read_journal(journal):
        if "took" in line:
            found.took[line["took"]] += 1
            found.to[line["took"]] = line["to"]
            if "tracking_number" in line:
                found.numbers[line["took"]] = line["tracking_number"]
        else:
            found.answered[line["answered"]] += 1
    return found


def read_counted(programme: str, archive: Path) -> Counted:
    """Read an archive of the record."""
    ballots: list[tuple[str, str]] = []
    num_tallied = 0
    result: tuple[int, ...] = ()
    data: list[bytes] = []
    with archive.open("rb") as stream:
        for member in read_members(stream, read_header(stream)):
            if member.kind != "event":
                data.append(member.body)
                continue
            match parse_event(member.body).type:
                case EventType.BALLOT:
                    credential = element_text(parse_ballot(G, data[-1]).credential)
                    ballots.append((sha256_hex(data[-1]), credential))
                case EventType.ENCRYPTED_TALLY:
                    num_tallied = parse_sized_encrypted_tally(data[-1]).num_tallied
                case EventType.RESULT:
                    result = parse_result(data[-1])[0]
            data = []
    return Counted(f"{programme}/{archive.stem}", tuple(ballots), num_tallied, result)
