"""For every test: no deadline on a property, because the machines are shared and a slow one is no fault of the code.

A property is tried with 100 examples, or with as many as BALLOT_EXAMPLES says.

Templates are compiled once in a process. What reads `../shared` is left out where that is absent. Everything that a run
puts into the folder for temporary files, its own or that of a process which it starts or kills, goes with the run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import beside, templates_once

settings.register_profile("gate", deadline=None, max_examples=int(os.environ.get("BALLOT_EXAMPLES", "100")))
settings.load_profile("gate")

templates_once.install()

PREFIX = "bt-"
"""Short, because the path of a socket may have only 107 letters."""
_RUN = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the run, with all its workers, one folder for temporary files; sweep those of runs that were killed."""
    if hasattr(config, "workerinput"):
        return
    above = Path(tempfile.gettempdir())
    for older in above.glob(f"{PREFIX}*"):
        if not _is_alive(older.name.removeprefix(PREFIX)):
            shutil.rmtree(older, ignore_errors=True)
    folder = above / f"{PREFIX}{os.getpid()}"
    folder.mkdir(mode=0o755)  # servers that run as another user find their files in it
    config.stash[_RUN] = folder
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if folder := config.stash.get(_RUN, None):
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder.parent)
        shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the reference data the made-up ones do: what cannot run is not chosen, and nothing is skipped."""
    if beside.FOLDER.is_dir():
        return
    left_out = [item for item in items if item.get_closest_marker("shared")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _is_alive(process: str) -> bool:
    """Whether a process of this number is there; what has no number is nobody's business of ours."""
    if not process.isdecimal():
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
