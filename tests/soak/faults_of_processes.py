"""Processes killed, stopped, ended and reloaded; each is restarted, as systemd would restart it."""

from __future__ import annotations

import random
import signal
import time

import psutil

from tests.soak.databases import kill
from tests.soak.evidence import read_journal
from tests.soak.lasting import some
from tests.soak.post_office import WELL
from tests.soak.reckoning import Kept
from tests.soak.stage import Stage


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
    """SIGKILL to a master alone: its workers must end by themselves, and free the port."""
    machine = dice.choice(stage.machines)
    return machine.name if machine.signal(signal.SIGKILL) else None


def reload_machine(stage: Stage, dice: random.Random) -> str | None:
    """SIGHUP: every worker is replaced in good order."""
    machine = dice.choice(stage.machines)
    return machine.name if machine.signal(signal.SIGHUP) else None


def end_machine(stage: Stage, dice: random.Random) -> str | None:
    """SIGTERM: ended in good order, and restarted."""
    machine = dice.choice(stage.machines)
    return machine.name if machine.signal(signal.SIGTERM) else None


def stop_machine(stage: Stage, dice: random.Random) -> str | None:
    """SIGSTOP to a machine in the middle of its transactions; later SIGCONT."""
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
    """SIGKILL to the mail worker when the server has the message but has not confirmed it."""
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
    """Whether the last entry in the mail server's journal is an answer."""
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
