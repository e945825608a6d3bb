"""Practices that vote until they are stopped, well and badly: .venv/bin/python -m tests.soak.voters TASK

A process with several threads; each takes one practice after another. Everything that a practice makes, sends and
receives is in the journal, on disk, before its next step. SIGTERM: every thread ends once its practice has an answer.
What a practice may do is in `HABITS`; the seed decides. `is_ready` asks a machine's /readyz whether it can take a vote.
"""

from __future__ import annotations

import http.client
import json
import random
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import PublicKey
from scripts.demonstration.voter import Voter
from tests.soak.evidence import Journal
from tests.soak.sending import Way, send


def is_ready(base: str) -> bool:
    """Whether the machine says that it is ready."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


VOTES = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
HABITS = {
    "plain": 50,
    "several at once": 14,
    "breaks off": 5,
    "resets": 5,
    "stops": 3,
    "deaf": 8,
    "gives up": 5,
    "rivals": 5,
    "second": 5,
    "late": 5,
}
"""How often out of a hundred.

    plain            sends its ballot until it is answered
    several at once  sends the same ballot two to five times at the same moment, to every machine
    breaks off       closes the connection in the middle of the ballot, then sends it properly
    resets           resets the connection there
    stops            says nothing more in the middle of the ballot, for a while
    deaf             sends all of it, leaves without the answer, and sends it again
    gives up         sends all of it, leaves without the answer, and never comes back
    rivals           sends two different ballots at the same moment
    second           sends another ballot once the first was answered
    late             sends a ballot and does not wait, sends another one, then the first again
"""
PAUSES = (0.1, 0.3, 0.6, 1.0, 2.0)
"""Seconds before asking again without an answer; the last one repeats."""
FINAL_WORDS = (200, 400, 403, 409, 413)
"""Answers after which a practice does not ask again. Any other answer may change later."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A ballot that its voter holds."""

    practice: str
    place: str
    token: str
    body: bytes

    @property
    def payload(self) -> str:
        return sha256_hex(self.body)


class Electors:
    """All the practices of this process."""

    def __init__(self, task: dict[str, Any]) -> None:
        self._bases: list[str] = task["bases"]
        self._journal = Journal(Path(task["journal"]))
        self._voter = Voter(self._bases[0], PublicKey.from_hex(task["board"]))
        self._pause = float(task["pause"])
        self._stop = threading.Event()
        self._left = iter(task["practices"])
        self._again: list[Any] = [each for each in task["practices"] if each["policy"] == "last-counts"]
        self._lock = threading.Lock()
        self._seed = task["seed"]
        for place in {each["place"]: each for each in task["practices"]}.values():
            self._make(place, VOTES[0], kept=False)  # Reads every election once, before any fault
        self._pool = ThreadPoolExecutor(16)
        self._waiting = threading.Event()

    def stop(self, *_: object) -> None:
        """Take no further practice."""
        self._stop.set()

    def vote(self, threads: int) -> None:
        """Vote until told to stop."""
        workers = [threading.Thread(target=self._take, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            while worker.is_alive():
                worker.join(0.2)  # Lets the signal through
        self._pool.shutdown()

    def _take(self, number: int) -> None:
        dice = random.Random(f"{self._seed} {number}")
        for practice in self._practices(dice):
            habit = dice.choices([*HABITS], [*HABITS.values()])[0]
            self._act(habit, practice, dice)
            self._stop.wait(dice.random() * 2 * self._pause)

    def _practices(self, dice: random.Random) -> Iterator[dict[str, Any]]:
        """Practices that have not voted, in order; every other time, and at the end, one that may vote repeatedly."""
        while not self._stop.is_set():
            found = None
            if dice.random() < 0.6 or not self._again:
                with self._lock:
                    found = next(self._left, None)
            if found is not None:
                yield found
            elif self._again:
                yield dice.choice(self._again)
            else:
                return

    def _act(self, habit: str, practice: dict[str, Any], dice: random.Random) -> None:
        paper = self._make(practice, dice.choice(VOTES))
        match habit:
            case "several at once":
                self._at_once([paper] * dice.randint(2, 5), dice)
            case "breaks off" | "resets" | "stops":
                self._send(paper, dice.choice(self._bases), Way(habit))
            case "deaf" | "late" | "gives up":
                self._send(paper, dice.choice(self._bases), Way.DEAF)
            case "rivals":
                self._at_once([paper, self._make(practice, dice.choice(VOTES))], dice)
        if habit == "gives up":
            return
        if habit == "late":
            self._until_answered(self._make(practice, dice.choice(VOTES)), dice)
        self._until_answered(paper, dice)
        if habit == "second":
            self._until_answered(self._make(practice, dice.choice(VOTES)), dice)

    def _make(self, practice: dict[str, Any], vote: tuple[int, ...], kept: bool = True) -> Paper:
        place, token, body = self._voter.prepare(practice["link"], [vote])
        paper = Paper(practice["practice"], place, token, body)
        if kept:
            self._journal.write(
                made=paper.payload, practice=paper.practice, place=place, vote=vote, token=token, body=body.decode()
            )
        return paper

    def _at_once(self, papers: list[Paper], dice: random.Random) -> None:
        bases = [self._bases[i % len(self._bases)] for i in range(len(papers))]
        dice.shuffle(bases)
        list(self._pool.map(self._send, papers, bases))

    def _until_answered(self, paper: Paper, dice: random.Random) -> None:
        for attempt in range(10_000):
            if self._send(paper, dice.choice(self._bases)) in FINAL_WORDS:
                return
            self._waiting.wait(PAUSES[min(attempt, len(PAUSES) - 1)])

    def _send(self, paper: Paper, base: str, way: Way = Way.WHOLE) -> int | None:
        return send_and_note(self._journal, paper, base, way)


def send_and_note(journal: Journal, paper: Paper, base: str, way: Way = Way.WHOLE) -> int | None:
    """Send, record before and after, and return the status; None without an answer."""
    journal.write(synced=False, sent=paper.payload, whole=way.is_whole, to=base)
    reply = send(base, paper.place, paper.token, paper.body, way)
    if reply is None:
        journal.write(synced=False, silence=paper.payload)
        return None
    text = reply.body.decode("utf-8", "replace")
    journal.write(answered=paper.payload, status=reply.status, body=text)
    return reply.status


def main() -> int:
    """Read the task, vote, end."""
    electors = Electors(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    signal.signal(signal.SIGTERM, electors.stop)
    print("voting", flush=True)
    electors.vote(int(sys.argv[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
