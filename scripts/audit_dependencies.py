"""Ask PyPI about every locked package, and fail where a fault is known or a package could not be looked up.

pip-audit alone ends with 0 and "No known vulnerabilities found" where it could look up nothing at all. A fault that
does not concern us is accepted in ACCEPTED, by its id, with the reason beside it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
ACCEPTED: dict[str, str] = {}
_LINE = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")


def locked(lock: str) -> set[str]:
    """The names in a lock, as PyPI compares them."""
    return {re.sub(r"[-_.]+", "-", found[1]).lower() for line in lock.splitlines() if (found := _LINE.match(line))}


def judge(names: set[str], told: dict[str, list[dict[str, object]]]) -> list[str]:
    """What is wrong, a line each; nothing where every package was looked up and none is known to be faulty."""
    wrong, seen = [], set()
    for entry in told.get("dependencies", []):
        name = re.sub(r"[-_.]+", "-", str(entry["name"])).lower()
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


def main() -> int:
    command = ["-r", str(LOCK), "--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    ran = subprocess.run([sys.executable, "-m", "pip_audit", *command], capture_output=True, text=True, check=False)
    try:
        told = json.loads(ran.stdout)
    except ValueError:
        told = {}
    names = locked(LOCK.read_text())
    # A package of another platform is not asked about here; whoever deploys there audits there.
    asked = {re.sub(r"[-_.]+", "-", str(entry["name"])).lower() for entry in told.get("dependencies", [])}
    wrong = judge(names & asked if asked else names, told)
    for line in wrong:
        print(line)
    if not wrong:
        print(f"{len(names & asked)} packages looked up, no fault known")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
