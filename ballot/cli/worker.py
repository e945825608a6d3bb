"""`ballot worker`: send the outbox, and record openings and closings that are due, until it is stopped.

With --unlock it opens the registrar's key and the vault, and can send voting links. Without it, messages with links
wait, and `ballot mail status` says so, until the registrar unlocks it on a page (office/post/unlocking.py). SIGTERM and
Ctrl-C end it after the current message.

What the worker does because of the time cannot be undone: a ballot that it closes stays closed. Nothing needs it at
once (office/on_time.py). So while the clock disagrees with the machine's own counter, which no one can set, the worker
waits. It trusts the clock again once it is corrected, or has been steady for ten minutes.
"""

from __future__ import annotations

import argparse
import fcntl
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from tqdm import tqdm

from ballot.cli.logs import set_up_logs, teller
from ballot.cli.mail import mail_settings
from ballot.cli.refusals import Unacceptable
from ballot.cli.settings import settings_parser
from ballot.cli.surroundings import Surroundings, clock, surroundings_of
from ballot.cli.witness import ask, sentence
from ballot.db.outbox import release_claims
from ballot.db.session import transaction
from ballot.mail.channel import DeliveryLookup
from ballot.mail.channels import open_channel
from ballot.mail.states import DeliveryState
from ballot.office.board.cosign import WitnessAnswer
from ballot.office.desk import Clock, Desk
from ballot.office.next_steps import OfficePlaces
from ballot.office.on_time import tick
from ballot.office.post.delivery_reports import ask_channel
from ballot.office.post.mailings import remind_on_days
from ballot.office.post.notices import notify
from ballot.office.post.send import Mailroom, SendRound, due_now, send_due
from ballot.office.post.unlocking import Lock
from ballot.office.post.voting_links import VotingLinks
from ballot.record.keys import Role
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import open_signing_key, open_vault_key
from ballot.registrar.vault import open_vault

LEEWAY = 60
"""Seconds that clock and counter may drift apart between two checks, for example while NTP slews the clock."""
REST = 600
"""Seconds of steadiness after which a changed clock is trusted."""


