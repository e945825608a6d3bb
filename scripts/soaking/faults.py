"""What goes wrong, each kind a function that does it, lets it last, and puts it right again.

A process that is killed comes back by itself (kept.py), as systemd would bring it; a database is started again here, as
its operator would. Each fault draws what it needs from the dice it is given.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable

import psutil

from soaking.databases import Postgresql, Sqlite, kill
from soaking.electorate import DAYS
from soaking.journal import read_journal
from soaking.kept import Kept
from soaking.post_office import WELL
from soaking.stage import Stage

Fault = Callable[[Stage, random.Random], str | None]
"""Answers what exactly was done; None where it could not be done now."""

DAY = 86400
STEPS = (-DAY, -3600, -60, -2, 2, 45, 600)
"""Seconds by which a clock is set wrong."""
MOODS = (
    *(f"hang {step}" for step in ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot")),
    *(f"drop {step}" for step in ("connect", "EHLO", "DATA", "dot")),
    *(f"busy {step}" for step in ("MAIL", "RCPT", "DATA", "dot")),
    *(f"away {step}" for step in ("connect", "MAIL", "dot")),
    "drip",
)


def some(dice: random.Random, least: float, most: float) -> float:
    """Lets some time pass, and answers how much, in seconds."""
    seconds = dice.uniform(least, most)
    time.sleep(seconds)
    return seconds


# -- processes ---------------------------------------------------------------------------------------------------------


def kill_serving_process(stage: Stage, dice: random.Random) -> str | None:
    """SIGKILL to one of a machine's workers, which its master replaces."""
    machine = dice.choice(stage.machines)
    workers = children(machine)
    if not workers:
        return None
    kill(dice.choice(workers))
    return f"one of {len(workers)} of {machine.name}"


def kill_machine(stage: Stage, dice: random.Random) -> str | None:
    """SIGKILL to a master and all its workers at once."""
    machine = dice.choice(stage.machines)
    return machine.name if machine.signal(signal.SIGKILL, group=True) else None


def kill_master(stage: Stage, dice: random.Random) -> str | None:
    """SIGKILL to a master alone: its workers must go by themselves, and leave the port."""
    machine = dice.choice(stage.machines)
    return machine.name if machine.signal(signal.SIGKILL) else None


def reload_machine(stage: Stage, dice: random.Random) -> str | None:
    """SIGHUP: every worker replaced in good order."""
    machine = dice.choice(stage.machines)
    return machine.name if machine.signal(signal.SIGHUP) else None


def end_machine(stage: Stage, dice: random.Random) -> str | None:
    """SIGTERM: ended in good order, and started anew."""
    machine = dice.choice(stage.machines)
    return machine.name if machine.signal(signal.SIGTERM) else None


def stop_machine(stage: Stage, dice: random.Random) -> str | None:
    """SIGSTOP to a machine, wherever its transactions are; later SIGCONT."""
    machine = dice.choice(stage.machines)
    if not machine.signal(signal.SIGSTOP, group=True):
        return None
    seconds = some(dice, 1, 8)
    machine.signal(signal.SIGCONT, group=True)
    return f"{machine.name} for {seconds:.1f} s"


def kill_worker(stage: Stage, dice: random.Random) -> str | None:
    """SIGKILL to the mail worker at any moment."""
    return "at any moment" if stage.worker.signal(signal.SIGKILL, group=True) else None


def kill_worker_at_dot(stage: Stage, dice: random.Random) -> str | None:
    """SIGKILL to the mail worker once the server has the message, and has not said so."""
    stage.set_mood("hang dot")
    try:
        before = stage.post_journal.stat().st_size
        for _ in range(140):
            time.sleep(0.05)
            if stage.post_journal.stat().st_size > before and not hears(stage):
                return "the message was taken" if stage.worker.signal(signal.SIGKILL, group=True) else None
        return None
    finally:
        stage.set_mood(WELL)


def hears(stage: Stage) -> bool:
    """Whether the mail server's last word in its journal is an answer."""
    *_, last = read_journal(stage.post_journal)
    return "answered" in last


def kill_post(stage: Stage, dice: random.Random) -> str | None:
    """SIGKILL to the mail server."""
    return "" if stage.post.signal(signal.SIGKILL, group=True) else None


def children(machine: Kept) -> list[psutil.Process]:
    pid = machine.pid
    try:
        return psutil.Process(pid).children() if pid is not None else []
    except psutil.NoSuchProcess:
        return []


# -- the mail server ---------------------------------------------------------------------------------------------------


def spoil_post(stage: Stage, dice: random.Random) -> str:
    """The mail server hangs, drops, is busy, goes away or drips."""
    mood = dice.choice(MOODS)
    stage.set_mood(mood)
    try:
        seconds = some(dice, 4, 12)
    finally:
        stage.set_mood(WELL)
    return f"{mood} for {seconds:.1f} s"


# -- clocks ------------------------------------------------------------------------------------------------------------


def step_machine_clock(stage: Stage, dice: random.Random) -> str | None:
    """A machine's clock goes wrong, and right again."""
    return step(stage, dice, dice.randrange(len(stage.machines)), dice.choice(STEPS))


