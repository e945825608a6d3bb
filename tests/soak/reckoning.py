"""The verdict: whether all the evidence fits together. Pure; anything that does not fit is a named finding.

Also `Kept`, a process that is kept running as systemd keeps a service: restarted a moment after it ends for any reason.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ballot.record.errors import InvalidReceipt
from ballot.record.keys import PublicKey
from ballot.record.receipts import check_receipt
from tests.soak.electorate import FINAL
from tests.soak.evidence import Answered, Counted, Posted, Practice, Voted

FORESEEN = {(200, "accepted"), (409, "already-voted"), (503, "database-away"), (503, "database-full")}
PAST_CLOSING = (410, "closed")
"""Expected only if a clock was past the closing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit."""

    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.name}: {self.what}"


@dataclass(frozen=True, slots=True)
class Roll:
    """The voters, and the addresses of their mail."""

    practices: Mapping[str, Practice]
    """By public credential."""
    addresses: Mapping[Practice, str]
    notices: Mapping[Practice, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything to judge by."""

    roll: Roll
    board: PublicKey
    voted: Voted
    posted: Posted
    counted: Sequence[Counted]
    crashes: int
    """How often the mail worker ended without being told to."""
    past_closing: bool
    """Whether a clock was ever past the closing."""
    unsent: Sequence[str] = ()
    """Messages that are neither sent nor dropped in the outbox."""
    faults_of_ours: Sequence[str] = ()
    """Log lines with a traceback or an unexpected error."""
    audits: Sequence[tuple[str, int, str]] = ()
    """For each record: its name, the exit status of verify_tally.py with every receipt, and its last words."""
    damage: Sequence[str] = field(default=())
    """The result of the database's own check."""


def reckon(evidence: Evidence) -> list[Finding]:
    """Every finding; none means that nothing is lost and nothing counts twice."""
    return [
        *_receipts(evidence),
        *_ballots(evidence),
        *_counts(evidence),
        *_answers(evidence),
        *_mail(evidence),
        *(Finding("message not sent", what) for what in evidence.unsent),
        *(Finding("fault of ours", line) for line in evidence.faults_of_ours),
        *(Finding("record not verified", f"{name}: {said}") for name, status, said in evidence.audits if status),
        *(Finding("database damaged", what) for what in evidence.damage),
    ]


def _in_record(evidence: Evidence) -> dict[str, tuple[str, int]]:
    """The election and height of every ballot in the record; the Setup has height 0."""
    return {
        payload: (counted.place, number)
        for counted in evidence.counted
        for number, (payload, _) in enumerate(counted.ballots, start=1)
    }


def _receipts(evidence: Evidence) -> Iterator[Finding]:
    found = _in_record(evidence)
    for payload, receipts in evidence.voted.handed.items():
        made = evidence.voted.made[payload]
        if len(receipts) > 1:
            yield Finding("two receipts for one ballot", f"{made.practice}, {made.number}")
        for data in receipts:
            try:
                receipt = check_receipt(data, evidence.board)
            except InvalidReceipt as fault:
                yield Finding("receipt is not the board's", f"{made.practice}: {fault}")
                continue
            if receipt.tracking_number != made.number:
                yield Finding("receipt is for another ballot", f"{made.practice}, {made.number}")
            if found.get(payload) != (made.practice[0], receipt.height):
                yield Finding("receipt not honoured", f"{made.practice}, {made.number}, height {receipt.height}")


def _ballots(evidence: Evidence) -> Iterator[Finding]:
    voted = evidence.voted
    for counted in evidence.counted:
        again = Counter(payload for payload, _ in counted.ballots)
        yield from (Finding("ballot twice", f"{counted.place} {payload}") for payload, n in again.items() if n > 1)
        once = Counter(credential for _, credential in counted.ballots)
        for payload, credential in counted.ballots:
            practice, made = evidence.roll.practices.get(credential), voted.made.get(payload)
            if made is None or practice != made.practice:
                yield Finding("ballot that its voter did not make", f"{counted.place} {payload} of {practice}")
            elif payload not in voted.whole:
                yield Finding("half a ballot counted", f"{practice} {payload}")
        if FINAL in counted.place:
            for credential, n in once.items():
                if n > 1:
                    yield Finding("practice counted twice", f"{evidence.roll.practices.get(credential)}")


def _counts(evidence: Evidence) -> Iterator[Finding]:
    """The result must be the sum of what the voters know they voted, the last ballot of each."""
    for counted in evidence.counted:
        last = {credential: payload for payload, credential in counted.ballots}
        if counted.num_tallied != len(last):
            yield Finding("number differs", f"{counted.place}: {counted.num_tallied} tallied, {len(last)} practices")
        votes = [evidence.voted.made[payload].vote for payload in last.values() if payload in evidence.voted.made]
        total = tuple(map(sum, zip(*votes, strict=True))) if votes else (0,) * len(counted.result)
        if total != tuple(counted.result):
            yield Finding("count differs", f"{counted.place}: {total} were voted, {counted.result} were counted")


