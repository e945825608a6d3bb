#!/usr/bin/env python3
"""Ask PyPI about every locked package; fail if a fault is known or a package could not be looked up.

.venv/bin/python scripts/audit_dependencies.py
.venv/bin/python scripts/audit_dependencies.py --advisories FOLDER   # without a network: OSV's advisories, unpacked

pip-audit alone ends with 0 and "No known vulnerabilities found" even if it could look up nothing. A fault that does not
concern us is accepted in ACCEPTED, by its id, with the reason.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

from scripts.advisories import look_up, plain

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
ACCEPTED: dict[str, str] = {}
_LINE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")


def locked(lock: str) -> dict[str, set[str]]:
    """The names in a lock, as PyPI compares them, with their versions: several if a marker chooses."""
    pins: dict[str, set[str]] = {}
    for found in filter(None, map(_LINE.match, lock.splitlines())):
        pins.setdefault(plain(found[1]), set()).add(found[2])
    return pins


def judge(names: set[str], told: dict[str, list[dict[str, object]]]) -> list[str]:
    """The problems, one line each; empty if every package was looked up and none has a known fault."""
    wrong, seen = [], set()
    for entry in told.get("dependencies", []):
        name = plain(str(entry["name"]))
        if "skip_reason" in entry:
            continue
        seen.add(name)
        faults = entry.get("vulns", [])
        assert isinstance(faults, list)
        wrong += [f"{name} {entry.get('version')}: {fault['id']}" for fault in faults if fault["id"] not in ACCEPTED]
    if missing := sorted(names - seen):
        shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        wrong.append(f"NOT LOOKED UP: {len(missing)} of {len(names)} packages ({shown}); nothing is known about them")
    return wrong


def ask_registry(names: set[str]) -> int:
    """Look up by pip-audit."""
    command = ["-r", str(LOCK), "--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    ran = subprocess.run([sys.executable, "-m", "pip_audit", *command], capture_output=True, text=True, check=False)
    try:
        told = json.loads(ran.stdout)
    except ValueError:
        told = {}
    # A package for another platform is skipped here; an audit on that platform covers it
    asked = {plain(str(entry["name"])) for entry in told.get("dependencies", [])}
    wrong = judge(names & asked if asked else names, told)
    return _tell(wrong, f"{len(names & asked)} packages looked up, no fault known")


def read_advisories(folder: Path, pins: dict[str, set[str]]) -> int:
    """Look up in a folder; an empty folder is no audit."""
    looked = look_up(folder, pins, ACCEPTED)
    if not looked.advisories:
        return _tell(
            [f"NOT LOOKED UP: there is no advisory below {folder}; nothing is known about {len(pins)} packages"]
        )
    held = f"{len(pins)} packages compared with {looked.advisories} advisories, the newest of {looked.newest}"
    return _tell(looked.wrong, f"{held}; no fault known")


def _tell(wrong: list[str], otherwise: str = "") -> int:
    for line in wrong or [otherwise]:
        print(line)
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--advisories", type=Path, metavar="FOLDER", help="OSV's JSON files, instead of asking PyPI")
    options = parser.parse_args()
    pins = locked(LOCK.read_text())
    return read_advisories(options.advisories, pins) if options.advisories else ask_registry(set(pins))


if __name__ == "__main__":
    sys.exit(main())
