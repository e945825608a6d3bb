"""Faults around the processes: in the mail server, and in the clocks."""

from __future__ import annotations

import random

from tests.soak.electorate import DAYS
from tests.soak.lasting import some
from tests.soak.post_office import WELL
from tests.soak.stage import Stage

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


def spoil_post(stage: Stage, dice: random.Random) -> str:
    """The mail server hangs, drops, is busy, goes away or drips."""
    mood = dice.choice(MOODS)
    stage.set_mood(mood)
    try:
        seconds = some(dice, 4, 12)
    finally:
        stage.set_mood(WELL)
    return f"{mood} for {seconds:.1f} s"


def step_machine_clock(stage: Stage, dice: random.Random) -> str | None:
    """Set a machine's clock wrong, then right again."""
    return step(stage, dice, dice.randrange(len(stage.machines)), dice.choice(STEPS))


def step_worker_clock(stage: Stage, dice: random.Random) -> str | None:
    """Set the mail worker's clock wrong, then right again."""
    return step(stage, dice, len(stage.machines), dice.choice(STEPS))


def step_past_closing(stage: Stage, dice: random.Random) -> str | None:
    """Set a machine's clock past the closing: it accepts nothing until the clock is right again."""
    return step(stage, dice, dice.randrange(len(stage.machines)), (DAYS + 1) * DAY)


def step_worker_past_closing(stage: Stage, dice: random.Random) -> str | None:
    """Set the mail worker's clock past the closing: it must close nothing, and drop no invitation."""
    stage.wait_for_worker()
    return step(stage, dice, len(stage.machines), (DAYS + 1) * DAY, (6, 12))


def step(
    stage: Stage, dice: random.Random, which: int, seconds: int, lasts: tuple[float, float] = (1, 5)
) -> str | None:
    if not stage.clocks:
        return None
    stage.clocks[which].step(seconds)
    lasted = some(dice, *lasts)
    stage.clocks[which].step(0)
    return f"{seconds:+} s for {lasted:.1f} s"