def _answers(evidence: Evidence) -> Iterator[Finding]:
    voted, found = evidence.voted, _in_record(evidence)
    in_record = Counter(voted.made[payload].practice for payload in found if payload in voted.made)
    odd: Counter[tuple[int, str]] = Counter()
    for answer in voted.answers:
        practice = voted.made[answer.payload].practice
        if not _is_foreseen(answer, evidence.past_closing):
            odd[answer.status, answer.word] += 1
        elif answer.status == 409 and not in_record[practice] - (answer.payload in found):
            yield Finding("refused for another ballot that is not there", f"{practice}")
    for (status, word), n in odd.items():
        yield Finding("unexpected answer", f"{status} {word}, {n} times")


def _is_foreseen(answer: Answered, past_closing: bool) -> bool:
    said = (answer.status, answer.word)
    return said in FORESEEN or (past_closing and said == PAST_CLOSING)


def _mail(evidence: Evidence) -> Iterator[Finding]:
    posted, found = evidence.posted, _in_record(evidence)
    received = Counter((_kind(id), posted.to[id]) for id in posted.answered)
    numbers = Counter(number for id, number in posted.numbers.items() if posted.answered[id])
    has_ballots: Counter[Practice] = Counter()
    expected = {evidence.voted.made[payload].number for payload in found if payload in evidence.voted.made}
    for payload in found:
        if (made := evidence.voted.made.get(payload)) is None:
            continue
        has_ballots[made.practice] += 1
        if not numbers[made.number]:
            yield Finding("mail lost", f"the receipt for {made.practice}, {made.number}")
    for number in numbers.keys() - expected:
        yield Finding("mail about no ballot", number)
    for practice, address in evidence.roll.addresses.items():
        # A practice that has voted gets no more invitations
        may_be_late = FINAL in practice[0] and has_ballots[practice]
        if not received["invitation", address] and not may_be_late:
            yield Finding("mail lost", f"the invitation of {practice}")
        for further in evidence.roll.notices.get(practice, ()):
            notices, ballots = received["has-voted", further], has_ballots[practice]
            if notices != ballots:
                name = "mail lost" if notices < ballots else "mail about no ballot"
                yield Finding(name, f"{notices} notices for {ballots} ballots of {practice}")
    again = repeated(posted)
    if again > evidence.crashes:
        yield Finding("mail repeated", f"{again} messages, and the mail worker crashed {evidence.crashes} times")


def repeated(posted: Posted) -> int:
    """How many messages came again although the mail server had accepted and confirmed them."""
    return sum(n - 1 for n in posted.answered.values() if n > 1)


def unanswered(posted: Posted) -> int:
    """How often the mail server accepted a message without confirming it: these had to come again."""
    return posted.took.total() - posted.answered.total()


def _kind(message_id: str) -> str:
    return message_id.strip("<>").partition(".")[0]


__all__ = ["Evidence", "Finding", "Roll", "reckon", "repeated", "unanswered"]


RESTART = 0.5
"""Seconds between an end and the next start, by default."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of one run; a negative status is the signal that killed it."""

    at: float
    status: int


@dataclass
class Kept:
    """One service in its own process group, which can be killed as a whole."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    rest: float = RESTART
    ends: list[End] = field(default_factory=list)
    began: float = 0
    """When it was last started."""
    _process: subprocess.Popen[bytes] | None = None
    _thread: threading.Thread | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Run it, and keep it running."""
        self._over.clear()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def signal(self, number: int, group: bool = False) -> bool:
        """Send a signal to the process, or to it and all its children; False if it is not running."""
        pid = self.pid
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(pid, number)
            return True
        return False

    def stop(self, patience: float = 90) -> None:
        """End it in good order; kill it if it does not end."""
        self._over.set()
        self.signal(signal.SIGTERM)
        if self._thread is not None:
            self._thread.join(patience)
            self.signal(signal.SIGKILL, group=True)
            self._thread.join()

    def _keep(self) -> None:
        while not self._over.is_set():
            self.began = time.time()
            with self.log.open("ab") as out:
                self._process = subprocess.Popen(
                    self.command, env={**os.environ, **self.environment}, stdout=out, stderr=out, start_new_session=True
                )
            if self._over.is_set():  # It was stopped after the check and before the start
                self.signal(signal.SIGTERM)
            status = self._process.wait()
            self.ends.append(End(time.time(), status))
            self._over.wait(self.rest)
