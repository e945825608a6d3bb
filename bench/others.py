"""Figures of an alternative, for `make bench`: it checks the same ballot in the same run.

The package on a registry that checks such a ballot is ElectionGuard (a group of integers, where ours is a curve).
Belenios itself is in no registry for Python or Node; the package of that name on PyPI calls itself a proof of concept.
ElectionGuard goes into a separate environment, kept in instance/ for the next time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OTHER, VERSION = "electionguard", "1.4.0"
TIMING = Path(__file__).with_name("electionguard_timing.py")
BALLOTS = 10


def figures(ours: dict[str, float]) -> Iterator[tuple[str, str]]:
    """Ballots a second by the other, next to ours by backend; or why there is no figure."""
    name = f"{OTHER} {VERSION}: a ballot of three answers"
    try:
        done = subprocess.run([_python(), TIMING, str(BALLOTS)], capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
    except (subprocess.CalledProcessError, OSError, ValueError, IndexError) as fault:
        words = (getattr(fault, "stderr", None) or str(fault)).strip().splitlines()
        yield name, f"not measured: {words[-1][:100] if words else 'it said nothing'}"
        return
    if not found["valid"]:
        yield name, "not measured: it finds its own proofs invalid"
        return
    rate = BALLOTS / found["seconds"]
    yield name, f"{rate:8.1f} /s on one core (processor time; no signature)"
    for backend, ours_rate in ours.items():
        yield "", f"{ours_rate / rate:8.0f} x as many with {backend}"


def _python() -> str:
    folder = ROOT / "instance" / "bench-others"
    python = folder / "bin" / "python"
    if not (folder / ".complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{OTHER}=={VERSION}"]
        subprocess.run(pip, capture_output=True, text=True, check=True)
        (folder / ".complete").touch()
    return str(python)


if __name__ == "__main__":
    for name, value in figures({}):
        print(f"{name:<66}{value}", flush=True)
    sys.exit(0)
