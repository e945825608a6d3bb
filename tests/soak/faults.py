"""Every kind of fault by its name in the table: a function that causes it, lets it last, and ends it."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.soak import faults_around as around
from tests.soak import faults_of_processes as processes
from tests.soak import faults_of_storage as storage
from tests.soak.stage import Stage

Fault = Callable[[Stage, random.Random], str | None]
"""Takes the dice, and returns what exactly was done; None if it was not possible now."""

ALONE = "the mail worker's clock steps past closing"
"""Never during another fault: a worker that starts with such a clock cannot doubt it, and closes the ballot."""
ALWAYS: dict[str, Fault] = {
    "kill -9 of a serving process": processes.kill_serving_process,
    "kill -9 of a machine": processes.kill_machine,
    "kill -9 of a master alone": processes.kill_master,
    "reload of a machine": processes.reload_machine,
    "orderly restart of a machine": processes.end_machine,
    "a machine stands still": processes.stop_machine,
    "kill -9 of the mail worker": processes.kill_worker,
    "kill -9 of the mail worker, message taken": processes.kill_worker_at_dot,
    "kill -9 of the mail server": processes.kill_post,
    "mail server misbehaves": around.spoil_post,
    "a machine's clock steps": around.step_machine_clock,
    "a machine's clock steps past closing": around.step_past_closing,
    "the mail worker's clock steps": around.step_worker_clock,
    ALONE: around.step_worker_past_closing,
    "disk full": storage.fill_disk,
    "disk stands still": storage.freeze_disk,
    "disk slow": storage.slow_disk,
}
OF_DATABASE: dict[str, dict[str, Fault]] = {
    "SQLite": {"write lock held": storage.hold_lock},
    "PostgreSQL": {
        "kill -9 of a backend": storage.kill_backend,
        "kill -9 of the database": storage.kill_database,
        "immediate shutdown of the database": storage.crash_database,
        "orderly restart of the database": storage.restart_database,
        "the database stands still": storage.stop_database,
    },
}


def faults_for(stage: Stage) -> dict[str, Fault]:
    """Every kind of fault that is possible on this stage, by name."""
    return ALWAYS | OF_DATABASE[stage.database.name]