def step_worker_clock(stage: Stage, dice: random.Random) -> str | None:
    """The mail worker's."""
    return step(stage, dice, len(stage.machines), dice.choice(STEPS))


def step_past_closing(stage: Stage, dice: random.Random) -> str | None:
    """A machine's clock says that voting is over: nothing is accepted there until it is right again."""
    return step(stage, dice, dice.randrange(len(stage.machines)), (DAYS + 1) * DAY)


def step(stage: Stage, dice: random.Random, which: int, seconds: int) -> str | None:
    if not stage.clocks:
        return None
    stage.clocks[which].step(seconds)
    lasted = some(dice, 1, 5)
    stage.clocks[which].step(0)
    return f"{seconds:+} s for {lasted:.1f} s"


# -- disks -------------------------------------------------------------------------------------------------------------


def fill_disk(stage: Stage, dice: random.Random) -> str | None:
    """Not a free block left where the database is."""
    if stage.disk is None:
        return None
    stage.disk.fill()
    seconds = some(dice, 2, 8)
    stage.disk.free()
    stage.database.heal()
    return f"for {seconds:.1f} s"


def freeze_disk(stage: Stage, dice: random.Random) -> str | None:
    """Every write to the database's disk waits."""
    if stage.disk is None:
        return None
    seconds = dice.uniform(1, 8)
    stage.disk.freeze(seconds)
    return f"for {seconds:.1f} s"


def slow_disk(stage: Stage, dice: random.Random) -> str | None:
    """The disk stands still for a fraction of a second, again and again."""
    if stage.disk is None:
        return None
    times, seconds = dice.randint(8, 20), dice.uniform(0.1, 0.4)
    for _ in range(times):
        stage.disk.freeze(seconds)
        time.sleep(0.02)
    return f"{times} times {seconds:.2f} s"


# -- databases ---------------------------------------------------------------------------------------------------------


def hold_lock(stage: Stage, dice: random.Random) -> str | None:
    """SQLite: somebody else holds the write lock, sometimes for longer than anybody waits for it."""
    assert isinstance(stage.database, Sqlite)
    seconds = dice.choice((2.0, 5.0, 33.0))
    stage.database.hold(seconds)
    return f"for {seconds:.0f} s"


def kill_backend(stage: Stage, dice: random.Random) -> str | None:
    """PostgreSQL: SIGKILL to a process that serves a connection; the server ends all of them and recovers."""
    backends = _postgresql(stage).backends()
    if not backends:
        return None
    kill(dice.choice(backends))
    return f"one of {len(backends)}"


def kill_database(stage: Stage, dice: random.Random) -> str:
    """PostgreSQL: SIGKILL to all its processes, and a start some time later."""
    _postgresql(stage).kill()
    seconds = some(dice, 0.2, 3)
    stage.database.heal()
    return f"back after {seconds:.1f} s"


def crash_database(stage: Stage, dice: random.Random) -> str:
    """PostgreSQL: an immediate shutdown, as after a loss of power, and a start."""
    _postgresql(stage).stop("immediate")
    seconds = some(dice, 0.2, 3)
    stage.database.heal()
    return f"back after {seconds:.1f} s"


def restart_database(stage: Stage, dice: random.Random) -> str:
    """PostgreSQL: an orderly restart."""
    _postgresql(stage).stop("fast")
    seconds = some(dice, 0, 1)
    stage.database.heal()
    return f"back after {seconds:.1f} s"


def stop_database(stage: Stage, dice: random.Random) -> str:
    """PostgreSQL: SIGSTOP to all its processes, and SIGCONT."""
    seconds = dice.uniform(1, 8)
    _postgresql(stage).stand_still(seconds)
    return f"for {seconds:.1f} s"


def _postgresql(stage: Stage) -> Postgresql:
    assert isinstance(stage.database, Postgresql)
    return stage.database


ALWAYS: dict[str, Fault] = {
    "kill -9 of a serving process": kill_serving_process,
    "kill -9 of a machine": kill_machine,
    "kill -9 of a master alone": kill_master,
    "reload of a machine": reload_machine,
    "orderly restart of a machine": end_machine,
    "a machine stands still": stop_machine,
    "kill -9 of the mail worker": kill_worker,
    "kill -9 of the mail worker, message taken": kill_worker_at_dot,
    "kill -9 of the mail server": kill_post,
    "mail server misbehaves": spoil_post,
    "a machine's clock steps": step_machine_clock,
    "a machine's clock steps past closing": step_past_closing,
    "the mail worker's clock steps": step_worker_clock,
    "disk full": fill_disk,
    "disk stands still": freeze_disk,
    "disk slow": slow_disk,
}
OF_DATABASE: dict[str, dict[str, Fault]] = {
    "SQLite": {"write lock held": hold_lock},
    "PostgreSQL": {
        "kill -9 of a backend": kill_backend,
        "kill -9 of the database": kill_database,
        "immediate shutdown of the database": crash_database,
        "orderly restart of the database": restart_database,
        "the database stands still": stop_database,
    },
}


def faults_for(stage: Stage) -> dict[str, Fault]:
    """Every kind that can befall this stage, by name."""
    return ALWAYS | OF_DATABASE[stage.database.name]