class SteadyClock:
    """Compares the clock with the machine's counter, from the moment it was made."""

    def __init__(self, clock: Clock, counter: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._counter = clock, counter
        self._believed = self._ahead()
        self._put: float | None = None
        self._since = 0.0

    def jump(self) -> timedelta | None:
        """How far the clock jumped, while it is not trusted; None while it is."""
        ahead, now = self._ahead(), self._counter()
        if abs(ahead - self._believed) <= LEEWAY:
            self._believed, self._put = ahead, None
            return None
        if self._put is None or abs(ahead - self._put) > LEEWAY:
            self._put, self._since = ahead, now
        if now - self._since >= REST:
            self._believed, self._put = ahead, None
            return None
        return timedelta(seconds=round(ahead - self._believed))

    def _ahead(self) -> float:
        return self._clock().timestamp() - self._counter()


def sentence_of_jump(jump: timedelta) -> str:
    """`3600 seconds forward`"""
    seconds = round(jump.total_seconds())
    return f"{abs(seconds)} seconds {'forward' if seconds > 0 else 'back'}"


Tell = Callable[[str], None]

NOT_ALL_SENT = 1
EVERY = 5
"""Seconds between two checks of the outbox."""
COSIGN_EVERY = timedelta(minutes=1)
"""Seconds between requests to witnesses for new checkpoints."""
NOTIFY_EVERY = timedelta(minutes=1)
"""How often the people of the office are told what waits for them."""
ASK_EVERY = timedelta(minutes=5)
"""Seconds between questions about delivery, for a channel that answers them."""


def worker_command(argv: list[str]) -> int:
    """`ballot worker [--once] [--unlock]`; 1 if a single round ended before everything due was tried."""
    parser = argparse.ArgumentParser(
        prog="ballot worker",
        parents=[settings_parser()],
        description="Send the e-mails that are due; write openings and closings.",
    )
    parser.add_argument("--once", action="store_true", help="one round, then end")
    parser.add_argument(
        "--unlock", action="store_true", help="open the registrar's key and the vault, for voting links"
    )
    options = parser.parse_args(argv)
    stop = threading.Event()
    with surroundings_of(options, sends=True) as here, _stopping(stop), _one_worker(here):
        json = here.config.service.json_log
        set_up_logs(json=json)
        tell = teller("ballot.worker", json=json)
        room = _mailroom(here, options.unlock, stop)
        lock = Lock(here.config.instance, partial(_unlocked, here), room.links)
        desk = _desk(here, tell)
        witnesses = partial(ask, here) if here.config.witnesses else None
        try:
            places = OfficePlaces(here.engine, here.config.programmes, here.record)
            with nullcontext() if options.once else lock.answering():
                return _work(room, lock, desk, stop, options.once, witnesses, places, tell)
        finally:
            room.channel.close()


def _mailroom(here: Surroundings, unlock: bool, stop: threading.Event) -> Mailroom:
    settings = mail_settings(here)
    links = None
    if unlock:
        links = VotingLinks(here.engine, here.key(Role.REGISTRAR), open_vault(here.vault, here.vault_key()))
    channel = open_channel(settings, here.config.board)
    wait = lambda pause: stop.wait(pause.total_seconds())  # noqa: E731
    return Mailroom(here.engine, clock, channel, settings, here.mail_key, here.config.board, links, wait)


def _unlocked(here: Surroundings, registrar: str, vault: str) -> VotingLinks:
    """The voting links, opened with passphrases that came from a page. Raises KeyRefused."""
    keys = here.config.keys
    key = open_signing_key(keys, Role.REGISTRAR, registrar)
    return VotingLinks(here.engine, key, open_vault(here.vault, open_vault_key(keys, vault)))


def _desk(here: Surroundings, tell: Tell) -> Desk | None:
    """The desk that records openings and closings; None without the passphrase of the board's key."""
    try:
        return here.desk
    except KeyRefused as refused:
        tell(f"Openings and closings are left to ballot office tick: {refused.sentence}")
        return None


def _tick(desk: Desk, tell: Tell) -> None:
    done = tick(desk)
    for what, places in (("open", done.opened), ("closed", done.closed)):
        for id, ccg in places:
            tell(f"{id} {ccg} is {what}.")


def _wait_until_steady(steady: SteadyClock, jump: timedelta, stop: threading.Event, tell: Tell) -> None:
    tell(f"The clock was put {sentence_of_jump(jump)}: nothing is sent, opened or closed until it is steady.")
    while not stop.is_set() and steady.jump() is not None:
        stop.wait(EVERY)


def _work(
    room: Mailroom,
    lock: Lock,
    desk: Desk | None,
    stop: threading.Event,
    once: bool,
    witnesses: Callable[[], list[WitnessAnswer]] | None,
    places: OfficePlaces,
    tell: Tell,
) -> int:
    asked: datetime | None = None
    cosigned: datetime | None = None
    notified: datetime | None = None
    steady = SteadyClock(clock)
    room = replace(room, doubts=lambda: steady.jump() is not None)
    ended = lambda: stop.is_set() or room.doubts() or room.links is not lock.links  # noqa: E731
    while not stop.is_set():
        if (jump := steady.jump()) is not None:
            _wait_until_steady(steady, jump, stop, tell)
            continue
        if desk is not None:
            _tick(desk, tell)
        for id, ccg, number in remind_on_days(room.engine, clock, room.settings.remind_days_before):
            tell(f"{id} {ccg}: {number} reminders are queued, as the settings say.")
        room = replace(room, links=lock.links)
        with tqdm(total=due_now(room), desc="sending", unit="message", leave=False, disable=None) as bar:
            done = send_due(room, bar.update, ended)
        _tell(done, once, tell)
        if notified is None or clock() - notified >= NOTIFY_EVERY:
            _tell_notices(notify(room, places, ended), tell)
            notified = clock()
        if isinstance(room.channel, DeliveryLookup) and (asked is None or clock() - asked >= ASK_EVERY):
            ask_channel(room.engine, clock, room.channel)
            asked = clock()
        if witnesses is not None and (cosigned is None or clock() - cosigned >= COSIGN_EVERY):
            for one in witnesses():
                if one.word != "cosigned":
                    tell(sentence(one))
            cosigned = clock()
        if once:
            return NOT_ALL_SENT if done.stopped is not None else 0
        stop.wait(EVERY)
    return 0


def _waiting(done: SendRound) -> str:
    return f"; {done.waiting} wait for the registrar's key: start with --unlock" if done.waiting else ""


def _tell(done: SendRound, once: bool, tell: Tell) -> None:
    if done.states or once:
        told = ", ".join(f"{number} {state.value}" for state, number in done.states.items())
        tell(f"{told or 'nothing was due'}{_waiting(done)}.")
    if done.stopped is not None:
        tell(f"Stopped before the end, to try again later: {done.stopped}.")


def _tell_notices(states: Counter[DeliveryState], tell: Tell) -> None:
    if states:
        told = ", ".join(f"{number} {state.value}" for state, number in states.items())
        tell(f"To people of the office, about what waits for them: {told}.")


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """Signals end the round after the current message."""
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _one_worker(here: Surroundings) -> Iterator[None]:
    """On SQLite, allow one worker at a time: a message marked as being sent was then left by a worker that died.

    PostgreSQL may have several, on several machines; there a mark expires.
    """
    if here.engine.dialect.name != "sqlite":
        yield
        return
    lock: Path = here.config.instance / "worker.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unacceptable("A worker of this installation is running already.") from None
        with transaction(here.engine) as session:
            release_claims(session, DeliveryState.SENDING.value, clock())
        yield
