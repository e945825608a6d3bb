"""When faults happen: drawn from the seed, each kind as often as the others, sometimes two at once."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.soak.evidence import Journal
from tests.soak.faults import ALONE, Fault, faults_for
from tests.soak.stage import Stage

PATIENCE = 120
"""Seconds for the remaining votes, once there are no more faults."""
TOGETHER = 0.25
"""How often a second fault begins during the first."""


@dataclass
class Done:
    """How often each kind was done; and kinds that were not possible here."""

    faults: Counter[str] = field(default_factory=Counter)
    could_not: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    """Faults that could not be ended: an error of the soak or the machine, so no verdict is possible."""


def run(stage: Stage, seed: str, seconds: float, votes: int, pause: float) -> Done:
    """Cause faults for `seconds`, and until `votes` votes were accepted; each fault is in faults.jsonl.

    The next one comes after every machine serves again, and a random moment later, `pause` seconds on average.
    """
    dice, done, log = random.Random(seed), Done(), Journal(stage.folder / "faults.jsonl")
    kinds = faults_for(stage)
    bag = _draw(kinds, dice)
    until = time.monotonic() + seconds
    while time.monotonic() < until or stage.receipts() < votes:
        chosen = [next(bag)]
        if dice.random() < TOGETHER:
            chosen.append(next(bag))
        if ALONE in chosen:
            chosen = [ALONE]
        threads = [
            threading.Thread(target=_do, args=(stage, name, kinds[name], random.Random(dice.random()), done, log))
            for name in dict.fromkeys(chosen)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for machine in stage.machines:
            stage.wait_for(machine)
        time.sleep(dice.uniform(0.2, 1.8) * pause)
    done.could_not -= set(done.faults)
    return done


def run_once(stage: Stage, seed: str, only: Mapping[str, Fault], votes: int, pause: float) -> Done:
    """Each of these faults once, in order, and at least `votes` votes."""
    dice, done, log = random.Random(seed), Done(), Journal(stage.folder / "faults.jsonl")
    for name, fault in only.items():
        time.sleep(dice.uniform(0.2, 1) * pause)
        _do(stage, name, fault, dice, done, log)
    patience = time.monotonic() + PATIENCE
    while stage.receipts() < votes and time.monotonic() < patience:
        time.sleep(pause)
    return done


def _draw(kinds: Mapping[str, Fault], dice: random.Random) -> Iterator[str]:
    while True:
        names = [*kinds]
        dice.shuffle(names)
        yield from names


def _do(stage: Stage, name: str, fault: Fault, dice: random.Random, done: Done, log: Journal) -> None:
    log.write(at=time.time(), fault=name)
    try:
        told = fault(stage, dice)
    except Exception as error:
        log.write(at=time.time(), fault=name, broken=f"{type(error).__name__}: {error}")
        done.broken.append(f"{name}: {type(error).__name__}: {error}")
        return
    log.write(at=time.time(), fault=name, done=told)
    if told is None:
        done.could_not.add(name)
    else:
        done.faults[name] += 1
